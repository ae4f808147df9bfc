package change

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"domdoc/catalog/sanitize"
	"domdoc/checks/dnsname"
	"domdoc/checks/rdata"

	"github.com/miekg/dns"
)

// canonical returns an absolute name in the form of Edit.Name. The name may have escapes and Unicode.
func canonical(text string) (string, error) {
	s := text
	if head, ok := strings.CutSuffix(s, "."); ok && !escaped(head) {
		s = head
	}
	if s == "" {
		return "", errors.New("the root is not a name in a zone")
	}
	if !utf8.ValidString(s) {
		return "", fmt.Errorf("%s is not valid UTF-8", quote(text))
	}
	plain, label := true, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '.' && label == 0:
			return "", fmt.Errorf("%s has a dot at its beginning or two dots in a row", quote(text))
		case c == '.':
			label = -1
		case c >= utf8.RuneSelf:
			ascii, err := dnsname.ToASCII(s)
			if err != nil {
				return "", fmt.Errorf("%s: %w", quote(text), err)
			}
			return canonical(ascii)
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '*':
		default:
			plain = false
		}
		label++
	}
	if !plain {
		if e := largeEscape(s); e != "" {
			return "", fmt.Errorf("%s has %s, which is no octet: 255 is the largest", quote(text), e)
		}
		packed := make([]byte, 256)
		n, err := dns.PackDomainName(dns.Fqdn(s), packed, 0, nil, false)
		if err != nil {
			return "", nameLength(text, s)
		}
		s, _, err = dns.UnpackDomainName(packed[:n], 0)
		if err != nil {
			return "", nameLength(text, s)
		}
		s = strings.ToLower(strings.TrimSuffix(s, "."))
	}
	if _, ok := dns.IsDomainName(s); !ok {
		return "", nameLength(text, s)
	}
	return s, nil
}

// nameLength says why a name has no wire format.
func nameLength(text, name string) error {
	for _, l := range dns.SplitDomainName(name) {
		if n := len(l) - 3*strings.Count(l, `\`); n > 63 {
			return fmt.Errorf("%s has a label of more than 63 octets (RFC 1035 2.3.4)", quote(text))
		}
	}
	if len(name) > dnsname.MaxLength {
		return fmt.Errorf("%s has %d octets; a name has at most %d (RFC 1035 2.3.4)", quote(text), len(name),
			dnsname.MaxLength)
	}
	return fmt.Errorf("%s is not a domain name", quote(text))
}

// absolute reports whether a name ends with a dot.
func absolute(text string) bool {
	head, ok := strings.CutSuffix(text, ".")
	return ok && !escaped(head)
}

// below returns a name relative to an origin.
func below(text, origin string) string {
	switch {
	case text == "@" || text == "":
		return origin
	case origin == ".":
		return text + "."
	}
	return text + "." + origin
}

// relative marks, as an origin, the names of a record that have no dot at their end.
const relative = `\000.`

// malformed is why the data of a record is not valid.
type malformed struct {
	offset int // in the data; -1 if not known
	why    string
}

// parse parses the data of a record. resolve makes the names in it absolute that have no dot at their end; "@" is
// one.
func (r *reader) parse(rrtype uint16, text string, resolve func(string) string) (dns.RR, *malformed) {
	begin := "x. 0 IN " + typeName(rrtype) + " "
	trimmed := strings.TrimSpace(text)
	if i := strings.IndexAny(text, "\n\r\x00"); i >= 0 {
		return nil, &malformed{i, "the value has a line break"}
	}
	if trimmed == "" {
		return nil, &malformed{-1, "the " + typeName(rrtype) + " record has no value"}
	}
	if e := largeEscape(text); e != "" {
		return nil, &malformed{strings.Index(text, e), e + " is no octet: 255 is the largest"}
	}
	if i := outside(text); i >= 0 {
		return nil, &malformed{i, fmt.Sprintf("%s has a %q outside of quotation marks", quote(text), text[i])}
	}
	zp := dns.NewZoneParser(strings.NewReader(begin+text+"\n"), relative, "")
	rr, _ := zp.Next()
	if err := zp.Err(); err != nil || rr == nil {
		return nil, invalid(rrtype, text, err, len(begin))
	}
	if extra, _ := zp.Next(); extra != nil || zp.Err() != nil {
		return nil, invalid(rrtype, text, zp.Err(), len(begin))
	}
	if err := names(rr, func(name string) (string, error) {
		if rest, ok := strings.CutSuffix(name, relative); ok {
			if rest == "" {
				rest = "@."
			}
			name = resolve(strings.TrimSuffix(rest, "."))
			if name == "" {
				return "", fmt.Errorf("%s is relative, and the zone is not known", quote(strings.TrimSuffix(rest, ".")))
			}
		}
		return target(name)
	}); err != nil {
		return nil, &malformed{-1, err.Error()}
	}
	rr.Header().Name = "."
	if _, n := r.pack(rr); n < 0 || n == 0 && rrtype != dns.TypeNULL && rrtype != dns.TypeAPL {
		return nil, invalid(rrtype, text, nil, 0)
	}
	if soa, ok := rr.(*dns.SOA); ok && soa.Minttl > math.MaxInt32 {
		return nil, &malformed{-1, "the last number of the SOA record is more than 2147483647 seconds (RFC 2181 8)"}
	}
	return rr, nil
}

// outside returns the offset of the first semicolon or parenthesis outside of quotation marks; -1 if there is none.
// In a zone file they mean something else, and the scanner has taken them out.
func outside(text string) int {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case ';', '(', ')':
			if !quoted {
				return i
			}
		}
	}
	return -1
}

// target checks a name in the data of a record, and converts its Unicode. It ends with a dot then.
func target(name string) (string, error) {
	if name == "" || name == "." {
		return name, nil
	}
	if strings.Contains(name, "://") {
		return "", fmt.Errorf("%s is a web address, not a name", quote(strings.TrimSuffix(name, ".")))
	}
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			c, err := canonical(name)
			return dns.Fqdn(c), err
		}
	}
	if _, ok := dns.IsDomainName(name); !ok {
		_, err := canonical(name)
		return "", err
	}
	return dns.Fqdn(name), nil
}

// invalid says why the parser refused the data of a record.
func invalid(rrtype uint16, text string, err error, before int) *malformed {
	m := &malformed{offset: -1}
	m.why = rdata.Invalid(typeName(rrtype), text)
	if m.why == "" {
		m.why = "it is not a valid value of a record of type " + typeName(rrtype)
	}
	m.why = fmt.Sprintf("%s: %s", quote(text), m.why)
	var pe *dns.ParseError
	if !errors.As(err, &pe) {
		return m
	}
	// The only way to the position is the text: dns: PROBLEM: "TOKEN" at line: 1:23
	head, at, ok := strings.Cut(pe.Error(), " at line: ")
	_, column, _ := strings.Cut(at, ":")
	n, convErr := strconv.Atoi(column)
	if !ok || convErr != nil {
		return m
	}
	n -= before
	if i := strings.Index(head, `: "`); i >= 0 {
		if token, err := strconv.Unquote(head[i+2:]); err == nil && strings.TrimSpace(token) != "" {
			n -= len(token)
			if n > 0 && n <= len(text) && !strings.HasPrefix(text[n:], token) && strings.HasPrefix(text[n-1:], token) {
				n-- // at the end of the line, the column is that of the token's last character
			}
		}
	}
	if n >= 0 && n < len(text) {
		m.offset = n
	}
	return m
}

var nameFields sync.Map // of [][]int by reflect.Type

// names calls convert for each domain name in the data of a record.
func names(rr dns.RR, convert func(string) (string, error)) error {
	v := reflect.ValueOf(rr).Elem()
	cached, ok := nameFields.Load(v.Type())
	if !ok {
		var fields []int
		for i := range v.NumField() {
			switch v.Type().Field(i).Tag.Get("dns") {
			case "domain-name", "cdomain-name", "ipsechost", "amtrelayhost":
				fields = append(fields, i)
			}
		}
		cached, _ = nameFields.LoadOrStore(v.Type(), fields)
	}
	for _, i := range cached.([]int) {
		f := v.Field(i)
		if f.Kind() == reflect.Slice {
			for k := range f.Len() {
				s, err := convert(f.Index(k).String())
				if err != nil {
					return err
				}
				f.Index(k).SetString(s)
			}
			continue
		}
		s, err := convert(f.String())
		if err != nil {
			return err
		}
		f.SetString(s)
	}
	return nil
}

// recordType reads a type by its name. Types of questions and of the protocol are none.
func recordType(text string) (uint16, bool) {
	upper := strings.ToUpper(text)
	t, ok := dns.StringToType[upper]
	if digits, generic := strings.CutPrefix(upper, "TYPE"); !ok && generic {
		n, err := strconv.ParseUint(digits, 10, 16)
		t, ok = uint16(n), err == nil
	}
	const questions = 249 // TKEY, TSIG, IXFR, AXFR, MAILB, MAILA, ANY (RFC 6895 3.1)
	return t, ok && t != dns.TypeNone && t != dns.TypeOPT && (t < questions || t > dns.TypeANY) && t != dns.TypeReserved
}

// largeEscape returns the first escape of an octet that is none, as "\300" (RFC 1035 5.1); empty if there is none. The
// parser takes it for another octet.
func largeEscape(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			continue
		}
		digits := s[i+1 : min(i+4, len(s))]
		if n, err := strconv.Atoi(digits); err == nil && len(digits) == 3 && digits[0] >= '0' && n > 255 {
			return s[i : i+4]
		}
		i++
	}
	return ""
}

// isAlias reports whether a type is a DNS host's own for an alias of another name.
func isAlias(text string) bool {
	return strings.EqualFold(text, "ALIAS") || strings.EqualFold(text, "ANAME")
}

// duration reads a TTL: seconds, or the units of BIND ("1h30m"). ok is false if it is no number; a number that is too
// big is math.MaxUint32.
func duration(text string) (seconds uint32, ok bool) {
	if text == "" || text[0] < '0' || text[0] > '9' {
		return 0, false
	}
	var sum, n uint64
	digits := false
	for i := range len(text) {
		c := text[i]
		if c >= '0' && c <= '9' {
			n, digits = min(n*10+uint64(c-'0'), math.MaxUint32), true
			continue
		}
		unit := map[byte]uint64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800}[c|0x20]
		if unit == 0 || !digits {
			return 0, false
		}
		sum, n, digits = min(sum+n*unit, math.MaxUint32), 0, false
	}
	return uint32(min(sum+n, math.MaxUint32)), true
}

// ttl reads a TTL and fails if it is none.
func (r *reader) ttl(at Position, text string) (*uint32, bool) {
	n, ok := duration(text)
	switch {
	case !ok:
		r.fail(at, "%s is not a TTL", quote(text))
	case n > math.MaxInt32:
		r.fail(at, "a TTL is at most 2147483647 seconds (RFC 2181 8); this is %s", quote(text))
	default:
		return &n, true
	}
	return nil, false
}

// text returns the strings of a TXT record, in quotation marks, for a value without them.
func textData(value string) string {
	var b strings.Builder
	for first := true; first || value != ""; first = false {
		n := min(len(value), 255)
		if !first {
			b.WriteByte(' ')
		}
		b.WriteByte('"')
		for i := range n {
			switch c := value[i]; {
			case c == '"' || c == '\\':
				b.WriteByte('\\')
				b.WriteByte(c)
			case c < ' ' || c == 0x7f:
				fmt.Fprintf(&b, `\%03d`, c)
			default:
				b.WriteByte(c)
			}
		}
		b.WriteByte('"')
		value = value[n:]
	}
	return b.String()
}

// classic reports whether a relative name looks like a whole one of another domain. Words such as shop and app are
// top-level domains as well, so only the old ones count.
func classic(name string) bool {
	i := strings.LastIndexByte(name, '.')
	last := name[i+1:]
	return i > 0 && (last == "com" || last == "net" || last == "org")
}

// doubled notes a target that probably lacks the dot at its end: d1.cloudfront.net.example.com. written says that the
// input has it without the dot.
func (r *reader) doubled(at Position, name string, rr dns.RR, written bool) {
	if r.zone == "" || rr.Header().Rrtype == dns.TypeSOA {
		return
	}
	_ = names(rr, func(t string) (string, error) {
		lower := strings.ToLower(strings.TrimSuffix(t, "."))
		rel, ok := strings.CutSuffix(lower, "."+r.zone)
		if !ok || !strings.Contains(rel, ".") {
			return t, nil
		}
		if classic(rel) || inZone(rel, r.zone) ||
			written && dnsname.HasPublicSuffix(rel) && strings.Count(rel, ".") > 1 {
			r.note("%s: the %s record of %s has the target %s; if %s is meant, it lacks the dot at its end", at,
				typeName(rr.Header().Rrtype), show(name), sanitize.Text(t, 120), show(rel))
		}
		return t, nil
	})
}
