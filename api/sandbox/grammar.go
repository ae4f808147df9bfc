package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"domdoc/catalog"

	"github.com/miekg/dns"
)

// form is how a line of a story is written. What it does not allow is refused: a word that nobody reads would tell
// another story than was meant.
type form struct {
	usage       string
	least, most int      // words after the first that are no options; most < 0 is any number
	options     []string // keys of words "key=value"
	once        bool
}

// forms are the lines of the section story, by their first word.
var forms = map[string]form{
	"domain":    {usage: "domain NAME", least: 1, most: 1, once: true},
	"intent":    {usage: "intent attach|register|transfer", least: 1, most: 1, once: true},
	"expected":  {usage: `expected "TYPE NAME=VALUE"`, least: 1, most: 1},
	"auth-code": {usage: "auth-code CODE", least: 1, most: 1, once: true},
	"beside":    {usage: "beside STORY", least: 1, most: 1},
	"twin":      {usage: "twin CAUSE [CAUSE…]", least: 1, most: -1, once: true},
	"solo": {
		usage: "solo [network=…] [skew=…] [service=…] [tenant=…] [quota=N] [balance=…]", most: -1,
		once: true,
	},
	"id":       {usage: "id ID", least: 1, most: 1, once: true},
	"status":   {usage: "status STATUS", least: 1, most: 1, once: true},
	"unlisted": {usage: "unlisted", once: true},
	"created":  {usage: "created AGO", most: 1, once: true},
	"field":    {usage: "field NAME JSON", least: 2, most: -1},
	"verify": {
		usage: "verify TYPE NAME VALUE [status=S] [checked=AGO] [expires=AGO]", least: 3, most: 3,
		options: []string{"status", "checked", "expires"}, once: true,
	},
	"cdn": {usage: "cdn none|TARGET [STATUS]", least: 1, most: 2, once: true},
	"held": {
		usage: "held TYPE NAME VALUE [ttl=N] [id=ID]", least: 3, most: 3,
		options: []string{"ttl", "id"},
	},
	"certificate": {
		usage: "certificate none|STATUS [requested=AGO] [expires=…] [reason=R] " +
			"[validation=NAME>TARGET] [names=a,b]", least: 1, most: 1,
		options: []string{"requested", "expires", "reason", "validation", "names"}, once: true,
	},
	"route": {
		usage: "route none, or route PATH TARGET [host=H] [priority=N] [id=ID]", least: 1, most: 2,
		options: []string{"host", "priority", "id"},
	},
	"transfer": {
		usage: "transfer ID DIRECTION STATUS [created=AGO] [reason=R]", least: 3, most: 3,
		options: []string{"created", "reason"},
	},
	"error": {usage: "error CODE AGO MESSAGE", least: 1, most: -1, once: true},
	"registration": {
		usage: "registration [NAME] none|reserved|STATUS… [created=] [updated=] [expires=] " +
			"[transferred=] [registrar=] [down=]", least: 1, most: -1,
		options: []string{"created", "updated", "expires", "transferred", "registrar", "down"},
	},
	"delegate":         {usage: "delegate ZONE nowhere|HOST…", least: 2, most: -1},
	"delegated-before": {usage: "delegated-before ZONE HOST…", least: 2, most: -1},
	"resolver":         {usage: "resolver ADDRESS blocked|stale", least: 2, most: 2},
	"server":           {usage: "server HOSTS BEHAVIOUR [TYPE]", least: 2, most: 3},
	"before":           {usage: "before AGO", most: 1, once: true},
	"cached": {
		usage: "cached RESOLVER NAME TYPE AGO [cache=N]", least: 1, most: 4,
		options: []string{"cache"},
	},
	"edge": {
		usage: "edge cdn|ADDRESS [names=a,b] [issuer=…] [from=…] [expires=…] [tls=fails] [http=…]",
		least: 1, most: 1, options: []string{"names", "issuer", "from", "expires", "tls", "http"},
	},
	"signed-before": {usage: "signed-before ZONE", least: 1, most: 1},
	"signed": {
		usage: "signed ZONE [ds=stale|none] [keys=none] [signature=broken|early|AGO] [at=HOST]",
		least: 1, most: 1, options: []string{"ds", "keys", "signature", "at"},
	},
}

// FormOf returns the form of the lines of the section story that begin with a word.
func FormOf(word string) (form, bool) {
	f, ok := forms[word]
	return f, ok
}

// UsageOf returns how a line of the section story that begins with a word is written.
func UsageOf(word string) string { return forms[word].usage }

// plain are the words of a line after the first that are no options.
func (f form) plain(l line) []string {
	var out []string
	for _, w := range l.words[1:] {
		if key, _, ok := strings.Cut(w, "="); !ok || !slices.Contains(f.options, key) {
			out = append(out, w)
		}
	}
	return out
}

// check refuses a line that is not written as its form says.
func (f form) check(l line) error {
	p := f.plain(l)
	switch {
	case len(p) < f.least:
		return fmt.Errorf("want %s", f.usage)
	case f.most >= 0 && len(p) > f.most:
		return fmt.Errorf("%q is more than the line takes; want %s", p[f.most], f.usage)
	}
	for _, key := range f.options {
		n := 0
		for _, w := range l.words[1:] {
			if strings.HasPrefix(w, key+"=") {
				n++
			}
		}
		if n > 1 {
			return fmt.Errorf("%q stands there twice; want %s", key+"=", f.usage)
		}
	}
	return nil
}

// oneOf refuses a word that is not of a list.
func oneOf(what, word string, list ...string) error {
	if slices.Contains(list, word) {
		return nil
	}
	return fmt.Errorf("%q is no %s: use %s", word, what, strings.Join(list, ", "))
}

// The words that lines take.
var (
	intents    = []string{"attach", "register", "transfer"}
	services   = []string{"down", "unauthorized", "expired-token", "rate-limited", "wrong-endpoint"}
	behaviours = []string{
		"refuses", "fails", "notimp", "silent", "not-authoritative", "denies-parents", "no-tcp",
		"no-edns",
	}
	certificates = []string{
		"PENDING_VALIDATION", "ISSUED", "FAILED", "VALIDATION_TIMED_OUT", "EXPIRED", "REVOKED",
		"INACTIVE",
	}
	issuers  = []string{"amazon", "amazon-bare", "other", "other-bare", "self", "unknown", "distrusted", "default"}
	pages    = []string{"loop", "reset", "404-edge", "403-cdn", "502-cdn", "503-cdn", "504-cdn"}
	downs    = []string{"rdap", "whois", "both", "limited"}
	verdicts = []string{"fail", "warn", "inconclusive", "blocked"}
	roles    = []string{
		string(catalog.Verification), string(catalog.Routing), string(catalog.Certificate),
		string(catalog.Configured),
	}
	// eppStatuses are those of RFC 8056 2, as RDAP writes them, with dashes for the spaces.
	eppStatuses = []string{
		"active", "inactive", "add-period", "auto-renew-period", "renew-period", "transfer-period", "redemption-period",
		"pending-create", "pending-delete", "pending-renew", "pending-restore", "pending-transfer", "pending-update",
		"client-hold", "client-delete-prohibited", "client-renew-prohibited", "client-transfer-prohibited",
		"client-update-prohibited",
		"server-hold", "server-delete-prohibited", "server-renew-prohibited", "server-transfer-prohibited",
		"server-update-prohibited",
	}
)

// networks are what stands between the machine that diagnoses and the world. What each does:
//
//	offline                  no resolver answers, and nothing else does
//	port53-blocked           resolvers answer, authoritative servers do not
//	tcp53-blocked            DNS questions leave by UDP only
//	intercepted              a router answers every DNS question in the name of others
//	intercepted-authority    the same, and it claims authority for what it says
//	intercepted-google       only what is asked of 8.8.8.8 is answered by somebody else, whose cache is behind
//	intercepted-cloudflare   only what is asked of 1.1.1.1
//	captive                  every name leads to the login page of the network, and so does every web address
//	web-blocked              no connection to a web server leaves the network
//	no-ipv6                  there is no way to the IPv6 Internet
//	ipv6-broken              there seems to be one, and nothing comes back
//	dns64                    resolvers make IPv6 addresses up, by the well-known prefix
//	dns64-own-prefix         by a prefix of the network's own
//	reticent                 the resolvers do not say who they are
//	tls-intercepted          a proxy shows certificates of its own for every host
var networks = []string{
	"offline", "port53-blocked", "tcp53-blocked", "intercepted", "intercepted-authority", "intercepted-google",
	"intercepted-cloudflare", "captive", "web-blocked",
	"no-ipv6", "ipv6-broken", "dns64", "dns64-own-prefix", "reticent", "tls-intercepted",
}

func checkNetwork(word string) error { return oneOf("network", word, networks...) }

func checkBehaviour(word string) error { return oneOf("behaviour of a server", word, behaviours...) }

func checkCertificateStatus(word string) error {
	return oneOf("status of a certificate", word, certificates...)
}

func checkIssuer(word string) error { return oneOf("issuer", word, issuers...) }

func checkOutage(word string) error { return oneOf("outage", word, downs...) }

func checkRegistrationStatus(word string) error {
	return oneOf("status of a registration", word, eppStatuses...)
}

// knownCode refuses what is not one of the 23 codes, written as the document prints it.
func knownCode(word string) error {
	if c, ok := catalog.FindCode(word); !ok || c.ID != word {
		return fmt.Errorf("%q is none of the 23 codes: they are DOMAIN_001 to DOMAIN_023", word)
	}
	return nil
}

// knownCause refuses what no check can find.
func knownCause(word string) error {
	if c, ok := catalog.FindCause(word); !ok || string(c.ID) != word {
		return fmt.Errorf("%q is no cause of the catalogue", word)
	}
	return nil
}

// typeOf is the type that a word names.
func typeOf(word string) (uint16, error) {
	t := dns.StringToType[word]
	if t == 0 {
		return 0, fmt.Errorf("%q is no record type: use A, TXT, CNAME and so on", word)
	}
	return t, nil
}

// statusOf is an HTTP status of a final answer.
func statusOf(word string) (int, error) {
	n, err := strconv.Atoi(word)
	if err != nil || n < 200 || n > 599 {
		return 0, fmt.Errorf("%q is no HTTP status: use 200 to 599", word)
	}
	return n, nil
}

// knownPage refuses what an edge cannot show.
func knownPage(word string) error {
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
	if _, err := statusOf(what); err != nil {
		return fmt.Errorf(
			"%q is nothing that an edge shows: use a status of 200 to 599, with :SERVER or without, redirect:URL, "+
				"redirect-once:URL, page or %s", word, strings.Join(pages, ", "))
	}
	return nil
}

// nameOf refuses what cannot be a domain name.
func nameOf(word string) (string, error) {
	if _, ok := dns.IsDomainName(word); !ok || word == "" {
		return "", fmt.Errorf("%q is no domain name", word)
	}
	return dns.CanonicalName(word), nil
}
