package probe

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/time/rate"
)

// SweepOptions are the settings of a sweep.
type SweepOptions struct {
	Servers []Server
	Type    uint16
	Rate    float64 // questions a second to each server; 0 is no bound
	Window  int     // questions under way to each server; 0 is a good number
	Record  bool    // write each exchange to the session's ledger
}

// SweepReply is what one server said of one name: what a line of output needs, and no more.
type SweepReply struct {
	Server  Server
	Outcome Outcome
	Rcode   int      // meaningful when Err is empty
	Values  []string // of the type, wherever a CNAME led; sorted as they came
	TTL     uint32   // the smallest on the way to the values; of a denial, how long it may be remembered
	Took    time.Duration
	Err     string
}

// SweepResult is one name, asked of every server.
type SweepResult struct {
	Name    string
	Replies []SweepReply // in the order of the servers

	open int
	mu   sync.Mutex
}

// sweepTries are the bounds of one question of a sweep. Resolvers that have to ask others need seconds; a lost datagram should not cost them.
var sweepTries = []time.Duration{1500 * time.Millisecond, 3 * time.Second, 5 * time.Second}

const (
	sweepWindow = 256
	sweepSocks  = 1
)

// bulkTransport is a transport that can carry many questions at once without a goroutine for each.
type bulkTransport interface {
	openPipe(ctx context.Context, to Server, socks, window int, limit *rate.Limiter) (*pipe, error)
}

// Sweep asks every server for one type of record of many names, and gives each name's answers as soon as all have come (not in the order of the names).
// emit is called by one goroutine at a time, must not block for long, and must not keep the result. Nothing is remembered: a list may be of any length.
func (s *Session) Sweep(ctx context.Context, opt SweepOptions, names func(yield func(string) bool), emit func(*SweepResult)) error {
	w := &sweep{Session: s, opt: opt, emit: emit}
	defer w.close()
	for _, srv := range opt.Servers {
		if err := w.open(ctx, srv); err != nil {
			return err
		}
	}
	var failed error
	names(func(name string) bool {
		failed = w.ask(ctx, name)
		return failed == nil
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.pending.Wait()
	}()
	select {
	case <-done:
	case <-ctx.Done():
		w.close() // ends what is open; each call still comes back
		<-done
		failed = ctx.Err()
	}
	return failed
}

type sweep struct {
	*Session
	opt     SweepOptions
	emit    func(*SweepResult)
	emitMu  sync.Mutex
	lanes   []lane
	pending sync.WaitGroup
	closing sync.Once
}

// lane is the way to one server: a pipe over UDP, or a bounded number of goroutines over streams.
type lane struct {
	server Server
	pipe   *pipe
	slots  chan struct{}
	limit  *rate.Limiter
}

func (w *sweep) open(ctx context.Context, srv Server) error {
	l := lane{server: srv}
	if w.opt.Rate > 0 {
		l.limit = rate.NewLimiter(rate.Limit(w.opt.Rate), max(1, int(w.opt.Rate/10)))
	}
	window := w.opt.Window
	if window <= 0 {
		window = sweepWindow
	}
	bulk, ok := w.wire.(bulkTransport)
	taped := w.shared.opt.Record != nil || w.shared.opt.Replay != nil // then each question goes through the session
	if srv.Proto != "" || !ok || taped {
		l.slots = make(chan struct{}, 32)
		w.lanes = append(w.lanes, l)
		return nil
	}
	var err error
	if l.pipe, err = bulk.openPipe(ctx, srv, sweepSocks, window, l.limit); err != nil {
		return err
	}
	w.lanes = append(w.lanes, l)
	return nil
}

func (w *sweep) close() {
	w.closing.Do(func() {
		for _, l := range w.lanes {
			if l.pipe != nil {
				l.pipe.close()
			}
		}
	})
}

// ask sends one name to every server.
func (w *sweep) ask(ctx context.Context, name string) error {
	r := &SweepResult{Name: name, Replies: make([]SweepReply, len(w.lanes)), open: len(w.lanes)}
	w.pending.Add(1)
	for i := range w.lanes {
		l := &w.lanes[i]
		r.Replies[i].Server = l.server
		if err := w.send(ctx, l, r, i); err != nil {
			w.finish(r, i, nil, err)
			if ctx.Err() != nil {
				for k := i + 1; k < len(w.lanes); k++ {
					w.finish(r, k, nil, ctx.Err())
				}
				return ctx.Err()
			}
		}
	}
	return nil
}

func (w *sweep) send(ctx context.Context, l *lane, r *SweepResult, i int) error {
	if l.pipe == nil {
		if l.limit != nil {
			if err := l.limit.Wait(ctx); err != nil {
				return err
			}
		}
		select {
		case l.slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		go func() {
			defer func() { <-l.slots }()
			x := w.dns(ctx, l.server, r.Name, w.opt.Type, flagRD)
			reply := SweepReply{Server: l.server, Outcome: x.Outcome, Took: x.Took, Err: x.Err}
			if x.Msg != nil {
				reply.Rcode = x.Msg.Rcode
				reply.Values, reply.TTL = chase(x.Msg, r.Name, w.opt.Type)
				if x.Outcome == NoData || x.Outcome == NXDomain {
					reply.TTL, _ = x.NegativeTTL()
				}
			}
			w.done(r, i, reply)
		}()
		return nil
	}
	wire, qend, err := packQuestion(r.Name, w.opt.Type)
	if err != nil {
		return err
	}
	start := time.Now()
	return l.pipe.ask(ctx, &call{wire: wire, qend: qend, tries: sweepTries, done: func(_ *call, reply []byte, err error) {
		r.Replies[i].Took = time.Since(start)
		w.finish(r, i, reply, err)
	}})
}

// packQuestion writes a recursive question with EDNS without building a message first.
func packQuestion(name string, rrtype uint16) (wire []byte, qend int, err error) {
	wire = make([]byte, 12+len(name)+2+4+11)
	wire[2] = 1  // RD
	wire[5] = 1  // one question
	wire[11] = 1 // one additional record: OPT
	fqdn := name
	if fqdn == "" || fqdn[len(fqdn)-1] != '.' {
		fqdn += "."
	}
	off, err := dns.PackDomainName(fqdn, wire, 12, nil, false)
	if err != nil {
		return nil, 0, errors.Join(errNoQuestion, err)
	}
	wire = append(wire[:off], byte(rrtype>>8), byte(rrtype), 0, dns.ClassINET)
	qend = len(wire)
	return append(wire, 0, 0, byte(dns.TypeOPT), ednsSize>>8, ednsSize&0xff, 0, 0, 0, 0, 0, 0), qend, nil
}

// finish reads a reply. A truncated one is asked for again over TCP, on a goroutine of its own: that is rare.
func (w *sweep) finish(r *SweepResult, i int, wire []byte, err error) {
	reply := &r.Replies[i]
	if err != nil {
		reply.Outcome, reply.Err = netOutcome(err)
		w.done(r, i, *reply)
		return
	}
	if wire[2]&2 != 0 { // TC
		go func() {
			x := w.dns(w.ctx, reply.Server, r.Name, w.opt.Type, flagRD)
			full := SweepReply{Server: reply.Server, Outcome: x.Outcome, Took: x.Took, Err: x.Err}
			if x.Msg != nil {
				full.Rcode = x.Msg.Rcode
				full.Values, full.TTL = chase(x.Msg, r.Name, w.opt.Type)
			}
			w.done(r, i, full)
		}()
		return
	}
	if !quick(reply, wire, r.Name, w.opt.Type) {
		slow(reply, wire, r.Name, w.opt.Type)
	}
	w.done(r, i, *reply)
}

func (w *sweep) done(r *SweepResult, i int, reply SweepReply) {
	r.mu.Lock()
	r.Replies[i] = reply
	r.open--
	last := r.open == 0
	r.mu.Unlock()
	if w.opt.Record {
		w.ledger.add(&Exchange{Kind: KindDNS, Host: reply.Server.Host, Addr: reply.Server.Addr, Transport: transportName(reply.Server, false), Asked: r.Name + " " + TypeName(w.opt.Type), At: w.Now().Add(-reply.Took), Took: reply.Took, Outcome: reply.Outcome, Err: reply.Err, RD: true})
	}
	if last {
		w.emitMu.Lock()
		w.emit(r)
		w.emitMu.Unlock()
		w.pending.Done()
	}
}

// quick reads the commonest replies, addresses of the name itself, without building a message.
func quick(reply *SweepReply, wire []byte, name string, rrtype uint16) bool {
	if rrtype != dns.TypeA && rrtype != dns.TypeAAAA {
		return false
	}
	var p dnsmessage.Parser
	h, err := p.Start(wire)
	if err != nil || h.RCode != dnsmessage.RCodeSuccess || p.SkipAllQuestions() != nil {
		return false
	}
	for {
		rr, err := p.AnswerHeader()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			break
		}
		if err != nil || rr.Class != dnsmessage.ClassINET || uint16(rr.Type) != rrtype || !isName(rr.Name, name) {
			return false
		}
		var a netip.Addr
		if rrtype == dns.TypeA {
			v, err := p.AResource()
			if err != nil {
				return false
			}
			a = netip.AddrFrom4(v.A)
		} else {
			v, err := p.AAAAResource()
			if err != nil {
				return false
			}
			a = netip.AddrFrom16(v.AAAA)
		}
		if len(reply.Values) == 0 || rr.TTL < reply.TTL {
			reply.TTL = rr.TTL
		}
		reply.Values = append(reply.Values, a.String())
	}
	if len(reply.Values) == 0 {
		return false
	}
	reply.Outcome, reply.Rcode = Answered, dns.RcodeSuccess
	return true
}

// isName compares a parsed owner with a name in lower case, without regard to the owner's case.
func isName(owner dnsmessage.Name, name string) bool {
	if int(owner.Length) != len(name)+1 {
		return false
	}
	for i := range len(name) {
		c := owner.Data[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != name[i] {
			return false
		}
	}
	return true
}

func slow(reply *SweepReply, wire []byte, name string, rrtype uint16) {
	reply.Values = nil
	m := new(dns.Msg)
	if err := m.Unpack(wire); err != nil {
		reply.Outcome, reply.Err = Malformed, "the answer cannot be read: "+err.Error()
		return
	}
	keepClass(m)
	x := &Exchange{Msg: m, Outcome: classify(m, name, rrtype)}
	reply.Outcome, reply.Rcode = x.Outcome, m.Rcode
	reply.Values, reply.TTL = chase(m, name, rrtype)
	if x.Outcome == NoData || x.Outcome == NXDomain {
		reply.TTL, _ = x.NegativeTTL()
	}
}

// Chase returns the values of a type in an answer, following the CNAMEs that the answer itself holds, and the smallest TTL on the way.
func (x *Exchange) Chase(name string, rrtype uint16) ([]string, uint32) {
	if x == nil || x.Msg == nil {
		return nil, 0
	}
	return chase(x.Msg, name, rrtype)
}

func chase(m *dns.Msg, name string, rrtype uint16) ([]string, uint32) {
	var values []string
	least := ^uint32(0)
	for range MaxHops + 1 {
		next := ""
		for _, rr := range m.Answer {
			h := rr.Header()
			if !sameName(h.Name, name) {
				continue
			}
			switch {
			case h.Rrtype == rrtype:
				values = append(values, RData(rr))
				least = min(least, h.Ttl)
			case h.Rrtype == dns.TypeCNAME && rrtype != dns.TypeCNAME:
				next = rr.(*dns.CNAME).Target
				least = min(least, h.Ttl)
			}
		}
		if len(values) > 0 || next == "" || strings.EqualFold(next, name) {
			break
		}
		name = next
	}
	if len(values) == 0 {
		return nil, 0
	}
	return slices.Compact(values), least
}
