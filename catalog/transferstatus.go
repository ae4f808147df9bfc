package catalog

import (
	"slices"
	"strings"
)

// TransferStatus says what a transfer with a status of the service waits for, or how it ended; empty for a word that
// nobody here knows. The service prints no list of these words, so they are read by what they hold: PENDING_AUTH,
// AWAITING_AUTH_CODE and AUTH_REQUIRED are one.
func TransferStatus(status string) string {
	words := strings.FieldsFunc(strings.ToUpper(status), func(r rune) bool { return r < 'A' || r > 'Z' })
	has := func(list ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool {
			return slices.ContainsFunc(list, func(l string) bool { return strings.HasPrefix(w, l) })
		})
	}
	switch {
	case has("COMPLETE", "DONE", "SUCCESS", "SUCCEEDED", "TRANSFERRED"):
		return "it is done"
	case has("REJECT", "DENIED", "REFUSED"):
		return "the present registrar refused it; ask there why, then start it again"
	case has("CANCEL", "ABORT", "WITHDRAWN"):
		return "it was called off; start it again if it is still wanted"
	case has("EXPIRE", "TIMEOUT", "TIMED"):
		return "its time ran out; start it again"
	case has("FAIL", "ERROR"):
		return "it failed; the reason says why"
	case has("AUTH", "EPP"):
		return "it waits for the authorization code, which the present registrar gives to the owner"
	case has("UNLOCK", "LOCK"):
		return "it waits until the lock is lifted at the present registrar"
	case has("APPROVAL", "CONFIRM", "OWNER", "ACCEPT", "EMAIL"):
		return "it waits for the owner's confirmation, mostly a link in a mail"
	case has("PAYMENT", "PAY"):
		return "it waits for the payment"
	case has("PROGRESS", "SUBMITTED", "PROCESSING", "REGISTRY", "REQUESTED", "PENDING", "WAITING", "STARTED",
		"INITIATED"):
		return "it waits for the present registrar, which has five days to object; without an objection it goes through"
	}
	return ""
}
