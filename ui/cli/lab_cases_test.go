package cli_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// labCase is one domain in the lab: its zone, its registration, its web servers, the command line, and the expected
// report.
type labCase struct {
	name   string
	domain string
	zone   string // at the tenants' DNS host, records only
	second string // on the second server, where it differs
	child  string // a zone of its own for dev.APEX, at the same DNS host
	// ns are the name servers that the registry has, separated by spaces: the tenants' DNS host's when empty, "-" for
	// none.
	ns       string
	registry labRegistryEntry
	web      []labSite // the edge shows a valid certificate and a page when nil
	service  *labEntry // nil: the program is run without a service
	token    string    // instead of the valid one
	api      string    // the service's address, when not the usual one
	expect   []string  // --expect, with @ for the domain
	args     []string
	want     labWant
	// dnssec is of a signed lab: "" not signed, "signed", "signed-below" (the child as well), "stale-ds", "expired",
	// "ed448", "stale-ds ed448", "expired ed448", "no-nsec", "nsec3", "opt-out", or "by its
	// server" (PowerDNS), also with ", nsec3" and ", narrow".
	dnssec string
	story  string // the story in which the sandbox plays the same; see TestStoriesSeen
	// on are the servers of other kinds that have the zone, and which the registry names unless ns does; see labHosts.
	on []string
	// moves is the move of the zone to another DNS host; see TestLabMoves.
	moves *labMove
	// absent means that these servers do not have it; added are records that come into their database afterwards.
	absent bool
	added  string
	// refused means that these servers are given the zone and do not load it.
	refused bool
	// stuck is set if the resolvers go on asking an earlier DNS host, whose servers are off.
	stuck bool
	// bug is a fault of the program; the case is skipped until it is fixed.
	bug string
}

// labRegistryEntry is the registration of a domain.
type labRegistryEntry struct {
	rdap    string // "" active, "none", "throttled", or statuses separated by commas
	whois   string // the reply of the registry's WHOIS server; the usual one when empty
	expires time.Duration
}

// labSite is what a web server serves for a host. Page is nginx configuration.
type labSite struct {
	Host        string // the case's domain when empty
	Certificate string // a kind of labCA.file, "rejects", or "valid" when empty
	Page        string
	At          []string // the edge's two addresses when nil
}

// labEntry is a domain in the service: JSON, without the braces around the domain itself.
type labEntry struct {
	domain, records, certificate, routes string
}

const labTarget = "d111111abcdef8.cloudfront.net"

func (c labCase) apex() string {
	tld := labTLD(c.domain)
	rest := strings.Split(strings.TrimSuffix(c.domain, "."+tld), ".")
	return rest[len(rest)-1] + "." + tld
}

func (c labCase) nameservers() []string {
	switch {
	case c.ns == "" && len(c.on) > 0:
		var out []string
		for _, h := range c.on {
			out = append(out, strings.Fields(labHostOf(h).server)...)
		}
		return out
	case c.ns == "":
		return []string{"ns1.hostco.net", "ns2.hostco.net"}
	case c.ns == "-":
		return nil
	}
	return strings.Fields(c.ns)
}

// hosted reports whether the zone is at the tenants' DNS host.
func (c labCase) hosted() bool {
	return slices.ContainsFunc(c.nameservers(), func(ns string) bool { return strings.HasSuffix(ns, ".hostco.net") })
}

// labStuck returns the zones whose earlier servers the resolvers go on asking.
func labStuck(plan labPlan) []string {
	var out []string
	for _, c := range plan.cases {
		if c.stuck {
			out = append(out, c.apex())
		}
	}
	return out
}

func (c labCase) zoneAt(server int) string {
	if server == 1 && c.second != "" {
		return c.second
	}
	return c.zone
}

func (c labCase) sites() []labSite {
	list := slices.Clone(c.web)
	if c.web == nil {
		list = []labSite{{}}
	}
	for i := range list {
		s := &list[i]
		if s.Host == "" {
			s.Host = c.domain
		}
		if s.Certificate == "" {
			s.Certificate = "valid"
		}
		if s.Page == "" {
			s.Page = `return 200 "welcome\n";`
		}
		if s.At == nil {
			s.At = []string{labEdge1, labEdge2}
		}
	}
	return list
}

// run runs the program as the case says.
func (c labCase) run(l *lab) labRun {
	args := append([]string{"check", c.domain, "-o", "json"}, c.args...)
	for _, e := range c.expect {
		args = append(args, "--expect", strings.ReplaceAll(e, "@", c.domain))
	}
	var env []string
	if c.service != nil {
		token := c.token
		if token == "" {
			token = labToken
		}
		api := c.api
		if api == "" {
			api = labAPI
		}
		env = []string{"DOMDOC_API_URL=http://" + api, "DOMDOC_TOKEN=" + token}
	}
	return l.domdoc(env, args...)
}

func (c labCase) test(t *testing.T, run labRun) {
	if c.bug != "" {
		t.Skip("known fault: " + c.bug)
	}
	c.want.judge(t, run)
}

// labRDAPPath returns the path of a domain at the registry's RDAP server.
func labRDAPPath(apex string) string {
	switch labTLD(apex) {
	case "com", "net":
		return "com/v1/domain/" + apex
	}
	return "rdap/domain/" + apex
}

// labRegistryFiles returns what the registries serve by HTTPS: IANA's list, and a document for each domain.
func labRegistryFiles(cases []labCase) map[string]string {
	now := time.Now().UTC()
	out := map[string]string{
		"rdap/dns.json": `{"version":"1.0","publication":"2026-01-01T00:00:00Z","services":[
			[["com","net"],["https://rdap.verisign.com/com/v1/"]],
			[["org"],["https://rdap.publicinterestregistry.org/rdap/"]]]}`,
		"not-found.json": `{"rdapConformance":["rdap_level_0"],"errorCode":404,"title":"Not Found"}`,
	}
	for _, c := range cases {
		if c.registry.rdap == "none" || c.registry.rdap == "throttled" {
			continue
		}
		statuses := []string{"active"}
		if c.registry.rdap != "" {
			statuses = strings.Split(c.registry.rdap, ",")
		}
		expires := c.registry.expires
		if expires == 0 {
			expires = 5 * 365 * 24 * time.Hour
		}
		doc, err := json.Marshal(map[string]any{
			"rdapConformance": []string{"rdap_level_0"}, "objectClassName": "domain", "ldhName": strings.ToUpper(c.apex()),
			"status": statuses,
			"events": []map[string]any{
				{"eventAction": "registration", "eventDate": "2015-03-04T05:06:07Z"},
				{"eventAction": "expiration", "eventDate": now.Add(expires).Format(time.RFC3339)},
			},
			"entities": []map[string]any{{
				"objectClassName": "entity", "handle": "9999", "roles": []string{"registrar"},
				"vcardArray": []any{"vcard", []any{
					[]any{"version", map[string]any{}, "text", "4.0"},
					[]any{"fn", map[string]any{}, "text", "Lab Registrar, Inc."},
				}},
			}},
		})
		if err != nil {
			panic(err)
		}
		out[labRDAPPath(c.apex())] = string(doc)
	}
	return out
}

// labWHOISServers returns the reply of whois.iana.org for each TLD.
func labWHOISServers() map[string]string {
	out := map[string]string{}
	for tld, server := range map[string]string{
		"com": "whois.verisign-grs.com", "net": "whois.verisign-grs.com", "org": "whois.publicinterestregistry.org",
		"uk": "whois.nic.uk", "pk": "whois.pknic.pk", "gr": "", "io": "",
	} {
		out[tld] = fmt.Sprintf("%% IANA WHOIS server\n\ndomain:       %s\n\norganisation: The registry of %s\n\n",
			strings.ToUpper(tld), tld)
		if server != "" {
			out[tld] += "whois:        " + server + "\n"
		}
		out[tld] += "\nstatus:       ACTIVE\n"
	}
	return out
}

// whoisReply returns the reply of the registry's WHOIS server for the domain; empty means "No match".
func (c labCase) whoisReply() string {
	if c.registry.whois != "" || c.registry.rdap != "" || !strings.HasSuffix(c.apex(), "uk") {
		return c.registry.whois
	}
	return fmt.Sprintf(`
    Domain name:
        %s

    Registrar:
        Lab Registrar, Inc. [Tag = LAB]
        URL: https://www.lab-registrar.com

    Relevant dates:
        Registered on: 04-Mar-2015
        Expiry date:  %s
        Last updated:  04-Mar-2025

    Registration status:
        Registered until expiry date.

    Name servers:
        ns1.hostco.net
        ns2.hostco.net

    WHOIS lookup made at 10:00:00 01-Jan-2026
`, c.apex(), time.Now().AddDate(3, 0, 0).Format("02-Jan-2006"))
}

// labAPIPaths returns the responses of the lab's service by path.
func labAPIPaths(cases []labCase) map[string]string {
	out := map[string]string{
		"/domains/v1/health": `{"status":"ok"}`, "/domains/v1/transfers": `{"data":[]}`,
		"/domains/v1/quota":  `{"data":{"used":3,"limit":100,"tier":"pro"}}`,
		"/wallet/v1/balance": `{"data":{"balance":"12.50","currency":"USD","status":"ACTIVE"}}`,
	}
	var list []string
	for i, c := range cases {
		if c.service == nil || c.service.domain == "" {
			continue
		}
		id := fmt.Sprintf("d-%d", i)
		entry := strings.ReplaceAll(fmt.Sprintf(`{"id":%q,"domain":%q,"tenantId":"t-1",%s}`, id, c.domain,
			c.service.domain), "@", c.domain)
		list = append(list, entry)
		out["/domains/v1/"+id] = `{"data":` + entry + `}`
		for part, body := range map[string]string{
			"dns":    "[" + c.service.records + "]",
			"routes": "[" + c.service.routes + "]", "ssl": c.service.certificate,
		} {
			if body != "" {
				out["/domains/v1/"+id+"/"+part] = `{"data":` + strings.ReplaceAll(body, "@", c.domain) + `}`
			}
		}
	}
	out["/domains/v1/domains"] = fmt.Sprintf(
		`{"data":[%s],"meta":{"page":1,"limit":100,"total":%d,"totalPages":1,"hasNext":false}}`, strings.Join(list, ","),
		len(list))
	return out
}
