// Package shell writes commands that are safe to paste into a POSIX shell.
package shell

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Command returns a command line that a POSIX shell splits into exactly these words. Nothing in the words is executed
// when it is pasted, even if they come from an untrusted source.
func Command(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = shellWord(w)
	}
	return strings.Join(quoted, " ")
}

// shellWord quotes a word if necessary. Some shells expand a word that begins with "=" to a path.
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

// Dig returns the dig command that queries a name; options come first. Without a type, dig uses its default.
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

// plainName reports whether dig takes the argument for a name. Others could be taken for an option, a server, a type
// ("mx" is also a top-level domain) or a transfer (ixfr=…).
func plainName(name string) bool {
	if name == "." {
		return true
	}
	c := (name + ".")[0]
	return strings.Contains(name, ".") && !strings.Contains(name, "=") &&
		(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9')
}

// DigAt returns the options that make dig query a server, in any form that domdoc prints: a host, an address with or
// without its port, or both ("ns1.example (192.0.2.1:53)"), tls://ADDRESS:PORT, or the URL of DNS over HTTPS.
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

// Whois returns the command that queries a WHOIS server; host may be empty, and a port of 43 or 0 is omitted.
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

// Curl returns the command that requests a URL; options come first.
func Curl(rawURL string, options ...string) string {
	return Command(append(append([]string{"curl"}, options...), CurlURL(rawURL)...)...)
}

// CurlURL returns the arguments that make curl take a URL literally. Otherwise [1-999] in it is a range of URLs.
func CurlURL(rawURL string) []string {
	if strings.ContainsAny(rawURL, "[]{}") {
		return []string{"--globoff", rawURL}
	}
	return []string{rawURL}
}
