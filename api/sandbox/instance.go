package sandbox

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/api/sandbox/story"
)

// instance is one copy of a story with its own names: the state that all servers of the sandbox serve. It is
// immutable: a change replaces it by another instance.
type instance struct {
	story     *story.Story
	hosts     *story.Hosts
	copy      int
	domain    string
	id        string
	origin    *instance   // the instance at the start of the sandbox; itself if unchanged
	scheduled []scheduled // in order of their time

	status    string
	listed    bool
	createdAt time.Time
	updatedAt time.Time      // zero: as createdAt
	fields    map[string]any // further fields of the service's domain object
	verify    map[string]any
	cdn       map[string]any
	lastError map[string]any
	records   []map[string]any
	cert      map[string]any // nil: none
	routes    []map[string]any
	transfers []map[string]any
	overrides []override // raw responses of the service
	target    string     // the CDN name that the domain should point to

	zones       []served
	delegates   map[string][]string     // name servers at the parent, where they differ from the zone's; empty: none
	delegated   map[string][]string     // the same before the change
	glue        map[string][]netip.Addr // addresses of name servers at the parent, if their names are the story's
	hints       map[netip.Addr]string   // what a resolver does with these names
	behaves     []behavior
	preloaded   []preloaded
	before      time.Duration // age of the current zones; until then the old ones were served
	regs        map[string]*registration
	rdapRaw     map[string]rawHTTP
	whoisRaw    map[string]string
	edges       map[string]edge    // by address; "" is the CDN
	signed      map[string]signing // by canonical zone name
	formerDS    map[string]bool    // zones that had a DS record of another key before the change
	preloadOnce *sync.Once
}

// served is a zone on some servers; old marks the zones before the change.
type served struct {
	*zone
	hosts []string // names of the servers
	old   bool
}

// behavior is how a server treats queries for this instance's zones.
type behavior struct {
	host   string
	what   string
	rrtype uint16 // 0: all
	name   string // canonical; "": all
}

// preloaded is a query that a resolver made before the sandbox started.
type preloaded struct {
	resolver netip.Addr
	name     string
	rrtype   uint16
	ago      time.Duration
	share    int // the cache behind the resolver's address, from 1; 0: any
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
	stalls      bool // the end of the body never comes
}

// registryState is whether a name is registered; the statuses of a registered name are apart.
type registryState string

const (
	registered    registryState = "active"
	notRegistered registryState = "none"
	reserved      registryState = "reserved"
)

// outage is how the registry fails to answer for a name.
type outage string

const (
	outageRDAP  outage = "rdap"
	outageWHOIS outage = "whois"
	outageBoth  outage = "both"
	rateLimited outage = "limited"
)

// registration is the state of a name at the registry.
type registration struct {
	state     registryState
	statuses  []string
	registrar string
	created   time.Time
	updated   time.Time
	transfer  time.Time
	expires   time.Time
	ns        []string
	down      outage // "": none
}

// edge is how a web server answers for the instance's host.
type edge struct {
	names    []string // of the certificate
	issuer   string   // "amazon", "other", "self", "unknown", "distrusted", "default"
	from, to time.Time
	addrs    []netip.Addr // further addresses that the certificate covers
	http     string       // "200", "403-cdn", "404-edge", "503", "redirect:URL", "loop", "reset", …
	tls      string       // "", "fails", "hangs"
	page     *rawHTTP     // instead of http; nil for none
}

const cdnAddress = ""

// resolves reports whether the registry publishes the name in the DNS.
func (r *registration) resolves() bool {
	if r.state == notRegistered || r.state == reserved {
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

// delegation returns the name servers of a zone at its parent; none if it is not delegated.
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

// zoneAt returns the deepest zone above a name on a server; with old, of the zones before the change.
func (in *instance) zoneAt(host, name string, old bool) *zone {
	var best *zone
	for _, z := range in.zones {
		if z.old != old || !slices.Contains(z.hosts, host) || !inZone(z.name, name) {
			continue
		}
		// A later section overrides an earlier one for the same zone and server, so that one server can differ.
		if best == nil || len(z.name) >= len(best.name) {
			best = z.zone
		}
	}
	if best == nil && old {
		return in.zoneAt(host, name, false)
	}
	return best
}

func (in *instance) behavior(host, name string, rrtype uint16) string {
	for _, b := range in.behaves {
		if b.host == host && (b.rrtype == 0 || b.rrtype == rrtype) && (b.name == "" || b.name == name) {
			return b.what
		}
	}
	return ""
}
