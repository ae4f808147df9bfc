package sandbox

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"domdoc/api/sandbox/story"
)

func silentLog() *log.Logger { return log.New(io.Discard, "", 0) }

// rdapTLDs are the public suffixes with RDAP in the sandbox's world; the others have only WHOIS.
var rdapTLDs = []string{"example", "com", "net", "org", "uk"}

// serveBootstrap answers as data.iana.org does (RFC 9224).
func serveBootstrap(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/rdap/dns.json" {
		http.NotFound(w, r)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{
		"description": "RDAP bootstrap file for Domain Name System registrations", "publication": "2026-01-01T00:00:00Z",
		"version":  "1.0",
		"services": [][][]string{{rdapTLDs, {"https://rdap.nic.example/"}}},
	})
}

func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// registrationOf returns the registration of a name and its instance. The registry's own name nic.TLD, in no story, is
// always registered.
func (b *Sandbox) registrationOf(name string) (*instance, *registration) {
	if tld, ok := strings.CutPrefix(name, "nic."); ok && slices.Contains(b.world.tlds, tld+".") {
		return nil, &registration{
			state: registered, registrar: "Sandbox Registry", created: b.Now().AddDate(-20, 0, 0),
			updated: b.Now().AddDate(-1, 0, 0), expires: b.Now().AddDate(5, 0, 0), ns: []string{"a.nic.example"},
		}
	}
	in := b.find(name + ".")
	if in == nil {
		return nil, nil
	}
	return in, in.regs[name]
}

// serveRDAP answers as an RDAP server of a registry (RFC 9082, RFC 9083).
func (b *Sandbox) serveRDAP(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(strings.ToLower(r.URL.Path), "/domain/")
	if !ok {
		rdapError(w, http.StatusBadRequest, "unknown path")
		return
	}
	in, reg := b.registrationOf(name)
	if in != nil {
		if raw, ok := in.rdapRaw[name]; ok {
			for k, v := range raw.header {
				w.Header().Set(k, v)
			}
			w.Header().Set("Content-Type", raw.contentType)
			w.WriteHeader(raw.status)
			_, _ = io.WriteString(w, raw.body)
			return
		}
	}
	switch {
	case reg != nil && (reg.down == outageRDAP || reg.down == outageBoth):
		http.Error(w, "upstream connect error", http.StatusServiceUnavailable)
	case reg != nil && reg.down == rateLimited:
		w.Header().Set("Retry-After", "60")
		rdapError(w, http.StatusTooManyRequests, "query rate exceeded")
	case reg == nil || reg.state == notRegistered || reg.state == reserved:
		rdapError(w, http.StatusNotFound, "object not found")
	default:
		writeJSON(w, http.StatusOK, "application/rdap+json", rdapDomain(name, reg))
	}
}

func rdapError(w http.ResponseWriter, status int, title string) {
	writeJSON(w, status, "application/rdap+json", map[string]any{
		"rdapConformance": []string{"rdap_level_0"},
		"errorCode":       status, "title": title,
	})
}

func rdapDomain(name string, r *registration) map[string]any {
	statuses := slices.Clone(r.statuses)
	if len(statuses) == 0 {
		statuses = []string{"active"}
	}
	events := []map[string]any{}
	for _, e := range []struct {
		action string
		at     time.Time
	}{{"registration", r.created}, {"expiration", r.expires}, {"last changed", r.updated}, {"transfer", r.transfer}} {
		if !e.at.IsZero() {
			events = append(events, map[string]any{"eventAction": e.action, "eventDate": e.at.UTC().Format(time.RFC3339)})
		}
	}
	ns := []map[string]any{}
	for _, h := range r.ns {
		ns = append(ns, map[string]any{"objectClassName": "nameserver", "ldhName": h})
	}
	return map[string]any{
		"rdapConformance": []string{"rdap_level_0", "icann_rdap_response_profile_1"},
		"objectClassName": "domain", "handle": "D-" + name, "ldhName": name, "status": statuses, "events": events,
		"nameservers": ns,
		"secureDNS":   map[string]any{"delegationSigned": false},
		"entities": []map[string]any{{
			"objectClassName": "entity", "handle": "9999", "roles": []string{"registrar"},
			"publicIds": []map[string]any{{"type": "IANA Registrar ID", "identifier": "9999"}},
			"vcardArray": []any{"vcard", []any{
				[]any{"version", map[string]any{}, "text", "4.0"},
				[]any{"fn", map[string]any{}, "text", r.registrar},
			}},
		}},
	}
}

// serveWHOIS answers on port 43: IANA's server refers to the registry's.
func (b *Sandbox) serveWHOIS(h *host) (netip.AddrPort, func(), error) {
	l, local, err := listen()
	if err != nil {
		return local, nil, err
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
				q, err := bufio.NewReader(io.LimitReader(conn, 512)).ReadString('\n')
				if err != nil {
					return
				}
				name := strings.ToLower(strings.TrimSpace(q))
				b.log("whois %s %s", h.name, name)
				if b.opt.Delay > 0 {
					time.Sleep(b.opt.Delay)
				}
				if h.role == story.RoleWHOISRoot {
					_, _ = io.WriteString(conn, b.ianaWHOIS(name))
					return
				}
				_, _ = io.WriteString(conn, b.registryWHOIS(name))
			}()
		}
	}()
	return local, func() { _ = l.Close() }, nil
}

func (b *Sandbox) ianaWHOIS(tld string) string {
	if !slices.Contains(b.world.tlds, tld+".") {
		return "% IANA WHOIS server\r\n\r\nThis query returned 0 objects.\r\n"
	}
	return fmt.Sprintf(
		"%% IANA WHOIS server\r\n\r\ndomain:       %s\r\n\r\norganisation: Sandbox Registry\r\n\r\nwhois:        "+
			"whois.nic.example\r\n\r\nstatus:       ACTIVE\r\nsource:       IANA\r\n", strings.ToUpper(tld))
}

func (b *Sandbox) registryWHOIS(name string) string {
	in, reg := b.registrationOf(name)
	if in != nil {
		if raw, ok := in.whoisRaw[name]; ok {
			return strings.ReplaceAll(raw, "\n", "\r\n")
		}
	}
	switch {
	case reg != nil && (reg.down == outageWHOIS || reg.down == outageBoth):
		return ""
	case reg != nil && reg.down == rateLimited:
		return "WHOIS LIMIT EXCEEDED - SEE WWW.NIC.EXAMPLE FOR DETAILS\r\n"
	case reg != nil && reg.state == reserved:
		return fmt.Sprintf("Domain Name: %s\r\nThis name is reserved by the registry and cannot be registered.\r\n",
			strings.ToUpper(name))
	case reg == nil || reg.state == notRegistered:
		return fmt.Sprintf("No match for domain \"%s\".\r\n>>> Last update of WHOIS database: %s <<<\r\n",
			strings.ToUpper(name), b.Now().UTC().Format(time.RFC3339))
	}
	var s strings.Builder
	put := func(key, value string) { fmt.Fprintf(&s, "%s: %s\r\n", key, value) }
	put("Domain Name", strings.ToUpper(name))
	put("Registry Domain ID", "D-"+name)
	put("Updated Date", reg.updated.UTC().Format(time.RFC3339))
	put("Creation Date", reg.created.UTC().Format(time.RFC3339))
	put("Registry Expiry Date", reg.expires.UTC().Format(time.RFC3339))
	put("Registrar", reg.registrar)
	put("Registrar IANA ID", "9999")
	statuses := reg.statuses
	if len(statuses) == 0 {
		statuses = []string{"ok"}
	}
	for _, st := range statuses {
		epp := eppStatus(st)
		put("Domain Status", epp+" https://icann.org/epp#"+epp)
	}
	for _, h := range reg.ns {
		put("Name Server", strings.ToUpper(h))
	}
	put("DNSSEC", "unsigned")
	s.WriteString("\r\n>>> Last update of WHOIS database: " + b.Now().UTC().Format(time.RFC3339) +
		" <<<\r\n\r\nNOTICE: access to WHOIS information is rate limited. A name that is not found may still not be " +
		"available for registration.\r\n")
	return s.String()
}

// eppStatus returns the EPP spelling of an RDAP status: "client hold" is "clientHold".
func eppStatus(s string) string {
	words := strings.Fields(s)
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}
