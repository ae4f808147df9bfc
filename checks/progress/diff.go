package progress

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/probe/registration"
	"domdoc/checks/result"
)

// Change is a difference between two diagnoses of a domain.
type Change struct {
	Kind catalog.ChangeKind
	catalog.ChangeArgs
	Better, Worse bool // both false if neutral
}

// Text describes the change in a sentence.
func (c Change) Text() string { return catalog.ChangeText(c.Kind, c.ChangeArgs) }

// Diff returns what changed from one diagnosis of a domain to a later one: the verdict first, then causes, then
// observations. Something that could not be observed in one of them is not a change.
func Diff(before, after *result.Domain) []Change {
	d := &diff{}
	d.verdict(before, after)
	d.text(catalog.ChangeStatus, "", printable(before.ServiceStatus), printable(after.ServiceStatus))
	d.causes(before, after)
	d.codes(before, after)
	d.waits(before, after)
	d.checks(before.Checks, after.Checks)
	d.registration(before.Facts.Registration, after.Facts.Registration)
	d.delegation(before.Facts, after.Facts)
	d.propagation(before.Propagation, after.Propagation)
	d.certificates(before.Facts.Certificates, after.Facts.Certificates)
	if a, b := pageAnswer(before.Facts.Page), pageAnswer(after.Facts.Page); a != "" && b != "" {
		d.text(catalog.ChangeHTTP, "", a, b)
	}
	return d.changes
}

// diff collects changes.
type diff struct{ changes []Change }

func printable(s string) string { return sanitize.Text(s, 300) }

func (d *diff) add(k catalog.ChangeKind, a catalog.ChangeArgs, better, worse bool) {
	d.changes = append(d.changes, Change{Kind: k, ChangeArgs: a, Better: better, Worse: worse})
}

// text adds a change if two texts differ.
func (d *diff) text(k catalog.ChangeKind, about, before, after string) {
	if before != after {
		d.add(k, catalog.ChangeArgs{About: about, Before: before, After: after}, false, false)
	}
}

// rank orders verdicts from bad to good. An inconclusive verdict in between is neither a new fault nor a fix.
func rank(v catalog.Verdict) int {
	switch v {
	case catalog.Pass:
		return 3
	case catalog.Warn:
		return 2
	case catalog.Inconclusive, catalog.NotRun, catalog.Blocked:
		return 1
	case catalog.Fail:
	}
	return 0
}

func (d *diff) verdict(a, b *result.Domain) {
	if a.Verdict == b.Verdict {
		return
	}
	x, y := rank(a.Verdict), rank(b.Verdict)
	sure := x != 1 && y != 1
	d.add(catalog.ChangeVerdict, catalog.ChangeArgs{Before: a.Verdict.String(), After: b.Verdict.String()}, y > x &&
		sure || b.Verdict == catalog.Pass, y < x && sure || b.Verdict == catalog.Fail)
}

// causeKey identifies a finding within a domain.
func causeKey(f *finding.Finding) string {
	return string(f.ID) + "\n" + string(f.Role) + "\n" + f.About
}

func (d *diff) causes(a, b *result.Domain) {
	find := func(list []*finding.Finding, key string) *finding.Finding {
		for _, f := range list {
			if causeKey(f) == key {
				return f
			}
		}
		return nil
	}
	args := func(f *finding.Finding) catalog.ChangeArgs {
		return catalog.ChangeArgs{About: string(f.ID), Title: f.Title}
	}
	fault := func(f *finding.Finding) bool { return f.Verdict == catalog.Fail || f.Verdict == catalog.Warn }
	open := func(check string) bool {
		return b.Verdict == catalog.Inconclusive || slices.ContainsFunc(b.Checks, func(s finding.Status) bool {
			return s.ID == check && s.Is(catalog.Inconclusive)
		})
	}
	for _, f := range a.Findings {
		if f.Root() && find(b.Findings, causeKey(f)) == nil {
			d.add(catalog.ChangeCauseWent, args(f), fault(f) && !open(f.Check), false)
		}
	}
	for _, f := range b.Findings {
		old := find(a.Findings, causeKey(f))
		x := args(f)
		switch {
		case old == nil && f.Root():
			d.add(catalog.ChangeCauseCame, x, false, fault(f))
		case old != nil && old.BlockedBy != f.BlockedBy && (old.Root() || f.Root()):
			x.Before, x.After = string(old.BlockedBy), string(f.BlockedBy)
			d.add(catalog.ChangeCauseMoved, x, false, false)
		}
	}
}

func (d *diff) codes(a, b *result.Domain) {
	find := func(list []result.Code, id string) *result.Code {
		for i := range list {
			if list[i].ID == id {
				return &list[i]
			}
		}
		return nil
	}
	for _, c := range a.Codes {
		if find(b.Codes, c.ID) == nil {
			d.add(catalog.ChangeCodeWent, catalog.ChangeArgs{About: printable(c.ID), Before: c.Standing()}, true, false)
		}
	}
	for _, c := range b.Codes {
		switch old := find(a.Codes, c.ID); {
		case old == nil:
			d.add(catalog.ChangeCodeCame, catalog.ChangeArgs{About: printable(c.ID), After: c.Standing()}, false, true)
		case old.Standing() != c.Standing():
			d.add(catalog.ChangeCodeState, catalog.ChangeArgs{
				About: printable(c.ID), Before: old.Standing(),
				After: c.Standing(),
			}, false, false)
		}
	}
}

// slack is how much two calculations of the same moment may differ: answers have TTLs in whole seconds, and varying
// latency.
const slack = 3 * time.Second

func (d *diff) waits(a, b *result.Domain) {
	x, was := a.Waits()
	y, is := b.Waits()
	if !was && !is || was && is && y.Sub(x).Abs() <= slack {
		return
	}
	args := catalog.ChangeArgs{}
	if was {
		args.Before = moment(x)
	}
	if is {
		args.After = moment(y)
	}
	if args.Before != args.After {
		d.add(catalog.ChangeWait, args, false, false)
	}
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "an unknown time"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// checks adds what became conclusive or inconclusive.
func (d *diff) checks(a, b []finding.Status) {
	for _, s := range b {
		i := slices.IndexFunc(a, func(o finding.Status) bool { return o.ID == s.ID })
		if i < 0 {
			continue
		}
		const unknown = "inconclusive"
		switch was, is := a[i].Status == unknown, s.Status == unknown; {
		case is && !was:
			d.add(catalog.ChangeUnknown, catalog.ChangeArgs{About: s.ID, After: printable(s.Reason)}, false, false)
		case was && !is && s.Status != "skipped" && s.Status != "blocked":
			d.add(catalog.ChangeKnown, catalog.ChangeArgs{About: s.ID, Before: printable(a[i].Reason)}, false, false)
		}
	}
}

func (d *diff) registration(a, b *probe.RegistrationReport) {
	if a == nil || b == nil || a.State == registration.Unknown || b.State == registration.Unknown {
		return
	}
	d.text(catalog.ChangeRegistration, "", string(a.State), string(b.State))
	if a.State != registration.Registered || b.State != registration.Registered {
		return
	}
	d.text(catalog.ChangeEPPStatus, "", sorted(a.Statuses), sorted(b.Statuses))
	if a.Registrar != "" && b.Registrar != "" {
		d.text(catalog.ChangeRegistrar, "", printable(a.Registrar), printable(b.Registrar))
	}
	if !a.ExpiresAt.IsZero() && !b.ExpiresAt.IsZero() {
		d.text(catalog.ChangeExpiry, "", a.ExpiresAt.UTC().Format(time.DateOnly), b.ExpiresAt.UTC().Format(time.DateOnly))
	}
}

// sorted joins a set in a fixed order, so that rotation is not a change.
func sorted(list []string) string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, printable(s))
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), ", ")
}

func (d *diff) delegation(a, b result.Facts) {
	if x, y := a.Delegation, b.Delegation; x != nil && y != nil && x.Zone != nil && y.Zone != nil {
		d.text(catalog.ChangeNameservers, "", sorted(x.ParentNS), sorted(y.ParentNS))
		d.text(catalog.ChangeDNSHost, "", x.DNSHost, y.DNSHost)
	}
	if x, y := a.DNSSEC, b.DNSSEC; x != nil && y != nil && x.State != observe.SecurityUnknown &&
		y.State != observe.SecurityUnknown {
		d.text(catalog.ChangeDNSSEC, "", string(x.State), string(y.State))
	}
}

func (d *diff) propagation(a, b []observe.Row) {
	record := func(x, y observe.Row) bool { return x.Name == y.Name && x.Type == y.Type && x.Role == y.Role }
	same := func(x, y observe.Row) bool { return record(x, y) && x.Expected == y.Expected }
	in := func(list []observe.Row, r observe.Row, alike func(x, y observe.Row) bool) int {
		return slices.IndexFunc(list, func(o observe.Row) bool { return alike(o, r) })
	}
	for _, row := range b {
		i := in(a, row, same)
		if i < 0 { // the expected value has changed, unless both values are expected
			i = in(a, row, func(x, y observe.Row) bool { return record(x, y) && in(b, x, same) < 0 })
		}
		if i < 0 {
			continue
		}
		what := printable(row.Name) + " " + row.Type
		d.text(catalog.ChangeExpected, what, printable(a[i].Expected), printable(row.Expected))
		for _, c := range row.Cells {
			k := slices.IndexFunc(a[i].Cells, func(o observe.Cell) bool { return o.Kind == c.Kind && o.Server == c.Server })
			if k < 0 {
				continue
			}
			old := a[i].Cells[k]
			if !answered(old) || !answered(c) {
				continue // not queried
			}
			before, after := answerText(old), answerText(c)
			if before == after {
				continue
			}
			kind := catalog.ChangeSource
			if c.Kind == observe.KindResolver {
				kind = catalog.ChangeResolver
			}
			better, worse := c.State == observe.CellMatch && old.State != observe.CellMatch,
				old.State == observe.CellMatch && c.State != observe.CellMatch
			d.add(kind, catalog.ChangeArgs{About: what + " at " + printable(c.Server), Before: before, After: after},
				better, worse)
		}
	}
}

// answered reports whether the server of a cell gave a usable answer.
func answered(c observe.Cell) bool {
	return c.State != observe.CellError && c.State != observe.CellNotAsked && c.State != ""
}

// answerText describes the answer of a cell without its TTL, which counts down.
func answerText(c observe.Cell) string {
	if len(c.Answer) == 0 {
		return "nothing"
	}
	return sorted(c.Answer)
}

func (d *diff) certificates(a, b []observe.Handshake) {
	for _, h := range b {
		i := slices.IndexFunc(a, func(o observe.Handshake) bool { return o.Addr == h.Addr })
		if i < 0 {
			continue
		}
		before, after := certificateText(a[i]), certificateText(h)
		if before == "" || after == "" || before == after {
			continue
		}
		d.add(catalog.ChangeCertificate, catalog.ChangeArgs{About: h.Addr.String(), Before: before, After: after},
			h.State() == observe.HandshakeValid && a[i].State() != observe.HandshakeValid,
			h.State() != observe.HandshakeValid && a[i].State() == observe.HandshakeValid)
	}
}

// certificateText describes the certificate of a handshake; empty if the address was not tried or not reached.
func certificateText(h observe.Handshake) string {
	s := h.State()
	switch {
	case s == observe.HandshakeFails:
		return string(s)
	case !h.Shown():
		return ""
	}
	leaf := h.Exchange.TLS.Chain[0]
	return string(s) + ", by " + printable(exchange.IssuerName(leaf)) + ", until " +
		leaf.NotAfter.UTC().Format(time.DateOnly)
}

// pageAnswer describes the final response of the page; empty if there is none.
func pageAnswer(b *probe.Browse) string {
	if b == nil || b.Last() == nil || b.Last().HTTP == nil {
		return ""
	}
	s := "HTTP " + strconv.Itoa(b.Last().HTTP.Status)
	if n := len(b.Hops) - 1; n > 0 {
		s += " after " + strconv.Itoa(n) + " redirects"
	}
	return s
}
