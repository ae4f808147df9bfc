package api

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestPacked: a domain that was packed is the same but for Raw, whatever its fields are.
func TestPacked(t *testing.T) {
	t.Parallel()
	if d := Packed("").Domain(); !reflect.DeepEqual(d, Domain{}) {
		t.Errorf("%+v", d)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 300 {
		var d Domain
		if n > 0 {
			fill(t, random, reflect.ValueOf(&d).Elem())
		}
		d.Raw = nil
		p := d.Pack()
		if got := p.Domain(); !reflect.DeepEqual(got, d) {
			t.Fatalf("%+v\nbecame\n%+v", d, got)
		}
		if id, name := p.IDAndName(); id != d.ID || name != d.Name {
			t.Fatalf("%q %q of %+v", id, name, d)
		}
	}
}

// fill sets a value to anything that a response can have.
func fill(t *testing.T, random *rand.Rand, v reflect.Value) {
	t.Helper()
	if v.Type() == reflect.TypeFor[time.Time]() {
		at := []time.Time{{}, time.Unix(random.Int64N(1e10)-1e9, random.Int64N(1e9)).UTC(), {}}
		at[2], _ = time.Parse(time.RFC3339Nano, "2026-07-01T12:00:00.123456789+05:45")
		v.Set(reflect.ValueOf(at[random.IntN(len(at))]))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.Repeat("aé\x00\xff", random.IntN(4)*random.IntN(40)))
	case reflect.Bool:
		v.SetBool(random.IntN(2) == 1)
	case reflect.Pointer:
		if random.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, random, v.Elem())
		}
	case reflect.Slice:
		if n := random.IntN(4); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
			for i := range n - 1 {
				fill(t, random, v.Index(i))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, random, v.Field(i))
		}
	case reflect.Uint8:
		v.SetUint('x')
	default:
		t.Fatalf("a %s cannot be packed", v.Type())
	}
}
