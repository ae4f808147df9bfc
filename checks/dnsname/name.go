// Package dnsname parses domain names as people type them, and converts them between their ASCII and Unicode forms.
package dnsname

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"domdoc/catalog/sanitize"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Name is a domain name in its ASCII and Unicode forms.
type Name struct {
	ASCII    string // A-labels in lower case, without the trailing dot; a wildcard starts with "*."
	Unicode  string // for people
	Wildcard bool
	// Other is the A-label form of another name that older software (IDNA 2003) takes this one for: strasse.de for
	// straße.de. It is empty if there is none.
	Other string
	// Changed lists what Parse corrected, such as a trailing dot or upper case; empty if nothing.
	Changed []string
}

// ParseError describes why a name is invalid, and where.
type ParseError struct {
	Typed    string
	Problem  string // "it is a web address", "a space at position 5"
	Position int    // in characters, from 1; 0 if it concerns the whole name
	Meant    string // the name that was most likely intended; may be empty
	Kind     Kind
}

// Kind is the kind of a mistake in a name.
type Kind int

// The kinds of mistakes.
const (
	Malformed Kind = iota // a name that breaks the rules: hidden characters, spaces, empty or over-long labels
	Around                // something around a name: a URL, a path, a port, quotation marks
	Address               // an IP address
	Email                 // an e-mail address
	Empty                 // nothing
)

// Pasted returns the name in a text that has it as it is, among other things: https://shop.example.com/cart.
func (e *ParseError) Pasted() (Name, bool) {
	if e.Kind != Around || e.Meant == "" {
		return Name{}, false
	}
	n, err := parse(strings.TrimRight(hostIn(e.Typed), "."))
	return n, err == nil // else the name has a mistake as well
}

// NoName reports whether a text is no attempt at a domain name: it is an address, or a URL without a name.
func (e *ParseError) NoName() bool {
	return e.Kind == Address || e.Kind == Email || e.Kind == Empty || e.Kind == Around && e.Meant == ""
}

func (e *ParseError) Error() string {
	s := fmt.Sprintf("%q is not a domain name: %s", sanitize.Text(e.Typed, 80), e.Problem)
	if e.Meant != "" {
		s += "; did you mean " + e.Meant + "?"
	}
	return s
}

// idnaProfile follows UTS 46 without transitional processing, as browsers do: "straße" is not "strasse". Joiners are
// part of a name where RFC 5892 appendix A allows them.
var idnaProfile = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false),
	idna.StrictDomainName(false), idna.CheckJoiners(true))

// transitional is the processing of IDNA 2003 for the characters whose meaning has changed since.
var transitional = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(true),
	idna.StrictDomainName(false))

// fold maps the signs of East Asian keyboards to those of a name or URL, rune by rune, and a capital sharp s to the
// small one, as UTS 46 does since revision 31.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u3002' || r == '\uff61': // ideographic full stops (RFC 3490 section 3.1)
			return '.'
		case r >= '\uff01' && r <= '\uff5e': // full-width ASCII
			return r - 0xfee0
		case r == '\u1e9e':
			return '\u00df'
		}
		return r
	}, s)
}

// isJoiner reports whether a character is a zero-width joiner or non-joiner, which some scripts need.
func isJoiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

const (
	MaxLength = 253 // octets without the trailing dot (RFC 1035 2.3.4, in presentation form)
	maxLabel  = 63
)

// Parse parses a domain name as people type it. It corrects case, a trailing dot and surrounding white space, and
// rejects invalid characters with their position. The error is a *ParseError.
func Parse(typed string) (Name, error) {
	if isCanonical(typed) {
		return Name{ASCII: typed, Unicode: typed}, nil
	}
	n, err := parse(typed)
	if err != nil {
		return Name{}, err
	}
	return n, nil
}

// isCanonical reports whether a text is a name in the form that parse would return, as most names of a long list are:
// labels of lower-case letters, digits, hyphens and underscores, none in Punycode, the last one of letters alone. Other
// names may be as valid. FuzzCanonical compares both.
func isCanonical(s string) bool {
	if len(s) > MaxLength {
		return false
	}
	begin, dots, letters := 0, 0, true // of the current label
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z':
		case c == '.':
			if !isLabel(s[begin:i]) {
				return false
			}
			begin, letters = i+1, true
			dots++
		case c == '-' || c == '_' || c >= '0' && c <= '9':
			letters = false
		default:
			return false
		}
	}
	return dots > 0 && letters && isLabel(s[begin:])
}

// isLabel reports whether the length of a label and its hyphens are those of a name.
func isLabel(l string) bool {
	return l != "" && len(l) <= maxLabel && l[0] != '-' && l[len(l)-1] != '-' && !strings.Contains(l, "--")
}

// characters returns the position of the last joiner, and the position of the first character that no name has with
// what is wrong about it. Positions count from 1.
func characters(s string) (joiner, pos int, kind Kind, problem string) {
	say := func(kind Kind, format string, args ...any) (int, int, Kind, string) {
		return joiner, pos, kind, fmt.Sprintf(format, args...)
	}
	for _, r := range s {
		pos++
		switch {
		case r == '.' || r == '-' || r == '_' || r == '*':
		case isJoiner(r):
			joiner = pos
		case r == '@':
			return say(Email, "an @ at position %d: it looks like an e-mail address", pos)
		case r == '/' || r == '?' || r == '#':
			return say(Around, "a %q at position %d: omit the path", r, pos)
		case r == ':' && strings.Contains(s, "@"):
			return say(Email, "a colon at position %d: it looks like an e-mail address", pos)
		case r == ':' && !isPort(s):
			return say(Around, "a colon at position %d: it looks like a URL", pos)
		case r == ':':
			return say(Around, "a colon at position %d: omit the port", pos)
		case unicode.In(r, unicode.Pi, unicode.Pf) || r == '\u201a' || r == '\u201e':
			return say(Around, "a quotation mark (U+%04X) at position %d", r, pos)
		case unicode.IsSpace(r):
			return say(Malformed, "a space (U+%04X) at position %d", r, pos)
		case r < utf8.RuneSelf && !isLDH(byte(r)):
			if r < 0x20 || r == 0x7f {
				return say(Malformed, "a control character (U+%04X) at position %d", r, pos)
			}
			if strings.ContainsRune(around, r) && !strings.ContainsAny(strings.Trim(s, around), around) {
				return say(Around, "the character %q at position %d", r, pos)
			}
			return say(Malformed, "the character %q at position %d", r, pos)
		case !unicode.IsPrint(r) || unicode.Is(unicode.Cf, r):
			return say(Malformed, "a hidden character (U+%04X) at position %d", r, pos)
		}
	}
	return joiner, 0, Malformed, ""
}

func parse(typed string) (Name, *ParseError) {
	failed := func(kind Kind, pos int, format string, args ...any) (Name, *ParseError) {
		e := &ParseError{Typed: typed, Problem: fmt.Sprintf(format, args...), Position: pos, Kind: kind}
		var isAddress bool
		if e.Meant, isAddress = meant(typed); isAddress {
			e.Kind = Address
		}
		return Name{}, e
	}
	fail := func(pos int, format string, args ...any) (Name, *ParseError) {
		return failed(Malformed, pos, format, args...)
	}
	s := strings.TrimFunc(typed, unicode.IsSpace)
	s = fold(s)
	if s == "" {
		return failed(Empty, 0, "it is empty")
	}
	if len(s) > 4096 || !utf8.ValidString(s) {
		return Name{}, &ParseError{Typed: typed, Problem: "it is too long or not text"}
	}
	if i := strings.Index(s, "://"); i >= 0 {
		return failed(Around, utf8.RuneCountInString(s[:i])+1, "it is a URL, not a bare name")
	}
	if IsAddress(s) {
		return failed(Address, 0, "it is an IP address")
	}
	joiner, pos, kind, problem := characters(s)
	if problem != "" {
		return failed(kind, pos, "%s", problem)
	}
	n := Name{}
	if s != fold(typed) {
		n.Changed = append(n.Changed, "surrounding space removed")
	}
	if rest, ok := strings.CutSuffix(s, "."); ok {
		s = rest
		n.Changed = append(n.Changed, "trailing dot removed")
	}
	if rest, ok := strings.CutPrefix(s, "*."); ok {
		n.Wildcard, s = true, rest
	}
	if strings.Contains(s, "*") {
		return fail(0, "a * can only be the whole first label")
	}
	if i := strings.Index(s+".", ".."); s != "" && (i >= 0 || strings.HasPrefix(s, ".")) {
		if i > 0 && strings.Trim(s[i:], ".") == "" { // at the end
			kind = Around
		}
		return failed(kind, max(i, 0)+1, "two dots without a label between them, or a dot at the beginning")
	}
	if s == "" {
		return fail(0, "it is only a dot")
	}
	ascii, err := ToASCII(s)
	switch {
	case err != nil && joiner > 0:
		return fail(joiner, "a hidden character (U+%04X) at position %d", []rune(fold(strings.TrimFunc(typed,
			unicode.IsSpace)))[joiner-1], joiner)
	case err != nil:
		return fail(0, "%s", err)
	}
	if ascii != s && isASCII(s) {
		n.Changed = append(n.Changed, "converted to lower case")
	}
	if !strings.Contains(ascii, ".") {
		return fail(0, "it is a single word; write the whole name, such as %s.com", ascii)
	}
	if len(ascii) > MaxLength {
		return fail(0, "it has %d octets; a name has at most %d", len(ascii), MaxLength)
	}
	at := 1
	for _, l := range strings.Split(ascii, ".") {
		if len(l) > maxLabel {
			return fail(at, "the label at position %d has %d octets; a label has at most %d", at, len(l), maxLabel)
		}
		if strings.HasPrefix(l, "-") || strings.HasSuffix(l, "-") {
			return fail(at, "the label %q begins or ends with a hyphen", l)
		}
		at += len(l) + 1
	}
	if last := ascii[strings.LastIndexByte(ascii, '.')+1:]; strings.Trim(last, "0123456789") == "" {
		return fail(0, "its last label %q is a number, which a top-level domain cannot be", last)
	}
	n.ASCII = ascii
	n.Unicode = toUnicode(ascii)
	if other, err := transitional.ToASCII(n.Unicode); err == nil && other != ascii {
		n.Other = other
	}
	if n.Wildcard {
		n.ASCII, n.Unicode = "*."+n.ASCII, "*."+n.Unicode
	}
	return n, nil
}

// isPort reports whether digits follow the first colon.
func isPort(s string) bool {
	_, rest, _ := strings.Cut(s, ":")
	return rest == "" || rest[0] >= '0' && rest[0] <= '9'
}

func isLDH(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// ToASCII converts a name to lower-case A-labels.
func ToASCII(s string) (string, error) {
	if isASCII(s) && !strings.Contains(strings.ToLower(s), "xn--") {
		return strings.ToLower(s), nil
	}
	ascii, err := idnaProfile.ToASCII(fold(s))
	if err != nil {
		return "", fmt.Errorf("its international form does not convert (%s)", strings.TrimPrefix(err.Error(), "idna: "))
	}
	ascii = strings.ToLower(ascii)
	// Labels can become empty, and other characters can decompose to signs that no name has.
	if strings.Contains("."+strings.TrimSuffix(ascii, ".")+".", "..") {
		return "", errors.New("a label of its international form is empty")
	}
	foreign := func(r rune) bool { return !strings.ContainsRune(".-_*", r) && !isLDH(byte(r)) }
	if i := strings.IndexFunc(ascii, foreign); i >= 0 {
		return "", fmt.Errorf("its international form has the character %q", ascii[i])
	}
	return ascii, nil
}

func toUnicode(ascii string) string {
	u, err := idnaProfile.ToUnicode(ascii)
	if err != nil {
		return ascii
	}
	return u
}

// around are the characters that people copy together with a name.
const around = "\"'`<>()[]{},;\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u2026"

// hostIn returns what is left of a text without what is often around a name: the host of a URL, the domain of an
// e-mail address.
func hostIn(typed string) string {
	s := fold(strings.TrimFunc(typed, unicode.IsSpace))
	if len(s) > 4096 {
		return ""
	}
	if strings.Contains(s, "://") {
		if u, err := url.Parse(s); err == nil {
			s = u.Host
		}
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	} else if scheme, rest, ok := strings.Cut(s, ":"); ok && !isPort(s) && !strings.Contains(scheme, ".") &&
		!IsAddress(s) {
		s = strings.TrimLeft(rest, "/")
	}
	if IsAddress(s) {
		return s
	}
	s = strings.TrimPrefix(strings.Trim(s, around), "//")
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	if IsAddress(s) {
		return s
	}
	s, _, _ = strings.Cut(s, ":")
	return s
}

// meant guesses the intended name inside other input: the host of a URL, the domain of an email address, the name
// without invisible characters. isAddress says that there is an IP address in its place.
func meant(typed string) (name string, isAddress bool) {
	s := hostIn(typed)
	if IsAddress(s) {
		return "", true
	}
	visible := func(keep func(rune) bool) string {
		return strings.Trim(strings.Map(func(r rune) rune {
			if !keep(r) && (unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				return -1
			}
			return r
		}, s), ".")
	}
	whole := visible(isJoiner)
	ascii, err := ToASCII(whole)
	if err != nil {
		whole = visible(func(rune) bool { return false })
		ascii, err = ToASCII(whole)
	}
	switch {
	case IsAddress(ascii):
		return "", true
	case whole == "", whole == typed, err != nil, !strings.Contains(ascii, "."):
		return "", false
	}
	return ascii, false
}

// IsAddress reports whether a text is an IP address, perhaps in brackets or with a port.
func IsAddress(s string) bool {
	if _, err := netip.ParseAddrPort(s); err == nil {
		return true
	}
	_, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return err == nil
}

// Parent returns the name without its first label; empty for a single label. A dot after a backslash is part of a
// label (RFC 1035 5.1).
func Parent(name string) string {
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '\\':
			i++
		case '.':
			return name[i+1:]
		}
	}
	return ""
}

// HasPublicSuffix reports whether a name ends in an ICANN suffix of the Public Suffix List.
func HasPublicSuffix(name string) bool {
	_, icann := publicsuffix.PublicSuffix(name)
	return icann
}
