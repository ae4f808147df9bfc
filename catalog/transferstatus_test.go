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
		"IN_PROGRESS":            "five days", "COMPLETED": "completed", "CANCELLED": "cancelled", "REJECTED": "rejected",
		"FAILED": "failed", "EXPIRED": "timed out", "PENDING_UNLOCK": "lock",
	} {
		if got := TransferStatus(status); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want something with %q", status, got, want)
		}
	}
	for _, status := range []string{"", "42", "FROBNICATED"} {
		if got := TransferStatus(status); got != "" {
			t.Errorf("%s: %q for an unknown status; want none", status, got)
		}
	}
}
