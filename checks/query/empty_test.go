package query

import "testing"

// TestFilterEmpty checks which selections leave no cause at all.
func TestFilterEmpty(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		only, skip []string
		empty      bool
	}{
		{nil, nil, false},
		{[]string{"record.*"}, nil, false},
		{nil, []string{"record.*"}, false},
		{[]string{"record.*"}, []string{"record.*"}, true},
		{[]string{"record.*"}, []string{"record"}, true},
		{[]string{"record.*"}, []string{"record.missing"}, false},
		{[]string{"record.missing"}, []string{"record.*"}, true},
		{[]string{"record.missing", "http"}, []string{"record.*"}, false},
		{[]string{"DOMAIN_004"}, []string{"DOMAIN_004"}, true},
		{[]string{"DOMAIN_004"}, []string{"DOMAIN_010"}, false}, // a cause may lead to both, or to one of them
		{[]string{"DOMAIN_004", "DOMAIN_010"}, []string{"DOMAIN_004"}, false},
		{nil, rungs(), true},
		{nil, rungs()[1:], false},
	} {
		f, err := NewFilter(tt.only, tt.skip)
		if err != nil {
			t.Fatal(err)
		}
		if f.Empty() != tt.empty {
			t.Errorf("--only %q --skip %q: empty is %t", tt.only, tt.skip, f.Empty())
		}
	}
}
