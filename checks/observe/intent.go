package observe

import (
	"context"
	"slices"
	"strings"

	"domdoc/api"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/subject"
)

// intentOf infers what the tenant is trying to do from the given intent, reported codes or a pending transfer; to
// attach by default.
func intentOf(ctx context.Context, s *subject.Subject) subject.Intent {
	if s.Intent != "" {
		return s.Intent
	}
	if s.ToBeRegistered() {
		return subject.Register
	}
	for _, r := range s.AllReported() {
		switch r.Code {
		case "DOMAIN_016", "DOMAIN_017", "DOMAIN_018":
			if !transferred(ctx, s, r) {
				return subject.Transfer
			}
		}
	}
	if s.AuthCode != nil {
		return subject.Transfer
	}
	if s.Service == nil || s.Domain == nil {
		return subject.Attach
	}
	list, err := s.Service.Transfers(ctx)
	if err != nil {
		return subject.Attach
	}
	for _, tr := range list {
		if IsTransferOf(tr, s.Name.ASCII) && Running(tr.Status) {
			return subject.Transfer
		}
	}
	return subject.Attach
}

// transferred reports whether the transfer that a report is about, or one started after it, is complete.
func transferred(ctx context.Context, s *subject.Subject, r subject.Reported) bool {
	if s.Service == nil || s.Domain == nil {
		return false
	}
	list, err := s.Service.Transfers(ctx)
	if err != nil {
		return false
	}
	id := r.IDAfter("transfers")
	done := false
	for _, tr := range list {
		switch {
		case !IsTransferOf(tr, s.Name.ASCII):
		case Running(tr.Status):
			return false
		case completed(tr.Status):
			done = done || id != "" && tr.ID == id || !r.At.IsZero() && tr.CreatedAt.After(r.At)
		}
	}
	return done
}

// IsTransferOf reports whether a transfer is of the domain, or of its registered domain.
func IsTransferOf(t api.Transfer, domain string) bool {
	// A fleet compares each transfer with each domain: most are told apart without parsing their name.
	if name := strings.TrimSuffix(t.Domain, "."); plainName(name) && !endsIn(domain, name) {
		return false
	}
	n, err := dnsname.Parse(t.Domain)
	return err == nil && (n.ASCII == domain || n.ASCII == probe.Registrable(domain))
}

// plainName reports whether a name is ASCII and written as in the DNS, so that parsing it changes at most its case.
func plainName(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.':
		default:
			return false
		}
	}
	return !strings.Contains(strings.ToLower(name), "xn--")
}

// endsIn reports whether a domain ends in a name, in any case.
func endsIn(domain, name string) bool {
	return len(domain) >= len(name) && strings.EqualFold(domain[len(domain)-len(name):], name)
}

// Running reports whether a transfer is in progress.
func Running(status string) bool {
	status = subject.Upper(status)
	return !completed(status) && !slices.ContainsFunc([]string{"CANCEL", "REJECTED", "EXPIRED"}, func(s string) bool {
		return strings.HasPrefix(status, s)
	})
}

// completed reports whether a transfer completed successfully.
func completed(status string) bool {
	status = subject.Upper(status)
	return slices.ContainsFunc([]string{"COMPLETE", "DONE", "SUCCESS"}, func(s string) bool {
		return strings.HasPrefix(status, s)
	})
}
