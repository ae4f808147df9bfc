package causes_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"domdoc/catalog"
	"domdoc/catalog/hosts"
)

// TestAdviceIsPossible gives the example of every cause to every known DNS host: no advice publishes a record that
// the host's panel cannot hold, names a TTL that it does not accept, or a CNAME at the zone apex.
func TestAdviceIsPossible(t *testing.T) {
	t.Parallel()
	refused := 0
	for _, p := range hosts.All() {
		for _, c := range catalog.Causes() {
			x := c.Example()
			args := reflect.New(reflect.TypeOf(x.Args)).Elem()
			args.Set(reflect.ValueOf(x.Args))
			moveTo(args, p.Host)
			x.Args = args.Interface()
			f := x.Fix()
			text := strings.Join(f.Steps, "\n")
			if strings.Contains(text, p.Host+" does not accept") {
				refused++
			}
			for _, r := range f.Records {
				switch {
				case r.Host != p.Host:
				case !f.Exist && catalog.Refused(r):
					t.Errorf("%s: the fix of %s publishes %s %s, which its panel refuses", p.Host, c.ID, r.Label(), r.Type)
				case c.Rung != catalog.Service && r.TTL != 0 && r.TTL < p.MinTTL:
					t.Errorf("%s: the fix of %s has the TTL %d, below the lowest of its panel", p.Host, c.ID, r.TTL)
				case c.Rung != catalog.Service && r.Type == "CNAME" && r.Label() == "@" &&
					!strings.Contains(text, "flattened"):
					t.Errorf("%s: the fix of %s publishes a CNAME at the zone apex", p.Host, c.ID)
				}
			}
		}
	}
	if refused == 0 {
		t.Error("no host refuses anything in the examples, so this test shows nothing")
	}
}

// moveTo sets the DNS host of all records and cuts in a value.
func moveTo(v reflect.Value, host string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); v.Type().Field(i).Name == "Host" && f.Kind() == reflect.String && f.CanSet() &&
				v.Type() != reflect.TypeFor[catalog.Settles]() {
				f.SetString(host)
			} else if f.CanSet() {
				moveTo(f, host)
			}
		}
	case reflect.Slice:
		if v.Len() > 0 && v.Type().Elem().Kind() == reflect.Struct {
			own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			reflect.Copy(own, v)
			v.Set(own)
			for i := range v.Len() {
				moveTo(v.Index(i), host)
			}
		}
	}
}

// TestUnseenReasons checks that each reason applies to a known DNS host, that its steps name the place, and that a
// likely one says its evidence.
func TestUnseenReasons(t *testing.T) {
	t.Parallel()
	record := catalog.Record{
		Role: catalog.Certificate, Zone: "example.com", Name: "_77aa.shop.example.com", Type: "CNAME",
		Value: "_88bb.x.acm-validations.aws",
	}
	for _, reason := range catalog.UnseenReasons() {
		at := slices.DeleteFunc(hosts.All(), func(p hosts.Panel) bool { return !reason.At(p) })
		if len(at) == 0 || reason.Evidence == "" {
			t.Errorf("%s: no known DNS host, or no evidence", reason.ID)
		}
		for _, p := range at {
			r := record
			r.Host = p.Host
			u := catalog.Unseen{
				ID: reason.ID, Likely: true, Names: []string{"shop.example.com"}, Servers: []string{"ns1.example.net"},
			}
			if u.Why(r) == "" {
				t.Errorf("%s at %s: likely without a sentence", reason.ID, p.Host)
			}
			f := catalog.PublishUnseen(r, []catalog.Unseen{u})
			if !strings.Contains(f.Steps[0], p.Host) || !strings.Contains(strings.Join(f.Steps, "\n"), "if "+p.Host) {
				t.Errorf("%s at %s: the steps do not name the host: %q", reason.ID, p.Host, f.Steps)
			}
			if len(f.Deletes) > 0 {
				t.Errorf("%s at %s: deletes %v", reason.ID, p.Host, f.Deletes)
			}
		}
	}
}
