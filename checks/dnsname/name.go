// Package dnsname parses domain names as people type them, and converts them between their ASCII and Unicode forms.
package dnsname

import (
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
	// Changed lists what Parse corrected, such as a trailing dot or upper case; empty if nothing.
	Changed []string
}

// ParseError describes why a name is invalid, and where.
type ParseError struct {
	Typed    string
	Problem  string // "it is a web address", "a space at position 5"
	Position int    // in characters, from 1; 0 if it concerns the whole name
	Meant    string // the name that was most likely intended; may be empty
}

func (e *ParseError) Error() string {
	s := fmt.Sprintf("%q is not a domain name: %s", sanitize.Text(e.Typed, 80), e.Problem)
	if e.Meant != "" {
		s += "; did you mean " + e.Meant + "?"
	}
	return s
}

// idnaProfile follows UTS 46 without transitional processing, as browsers do: "straße" is not "strasse".
var idnaProfile = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false),
	idna.StrictDomainName(false))

const (
	MaxLength = 253 // octets without the trailing dot (RFC 1035 2.3.4, in presentation form)
	maxLabel  = 63
)

// Parse parses a domain name as people type it. It corrects case, a trailing dot and surrounding white space, and
// rejects invalid characters with their position. The error is a *ParseError.
func Parse(typed string) (Name, error) {
	n, err := parse(typed)
	if err != nil {
		return Name{}, err
	}
	return n, nil
}

func parse(typed string) (Name, *ParseError) {
	fail := func(pos int, format string, args ...any) (Name, *ParseError) {
		return Name{}, &ParseError{
			Typed: typed, Problem: fmt.Sprintf(format, args...), Position: pos,
			Meant: meant(typed),
		}
	}
	s := strings.TrimFunc(typed, unicode.IsSpace)
	if s == "" {
		return fail(0, "it is empty")
	}
	if len(s) > 4096 || !utf8.ValidString(s) {
		return Name{}, &ParseError{Typed: typed, Problem: "it is too long or not text"}
	}
	if i := strings.Index(s, "://"); i >= 0 {
		return fail(utf8.RuneCountInString(s[:i])+1, "it is a URL, not a bare name")
	}
	if _, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return fail(0, "it is an IP address")
	}
	pos := 0
	for _, r := range s {
		pos++
		switch {
		case r == '.' || r == '。' || r == '．' || r == '｡' || r == '-' || r == '_' || r == '*':
		case r == '@':
			return fail(pos, "an @ at position %d: it looks like an e-mail address", pos)
		case r == '/' || r == '?' || r == '#':
			return fail(pos, "a %q at position %d: omit the path", r, pos)
		case r == ':':
			return fail(pos, "a colon at position %d: omit the port", pos)
		case unicode.IsSpace(r):
			return fail(pos, "a space (U+%04X) at position %d", r, pos)
		case r < utf8.RuneSelf && !isLDH(byte(r)):
			if r < 0x20 || r == 0x7f {
				return fail(pos, "a control character (U+%04X) at position %d", r, pos)
			}
			return fail(pos, "the character %q at position %d", r, pos)
		case !unicode.IsPrint(r) || unicode.Is(unicode.Cf, r):
			return fail(pos, "a hidden character (U+%04X) at position %d", r, pos)
		}
	}
	n := Name{}
	if s != typed {
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
	if i := strings.Index(s, ".."); i >= 0 || strings.HasPrefix(s, ".") {
		return fail(max(i, 0)+1, "two dots without a label between them, or a dot at the beginning")
	}
	if s == "" {
		return fail(0, "it is only a dot")
	}
	ascii, err := ToASCII(s)
	if err != nil {
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
		return fail(0, "its last label %q is a number, which no top-level domain is", last)
	}
	n.ASCII = ascii
	n.Unicode = toUnicode(ascii)
	if n.Wildcard {
		n.ASCII, n.Unicode = "*."+n.ASCII, "*."+n.Unicode
	}
	return n, nil
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
	ascii, err := idnaProfile.ToASCII(s)
	if err != nil {
		return "", fmt.Errorf("its international form does not convert (%s)", strings.TrimPrefix(err.Error(), "idna: "))
	}
	return strings.ToLower(ascii), nil
}

func toUnicode(ascii string) string {
	u, err := idnaProfile.ToUnicode(ascii)
	if err != nil {
		return ascii
	}
	return u
}

// meant guesses the intended name inside other input: the host of a URL, the domain of an email address, the name
// without invisible characters.
func meant(typed string) string {
	s := strings.TrimFunc(typed, unicode.IsSpace)
	if len(s) > 4096 {
		return ""
	}
	if strings.Contains(s, "://") {
		if u, err := url.Parse(s); err == nil {
			s = u.Hostname()
		}
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	}
	if i := strings.IndexAny(s, "/?#:"); i >= 0 {
		s = s[:i]
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	if s == "" || s == typed {
		return ""
	}
	ascii, err := ToASCII(strings.TrimSuffix(s, "."))
	if err != nil || !strings.Contains(ascii, ".") {
		return ""
	}
	if _, err := netip.ParseAddr(ascii); err == nil {
		return ""
	}
	return ascii
}

// Parent returns the name without its first label; empty for a single label.
func Parent(name string) string {
	_, up, _ := strings.Cut(name, ".")
	return up
}

// HasPublicSuffix reports whether a name ends in an ICANN suffix of the Public Suffix List.
func HasPublicSuffix(name string) bool {
	_, icann := publicsuffix.PublicSuffix(name)
	return icann
}
