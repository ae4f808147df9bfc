package registration

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/openrdap/rdap"
)

// rdapWhole has every member that is read.
const rdapWhole = `{"rdapConformance":["rdap_level_0"],"objectClassName":"domain","ldhName":"xn--bcher-kva.example",
"unicodeName":"bücher.example","status":["active","locked"],"lang":"en",
"notices":[{"title":"Terms","description":["a","b"],"links":[]}],"remarks":[{"title":"Hold","description":["c"]}],
"variants":[{"relation":["blocked"],"variantNames":[{"ldhName":"a.example","unicodeName":"ä.example"}]}],
"nameservers":[{"objectClassName":"nameserver","ldhName":"ns1.example.net"},{"ldhName":"ns2.example.net"}],
"secureDNS":{"zoneSigned":true,"delegationSigned":false,"dsData":[{"keyTag":1}],"keyData":[{"flags":257}]},
"events":[{"eventAction":"expiration","eventDate":"2027-01-01T00:00:00Z"}],
"entities":[{"handle":"R1","roles":["registrar"],"publicIds":[{"type":"IANA Registrar ID","identifier":"292"}],
"vcardArray":["vcard",[["version",{},"text","4.0"],["fn",{"type":["work"]},"text","Mark","Monitor",3],
["fn",{},"text","Second"],["org",{},"text",["Org",["Unit",[true,null]]]]]]}]}`

// TestRDAPDecoder compares the decoder with openrdap's on documents in which each value in turn is missing or of
// another type.
func TestRDAPDecoder(t *testing.T) {
	t.Parallel()
	compare := func(body []byte) {
		t.Helper()
		got, gotErr := parseRDAP(body)
		theirs, wantErr := rdap.NewDecoder(body).Decode()
		if (gotErr == nil) != (wantErr == nil) {
			t.Fatalf("%s\nerror %v, openrdap's %v", body, gotErr, wantErr)
		}
		if gotErr != nil {
			return
		}
		if want := ofOpenRDAP(theirs); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\nis %+v, openrdap's %+v", body, got, want)
		}
	}
	for _, whole := range []string{
		rdapWhole, `{"errorCode":404,"title":"Not ` +
			`Found","description":["a"],"notices":[{"title":"b"}],"rdapConformance":["c"]}`,
		`{"rdapConformance":["c"],"notices":[{"title":"b","description":["d"]}]}`,
	} {
		var doc any
		if err := json.Unmarshal([]byte(whole), &doc); err != nil {
			t.Fatal(err)
		}
		vary(doc, func(other any) { doc = other }, func() {
			body, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			compare(body)
		})
	}
	for _, body := range []string{
		"null", "[]", "{", `""`, `{"objectClassName":"entity"}`, `{"objectClassName":"Domain"}`,
		`{"domainSearchResults":[]}`,
		`{"errorCode":65535}`, `{"errorCode":"65536"}`, `{"errorCode":"65535"}`, `{"errorCode":-1}`,
		`{"errorCode":65536}`,
		`{"objectClassName":"domain","ldhName":1e21}`,
	} {
		compare([]byte(body))
	}
}

// vary calls each with every value of a document, in turn, replaced by others.
func vary(v any, set func(any), each func()) {
	each()
	for _, other := range []any{
		nil, true, 0.5, 404.0, "", "true", "404",
		[]any{},
		map[string]any{},
		[]any{nil, 1.0, "a", false, []any{}, map[string]any{"title": "t", "ldhName": 1.0}},
	} {
		set(other)
		each()
	}
	set(v)
	switch v := v.(type) {
	case []any:
		for i := range v {
			vary(v[i], func(other any) { v[i] = other }, each)
		}
	case map[string]any:
		for key, member := range v {
			vary(member, func(other any) { v[key] = other }, each)
			delete(v, key)
			each()
			v[key] = member
		}
	}
}

// ofOpenRDAP is what openrdap decoded, in our types.
func ofOpenRDAP(doc any) any {
	notices := func(list []rdap.Notice) (out []rdapNotice) {
		for _, n := range list {
			out = append(out, rdapNotice{n.Title, none(n.Description)})
		}
		return out
	}
	switch d := doc.(type) {
	case *rdap.Error:
		return &rdapError{none(d.Conformance), notices(d.Notices), int(*d.ErrorCode), d.Title, none(d.Description)}
	case *rdap.Help:
		return &rdapHelp{none(d.Conformance), notices(d.Notices)}
	case *rdap.Domain:
		out := &rdapDomain{
			notices: notices(d.Notices), ldhName: d.LDHName, unicode: d.UnicodeName, status: none(d.Status),
		}
		for _, r := range d.Remarks {
			out.remarks = append(out.remarks, rdapNotice{r.Title, none(r.Description)})
		}
		for _, v := range d.Variants {
			variant := rdapVariant{relation: none(v.Relation)}
			for _, n := range v.VariantNames {
				variant.names = append(variant.names, rdapName{n.LDHName, n.UnicodeName})
			}
			out.variants = append(out.variants, variant)
		}
		for _, ns := range d.Nameservers {
			out.nameservers = append(out.nameservers, ns.LDHName)
		}
		if s := d.SecureDNS; s != nil {
			out.signed = s.DelegationSigned != nil && *s.DelegationSigned || len(s.DS) > 0 || len(s.Keys) > 0
		}
		for _, e := range d.Events {
			out.events = append(out.events, rdapEvent{e.Action, e.Date})
		}
		for _, e := range d.Entities {
			entity := rdapEntity{handle: e.Handle, roles: none(e.Roles)}
			if e.VCard != nil {
				entity.name, entity.org = e.VCard.Name(), e.VCard.Org()
			}
			for _, id := range e.PublicIDs {
				entity.publicIDs = append(entity.publicIDs, rdapPublicID{id.Type, id.Identifier})
			}
			out.entities = append(out.entities, entity)
		}
		return out
	}
	return &rdapOther{}
}

// none returns an empty list as nil.
func none(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}
