package api

import (
	"context"
	"encoding/json"
)

// Record is one DNS record that the service holds or requires.
type Record struct {
	ID       string
	Type     string // as sent, usually in upper case
	Name     string
	Value    string
	TTL      *int // seconds; nil if not stated. Invalid values are kept: they are a finding
	Priority *int // nil if not stated
	Raw      json.RawMessage
	Problems []string // fields that could not be read
}

// Records returns all DNS records that the service holds for a domain.
func (c *Client) Records(ctx context.Context, id string) ([]Record, error) {
	return collect(all(ctx, c, listing[Record]{
		op: OpRecords, id: id, keys: []string{"records", "dnsRecords"}, decode: decodeRecord,
		key: func(r Record) string { return r.ID },
	}))
}

func decodeRecord(raw json.RawMessage) Record {
	r := Record{Raw: raw}
	var p problems
	o, ok := knownObject(raw, "", &p)
	if !ok {
		p.add("record", "an object", raw)
		r.Problems = p.list
		return r
	}
	r.ID = o.text("id", "recordId")
	r.Type = o.text("type", "recordType")
	r.Name = o.text("name", "host", "recordName")
	r.Value = o.text("value", "content", "recordValue")
	r.TTL = o.int("ttl")
	r.Priority = o.int("priority")
	r.Problems = p.list
	return r
}
