package catalog_test

import (
	"testing"
	"time"

	"domdoc/catalog"
)

// TestMadeNow: a change that is made now takes effect from now on, however old the diagnosis is.
func TestMadeNow(t *testing.T) {
	t.Parallel()
	diagnosed := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	latest := diagnosed.Add(5 * time.Minute)
	for name, tt := range map[string]struct{ now, want time.Time }{
		"at the diagnosis":       {diagnosed, latest},
		"an hour later":          {diagnosed.Add(time.Hour), diagnosed.Add(65 * time.Minute)},
		"the clock was set back": {diagnosed.Add(-time.Hour), latest},
		"no clock":               {time.Time{}, latest},
	} {
		if got := catalog.MadeNow(latest, 5*time.Minute, tt.now); !got.Equal(tt.want) {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// TestRecordFields: a record has the labels and the values of its DNS host's form.
func TestRecordFields(t *testing.T) {
	t.Parallel()
	token := catalog.Record{Zone: "a.example", Name: "_verify.shop.a.example", Type: "TXT", Value: "tok-1", TTL: 300}
	at := func(host string) catalog.Record {
		r := token
		r.Host = host
		return r
	}
	gone := catalog.Record{Zone: "a.example", Name: "a.example", Type: "A"}
	for name, tt := range map[string]struct {
		record catalog.Record
		want   []catalog.ReplyField
	}{
		"no host": {token, []catalog.ReplyField{
			{Name: "type", Value: "TXT"},
			{Name: "name", Value: "_verify.shop"},
			{Name: "value", Value: "tok-1"},
			{Name: "TTL", Value: "300"},
		}},
		"GoDaddy": {at("GoDaddy"), []catalog.ReplyField{
			{Name: "Type", Value: "TXT"},
			{Name: "Name", Value: "_verify.shop"},
			{Name: "Value", Value: "tok-1"},
			{Name: "TTL", Value: "300"},
		}},
		"Route 53": {at("Route 53"), []catalog.ReplyField{
			{Name: "Type", Value: "TXT"},
			{Name: "Record name", Value: "_verify.shop"},
			{Name: "Value", Value: `"tok-1"`},
			{Name: "TTL", Value: "300"},
		}},
		"every value": {gone, []catalog.ReplyField{
			{Name: "type", Value: "A"}, {Name: "name", Value: "@"}, {Name: "value", Value: "any"},
		}},
	} {
		got := catalog.RecordFields(tt.record)
		if len(got) != len(tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%s: %v, want %v", name, got[i], tt.want[i])
			}
		}
	}
}
