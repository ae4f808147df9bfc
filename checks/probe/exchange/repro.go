package exchange

import (
	"net"
	"strings"

	"domdoc/catalog/sanitize"
	"domdoc/catalog/shell"
)

// repro is the command that repeats the exchange by hand; empty if there is none. A command is printed completely or
// not at all: a truncated one has an open quotation, which the next pasted text would close.
func (x *Exchange) repro() string {
	s := x.command()
	if s != sanitize.Text(s, 2*MaxEvidenceLine) {
		return ""
	}
	return s
}

func (x *Exchange) command() string {
	method, url, _ := strings.Cut(x.Asked, " ")
	switch x.Kind {
	case KindDNS:
		return x.dig()
	case KindWHOIS:
		return shell.Whois(x.Asked, x.Host, x.Addr.Port())
	case KindTLS:
		return shell.Command("openssl", "s_client", "-connect", x.Addr.String(), "-servername",
			strings.TrimPrefix(x.Asked, "handshake for ")) + " </dev/null"
	case KindHTTP:
		options := []string{"-sSi"}
		if x.Addr.IsValid() {
			host, port := URLHostPort(url)
			options = append(options, "--max-redirs", "0", "--connect-to", net.JoinHostPort(host, port)+":"+x.Addr.String())
		}
		return shell.Curl(url, options...)
	case KindRDAP:
		return shell.Curl(url, "-sS", "-H", "Accept: application/rdap+json")
	case KindService:
		line := shell.Command("curl", "-sS", "-X", method) + ` -H "Authorization: Bearer $DOMDOC_TOKEN" `
		if strings.HasPrefix(url, "/") { // below the service's base URL
			return line + `"$DOMDOC_API_URL"` + shell.Command(url)
		}
		return line + shell.Command(shell.CurlURL(url)...)
	}
	return ""
}

func (x *Exchange) dig() string {
	var options []string
	for _, o := range []struct {
		set  bool
		word string
	}{{!x.RD, "+norecurse"}, {x.CD, "+cd"}, {x.DO, "+dnssec"}, {x.Transport == TCP.String(), "+tcp"}} {
		if o.set {
			options = append(options, o.word)
		}
	}
	server := x.Host
	if x.Addr.IsValid() {
		server = x.Addr.String()
	}
	for _, p := range protos {
		if p.name == x.Transport && p.scheme != "" && !p.isURL {
			server = p.scheme + "://" + server
		}
	}
	name, rrtype := SplitAsked(x.Asked)
	return shell.Dig(name, rrtype, append(options, shell.DigAt(server)...)...)
}
