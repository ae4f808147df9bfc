package cli_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/rpc"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// The lab's own servers run in a second process of this test binary, inside the namespace. The test calls it over
// stdin and stdout, and it ends with them.
func init() {
	roles["lab"] = func() {
		s := rpc.NewServer()
		if err := s.Register(&LabRole{}); err != nil {
			panic(err)
		}
		s.ServeConn(struct {
			io.Reader
			io.WriteCloser
		}{os.Stdin, os.Stdout})
	}
}

// LabRole is the interface of the process in the namespace.
type LabRole struct{}

// LabServers are the lab's own servers, where no Debian package has a suitable one.
type LabServers struct {
	// WHOIS holds replies by the address asked and the query.
	WHOIS map[string]map[string]string
	// API holds the responses of the Domains Service by path.
	API map[string]string
	// Odd holds zones that real servers refuse to load, by their apex; they are served at OddAddress.
	Odd        map[string]string
	OddAddress string
}

// Addresses in the namespace that only the lab itself uses.
const (
	labAPI   = "127.0.0.1:8080"
	labPages = "127.0.0.1:8081" // behind the edge
	labToken = "lab-token"
)

// Start starts the servers. They listen once it returns.
func (*LabRole) Start(plan LabServers, _ *struct{}) error {
	for address, replies := range plan.WHOIS {
		l, err := net.Listen("tcp", address+":43")
		if err != nil {
			return err
		}
		go labWHOIS(l, replies)
	}
	if plan.OddAddress != "" {
		if err := labOddDNS(plan); err != nil {
			return err
		}
	}
	for address, h := range map[string]http.HandlerFunc{labAPI: labService(plan.API), labPages: labPage} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		go func() { _ = http.Serve(l, h) }()
	}
	return nil
}

// LabQuestion is a DNS query to one server.
type LabQuestion struct {
	Server, Name string
	Type         uint16
	Recursive    bool
}

// Ask sends one query to a DNS server and returns the packed reply.
func (*LabRole) Ask(q LabQuestion, reply *[]byte) error {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(q.Name), q.Type)
	m.RecursionDesired = q.Recursive
	c := dns.Client{Timeout: 2 * time.Second}
	answer, _, err := c.Exchange(m, net.JoinHostPort(q.Server, "53"))
	if err != nil {
		return err
	}
	*reply, err = answer.Pack()
	return err
}

// Connect reports whether an address accepts connections.
func (*LabRole) Connect(address string, _ *struct{}) error {
	conn, err := net.DialTimeout("tcp", address, 2*time.Second)
	if err != nil {
		return err
	}
	return conn.Close()
}

// labDrops holds the zones that Drop has taken off the lab's own DNS server.
var labDrops sync.Map

// Drop leaves every query about a zone at OddAddress without an answer from now on.
func (*LabRole) Drop(zone string, _ *struct{}) error {
	labDrops.Store(dns.Fqdn(zone), true)
	return nil
}

// labWHOIS answers the one line of each connection (RFC 3912).
func labWHOIS(l net.Listener, replies map[string]string) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
			line, err := bufio.NewReader(io.LimitReader(conn, 1024)).ReadString('\n')
			if err != nil {
				return
			}
			query := strings.ToLower(strings.TrimSpace(line))
			reply, ok := replies[query]
			if !ok {
				reply = fmt.Sprintf("No match for %q.\n", strings.ToUpper(query))
			}
			_, _ = io.WriteString(conn, strings.ReplaceAll(reply, "\n", "\r\n"))
		}()
	}
}

// labOddZones holds the zones that labOddDNS serves.
var labOddZones struct {
	mu    sync.Mutex // guards following
	zones map[string][]dns.RR
}

// Replace changes zones of the lab's own DNS server, as an edit in a panel does.
func (*LabRole) Replace(zones map[string]string, _ *struct{}) error {
	labOddZones.mu.Lock()
	defer labOddZones.mu.Unlock()
	for apex, text := range zones {
		var list []dns.RR
		p := dns.NewZoneParser(strings.NewReader(text), dns.Fqdn(apex), apex)
		for rr, ok := p.Next(); ok; rr, ok = p.Next() {
			list = append(list, rr)
		}
		if err := p.Err(); err != nil {
			return fmt.Errorf("zone %s: %w", apex, err)
		}
		labOddZones.zones[dns.Fqdn(apex)] = list
	}
	return nil
}

// labOddDNS serves zones as they are written, even a CNAME beside other data. A TXT record "fails CAA" at the apex
// makes queries of that type fail; "drops questions" leaves every query about the zone without an answer.
func labOddDNS(plan LabServers) error {
	labOddZones.zones = map[string][]dns.RR{}
	if err := (*LabRole)(nil).Replace(plan.Odd, nil); err != nil {
		return err
	}
	h := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(q)
		labOddZones.mu.Lock()
		dropped := labDropped(q.Question[0].Name, labOddZones.zones)
		known := !dropped && labOddAnswer(m, labOddZones.zones)
		labOddZones.mu.Unlock()
		switch {
		case dropped:
			return
		case !known:
			m.Rcode = dns.RcodeRefused
		}
		_ = w.WriteMsg(m)
	})
	udp, err := net.ListenPacket("udp", plan.OddAddress+":53")
	if err != nil {
		return err
	}
	tcp, err := net.Listen("tcp", plan.OddAddress+":53")
	if err != nil {
		return err
	}
	go func() { _ = dns.ActivateAndServe(nil, udp, h) }()
	go func() { _ = dns.ActivateAndServe(tcp, nil, h) }()
	return nil
}

// labDropped reports whether the zone of a name is one whose queries are dropped.
func labDropped(name string, zones map[string][]dns.RR) bool {
	for apex, records := range zones {
		if dns.IsSubDomain(apex, dns.CanonicalName(name)) {
			if _, dropped := labDrops.Load(apex); dropped {
				return true
			}
			return slices.ContainsFunc(records, func(rr dns.RR) bool {
				txt, ok := rr.(*dns.TXT)
				return ok && txt.Txt[0] == "drops questions"
			})
		}
	}
	return false
}

func labOddAnswer(m *dns.Msg, zones map[string][]dns.RR) bool {
	name, rrtype := dns.CanonicalName(m.Question[0].Name), m.Question[0].Qtype
	for apex, records := range zones {
		if !dns.IsSubDomain(apex, name) {
			continue
		}
		m.Authoritative = true
		exists := false
		var cname, soa dns.RR
		for _, rr := range records {
			owner := dns.CanonicalName(rr.Header().Name)
			exists = exists || dns.IsSubDomain(name, owner)
			switch {
			case owner == name && rr.Header().Rrtype == rrtype:
				m.Answer = append(m.Answer, rr)
			case owner == name && rr.Header().Rrtype == dns.TypeCNAME:
				cname = rr
			}
			if rr.Header().Rrtype == dns.TypeSOA {
				soa = rr
			}
			if txt, ok := rr.(*dns.TXT); ok && rrtype == dns.TypeCAA && txt.Txt[0] == "fails CAA" {
				m.Rcode = dns.RcodeServerFailure
				return true
			}
		}
		switch {
		case len(m.Answer) > 0:
		case cname != nil:
			m.Answer = append(m.Answer, cname)
		default:
			m.Ns = append(m.Ns, soa)
			if !exists {
				m.Rcode = dns.RcodeNameError
			}
		}
		return true
	}
	return false
}

// labService is the reading part of the Domains Service.
func labService(paths map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		if r.Header.Get("Authorization") != "Bearer "+labToken {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"statusCode":401,"message":"Unauthorized"}`)
			return
		}
		if body, ok := paths[r.URL.Path]; ok {
			_, _ = io.WriteString(w, body)
			return
		}
		code := "DOMAIN_001"
		if strings.HasSuffix(r.URL.Path, "/ssl") {
			code = "DOMAIN_012"
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprintf(w,
			`{"statusCode":404,"timestamp":%q,"path":%q,"method":%q,"message":"not found","errorCode":%q}`,
			time.Now().UTC().Format(time.RFC3339), r.URL.Path, r.Method, code)
	}
}

// labPage answers as CloudFront does: the edge makes the answer for "/403/" itself, and passes the one for
// "/via/502/" on. "/waf/403/" is the challenge of its firewall; "/hang/" is never answered.
func labPage(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/hang/" {
		<-r.Context().Done()
		return
	}
	path, waf := strings.CutPrefix(r.URL.Path, "/waf")
	if waf {
		w.Header().Set("X-Amzn-Waf-Action", "challenge")
	}
	var status int
	if n, _ := fmt.Sscanf(strings.TrimPrefix(path, "/via"), "/%d/", &status); n != 1 {
		panic(errors.New("no page for " + r.URL.Path))
	}
	w.Header().Set("Server", "CloudFront")
	w.Header().Set("Via", "1.1 0123456789abcdef.cloudfront.net (CloudFront)")
	w.Header().Set("X-Cache", "Error from cloudfront")
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	reason := http.StatusText(status)
	if status == http.StatusForbidden && !waf { // what CloudFront says of a host that no distribution has
		reason = "Bad request. We can't connect to the server for this app or website at this time."
	}
	_, _ = io.WriteString(w, "<html><title>ERROR: The request could not be satisfied</title><h1>"+reason+
		"</h1></html>\n")
}
