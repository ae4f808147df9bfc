package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"domdoc/catalog/sanitize"
	"domdoc/checks/probe/exchange"

	"github.com/natefinch/atomic"
	"github.com/openrdap/rdap/bootstrap"
)

// rdapServer is the RDAP server of an ending.
type rdapServer struct {
	url    string
	listed bool // by IANA
	// differs is domdoc's own entry for the ending, if IANA lists another server: it is outdated, and is not used.
	differs string
}

// rdapBase finds the RDAP server of a name's top-level domain.
func (s *Session) rdapBase(ctx context.Context, domain string) (found rdapServer, why string) {
	if ending, _, own := registryOf(domain); own {
		return rdapServer{}, noRDAP + ending
	}
	tld := domain[strings.LastIndexByte(domain, '.')+1:]
	reg := s.rdapList(ctx)
	if u := reg.server(tld); u != "" {
		return rdapServer{url: u, listed: true, differs: reg.differs[tld]}, ""
	}
	if u := rdapOverrides[tld]; u != "" {
		return rdapServer{url: u}, ""
	}
	if reg.registry == nil {
		return rdapServer{}, reg.why
	}
	return rdapServer{}, noRDAP + tld
}

// rdapList returns IANA's list of RDAP servers, compared with domdoc's own.
func (s *Session) rdapList(ctx context.Context) bootstrapResult {
	reg, err := shareFact(ctx, s, factKey{kind: "rdap bootstrap"}, func(ctx context.Context, s *Session) bootstrapResult {
		reg := s.bootstrap(ctx)
		if reg.registry == nil {
			reg.why = "the list of RDAP servers could not be read: " + reg.why
		}
		reg.differs = map[string]string{}
		for tld, own := range rdapOverrides {
			if listed := reg.server(tld); listed != "" && !sameServer(listed, own) {
				reg.differs[tld] = own
			}
		}
		return reg
	})
	if err != nil {
		return bootstrapResult{why: "the run ended first"}
	}
	return reg
}

// sameServer reports whether two addresses are of the same RDAP service.
func sameServer(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "/"), strings.TrimSuffix(b, "/"))
}

// OutdatedRDAP compares domdoc's own RDAP servers with IANA's list, which goes first. It returns one sentence for
// each ending with different ones, sorted; none if the list cannot be read.
func (s *Session) OutdatedRDAP(ctx context.Context) []string {
	reg := s.rdapList(ctx)
	var out []string
	for tld, own := range reg.differs {
		out = append(out, outdatedRDAP(tld, own, reg.server(tld)))
	}
	slices.Sort(out)
	return out
}

func outdatedRDAP(tld, own, listed string) string {
	return fmt.Sprintf("the RDAP server of .%s is %s in IANA's list, which is used, and %s in domdoc's own", tld,
		sanitize.Text(listed, 120), own)
}

type bootstrapResult struct {
	registry *bootstrap.DNSRegistry
	why      string
	differs  map[string]string // domdoc's own servers by ending, where the list has other ones
}

// server returns the HTTPS address that the list has for a top-level domain; empty if it has none.
func (b bootstrapResult) server(tld string) string {
	if b.registry == nil {
		return ""
	}
	answer, err := b.registry.Lookup(&bootstrap.Question{RegistryType: bootstrap.DNS, Query: "x." + tld})
	if err != nil {
		return ""
	}
	for _, u := range answer.URLs {
		if u.Scheme == "https" {
			return u.String()
		}
	}
	return ""
}

// bootstrap returns IANA's list of RDAP servers, from the cache directory if it is fresh.
func (s *Session) bootstrap(ctx context.Context) bootstrapResult {
	file := ""
	if s.opt.CacheDir != "" {
		file = filepath.Join(s.opt.CacheDir, "rdap-dns.json")
		if info, err := os.Stat(file); err == nil && info.Size() <= maxBootBody &&
			time.Since(info.ModTime()) < bootstrapAge {
			if body, err := os.ReadFile(file); err == nil {
				if reg, err := readBootstrap(body); err == nil {
					s.keepBootstrap(info.ModTime(), body)
					return bootstrapResult{registry: reg}
				}
			}
		}
	}
	x := s.registry(ctx, s.opt.Bootstrap, "application/json", maxBootBody)
	if x.HTTP == nil {
		return bootstrapResult{why: exchange.URLHost(s.opt.Bootstrap) + ": " + reason(x)}
	}
	switch {
	case x.HTTP.Status != 200:
		return bootstrapResult{why: fmt.Sprintf("%s answered HTTP %d", x.Host, x.HTTP.Status)}
	case x.HTTP.Cut:
		return bootstrapResult{why: fmt.Sprintf("%s answered with more than %d octets", x.Host, maxBootBody)}
	}
	reg, err := readBootstrap(x.HTTP.Body)
	if err != nil {
		return bootstrapResult{why: x.Host + " did not answer with a list of RDAP servers"}
	}
	if file != "" {
		_ = writeCache(file, x.HTTP.Body) // without it the next run fetches the list again
	}
	return bootstrapResult{registry: reg}
}

// keepBootstrap adds a cached list to the recording: a replay has no cache directory.
func (s *Session) keepBootstrap(at time.Time, body []byte) {
	if t := s.opt.Record; t != nil {
		asked := "GET " + s.opt.Bootstrap
		t.Add(exchange.QueryKey{Kind: exchange.KindRDAP, Asked: asked}, &exchange.Exchange{
			Kind: exchange.KindRDAP, Host: exchange.URLHost(s.opt.Bootstrap),
			Transport: exchange.URLScheme(s.opt.Bootstrap), Asked: asked, At: at,
			Outcome: exchange.Answered,
			HTTP: &exchange.HTTPReply{
				Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
				Body: body,
			},
		}, nil)
	}
}

func readBootstrap(body []byte) (reg *bootstrap.DNSRegistry, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("reading the list failed: %v", r)
		}
	}()
	if !json.Valid(body) {
		return nil, fmt.Errorf("not JSON")
	}
	return bootstrap.NewDNSRegistry(body)
}

// writeCache replaces a file atomically, so that a concurrent run never reads half of it.
func writeCache(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return atomic.WriteFile(name, bytes.NewReader(data))
}
