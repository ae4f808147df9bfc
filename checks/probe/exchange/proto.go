package exchange

import (
	"slices"
	"strings"
)

// Proto is the protocol by which a DNS server is queried. The zero value is UDP.
//
// To add one, see "Adding a kind of resolver" in CONTRIBUTING.md.
type Proto uint8

// The protocols.
const (
	UDP Proto = iota // with TCP for truncated answers
	TCP
	DoT // DNS over TLS, RFC 7858
	DoH // DNS over HTTPS, RFC 8484
	protoCount
)

// protoInfo is what differs between protocols.
type protoInfo struct {
	name   string   // the Transport of an Exchange
	stream bool     // carried by a connection: answers are not truncated
	scheme string   // of resolver addresses ("tls://192.0.2.1"); empty if it has none
	port   uint16   // the default port of an address
	isURL  bool     // the server is given as a URL, not as an address
	key    string   // in QueryKey.Server; recorded cases have it, so it must never change
	known  []string // public resolvers, with their names, for shell completion
	sample string   // resolver addresses for help and error messages
}

// protos holds the protocols; TestProtos requires a complete row for each.
var protos = [protoCount]protoInfo{
	UDP: {
		name: "udp", port: 53, sample: "8.8.8.8, 1.1.1.1:53",
		known: []string{"8.8.8.8\tGoogle", "1.1.1.1\tCloudflare", "9.9.9.9\tQuad9"},
	},
	TCP: {name: "tcp", stream: true, port: 53, key: "tcp"},
	DoT: {
		name: "tls", stream: true, scheme: "tls", port: 853, key: "tls", sample: "tls://1.1.1.1",
		known: []string{"tls://1.1.1.1\tCloudflare over TLS", "tls://9.9.9.9\tQuad9 over TLS"},
	},
	DoH: {
		name: "https", stream: true, scheme: "https", port: 443, isURL: true, key: "https",
		sample: "https://dns.google/dns-query",
		known: []string{
			"https://dns.google/dns-query\tGoogle over HTTPS",
			"https://cloudflare-dns.com/dns-query\tCloudflare over HTTPS",
		},
	},
}

// Protos lists all protocols.
func Protos() []Proto {
	out := make([]Proto, protoCount)
	for i := range out {
		out[i] = Proto(i)
	}
	return out
}

func (p Proto) info() protoInfo {
	if p >= protoCount {
		return protoInfo{name: "unknown"}
	}
	return protos[p]
}

// String is the name of the protocol, as an Exchange's Transport has it: "udp", "tcp", "tls" or "https".
func (p Proto) String() string { return p.info().name }

// Stream reports whether the protocol runs over a connection, on which answers are not truncated.
func (p Proto) Stream() bool { return p.info().stream }

// protoOf finds the protocol of a resolver address by its scheme.
func protoOf(scheme string) (Proto, bool) {
	i := slices.IndexFunc(protos[:], func(i protoInfo) bool {
		return i.sample != "" && strings.EqualFold(i.scheme, scheme)
	})
	return Proto(max(i, 0)), i >= 0
}

// ResolverExamples are resolver addresses of every kind, for help and error messages.
func ResolverExamples() []string {
	var out []string
	for _, p := range protos {
		if p.sample != "" {
			out = append(out, strings.Split(p.sample, ", ")...)
		}
	}
	return out
}

// KnownResolvers are well-known public resolvers, each as its address, a tab and its name.
func KnownResolvers() []string {
	var out []string
	for _, p := range protos {
		out = append(out, p.known...)
	}
	return out
}
