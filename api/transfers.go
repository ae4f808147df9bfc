package api

import (
	"context"
	"encoding/json"
	"time"
)

// Transfer is the transfer of a domain between registrars.
type Transfer struct {
	ID        string
	Domain    string
	Direction string // "IN", "OUT", or any other value
	Status    string
	CreatedAt time.Time // zero if absent or unreadable
	Reason    string
	Raw       json.RawMessage // an authorization code that the service returns is only in here
	Problems  []string        // fields that could not be read
}

// Transfers returns all transfers of the tenant.
func (c *Client) Transfers(ctx context.Context) ([]Transfer, error) {
	return collect(all(ctx, c, listing[Transfer]{
		op: OpTransfers, paged: true, keys: []string{"transfers"}, decode: decodeTransfer,
		key: func(t Transfer) string { return t.ID },
	}))
}

func decodeTransfer(raw json.RawMessage) Transfer {
	t := Transfer{Raw: raw}
	var p problems
	o, ok := knownObject(raw, "", &p)
	if !ok {
		p.add("transfer", "an object", raw)
		t.Problems = p.list
		return t
	}
	t.ID = o.text("id", "transferId")
	t.Domain = o.text("domain", "domainName", "name")
	t.Direction = o.text("direction")
	t.Status = o.text("status")
	t.CreatedAt = o.time("createdAt")
	t.Reason = o.text("reason")
	t.Problems = p.list
	return t
}
