package registration

import (
	"encoding/json"
	"strings"

	"domdoc/catalog/lazyregexp"
)

// Control is a server's reply about a name of which the answer is known. Status and Type are of RDAP's HTTP response.
type Control struct {
	Name   string
	Status int
	Type   string
	Body   []byte
}

// Controls are the replies of one registry's server about two names: one that it must know, since the DNS delegates
// it, and an unregistered one of random letters. Either is nil if it was not asked, or did not answer. What both
// replies share says nothing about any name.
type Controls struct {
	Known, Free *Control
	// Listed means that IANA names the server for the ending. It is believed then even if it does not know Known: many
	// registries keep names of their own out of their WHOIS.
	Listed bool
}

// reading is how one kind of reply is read.
type reading func(domain string, c *Control, without map[string]bool) Registration

// WHOIS is ReadWHOIS beside the controls.
func (c Controls) WHOIS(domain string, reply []byte, cut bool) Registration {
	first := ReadWHOIS(domain, reply, cut)
	if cut {
		return first
	}
	read := func(domain string, c *Control, without map[string]bool) Registration {
		return ReadWHOIS(domain, withoutLines(c, without), false)
	}
	out := c.judge(first, &Control{Name: domain, Body: reply}, read)
	out.Doubtful = out.State == Unknown && undecided(out) && c.KnowsEnding(false) && c.Free != nil &&
		c.free(read).State == NotRegistered
	return out
}

// RDAP is ReadRDAP beside the controls.
func (c Controls) RDAP(domain string, status int, contentType, retryAfter string, body []byte) Registration {
	first := ReadRDAP(domain, status, contentType, retryAfter, body)
	if status != 404 {
		return first
	}
	asked := &Control{Name: domain, Status: status, Type: contentType, Body: body}
	read := func(domain string, c *Control, _ map[string]bool) Registration {
		return ReadRDAP(domain, c.Status, c.Type, "", c.Body)
	}
	if first.general {
		switch {
		case c.Free == nil || c.free(read).Throttled:
			first.State, first.Offer = Unknown, NoOffer
			first.Reason = "a notice speaks of names that cannot be registered, and no control shows whether it means " +
				"this one"
			return first
		default:
			asked.Body = withoutNotices(asked, c.Free)
			first = ReadRDAP(domain, status, contentType, retryAfter, asked.Body)
		}
	}
	return c.judge(first, asked, read)
}

func (c Controls) free(read reading) Registration { return read(c.Free.Name, c.Free, nil) }

// withoutNotices returns an RDAP document without the notices that the one about an unregistered name has, too.
func withoutNotices(asked, free *Control) []byte {
	var doc map[string]json.RawMessage
	if json.Unmarshal(asked.Body, &doc) != nil {
		return asked.Body
	}
	shared := map[string]bool{}
	for _, n := range free.notices() {
		shared[free.about(n)] = true
	}
	var own []json.RawMessage
	for _, n := range asked.notices() {
		if !shared[asked.about(n)] {
			own = append(own, n)
		}
	}
	if doc["notices"] == nil || len(own) == len(asked.notices()) {
		return asked.Body
	}
	list, err := json.Marshal(own)
	if err != nil {
		return asked.Body
	}
	doc["notices"] = list
	out, err := json.Marshal(doc)
	if err != nil {
		return asked.Body
	}
	return out
}

// notices returns the notices of an RDAP document.
func (c *Control) notices() []json.RawMessage {
	var doc struct{ Notices []json.RawMessage }
	if len(c.Body) > rdapMaxBytes || json.Unmarshal(c.Body, &doc) != nil {
		return nil
	}
	return doc.Notices[:min(len(doc.Notices), rdapMaxItems)]
}

// about returns the shape of a part of a reply.
func (c *Control) about(part []byte) string { return (&Control{Name: c.Name, Body: part}).shape() }

// KnowsEnding reports whether the server knows the name that it must know.
func (c Controls) KnowsEnding(rdap bool) bool {
	if c.Known == nil {
		return false
	}
	if rdap {
		return ReadRDAP(c.Known.Name, c.Known.Status, c.Known.Type, "", c.Known.Body).State == Registered
	}
	return ReadWHOIS(c.Known.Name, c.Known.Body, false).State == Registered
}

// judge corrects a reading. A control without an answer changes nothing.
func (c Controls) judge(first Registration, asked *Control, read reading) Registration {
	if first.State == Registered || c.Known == nil {
		return first
	}
	known := read(c.Known.Name, c.Known, nil)
	if known.State == NotRegistered && first.State != Reserved {
		if c.Listed {
			return first
		}
		first.State, first.Elsewhere = Unknown, true
		first.Reason = "it does not know " + c.Known.Name + " either, which is delegated"
		return first
	}
	if known.State != Registered || c.Free == nil || first.State == NotRegistered || !undecided(first) {
		return first
	}
	free := read(c.Free.Name, c.Free, nil)
	if free.Throttled || free.State == Registered || !undecided(free) {
		return first
	}
	if s := asked.shape(); len(s) > 8 && s == c.Free.shape() && (asked.Status == 0 || asked.Status == c.Free.Status) {
		// The server gives the same answer for unregistered names, and a different one for registered names.
		first.State, first.Reason, first.Elsewhere, first.Statuses = NotRegistered, "", false, nil
		return first
	}
	shared := sharedLines(c.Known, c.Free)
	if len(shared) == 0 {
		return first
	}
	again := read(asked.Name, asked, shared)
	switch {
	case again.State == Registered || again.State == Reserved && first.State == Unknown:
		return again
	case again.State == NotRegistered && read(c.Free.Name, c.Free, shared).State == NotRegistered:
		return again
	}
	return first
}

// Correctable reports whether controls can change a reading of ReadWHOIS or ReadRDAP: a registration stands by
// itself, and a refusal or a failure says nothing.
func (r *Registration) Correctable() bool { return r.State != Registered && undecided(*r) }

func undecided(r Registration) bool {
	if r.State != Unknown {
		return true
	}
	switch r.Reason {
	case "reply not understood", "reply qualifies its answer", servesNot, "404 without an RDAP error":
		return !r.Throttled
	}
	return false
}

var digits = lazyregexp.New(`\d+`)

// shape is the reply without what differs between names and moments: the name, numbers, spacing.
func (c *Control) shape() string {
	n := newDomainNames(c.Name)
	low := strings.ToLower(decodeText(c.Body[:min(len(c.Body), whoisMaxBytes)]))
	low = replaceWord(n.without(low), n.label)
	return strings.Join(strings.Fields(digits.ReplaceAllString(low, "0")), " ")
}

// lineShapes are the shapes of a reply's lines.
func (c *Control) lineShapes() []string {
	lines := strings.Split(decodeText(c.Body[:min(len(c.Body), whoisMaxBytes)]), "\n")
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = (&Control{Name: c.Name, Body: []byte(l)}).shape()
	}
	return out
}

// sharedLines are the shapes of lines that both replies have.
func sharedLines(a, b *Control) map[string]bool {
	in := map[string]bool{}
	for _, s := range a.lineShapes() {
		in[s] = true
	}
	out := map[string]bool{}
	for _, s := range b.lineShapes() {
		if len(s) > 3 && in[s] {
			out[s] = true
		}
	}
	return out
}

func withoutLines(c *Control, shared map[string]bool) []byte {
	if len(shared) == 0 {
		return c.Body
	}
	lines := strings.Split(decodeText(c.Body[:min(len(c.Body), whoisMaxBytes)]), "\n")
	for i, s := range c.lineShapes() {
		if shared[s] {
			lines[i] = ""
		}
	}
	return []byte(strings.Join(lines, "\n"))
}
