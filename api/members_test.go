package api

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// foldedObject reads an object level by level with encoding/json: the values that count, by their folded keys.
func foldedObject(raw []byte) (map[string]json.RawMessage, bool) {
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil || m == nil {
		return nil, false
	}
	fields := make(map[string]json.RawMessage, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		key := foldKey(k)
		if old, ok := fields[key]; !ok || isNull(old) {
			fields[key] = m[k]
		}
	}
	return fields, true
}

// FuzzMembers compares the splitting of JSON texts with encoding/json, and with the map of folded keys in which
// objects were kept before.
func FuzzMembers(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, `null`, ` { "tenantId" : "t" , "tenant_id":null,"x":[1,{"y":"]}"}], "e\"s\\":"\\" }`,
		`[1, "a,]", [], {}]`,
		`{"a":1,"a":2,"A":3,"_a":null,"a ":4}`, `{"K":1,"É":2,"é_":3,"\u00e9":4}`, "{\"\xff\":\"\xfe\"}", `{"":1,"_":2}`,
		`{"nextCursor":null,"next_cursor":"c"}`, `"\ud800"`, `[-1.5e3,true,false,null]`, `{"a":{"b":{"c":[[[]]]}}}`, `[`,
		`{"a"`, `[:`,
		`{"a" 1}`, `"`, `{,}`, `{"a":}`,
	} {
		f.Add([]byte(s), "tenantId")
	}
	f.Fuzz(func(t *testing.T, raw []byte, key string) {
		list, isArray := elements(raw)
		split, isObject := members(raw) // also of what is not valid: they must come back
		if !json.Valid(raw) {
			if _, ok := readObject(raw, "", nil); ok {
				t.Errorf("%q is read as an object", raw)
			}
			return
		}
		var want []json.RawMessage
		if json.Unmarshal(raw, &want) == nil && want != nil != isArray {
			t.Fatalf("%q: an array is %t", raw, isArray)
		}
		if !slices.EqualFunc(list, want, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
			t.Errorf("%q: elements %q, want %q", raw, list, want)
		}
		fields, ok := foldedObject(raw)
		if ok != isObject {
			t.Fatalf("%q: an object is %t, want %t", raw, isObject, ok)
		}
		o := object{members: split}
		keys := slices.Collect(maps.Keys(fields))
		if strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_- ") == "" {
			keys = append(keys, key)
		}
		for _, key := range keys {
			if strings.ContainsFunc(key, func(r rune) bool { return r > '~' }) {
				continue // no key of ours
			}
			got, there := o.find(key)
			want, wanted := fields[foldKey(key)]
			if there != wanted || isNull(got) != isNull(want) || !isNull(got) && string(got) != string(want) {
				t.Errorf("%q: %q is %q, %t, want %q, %t", raw, key, got, there, want, wanted)
			}
		}
		if s, ok := stringOf(raw); ok && !isNumber([]byte(s)) {
			var want string
			if err := json.Unmarshal(raw, &want); err == nil && want != s {
				t.Errorf("%q: text %q, want %q", raw, s, want)
			}
		}
	})
}

// BenchmarkDecodeDomain reads an entry of the tenant's list.
func BenchmarkDecodeDomain(b *testing.B) {
	raw := []byte(`{"autoRenew":true,"cdn":{"status":"DEPLOYED","target":"d111111abcdef8.cloudfront.net"},` +
		`"createdAt":"2026-11-10T20:00:00.000Z","domain":"shop.vine-17.example","expiresAt":null,"id":"d-healthy-txt-17",` +
		`"nameservers":["ns1.hoster.example","ns2.hoster.example"],"registrar":"manual","status":"VERIFIED",` +
		`"tenantId":"t-sandbox","updatedAt":"2026-11-10T20:00:00.000Z","verification":{"method":"TXT",` +
		`"name":"_verify.shop.vine-17.example","value":"tok-84000002"}}`)
	b.ReportAllocs()
	for b.Loop() {
		if d := decodeDomain(raw); len(d.Problems) > 0 || d.CDN == nil {
			b.Fatal(d.Problems)
		}
	}
}
