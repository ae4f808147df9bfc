package sandbox

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"domdoc/api/sandbox/story"

	"github.com/miekg/dns"
)

// serveWeb starts the web server of an address: the CDN's edge, another host, or the registry's RDAP server.
func (b *Sandbox) serveWeb(h *host, secure bool) (netip.AddrPort, func(), error) {
	l, local, err := listen()
	if err != nil {
		return local, nil, err
	}
	if secure {
		l = tls.NewListener(l, &tls.Config{
			MinVersion: tls.VersionTLS12, CurvePreferences: []tls.CurveID{tls.X25519}, SessionTicketsDisabled: true,
			GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate,
				error,
			) {
				return b.certificate(h, hello.ServerName)
			},
		})
	}
	return local, serveHTTP(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.page(h, secure, w, r)
	})), nil
}

// edgeFor returns how an address answers for a host name.
func (b *Sandbox) edgeFor(h *host, name string) (edge, *instance) {
	in := b.find(dns.CanonicalName(name))
	if in == nil {
		return edge{}, nil
	}
	if h.role == story.RoleCDN {
		e, ok := in.edges[cdnAddress]
		if !ok || !strings.EqualFold(strings.TrimSuffix(name, "."), in.domain) && !covers(e.names, name) {
			return edge{}, nil
		}
		return e, in
	}
	for _, a := range h.addrs {
		if e, ok := in.edges[a.String()]; ok {
			return e, in
		}
	}
	return edge{}, nil
}

func covers(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
		if rest, ok := strings.CutPrefix(n, "*."); ok {
			if _, up, _ := strings.Cut(name, "."); strings.EqualFold(up, rest) {
				return true
			}
		}
	}
	return false
}

func (b *Sandbox) certificate(h *host, name string) (*tls.Certificate, error) {
	if b.opt.Log != nil {
		b.log("tls %s %s", h.addrs[0], name)
	}
	if b.opt.Delay > 0 {
		time.Sleep(b.opt.Delay)
	}
	long := edge{issuer: "amazon", from: b.start.Add(-30 * 24 * time.Hour), to: b.start.Add(168 * 24 * time.Hour)}
	if b.env.Network == story.NetworkTLSIntercepted {
		long.names, long.issuer = []string{name}, "unknown"
		return b.ca.leaf(long)
	}
	if h.role == rolePortal {
		long.names, long.issuer = []string{"login.hotel.example"}, "self"
		return b.ca.leaf(long)
	}
	if h.role == story.RoleRDAP || h.role == story.RoleBootstrap || h.role == story.RoleResolver {
		long.names, long.addrs = []string{h.name}, h.addrs
		return b.ca.leaf(long)
	}
	e, in := b.edgeFor(h, name)
	switch {
	case in == nil && h.role == story.RoleCDN, in != nil && e.issuer == "default":
		long.names = []string{"*.cloudfront.net", "cloudfront.net"}
		return b.ca.leaf(long)
	case in == nil:
		return nil, fmt.Errorf("no certificate for %q", name)
	case e.tls == "fails":
		return nil, fmt.Errorf("no certificate for %q", name)
	case e.tls == "hangs": // longer than a client waits
		time.Sleep(handshakeHangs)
		return nil, fmt.Errorf("no certificate for %q", name)
	}
	return b.ca.leaf(e)
}

// handshakeHangs is how long a server with tls=hangs takes; it outlasts the client.
const handshakeHangs = 12 * time.Second

// The CDN's own pages.
const (
	cdnUnknownHost = `<!DOCTYPE HTML><HTML><HEAD><TITLE>ERROR: The request could not be ` +
		`satisfied</TITLE></HEAD><BODY><H1>403 ERROR</H1><H2>The request could not be satisfied.</H2>Bad request. We ` +
		`can't connect to the server for this app or website at this time.</BODY></HTML>`
	cdnBlocked = `<!DOCTYPE HTML><HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY>` +
		`<H1>403 ERROR</H1><H2>The request could not be satisfied.</H2>Request blocked. We can't connect to the ` +
		`server for this app or website at this time.</BODY></HTML>`
	cdnError = `<!DOCTYPE HTML><HTML><HEAD><TITLE>ERROR: The request could not be ` +
		`satisfied</TITLE></HEAD><BODY><H1>%d ERROR</H1><H2>The request could not be satisfied.</H2></BODY></HTML>`
)

// page answers an HTTP request.
func (b *Sandbox) page(h *host, secure bool, w http.ResponseWriter, r *http.Request) {
	name, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		name = r.Host
	}
	if b.opt.Log != nil {
		b.log("http %s %s %s", h.addrs[0], r.Method, name+r.URL.Path)
	}
	if b.opt.Delay > 0 {
		time.Sleep(b.opt.Delay)
	}
	w.Header().Set("Date", b.Now().UTC().Format(http.TimeFormat))
	switch h.role {
	case "bootstrap":
		serveBootstrap(w, r)
		return
	case "rdap":
		b.serveRDAP(w, r)
		return
	case "resolver":
		b.serveDoH(h, w, r)
		return
	case "portal":
		w.Header().Set("Server", "portal")
		_, _ = io.WriteString(w, "<!doctype html><title>Welcome</title><p>Log in to use the network.")
		return
	}
	e, in := b.edgeFor(h, name)
	cdn := h.role == story.RoleCDN
	if cdn {
		w.Header().Set("Via", "1.1 sandbox.cloudfront.net (CloudFront)")
		w.Header().Set("X-Amz-Cf-Pop", "LOOP-1")
	}
	if in == nil {
		if cdn {
			cdnAnswer(w, http.StatusForbidden, cdnUnknownHost)
			return
		}
		http.Error(w, "no such site", http.StatusNotFound)
		return
	}
	if !secure && !strings.HasPrefix(e.http, "redirect:") && e.http != "loop" {
		http.Redirect(w, r, "https://"+name+r.URL.RequestURI(), http.StatusMovedPermanently)
		return
	}
	if e.page != nil {
		for k, v := range e.page.header {
			w.Header().Set(k, v)
		}
		w.Header().Set("Content-Type", e.page.contentType)
		w.WriteHeader(e.page.status)
		_, _ = io.WriteString(w, e.page.body)
		if e.page.stalls {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		}
		return
	}
	what, arg, _ := strings.Cut(e.http, ":")
	switch what {
	case "redirect":
		http.Redirect(w, r, strings.ReplaceAll(arg, "@", in.domain), http.StatusFound)
	case "redirect-once": // the domain's own host redirects; the target serves the page
		if strings.EqualFold(name, in.domain) {
			http.Redirect(w, r, arg, http.StatusFound)
			return
		}
		http.Error(w, "the page", http.StatusOK)
	case "loop":
		other := "http"
		if !secure {
			other = "https"
		}
		http.Redirect(w, r, other+"://"+name+"/", http.StatusMovedPermanently)
	case "404-edge":
		cdnAnswer(w, http.StatusNotFound, fmt.Sprintf(cdnError, 404))
	case "403-cdn":
		cdnAnswer(w, http.StatusForbidden, cdnUnknownHost)
	case "403-waf":
		w.Header().Set("X-Amzn-Waf-Action", "challenge")
		cdnAnswer(w, http.StatusForbidden, cdnBlocked)
	case "502-cdn", "503-cdn", "504-cdn":
		status, _ := strconv.Atoi(what[:3])
		cdnAnswer(w, status, fmt.Sprintf(cdnError, status))
	case "page":
		w.Header().Set("Server", "GitHub.com")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w,
			"<!doctype html><title>Site not found</title><p><strong>There isn't a GitHub Pages site here.</strong>")
	case "parked":
		w.Header().Set("Server", "Parking/1.0")
		_, _ = io.WriteString(w, "<!doctype html><title>"+in.domain+"</title><p>This domain is parked free.")
	case "slow":
		time.Sleep(2 * time.Second)
		_, _ = io.WriteString(w, "<!doctype html><title>"+in.domain+"</title><p>OK")
	case "hang": // until the client gives up
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case "reset":
		panic(http.ErrAbortHandler)
	default:
		status, err := strconv.Atoi(what)
		if err != nil {
			status = http.StatusOK
		}
		w.Header().Set("Server", "tickets/1.0")
		if arg != "" {
			w.Header().Set("Server", arg)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<!doctype html><title>"+in.domain+"</title><p>"+http.StatusText(status))
	}
}

func cdnAnswer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Server", "CloudFront")
	w.Header().Set("X-Cache", "Error from cloudfront")
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// serveDoH answers DNS over HTTPS (RFC 8484).
func (b *Sandbox) serveDoH(h *host, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/dns-query" || r.Method != http.MethodPost {
		http.NotFound(w, r)
		return
	}
	wire, err := io.ReadAll(io.LimitReader(r.Body, 4096))
	q := new(dns.Msg)
	if err != nil || q.Unpack(wire) != nil || len(q.Question) != 1 {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	b.logQuestion(h, "https", q.Question[0])
	reply, err := b.world.respond(h, q, true).Pack()
	if err != nil {
		http.Error(w, "server failure", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/dns-message")
	_, _ = w.Write(reply)
}

// serveDoT answers DNS over TLS (RFC 7858).
func (b *Sandbox) serveDoT(h *host) (netip.AddrPort, func(), error) {
	l, local, err := listen()
	if err != nil {
		return local, nil, err
	}
	names := []string{h.name}
	long := edge{
		issuer: "amazon", names: names, from: b.start.Add(-30 * 24 * time.Hour),
		to: b.start.Add(168 * 24 * time.Hour), addrs: h.addrs,
	}
	cert, err := b.ca.leaf(long)
	if err != nil {
		return local, nil, err
	}
	started := make(chan struct{})
	secure := &tls.Config{Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS12}
	server := &dns.Server{
		Listener:          tls.NewListener(l, secure),
		NotifyStartedFunc: func() { close(started) }, // one that has not started cannot be stopped
		Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
			if len(q.Question) == 1 {
				b.logQuestion(h, "tls", q.Question[0])
				_ = w.WriteMsg(b.world.respond(h, q, true))
			}
		}),
	}
	go func() { _ = server.ActivateAndServe() }()
	<-started
	return local, func() { _ = server.Shutdown() }, nil
}
