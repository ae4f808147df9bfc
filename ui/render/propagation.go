package render

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"domdoc/catalog/sanitize"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"

	"github.com/miekg/dns"
)

// Rows writes rows of the propagation table as they arrive. It is safe for concurrent use.
type Rows struct {
	format string
	style  layout.Style

	mu      sync.Mutex // guards following
	w       *bufio.Writer
	buf     []byte
	servers []namedServer // of Sweep
	err     error
	first   bool
}

// States is what the exit code depends on: a server differs; a server did not answer, or no server was asked.
type States struct{ Differs, Failed bool }

// answered reports whether a server said something about the record.
func answered(c observe.Cell) bool {
	return c.State != observe.CellError && c.State != observe.CellNotAsked
}

// NewRows starts the output.
func NewRows(w io.Writer, format string, style layout.Style) *Rows {
	r := &Rows{format: format, style: style, w: bufio.NewWriterSize(w, 1<<16), first: true}
	if format == "json" {
		r.put("{\n  \"schemaVersion\": 1,\n  \"propagation\": [")
	}
	return r
}

func (r *Rows) put(s string) {
	if r.err == nil {
		_, r.err = r.w.WriteString(s)
	}
}

// FlushEvery flushes at an interval until stop is called.
func (r *Rows) FlushEvery(d time.Duration) (stop func()) {
	t := time.NewTicker(d)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-t.C:
				r.mu.Lock()
				if r.err == nil {
					r.err = r.w.Flush()
				}
				r.mu.Unlock()
			case <-done:
				return
			}
		}
	}()
	return func() {
		t.Stop()
		close(done)
	}
}

// Close completes the output.
func (r *Rows) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.format == "json" {
		if r.first {
			r.put("]\n}\n")
		} else {
			r.put("\n  ]\n}\n")
		}
	}
	if r.err == nil {
		r.err = r.w.Flush()
	}
	return r.err
}

// Row writes one row.
func (r *Rows) Row(row observe.Row) States {
	var s States
	for _, c := range row.Cells {
		s.Differs = s.Differs || c.State == observe.CellDiffers || c.State == observe.CellMissing
		s.Failed = s.Failed || c.State == observe.CellError
	}
	s.Failed = s.Failed || !slices.ContainsFunc(row.Cells, answered)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch r.format {
	case "jsonl":
		raw, err := json.Marshal(wire.NewRow(row))
		r.fail(err)
		r.put(string(raw) + "\n")
	case "json":
		raw, err := wire.MarshalIndent(wire.NewRow(row), "    ")
		r.fail(err)
		r.separate()
		r.put(string(raw))
	default:
		r.put(r.text(row))
	}
	return s
}

func (r *Rows) fail(err error) {
	if err != nil && r.err == nil {
		r.err = err
	}
}

func (r *Rows) separate() {
	if !r.first {
		r.put(",")
	}
	r.put("\n    ")
	r.first = false
}

// Sweep writes the answers for one name; matches reports whether values contain the expected one. JSON lines are
// built by hand because this is the inner loop of a list of any length (BenchmarkSweep in checks/probe measures the
// network half of it).
func (r *Rows) Sweep(res *probe.SweepResult, rrtype, expect string, matches func([]string) bool) States {
	r.mu.Lock()
	defer r.mu.Unlock()
	var s States
	if r.format != "jsonl" {
		row := sweepRow(res, rrtype, expect, matches)
		for _, c := range row.Cells {
			s.Differs = s.Differs || c.State == observe.CellDiffers || expect != "" && c.State == observe.CellMissing
			s.Failed = s.Failed || c.State == observe.CellError
		}
		switch r.format {
		case "json":
			raw, err := wire.MarshalIndent(wire.NewRow(row), "    ")
			r.fail(err)
			r.separate()
			r.put(string(raw))
		default:
			r.put(r.text(row))
		}
		return s
	}
	b := append(r.buf[:0], `{"name":`...)
	b = appendString(b, res.Name)
	b = append(b, `,"type":`...)
	b = appendString(b, rrtype)
	b = append(b, `,"role":null,"expected":`...)
	if expect == "" {
		b = append(b, "null"...)
	} else {
		b = appendString(b, expect)
	}
	b = append(b, `,"servers":[`...)
	for i := range res.Replies {
		if i > 0 {
			b = append(b, ',')
		}
		reply := &res.Replies[i]
		state := sweepState(reply, expect, matches)
		s.Differs = s.Differs || state == observe.CellDiffers || expect != "" && state == observe.CellMissing
		s.Failed = s.Failed || state == observe.CellError
		b = append(b, `{"server":`...)
		b = append(b, r.serverJSON(i, reply.Server)...)
		b = append(b, `,"kind":"resolver","state":"`...)
		b = append(b, state...)
		b = append(b, `","answer":[`...)
		for k, v := range reply.Values {
			if k > 0 {
				b = append(b, ',')
			}
			b = appendString(b, v)
		}
		b = append(b, `],"ttl":`...)
		if len(reply.Values) > 0 {
			b = strconv.AppendUint(b, uint64(reply.TTL), 10)
		} else {
			b = append(b, "null"...)
		}
		b = append(b, `,"rcode":`...)
		if reply.Err == "" {
			b = appendString(b, rcodeName(reply.Rcode))
		} else {
			b = append(b, `null,"error":`...)
			b = appendString(b, reply.Err)
		}
		if reply.EDE != nil {
			b = append(b, `,"ede":`...)
			b = appendString(b, exchange.EDE(sweepMessage(reply)))
		}
		b = append(b, '}')
	}
	b = append(b, "]}\n"...)
	r.buf = b
	if r.err == nil {
		_, r.err = r.w.Write(b)
	}
	return s
}

// serverJSON returns the name of the i-th server of a list as JSON.
func (r *Rows) serverJSON(i int, server exchange.Server) []byte {
	for len(r.servers) <= i {
		r.servers = append(r.servers, namedServer{})
	}
	if s := &r.servers[i]; s.json == nil || s.Server != server {
		*s = namedServer{server, appendString(nil, server.String())}
	}
	return r.servers[i].json
}

// namedServer is a server with its name as JSON.
type namedServer struct {
	exchange.Server
	json []byte
}

func rcodeName(rcode int) string {
	if s := dns.RcodeToString[rcode]; s != "" {
		return s
	}
	return "RCODE" + strconv.Itoa(rcode)
}

func sweepState(r *probe.SweepReply, expect string, matches func([]string) bool) observe.CellState {
	switch {
	case !r.Outcome.Conclusive():
		return observe.CellError
	case len(r.Values) == 0:
		return observe.CellMissing
	case expect == "":
		return observe.CellSeen
	case matches(r.Values):
		return observe.CellMatch
	}
	return observe.CellDiffers
}

func sweepRow(res *probe.SweepResult, rrtype, expect string, matches func([]string) bool) observe.Row {
	row := observe.Row{Name: res.Name, Type: rrtype, Expected: expect}
	for i := range res.Replies {
		r := &res.Replies[i]
		c := observe.Cell{
			Server: r.Server.String(), Kind: "resolver", State: sweepState(r, expect, matches),
			Answer: r.Values,
		}
		c.Exchange = &exchange.Exchange{
			Kind: exchange.KindDNS, Addr: r.Server.Addr, Outcome: r.Outcome, Err: r.Err,
			Took: r.Took,
		}
		if r.Err == "" {
			c.Exchange.Msg = sweepMessage(r)
		}
		if len(r.Values) > 0 {
			ttl := r.TTL
			c.TTL = &ttl
		}
		row.Cells = append(row.Cells, c)
	}
	return row
}

// sweepMessage returns what a reply keeps of a message.
func sweepMessage(r *probe.SweepReply) *dns.Msg {
	m := &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: r.Rcode}}
	if r.EDE != nil {
		m.SetEdns0(dns.MinMsgSize, false)
		m.IsEdns0().Option = append(m.IsEdns0().Option, r.EDE)
	}
	return m
}

// appendString appends a JSON string. Only plain ASCII takes the fast path.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == 0x7f {
			raw, err := json.Marshal(sanitize.Text(s, 1024))
			if err != nil {
				return append(b, `""`...)
			}
			return append(b, raw...)
		}
	}
	b = append(b, '"')
	b = append(b, s[:min(len(s), 1024)]...)
	return append(b, '"')
}

// text formats a row: on one line if all servers agree, otherwise with a line per server.
func (r *Rows) text(row observe.Row) string {
	var b strings.Builder
	agree, answer := true, ""
	for i, c := range row.Cells {
		a := cellText(c)
		if i == 0 {
			answer = a
		}
		agree = agree && a == answer && c.State == row.Cells[0].State
	}
	head := r.style.Paint(row.Name, layout.Bold) + " " + row.Type
	if agree && len(row.Cells) > 0 {
		state := row.Cells[0].State
		fmt.Fprintf(&b, "%s  %s  %s  %s\n", r.glyph(state), head, answer,
			r.style.Paint(fmt.Sprintf("(%s)", servers(len(row.Cells), state)), layout.Dim))
		return b.String()
	}
	if len(row.Cells) == 0 {
		fmt.Fprintf(&b, "%s  %s  (no known server to query)\n", r.glyph(observe.CellNotAsked), head)
		return b.String()
	}
	fmt.Fprintf(&b, "%s\n", head)
	for _, c := range row.Cells {
		line := fmt.Sprintf("  %s %-40s %s", r.glyph(c.State), sanitize.Text(c.Server, 60)+" "+string(c.Kind), cellText(c))
		if c.TTL != nil {
			line += r.style.Paint(fmt.Sprintf("  ttl %d", *c.TTL), layout.Dim)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

func servers(n int, state observe.CellState) string {
	switch {
	case !answered(observe.Cell{State: state}):
		return "none of " + layout.Count(n, "server")
	case n == 1:
		return "1 server"
	}
	return strconv.Itoa(n) + " servers agree"
}

func (r *Rows) glyph(s observe.CellState) string {
	switch s {
	case observe.CellMatch:
		return r.style.Paint("✓ match   ", layout.Green)
	case observe.CellDiffers:
		return r.style.Paint("✗ differs ", layout.Red)
	case observe.CellMissing:
		return r.style.Paint("✗ missing ", layout.Red)
	case observe.CellError:
		return r.style.Paint("? error   ", layout.Cyan)
	case observe.CellNotAsked:
		return r.style.Paint("- not asked", layout.Dim)
	case observe.CellSeen:
	}
	return "· seen    "
}

func cellText(c observe.Cell) string {
	if len(c.Answer) > 0 {
		var out []string
		for _, a := range c.Answer {
			out = append(out, sanitize.Text(a, 200))
		}
		return strings.Join(out, " ")
	}
	if c.Exchange != nil && c.State != observe.CellNotAsked {
		if c.Exchange.Err != "" {
			return sanitize.Text(c.Exchange.Err, 120)
		}
		if ede := exchange.EDE(c.Exchange.Msg); ede != "" {
			return c.Exchange.Outcome.Phrase() + " (hint: EDE " + sanitize.Text(ede, 120) + ")"
		}
		return c.Exchange.Outcome.Phrase()
	}
	return ""
}
