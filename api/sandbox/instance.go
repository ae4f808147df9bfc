package sandbox

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/api/sandbox/story"

	"github.com/miekg/dns"
)

// instance is one copy of a story, with its own names: what every server of the sandbox looks things up in. Nobody
// changes it once it is built: a change makes another one, which takes its place.
type instance struct {
	story     *story.Story
	hosts     *story.Hosts
	copy      int
	domain    string
	id        string
	origin    *instance   // as it was when the sandbox started; itself, unless it was changed
	scheduled []scheduled // changes that are not due yet, the next first

	status    string
	listed    bool
	createdAt time.Time
	updatedAt time.Time      // zero: not since then
	fields    map[string]any // further fields of the service's domain object
	verify    map[string]any
	cdn       map[string]any
	lastError map[string]any
	records   []map[string]any
	cert      map[string]any // nil: the service has none
	routes    []map[string]any
	transfers []map[string]any
	overrides []override // raw answers of the service
	target    string     // where the platform wants the domain to point

	zones       []served
	delegates   map[string][]string   // what the parent says, where it differs from the zone's servers; empty: nothing
	delegated   map[string][]string   // what it said before the change
	hints       map[netip.Addr]string // what a resolver does with this instance's names
	behaves     []behaviour
	preloaded   []preloaded
	before      time.Duration // how long ago the present zones came; older ones served until then
	regs        map[string]*registration
	rdapRaw     map[string]rawHTTP
	whoisRaw    map[string]string
	edges       map[string]edge    // by address; "" is the CDN
	signed      map[string]signing // by canonical zone name
	formerDS    map[string]bool    // zones for which the registry had a DS before the change, of another key than theirs
	preloadOnce *sync.Once
}

// served is a zone on certain servers; old is what they served before the change.
type served struct {
	*zone
	hosts []string // server names; all hosts of the zone's provider that no other entry names
	old   bool
}

// behaviour is what one server does to questions of this instance's zones.
type behaviour struct {
	host   string
	what   string
	rrtype uint16 // 0: all
}

// preloaded is a question that a resolver asked before the change.
type preloaded struct {
	resolver netip.Addr
	name     string
	rrtype   uint16
	ago      time.Duration
	share    int // which of the caches behind the resolver's address was asked; 0 is not said
}

type override struct {
	method, path string
	status       int
	body         string
}

type rawHTTP struct {
	status      int
	contentType string
	header      map[string]string
	body        string
}

// registration is what the registry holds of a name.
type registration struct {
	state     string // "active" and other statuses are in statuses; "none", "reserved"
	statuses  []string
	registrar string
	created   time.Time
	updated   time.Time
	transfer  time.Time
	expires   time.Time
	ns        []string
	down      string // "rdap", "whois", "both": does not answer; "limited": answers that there were too many questions
}

// edge is what a web server shows for the instance's host.
type edge struct {
	names    []string // of the certificate
	issuer   string   // "amazon", "other", "self", "unknown", "distrusted", "default"
	from, to time.Time
	addrs    []netip.Addr // addresses that the certificate covers besides
	http     string       // "200", "403-cdn", "404-edge", "503", "redirect:URL", "loop", "reset", …
	tls      string       // "", "fails"
}

const cdnAddress = ""

// resolves reports whether the registry has the name in the DNS.
func (r *registration) resolves() bool {
	if r.state == "none" || r.state == "reserved" {
		return false
	}
	for _, s := range r.statuses {
		switch s {
		case "client hold", "server hold", "inactive", "redemption period", "pending delete", "pending restore":
			return false
		}
	}
	return true
}

// delegation is what the parent says of a zone of the instance: its servers, and whether it is delegated at all.
func (in *instance) delegation(zoneName string) []string {
	if r := in.regs[strings.TrimSuffix(zoneName, ".")]; r != nil && !r.resolves() {
		return nil
	}
	if d, ok := in.delegates[zoneName]; ok {
		return d
	}
	var out []string
	for _, z := range in.zones {
		if z.name == zoneName && !z.old {
			for _, h := range z.hosts {
				if !slices.Contains(out, h) {
					out = append(out, h)
				}
			}
		}
	}
	return out
}

// zoneAt finds the deepest zone that a server has for a name. With old, the zones before the change are asked.
func (in *instance) zoneAt(host, name string, old bool) *zone {
	var best *zone
	for _, z := range in.zones {
		if z.old != old || !slices.Contains(z.hosts, host) || !dns.IsSubDomain(z.name, name) {
			continue
		}
		// A later section for the same zone and server takes the earlier one's place, so that one server can differ.
		if best == nil || len(z.name) >= len(best.name) {
			best = z.zone
		}
	}
	if best == nil && old {
		return in.zoneAt(host, name, false)
	}
	return best
}

func (in *instance) behaviour(host string, rrtype uint16) string {
	for _, b := range in.behaves {
		if b.host == host && (b.rrtype == 0 || b.rrtype == rrtype) {
			return b.what
		}
	}
	return ""
}
