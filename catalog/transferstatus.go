package catalog

import (
	"slices"
	"strings"
)

// TransferStatus explains what a transfer with this status is waiting for, or how it ended; empty if the status is
// unknown. The service documents no list of statuses, so they are matched by their words: PENDING_AUTH,
// AWAITING_AUTH_CODE and AUTH_REQUIRED mean the same.
func TransferStatus(status string) string {
	words := strings.FieldsFunc(strings.ToUpper(status), func(r rune) bool { return r < 'A' || r > 'Z' })
	has := func(list ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool {
			return slices.ContainsFunc(list, func(l string) bool { return strings.HasPrefix(w, l) })
		})
	}
	switch {
	case has("COMPLETE", "DONE", "SUCCESS", "SUCCEEDED", "TRANSFERRED"):
		return "completed"
	case has("REJECT", "DENIED", "REFUSED"):
		return "rejected by the current registrar; ask there for the reason, then start it again"
	case has("CANCEL", "ABORT", "WITHDRAWN"):
		return "cancelled; start it again if it is still needed"
	case has("EXPIRE", "TIMEOUT", "TIMED"):
		return "timed out; start it again"
	case has("FAIL", "ERROR"):
		return "failed; see the reason"
	case has("AUTH", "EPP"):
		return "waiting for the authorization code, which the owner gets from the current registrar"
	case has("UNLOCK", "LOCK"):
		return "waiting for the lock to be removed at the current registrar"
	case has("APPROVAL", "CONFIRM", "OWNER", "ACCEPT", "EMAIL"):
		return "waiting for the owner's confirmation, usually a link in an email"
	case has("PAYMENT", "PAY"):
		return "waiting for the payment"
	case has("PROGRESS", "SUBMITTED", "PROCESSING", "REGISTRY", "REQUESTED", "PENDING", "WAITING", "STARTED",
		"INITIATED"):
		return "waiting for the current registrar, which has five days to object; otherwise the transfer completes"
	}
	return ""
}
