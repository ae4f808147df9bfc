package probe

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/registration"
)

const (
	controlsFile = "registry-controls.json"
	controlsAge  = 24 * time.Hour
	maxControls  = 2000     // in the file
	maxControl   = 32 << 10 // octets of a reply in it
)

// keptControls are the controls of one server in the cache file.
type keptControls struct {
	At    time.Time             `json:"at"`
	Known *registration.Control `json:"known"`
	Free  *registration.Control `json:"free"`
}

// registryServer is a server that controls are asked of.
type registryServer struct {
	key    string // of the server and its ending
	ending string
	rdap   bool
	ask    func(ctx context.Context, s *Session, name string) *exchange.Exchange
	// keep adds a cached reply to the recording, which a replay has no cache for
	keep func(c *registration.Control, at time.Time)
}

// controls queries a registry's server for a name that it must know and for an unregistered one: once in a run, and
// once a day where there is a cache. It is for replies that are not about a registered name, so that a healthy domain
// costs nothing.
func (s *Session) controls(ctx context.Context, r registryServer) registration.Controls {
	c, err := shareFact(ctx, s, factKey{"controls", r.key}, func(ctx context.Context, s *Session) registration.Controls {
		free := s.freeLabel() + "." + r.ending
		if kept, ok := s.readControls()[r.key]; ok && s.Now().Sub(kept.At) < controlsAge && kept.Known != nil &&
			kept.Free != nil {
			kept.Free.Body = []byte(renamed(string(kept.Free.Body), kept.Free.Name, free))
			kept.Free.Name = free
			for _, k := range []*registration.Control{kept.Known, kept.Free} {
				r.keep(k, kept.At)
			}
			return registration.Controls{Known: kept.Known, Free: kept.Free}
		}
		known := s.knownName(ctx, r.ending)
		if known == "" {
			return registration.Controls{}
		}
		out := registration.Controls{Free: control(free, r.ask(ctx, s, free))}
		out.Known = control(known, r.ask(ctx, s, known)) // last: it shows that the other was not refused
		if out.Free != nil && out.KnowsEnding(r.rdap) {
			s.keepControls(r.key, keptControls{At: s.Now(), Known: out.Known, Free: out.Free})
		}
		return out
	})
	if err != nil {
		return registration.Controls{}
	}
	return c
}

// control returns an exchange as a control; nil if there is no whole answer.
func control(name string, x *exchange.Exchange) *registration.Control {
	switch {
	case x.HTTP != nil && !x.HTTP.Cut && !x.HTTP.Broken:
		return &registration.Control{
			Name: name, Status: x.HTTP.Status, Type: x.HTTP.Header.Get("Content-Type"), Body: x.HTTP.Body,
		}
	case x.Text != nil && !x.Cut:
		return &registration.Control{Name: name, Body: x.Text}
	}
	return nil
}

// knownName returns a name below an ending that is delegated, so that its registry must know it: the registry's own,
// or that of a name server of the ending.
func (s *Session) knownName(ctx context.Context, ending string) string {
	candidates := []string{"nic." + ending}
	if place := s.Locate(ctx, "nic."+ending); place.Zone != nil {
		for _, z := range place.Zones {
			if z.Name != ending {
				continue
			}
			for _, h := range z.Hosts() {
				if own := Registrable(h); strings.HasSuffix(own, "."+ending) {
					candidates = append(candidates, own)
				}
			}
		}
	}
	for _, name := range candidates[:min(len(candidates), 4)] {
		if Registrable(name) != name {
			continue
		}
		if p := s.Locate(ctx, name); p.Zone != nil && p.Missing == "" && p.Unknown == "" && p.Zone.Name == name {
			return name
		}
	}
	return ""
}

// freeLabel returns 20 random letters, the same throughout a session and its replay.
func (s *Session) freeLabel() string {
	sum := sha256.Sum256([]byte(s.RandomSibling("free")))
	var b [20]byte
	for i := range b {
		b[i] = 'a' + sum[i]%26
	}
	return string(b[:])
}

// renamed replaces a name in a reply, in capitals as well.
func renamed(text, from, to string) string {
	return strings.NewReplacer(from, to, strings.ToUpper(from), strings.ToUpper(to)).Replace(text)
}

// readControls reads the cache file; it is empty if there is none.
func (s *Session) readControls() map[string]keptControls {
	kept := map[string]keptControls{}
	if s.opt.CacheDir == "" {
		return kept
	}
	body, err := os.ReadFile(filepath.Join(s.opt.CacheDir, controlsFile))
	if err != nil || len(body) > maxControls*maxControl || json.Unmarshal(body, &kept) != nil || kept == nil {
		return map[string]keptControls{}
	}
	return kept
}

// keepControls adds controls to the cache file. Concurrent runs can lose each other's; the next run asks again.
func (s *Session) keepControls(key string, c keptControls) {
	if s.opt.CacheDir == "" || len(c.Known.Body) > maxControl || len(c.Free.Body) > maxControl {
		return
	}
	s.controlsMu.Lock()
	defer s.controlsMu.Unlock()
	kept := s.readControls()
	for k, old := range kept {
		if s.Now().Sub(old.At) >= controlsAge {
			delete(kept, k)
		}
	}
	if len(kept) >= maxControls {
		return
	}
	kept[key] = c
	if body, err := json.Marshal(kept); err == nil {
		_ = writeCache(filepath.Join(s.opt.CacheDir, controlsFile), body) // without it the next run asks again
	}
}

// rdapControls are the controls of an RDAP server.
func (s *Session) rdapControls(ctx context.Context, base, ending string) registration.Controls {
	url := func(name string) string { return strings.TrimSuffix(base, "/") + "/domain/" + name }
	return s.controls(ctx, registryServer{
		key: "rdap " + base + " " + ending, ending: ending, rdap: true,
		ask: func(ctx context.Context, s *Session, name string) *exchange.Exchange {
			return s.registry(ctx, url(name), rdapAccept, maxRDAPBody)
		},
		keep: func(c *registration.Control, at time.Time) {
			if t := s.opt.Record; t != nil {
				asked := "GET " + url(c.Name)
				t.Add(exchange.QueryKey{Kind: exchange.KindRDAP, Asked: asked}, &exchange.Exchange{
					Kind: exchange.KindRDAP, Host: exchange.URLHost(base), Transport: exchange.URLScheme(base), Asked: asked,
					At: at, Outcome: exchange.Answered,
					HTTP: &exchange.HTTPReply{
						Status: c.Status, Header: http.Header{"Content-Type": {c.Type}}, Body: c.Body,
					},
				}, nil)
			}
		},
	})
}

// whoisControls are the controls of a WHOIS server.
func (s *Session) whoisControls(ctx context.Context, host, ending string) registration.Controls {
	return s.controls(ctx, registryServer{
		key: "whois " + host + " " + ending, ending: ending,
		ask: func(ctx context.Context, s *Session, name string) *exchange.Exchange {
			return s.askWHOIS(ctx, host, "43", name)
		},
		keep: func(c *registration.Control, at time.Time) {
			if t := s.opt.Record; t != nil {
				t.Add(exchange.QueryKey{Kind: exchange.KindWHOIS, Server: host, Asked: c.Name}, &exchange.Exchange{
					Kind: exchange.KindWHOIS, Host: host, Transport: "tcp", Asked: c.Name, At: at,
					Outcome: exchange.Answered, Text: c.Body,
				}, nil)
			}
		},
	})
}
