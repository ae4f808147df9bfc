package registration

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNormaliseStatus(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		// EPP and RDAP (RFC 8056).
		{"epp with its page", "clientHold https://icann.org/epp#clientHold", "client hold"},
		{
			"epp with its page in brackets",
			"clientTransferProhibited (https://www.icann.org/epp#clientTransferProhibited)",
			"client transfer prohibited",
		},
		{"rdap", "client hold", "client hold"},
		{"capitals", "CLIENT HOLD", "client hold"},
		{"capitals run together", "CLIENTTRANSFERPROHIBITED", "client transfer prohibited"},
		{"hyphens", "client-delete-prohibited", "client delete prohibited"},
		{"underscores", "SERVER_UPDATE_PROHIBITED", "server update prohibited"},
		{"only the page", "https://icann.org/epp#pendingDelete", "pending delete"},
		{"ok", "ok", "active"},
		{"active", "active", "active"},
		{"inactive", "inactive", "inactive"},
		{"linked", "linked", "associated"},
		{"add period", "addPeriod", "add period"},
		{"auto renew period", "autoRenewPeriod", "auto renew period"},
		{"renew period", "renewPeriod", "renew period"},
		{"transfer period", "transferPeriod", "transfer period"},
		{"redemption", "redemptionPeriod", "redemption period"},
		{"pending delete", "pendingDelete", "pending delete"},
		{"pending restore", "pendingRestore", "pending restore"},
		{"pending transfer", "pendingTransfer", "pending transfer"},
		{"server hold", "serverHold", "server hold"},
		{"server renew", "serverRenewProhibited", "server renew prohibited"},

		// Registries' own words.
		{"uk", "Registered until expiry date.", "active"},
		{"uk past its end", "Renewal required.", "auto renew period"},
		{"it", "ok / autoRenewPeriod", "auto renew period"},
		{"it deleting", "pendingDelete / redemptionPeriod", "pending delete"},
		{"it redemption", "REDEMPTION-NO-PROVIDER", "redemption period"},
		{"it grace", "GRACE-PERIOD", "auto renew period"},
		{"ru", "REGISTERED, DELEGATED, VERIFIED", "active"},
		{"ru without a zone", "REGISTERED, NOT DELEGATED, VERIFIED", "inactive"},
		{"ru unverified", "REGISTERED, DELEGATED, UNVERIFIED", "active"},
		{"br", "published", "active"},
		{"br on hold", "on-hold", "server hold"},
		{"fr", "ACTIVE", "active"},
		{"be", "NOT AVAILABLE", "active"},
		{"be quarantine", "QUARANTINE", "redemption period"},
		{"be out of service", "OUT OF SERVICE", "redemption period"},
		{"nl", "in quarantine", "redemption period"},
		{"de", "connect", "active"},
		{"de failed", "failed", "inactive"},
		{"cz", "Sponsoring registrar change prohibited", "server transfer prohibited"},
		{"cz expired", "Expired", "auto renew period"},
		{"cz to delete", "To be deleted", "pending delete"},
		{"ee", "ok (paid and in zone)", "active"},
		{"ee paid", "paid and in zone", "active"},
		{"ee delete", "deleteCandidate", "pending delete"},
		{"jp", "Connected (2025/03/31)", "active"},
		{"jp to be suspended", "To be suspended", "to be suspended"},
		{"jp lock", "AgentChangeLocked", "client transfer prohibited"},
		{"kz", "ok - Normal state.", "active"},
		{"gg", "Transfer Prohibited by Registrar", "client transfer prohibited"},
		{"gg registry", "Delete Prohibited by Registry", "server delete prohibited"},
		{"il", "Transfer Locked", "client transfer prohibited"},
		{"il unlocked", "Transfer Allowed", "active"},
		{"tr", "The domain is LOCKED to transfer.", "client transfer prohibited"},
		{"ca", "to be released", "pending delete"},
		{"bg", "busy, active", "active"},
		{"nz", "210 PendingRelease", "redemption period"},
		{"dk", "Deactivated", "inactive"},
		{"pe", "Suspended", "server hold"},
		{"rs", "Active https://www.rnids.rs/en/domain-name-status-codes#Active", "active"},
		{"ro", "UpdateProhibited", "update prohibited"},
		{"tm", "Client Updt Lock", "client update prohibited"},
		{"md", "OK, Delegated", "active"},
		{"several in one value", "clientUpdateProhibited,clientTransferProhibited", "client transfer prohibited"},
		{"lock", "locked", "locked"},

		// What is in no table.
		{"camel case", "serverRegistrantChangeProhibited", "server registrant change prohibited"},
		{"words", "  Something\tElse.  ", "something else"},
		{"capitals stay a word", "VERIFIEDID", "verifiedid"},
		{"reserved", "Reserved", "reserved"},
		{"control characters", "od\x00d\x1b[1m", "od d [1m"},
		{"empty", "", ""},
		{"nothing but marks", " - ", ""},
		{"only an unknown page", "https://example.com/", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := NormaliseStatus(tt.in); got != tt.want {
				t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestNormaliseStatusBounded(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		strings.Repeat("é", 10_000), strings.Repeat("a,", 100_000),
		strings.Repeat("\xff", 1000), strings.Repeat("(", 100_000),
	} {
		got := NormaliseStatus(in)
		if utf8.RuneCountInString(got) > maxStatusRunes || !utf8.ValidString(got) {
			t.Errorf("%.20q: %d runes", in, utf8.RuneCountInString(got))
		}
	}
}

// Every word that the table gives must be one that it knows itself, so that normalising twice changes nothing.
func TestStatusWordsAreStable(t *testing.T) {
	t.Parallel()
	for key, word := range statusWords {
		if compact(key) != key {
			t.Errorf("key %q is not in its compact form", key)
		}
		if NormaliseStatus(word) != word {
			t.Errorf("%q becomes %q", word, NormaliseStatus(word))
		}
	}
}
