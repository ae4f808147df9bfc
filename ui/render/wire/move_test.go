package wire_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"domdoc/catalog/moving"
	"domdoc/checks/plan/move"
	"domdoc/ui/render/wire"
)

// TestMoveKinds compares the kinds of the schema with those that a comparison reports.
func TestMoveKinds(t *testing.T) {
	t.Parallel()
	field, _ := reflect.TypeFor[wire.MoveDifference]().FieldByName("Kind")
	kinds := strings.Split(field.Tag.Get("enum"), ",")
	r := &move.Report{}
	for _, k := range []moving.Kind{moving.Missing, moving.Other, moving.Extra, moving.TTL, moving.Conflict} {
		r.Differences = append(r.Differences, move.Difference{Kind: k, Servers: []string{"ns1.example.net (192.0.2.1:53)"}})
	}
	for _, d := range wire.NewMove(r).Differences {
		if !slices.Contains(kinds, d.Kind) || len(d.Servers) != 1 {
			t.Errorf("the schema has the kinds %q, without %s", kinds, d.Kind)
		}
	}
}
