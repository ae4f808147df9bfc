package story

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"domdoc/catalog"
	_ "domdoc/catalog/causes" // declares the causes that a story may name

	"github.com/miekg/dns"
)

// Form describes how a line of a story is written. Unknown words are errors: a typo would otherwise be ignored and
// change the story.
type Form struct {
	Usage    string
	Min, Max int      // number of words after the first, without options; Max < 0: any number
	Options  []string // keys of words "key=value"
	Once     bool
}

// forms are the lines of the section story by their first word.
var forms = map[string]Form{
	"domain":    {Usage: "domain NAME", Min: 1, Max: 1, Once: true},
	"intent":    {Usage: "intent attach|register|transfer", Min: 1, Max: 1, Once: true},
	"expected":  {Usage: `expected "TYPE NAME=VALUE"`, Min: 1, Max: 1},
	"auth-code": {Usage: "auth-code CODE", Min: 1, Max: 1, Once: true},
	"beside":    {Usage: "beside STORY", Min: 1, Max: 1},
	"twin":      {Usage: "twin CAUSE [CAUSE…]", Min: 1, Max: -1, Once: true},
	"seen-on":   {Usage: "seen-on SERVER VERSION[, SERVER VERSION…]", Min: 2, Max: -1, Once: true},
	"solo": {
		Usage: "solo [network=…] [skew=…] [service=…] [tenant=…] [quota=N] [balance=…]", Max: -1,
		Once: true,
	},
	"id":       {Usage: "id ID", Min: 1, Max: 1, Once: true},
	"status":   {Usage: "status STATUS", Min: 1, Max: 1, Once: true},
	"unlisted": {Usage: "unlisted", Once: true},
	"created":  {Usage: "created AGO", Max: 1, Once: true},
	"field":    {Usage: "field NAME JSON", Min: 2, Max: -1},
	"verify": {
		Usage: "verify TYPE NAME VALUE [status=S] [checked=AGO] [expires=AGO]", Min: 3, Max: 3,
		Options: []string{"status", "checked", "expires"}, Once: true,
	},
	"cdn": {Usage: "cdn none|TARGET [STATUS]", Min: 1, Max: 2, Once: true},
	"held": {
		Usage: "held TYPE NAME VALUE [ttl=N] [id=ID]", Min: 3, Max: 3,
		Options: []string{"ttl", "id"},
	},
	"certificate": {
		Usage: "certificate none|STATUS [requested=AGO] [expires=…] [reason=R] [validation=NAME>TARGET] " +
			"[names=a,b]", Min: 1, Max: 1,
		Options: []string{"requested", "expires", "reason", "validation", "names"}, Once: true,
	},
	"route": {
		Usage: "route none, or route PATH TARGET [host=H] [priority=N] [id=ID]", Min: 1, Max: 2,
		Options: []string{"host", "priority", "id"},
	},
	"transfer": {
		Usage: "transfer ID DIRECTION STATUS [created=AGO] [reason=R]", Min: 3, Max: 3,
		Options: []string{"created", "reason"},
	},
	"error": {Usage: "error CODE AGO MESSAGE", Min: 1, Max: -1, Once: true},
	"registration": {
		Usage: "registration [NAME] none|reserved|STATUS… [created=] [updated=] [expires=] [transferred=] [registrar=] " +
			"[down=]", Min: 1, Max: -1,
		Options: []string{"created", "updated", "expires", "transferred", "registrar", "down"},
	},
	"delegate":         {Usage: "delegate ZONE nowhere|HOST…", Min: 2, Max: -1},
	"glue":             {Usage: "glue HOST ADDRESS…", Min: 2, Max: -1},
	"delegated-before": {Usage: "delegated-before ZONE HOST…", Min: 2, Max: -1},
	"resolver": {
		Usage: "resolver ADDRESS " +
			"blocked|filters|stale|stale-old|stale-once|renews|fails|silent|trusting|vouches|cuts|" +
			"denies:N|fails:N|marks:N|sinks:N",
		Min: 2, Max: 2,
	},
	"server": {Usage: "server HOSTS BEHAVIOR [TYPE] [name=NAME]", Min: 2, Max: 3, Options: []string{"name"}},
	"before": {Usage: "before AGO", Max: 1, Once: true},
	"cached": {
		Usage: "cached RESOLVER NAME TYPE AGO [cache=N]", Min: 1, Max: 4,
		Options: []string{"cache"},
	},
	"edge": {
		Usage: "edge cdn|ADDRESS [names=a,b] [issuer=…] [from=…] [expires=…] [tls=fails|hangs] [http=…]",
		Min:   1, Max: 1, Options: []string{"names", "issuer", "from", "expires", "tls", "http"},
	},
	"signed-before": {Usage: "signed-before ZONE", Min: 1, Max: 1},
	"signed": {
		Usage: "signed ZONE [ds=stale|none|unknown-digest|unknown-and-stale] [keys=none] [signature=broken|early|AGO] " +
			"[nsec=none|lower|wrong] [algorithm=ed448|ed448-known] [at=HOST]",
		Min: 1, Max: 1, Options: []string{"ds", "keys", "signature", "nsec", "algorithm", "at"},
	},
}

// FormOf returns the form of the lines of the section story that begin with a word.
func FormOf(word string) (Form, bool) {
	f, ok := forms[word]
	return f, ok
}

// UsageOf returns the usage of a line of the section story that begins with a word.
func UsageOf(word string) string { return forms[word].Usage }

// plain returns the words of a line after the first, without options.
func (f Form) plain(l Line) []string {
	out := make([]string, 0, len(l.Words)-1)
	for _, w := range l.Words[1:] {
		if key, _, ok := strings.Cut(w, "="); !ok || !slices.Contains(f.Options, key) {
			out = append(out, w)
		}
	}
	return out
}

// Check returns an error if a line does not have the form.
func (f Form) Check(l Line) error {
	p := f.plain(l)
	switch {
	case len(p) < f.Min:
		return fmt.Errorf("want %s", f.Usage)
	case f.Max >= 0 && len(p) > f.Max:
		return fmt.Errorf("unexpected %q; want %s", p[f.Max], f.Usage)
	}
	for _, key := range f.Options {
		n := 0
		for _, w := range l.Words[1:] {
			if strings.HasPrefix(w, key+"=") {
				n++
			}
		}
		if n > 1 {
			return fmt.Errorf("%q is given twice; want %s", key+"=", f.Usage)
		}
	}
	return nil
}

// OneOf returns an error if a word is not in a list.
func OneOf[T ~string](what string, word T, list ...T) error {
	if slices.Contains(list, word) {
		return nil
	}
	valid := make([]string, len(list))
	for i, w := range list {
		valid[i] = string(w)
	}
	return fmt.Errorf("invalid %s %q: use %s", what, word, strings.Join(valid, ", "))
}

// The valid words.
var (
	intents   = []string{"attach", "register", "transfer"}
	services  = []string{"down", "unauthorized", "expired-token", "rate-limited", "wrong-endpoint"}
	behaviors = []string{
		"refuses", "fails", "notimp", "silent", "not-authoritative", "denies-parents", "fails-chains",
		"no-tcp",
		"no-edns", "nxdomain", "behind", "dname-last",
	}
	certificates = []string{
		"PENDING_VALIDATION", "ISSUED", "FAILED", "VALIDATION_TIMED_OUT", "EXPIRED", "REVOKED",
		"INACTIVE",
	}
	issuers = []string{"amazon", "amazon-bare", "other", "other-bare", "self", "unknown", "distrusted", "default"}
	pages   = []string{
		"loop", "reset", "hang", "slow", "parked", "404-edge", "403-cdn", "403-waf", "502-cdn",
		"503-cdn", "504-cdn",
	}
	outages  = []string{"rdap", "whois", "both", "limited"}
	verdicts = []string{"fail", "warn", "inconclusive", "blocked"}
	roles    = []string{
		string(catalog.Verification), string(catalog.Routing), string(catalog.Certificate),
		string(catalog.Configured),
	}
	// eppStatuses are the statuses of RFC 8056 section 2 in the spelling of RDAP, with dashes for spaces.
	eppStatuses = []string{
		"active", "inactive", "add-period", "auto-renew-period", "renew-period", "transfer-period", "redemption-period",
		"pending-create", "pending-delete", "pending-renew", "pending-restore", "pending-transfer", "pending-update",
		"client-hold", "client-delete-prohibited", "client-renew-prohibited", "client-transfer-prohibited",
		"client-update-prohibited",
		"server-hold", "server-delete-prohibited", "server-renew-prohibited", "server-transfer-prohibited",
		"server-update-prohibited",
	}
)

// Network is what is between this machine and the world; "" is an unrestricted network.
type Network string

// The networks.
const (
	NetworkOffline       Network = "offline"        // nothing answers
	NetworkPort53Blocked Network = "port53-blocked" // only resolvers answer DNS queries
	NetworkTCP53Blocked  Network = "tcp53-blocked"  // DNS works over UDP only
	// a router answers all DNS queries in place of their servers
	NetworkIntercepted          Network = "intercepted"
	NetworkInterceptedAuthority Network = "intercepted-authority" // the same, with authoritative answers
	// another resolver answers queries to 8.8.8.8, from an outdated cache
	NetworkInterceptedGoogle     Network = "intercepted-google"
	NetworkInterceptedCloudflare Network = "intercepted-cloudflare" // the same for 1.1.1.1
	// every name and every web address leads to the network's login page
	NetworkCaptive    Network = "captive"
	NetworkWebBlocked Network = "web-blocked" // connections to web servers are dropped
	NetworkNoIPv6     Network = "no-ipv6"     // no IPv6
	NetworkIPv6Broken Network = "ipv6-broken" // IPv6 packets are sent, but no answers return
	// resolvers synthesize IPv6 addresses with the well-known prefix
	NetworkDNS64          Network = "dns64"
	NetworkDNS64OwnPrefix Network = "dns64-own-prefix" // the same with a prefix of the network
	NetworkReticent       Network = "reticent"         // resolvers do not identify themselves
	NetworkTLSIntercepted Network = "tls-intercepted"  // a proxy replaces every certificate
)

var networks = []Network{
	NetworkOffline, NetworkPort53Blocked, NetworkTCP53Blocked, NetworkIntercepted, NetworkInterceptedAuthority,
	NetworkInterceptedGoogle, NetworkInterceptedCloudflare, NetworkCaptive, NetworkWebBlocked, NetworkNoIPv6,
	NetworkIPv6Broken, NetworkDNS64, NetworkDNS64OwnPrefix, NetworkReticent, NetworkTLSIntercepted,
}

// ParseNetwork returns the network of a name.
func ParseNetwork(word string) (Network, error) {
	return Network(word), OneOf("network", Network(word), networks...)
}

// CheckBehavior returns an error if a word is not the behavior of a server.
func CheckBehavior(word string) error { return OneOf("behavior of a server", word, behaviors...) }

// CheckCertificateStatus returns an error if a word is not the status of a certificate.
func CheckCertificateStatus(word string) error {
	return OneOf("status of a certificate", word, certificates...)
}

// CheckIssuer returns an error if a word is not an issuer of certificates.
func CheckIssuer(word string) error { return OneOf("issuer", word, issuers...) }

// CheckOutage returns an error if a word is not an outage of the registry.
func CheckOutage(word string) error { return OneOf("outage", word, outages...) }

// CheckRegistrationStatus returns an error if a word is not the status of a registration.
func CheckRegistrationStatus(word string) error {
	return OneOf("status of a registration", word, eppStatuses...)
}

// CheckCode returns an error if a word is not one of the 23 codes in the spelling of the documents.
func CheckCode(word string) error {
	if c, ok := catalog.FindCode(word); !ok || c.ID != word {
		return fmt.Errorf("unknown code %q: use DOMAIN_001 to DOMAIN_023", word)
	}
	return nil
}

// checkCause returns an error if a word is not the id of a cause.
func checkCause(word string) error {
	if c, ok := catalog.FindCause(word); !ok || string(c.ID) != word {
		return fmt.Errorf("%q is not a cause in the catalog", word)
	}
	return nil
}

// RecordType returns the DNS record type with a name.
func RecordType(word string) (uint16, error) {
	t := dns.StringToType[word]
	if t == 0 {
		return 0, fmt.Errorf("unknown record type %q: use A, TXT, CNAME and so on", word)
	}
	return t, nil
}

// HTTPStatus parses the status of a final HTTP response.
func HTTPStatus(word string) (int, error) {
	n, err := strconv.Atoi(word)
	if err != nil || n < 200 || n > 599 {
		return 0, fmt.Errorf("invalid HTTP status %q: use 200 to 599", word)
	}
	return n, nil
}

// CheckPage returns an error if a word is not a response that an edge can give.
func CheckPage(word string) error {
	what, arg, _ := strings.Cut(word, ":")
	switch {
	case what == "redirect" || what == "redirect-once":
		if arg == "" {
			return fmt.Errorf("%q: want %s:URL", word, what)
		}
		return nil
	case what == "page", slices.Contains(pages, word):
		return nil
	}
	if _, err := HTTPStatus(what); err != nil {
		return fmt.Errorf(
			"invalid page %q: use a status of 200 to 599, with or without :SERVER, redirect:URL, redirect-once:URL, "+
				"page or "+
				"%s", word, strings.Join(pages, ", "))
	}
	return nil
}

// DomainName returns a domain name in canonical form.
func DomainName(word string) (string, error) {
	if _, ok := dns.IsDomainName(word); !ok || word == "" {
		return "", fmt.Errorf("invalid domain name %q", word)
	}
	return dns.CanonicalName(word), nil
}
