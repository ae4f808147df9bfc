package catalog

import (
	"strings"
	"testing"
)

func TestTransferStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]string{
		"PENDING": "five days", "PENDING_AUTH": "authorization code", "AWAITING_AUTH_CODE": "authorization code",
		"pending-owner-approval": "owner's confirmation",
		"IN_PROGRESS":            "five days", "COMPLETED": "done", "CANCELLED": "called off", "REJECTED": "refused",
		"FAILED": "failed", "EXPIRED": "time ran out", "PENDING_UNLOCK": "lock",
	} {
		if got := TransferStatus(status); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want something with %q", status, got, want)
		}
	}
	for _, status := range []string{"", "42", "FROBNICATED"} {
		if got := TransferStatus(status); got != "" {
			t.Errorf("%s: %q of a word that nobody knows", status, got)
		}
	}
}
