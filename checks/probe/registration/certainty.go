package registration

// Says is what one source says about whether a name is registered.
type Says string

// What a source says. Silent was asked and gave no usable answer. NotAsked was not asked, since no server is known or
// another source had decided.
const (
	NotAsked Says = ""
	Silent   Says = "no-answer"
	// Unclear is a parent zone that has the name without a delegation, or a WHOIS server that says something about the
	// name that it does not say about a free one.
	Unclear    Says = "unclear"
	SaysFree   Says = "free"
	SaysHeld   Says = "registered"
	SaysUnsold Says = "reserved" // it is not registered, and cannot be
)

// SaysOf returns what a server's answer in a state says.
func SaysOf(s State) Says {
	switch s {
	case Registered:
		return SaysHeld
	case NotRegistered:
		return SaysFree
	case Reserved:
		return SaysUnsold
	case Unknown:
	}
	return Silent
}

// Sources is what each source says about one name: the registry's RDAP and WHOIS servers, and the parent zone.
type Sources struct {
	RDAP, WHOIS, DNS Says
}

// Certainty is how sure it is that a name is free.
type Certainty string

// The certainties.
const (
	NotFree    Certainty = ""           // no source says so, or one says otherwise
	Conclusive Certainty = "conclusive" // all three sources agree
	Likely     Certainty = "likely"     // two sources agree; the third was silent or could not be asked
	Hint       Certainty = "hint"       // one source alone
)

// FreeBy returns the sources that say that the name is free, in the order "RDAP", "WHOIS", "DNS". There are none if
// another source says that it is registered or reserved.
func (s Sources) FreeBy() []string {
	var out []string
	for _, x := range []struct {
		name string
		says Says
	}{{"RDAP", s.RDAP}, {"WHOIS", s.WHOIS}, {"DNS", s.DNS}} {
		switch x.says {
		case SaysFree:
			out = append(out, x.name)
		case SaysHeld, SaysUnsold:
			return nil
		case Silent, Unclear, NotAsked:
		}
	}
	return out
}

// Free returns how sure it is that the name is free. A reserved name looks free in RDAP and in the DNS, and one
// without a delegation looks free in the DNS; so only all three together are conclusive.
func (s Sources) Free() Certainty {
	switch len(s.FreeBy()) {
	case 3:
		return Conclusive
	case 2:
		return Likely
	case 1:
		return Hint
	}
	return NotFree
}
