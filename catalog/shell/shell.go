// Package shell writes commands that are safe to paste into a POSIX shell.
package shell

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Command writes a command so that a POSIX shell makes exactly these words of it: names come from outside, and
// nothing in them may run when it is pasted.
func Command(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = shellWord(w)
	}
	return strings.Join(quoted, " ")
}

// shellWord quotes a word where it needs it. A word that begins with = is a path to some shells.
func shellWord(s string) string {
	safe := s != "" && s[0] != '='
	for i := 0; i < len(s) && safe; i++ {
		c := s[i]
		safe = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			strings.IndexByte("-._:/@%+=,", c) >= 0
	}
	if safe {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Dig is the command that asks for a name; options come first. Without a type dig takes its own.
func Dig(name, rrtype string, options ...string) string {
	words := append([]string{"dig"}, options...)
	if !plainName(name) {
		words = append(words, "-q")
	}
	words = append(words, name)
	if rrtype != "" {
		words = append(words, rrtype)
	}
	return Command(words...)
}

// plainName tells a name that dig takes for one wherever it stands. Others could be an option, a server, a type ("mx"
// is also a top-level domain) or a transfer (ixfr=…).
func plainName(name string) bool {
	if name == "." {
		return true
	}
	c := (name + ".")[0]
	return strings.Contains(name, ".") && !strings.Contains(name, "=") &&
		(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9')
}

// DigAt are the options that make dig ask a server as domdoc names it: a host, an address with or without its port,
// or both ("ns1.example (192.0.2.1:53)"), tls://ADDRESS:PORT, or the URL of DNS over HTTPS.
func DigAt(server string) []string {
	if strings.HasPrefix(server, "https://") {
		if u, err := url.Parse(server); err == nil {
			return withPort([]string{"+https=" + u.RequestURI(), "@" + u.Hostname()}, u.Port(), "443")
		}
	}
	var words []string
	usual := "53"
	if scheme, rest, ok := strings.Cut(server, "://"); ok {
		if o, known := digOptions[scheme]; known {
			server, words, usual = rest, append(words, o.option), o.port
		}
	}
	if _, addr, ok := strings.Cut(server, " ("); ok {
		server = strings.TrimSuffix(addr, ")")
	}
	if ap, err := netip.ParseAddrPort(server); err == nil {
		return withPort(append(words, "@"+ap.Addr().String()), strconv.Itoa(int(ap.Port())), usual)
	}
	return append(words, "@"+strings.Trim(server, "[]"))
}

// digOptions has the option that makes dig use a protocol, by the scheme of its resolver addresses, and its default
// port.
var digOptions = map[string]struct{ option, port string }{
	"tls": {"+tls", "853"},
}

func withPort(words []string, port, usual string) []string {
	if port == "" || port == usual {
		return words
	}
	return append(words, "-p", port)
}

// Whois is the command that asks a WHOIS server; host may be empty, and port is left out where it is 43 or 0.
func Whois(query, host string, port uint16) string {
	words := []string{"whois"}
	if host != "" {
		words = append(words, "-h", host)
	}
	if port != 43 && port != 0 {
		words = append(words, "-p", strconv.Itoa(int(port)))
	}
	if strings.HasPrefix(query, "-") {
		words = append(words, "--")
	}
	return Command(append(words, query)...)
}

// Curl is the command that fetches a URL; options come first.
func Curl(rawURL string, options ...string) string {
	return Command(append(append([]string{"curl"}, options...), CurlURL(rawURL)...)...)
}

// CurlURL are the words by which curl takes a URL as it stands: otherwise [1-999] in it is a pattern, and fetched so
// many times.
func CurlURL(rawURL string) []string {
	if strings.ContainsAny(rawURL, "[]{}") {
		return []string{"--globoff", rawURL}
	}
	return []string{rawURL}
}
