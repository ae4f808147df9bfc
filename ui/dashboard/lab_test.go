package dashboard

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/transport"
	"domdoc/checks/result"
	"domdoc/checks/subject"

	"domdoc/api"
	"domdoc/api/sandbox"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/probe"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/list"
	"domdoc/ui/dashboard/reportfile"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/setup"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/miekg/dns"
)

// noon is the moment of every test: what the screens show must not depend on when the tests run.
var noon = time.Date(2026, 2, 22, 14, 20, 0, 0, time.UTC)

// patience is how long a test waits for something that comes at once, except on a machine that is very busy.
const patience = 2 * time.Minute

// stories are the stories of the tests: one of each kind of verdict, and those that only time mends.
var stories = []string{
	"name-doubled", "healthy-txt", "cache-negative", "cache-old-answer", "servers-disagree",
	"caa-forbids", "on-hold", "old-token", "registry-limited", "quota-reported", "malformed-name",
}

// lab is a sandbox and what came of diagnosing its stories, once for all tests. Nobody changes it.
type lab struct {
	box     *sandbox.Sandbox
	client  *api.Client
	wire    *transport.Live
	domains []api.Domain
	reports map[string]*result.Domain // by id
	tenant  *checks.TenantReport
	ids     map[string]string // by story
}

func startLab() (*lab, error) { return startLabOf(stories) }

func startLabOf(stories []string) (*lab, error) {
	box, err := sandbox.Start(sandbox.Options{Clock: func() time.Time { return noon }, Only: stories})
	if err != nil {
		return nil, err
	}
	l := &lab{box: box, wire: newWire(box), reports: map[string]*result.Domain{}, ids: map[string]string{}}
	l.client, err = api.New(api.Config{
		BaseURL: box.URL(), Token: box.Token(), Now: box.Now,
		OnExchange: subject.OnExchange,
	})
	if err != nil {
		return nil, err
	}
	doctor := l.doctor()
	defer doctor.Session.Close()
	runner.Prepare(context.Background(), doctor)
	l.tenant = doctor.Tenant(context.Background())
	l.tenant.Claims.ExpiresAt = noon.Add(59 * time.Minute) // the sandbox's token goes by today's clock
	for d, err := range l.client.Domains(context.Background()) {
		if err != nil {
			return nil, err
		}
		l.domains = append(l.domains, d)
		r := doctor.Diagnose(context.Background(), checks.Target{Domain: &d})
		settle(r)
		l.reports[d.ID] = r
	}
	for _, s := range box.Stories() {
		l.ids[s.Name] = box.DomainID(s)
	}
	return l, nil
}

// settle takes out of a report what differs from run to run (how long things took, in which order answers came, who
// was asked for the root first), and all but a few of the checks and questions, so that a new check does not change
// what the screens of this package look like.
func settle(r *result.Domain) {
	rests := shownBy(r)
	var ledger []*exchange.Exchange
	for _, x := range r.Ledger {
		own := x.Kind == exchange.KindDNS && !x.RD && x.Asked == strings.TrimPrefix(r.Name.ASCII, "shop.")+" SOA"
		if (own || rests[x] != nil) && !slices.Contains(ledger, x) {
			ledger = append(ledger, x)
			x.Took = 7 * time.Millisecond
		}
	}
	slices.SortStableFunc(ledger, func(a, b *exchange.Exchange) int {
		return strings.Compare(a.Asked+" "+a.Server()+" "+a.Transport, b.Asked+" "+b.Server()+" "+b.Transport)
	})
	r.Ledger = ledger
	for _, row := range r.Propagation { // countdowns begin when the answer came
		for _, c := range row.Cells {
			for _, x := range append([]observe.Cell{c}, c.Samples...) {
				if x.Exchange != nil {
					x.Exchange.Took = 7 * time.Millisecond
				}
			}
		}
	}
	settleKeys(r.Facts.DNSSEC)
	r.Checks = slices.DeleteFunc(r.Checks, func(c finding.Status) bool {
		return !slices.Contains([]string{
			"status", "transfers", "registration", "delegation", "verification",
			"propagation",
		}, c.ID)
	})
}

// settleKeys puts other keys in the place of those that the sandbox made: the tags of keys are shown, and these are
// the same each time.
func settleKeys(d *observe.DNSSEC) {
	if d == nil {
		return
	}
	tags := map[uint16]uint16{}
	for i, k := range d.Keys {
		same := dns.DNSKEY{
			Hdr: k.Hdr, Flags: k.Flags, Protocol: k.Protocol, Algorithm: k.Algorithm,
			PublicKey: []string{"AAAAAAAA", "AAAAAAAB"}[i%2],
		}
		tags[k.KeyTag()] = same.KeyTag()
		d.Keys[i] = &same
	}
	for i, ds := range d.DS {
		same := *ds
		if same.KeyTag = tags[ds.KeyTag]; same.KeyTag == 0 {
			same.KeyTag = 4711
		}
		d.DS[i] = &same
	}
}

// unverified asks the sandbox's registry without looking at its certificate: the certificates are of noon, and the
// transport goes by today's clock.
type unverified struct{ *transport.Live }

func (u unverified) HTTP(ctx context.Context, ask exchange.HTTPAsk) (*exchange.HTTPReply, error) {
	ask.Verify = false
	return u.Live.HTTP(ctx, ask)
}

func (l *lab) doctor() *checks.Doctor {
	s := probe.NewSession(context.Background(), unverified{l.wire}, probe.Options{Now: l.box.Now, HasIPv6: func() bool {
		return true
	}, TrustedRoots: l.box.Roots(), Rate: -1})
	return &checks.Doctor{Session: s, Service: subject.NewService(l.client, "")}
}

func (l *lab) close() {
	l.client.Close()
	l.wire.Close()
	l.box.Close()
}

// theLab is made when the first test needs it.
var theLab = sync.OnceValues(startLab)

func getLab(t testing.TB) *lab {
	t.Helper()
	l, err := theLab()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestMain(m *testing.M) {
	if child := os.Getenv("DOMDOC_TEST_CHILD"); child != "" {
		os.Exit(runChild(child))
	}
	log.SetOutput(io.Discard) // as while the program runs
	code := m.Run()
	for _, lab := range []func() (*lab, error){theLab, theDeepLab} {
		if l, err := lab(); err == nil {
			l.close()
		}
	}
	os.Exit(code)
}

// bench is a model that is driven by hand: no program, no terminal, no goroutines but those that a test starts.
type bench struct {
	t testing.TB
	*model
	l    *lab
	msgs chan tea.Msg // of commands that drain started
}

func labOptions(l *lab) options {
	doctor := &checks.Doctor{Session: nil, Service: subject.NewService(l.client, "")}
	return options{Options: setup.Options{
		Source: setup.Source{Doctor: doctor, Wire: unverified{l.wire}, Fresh: l.doctor, Title: "sandbox"},
		Color:  "never", Version: "1.2.3", Now: func() time.Time { return noon }, Env: []string{"TERM=xterm-256color"},
	}}
}

func newBench(t testing.TB, change func(*options)) *bench {
	t.Helper()
	return benchOf(t, getLab(t), change)
}

func benchOf(t testing.TB, l *lab, change func(*options)) *bench {
	t.Helper()
	opt := labOptions(l)
	opt.Domains = noDomains
	if change != nil {
		change(&opt)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	m, err := newModel(ctx, opt)
	if err != nil {
		t.Fatal(err)
	}
	if opt.StateDir == "" {
		m.list.Sort = inventory.SortListed // rows stay where they are; see urgent
	}
	b := &bench{t, m, l, make(chan tea.Msg, 1024)}
	b.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	return b
}

// send gives the model messages and returns the last command, which is not run.
func (b *bench) send(msgs ...tea.Msg) tea.Cmd {
	b.t.Helper()
	var cmd tea.Cmd
	for _, msg := range msgs {
		_, cmd = b.Update(msg)
	}
	return cmd
}

// press gives keys by their names, "enter" or "d".
func (b *bench) press(keys ...string) tea.Cmd {
	b.t.Helper()
	var cmd tea.Cmd
	for _, k := range keys {
		cmd = b.send(keyMsg(b.t, k))
	}
	return cmd
}

func keyMsg(t testing.TB, name string) tea.KeyMsg {
	t.Helper()
	named := map[string]tea.KeyType{}
	for k := tea.KeyType(-200); k < 200; k++ {
		named[tea.Key{Type: k}.String()] = k
	}
	if k, ok := named[name]; ok && name != "" && name != "runes" && name != " " {
		return tea.KeyMsg{Type: k}
	}
	if name == "space" {
		name = " "
	}
	if r := []rune(name); len(r) == 1 {
		if r[0] == ' ' {
			return tea.KeyMsg{Type: tea.KeySpace, Runes: r}
		}
		return tea.KeyMsg{Type: tea.KeyRunes, Runes: r}
	}
	t.Fatalf("no key is called %q", name)
	return tea.KeyMsg{}
}

// load gives the model the lab's domains, as the loader would.
func (b *bench) load() *bench {
	b.t.Helper()
	b.model.Load = runner.LoadState{Gen: 1000, Cancel: func() {}}
	var batch batchMsg
	for _, d := range b.l.domains {
		batch = append(batch, runner.Event{Gen: 1000, Row: inventory.NewRow(d, noon)})
	}
	b.send(batch, batchMsg{{Gen: 1000, End: runner.LoadEnded}}, tenantMsg{b.l.tenant})
	return b
}

// results gives the model the lab's diagnoses, as a run would.
func (b *bench) results() *bench {
	b.t.Helper()
	b.Run = runner.RunState{Gen: 1001, Cancel: func() {}, Total: len(b.l.domains), Began: noon.Add(-4 * time.Second)}
	var batch batchMsg
	for _, d := range b.l.domains {
		r := reportfile.Snapshot(b.l.reports[d.ID]) // an incident changes it
		batch = append(batch, runner.Event{Gen: 1001, ID: d.ID, Report: r, Sum: inventory.Summarise(r)})
	}
	b.send(batch, batchMsg{{Gen: 1001, End: runner.RunEnded}})
	b.Notice = ""
	return b
}

// urgent sorts the list as a program does that was started for the first time.
func (b *bench) urgent() *bench {
	b.list.Sort = inventory.SortDefault
	b.list.ArrangeNow()
	b.send(tickMsg{-1})
	return b
}

// fake adds n made-up domains, every third of them failing.
func (b *bench) fake(n int) *bench {
	b.t.Helper()
	b.model.Load = runner.LoadState{Gen: 1002, Cancel: func() {}}
	var batch batchMsg
	for i := range n {
		r := inventory.NewRow(api.Domain{
			ID: fmt.Sprint("d-", i), Name: fmt.Sprintf("shop-%d.example.com", i),
			Status: "VERIFIED",
		},
			noon)
		if i%3 == 0 {
			r.Sum = selectable(&inventory.Summary{
				Verdict: catalog.Fail, State: inventory.StateFail, Codes: []string{"DOMAIN_010"}, Short: "010",
				Causes: []catalog.ID{"record.missing"}, Title: "the record is not published",
				At: noon.Add(-time.Hour),
			}, r)
			r.Index()
		}
		batch = append(batch, runner.Event{Gen: 1002, Row: r})
	}
	cmd := b.send(batch)
	_ = cmd
	b.model.Load.Cancel = nil
	b.list.Grid.SetOrder(inventory.Arrange(b.Domains.Rows, b.model.list.View()))
	b.list.Order = list.SortJob{}
	return b
}

func (b *bench) open(story string) *bench {
	b.t.Helper()
	if !b.list.Grid.Select(b.l.ids[story]) {
		b.t.Fatalf("the list does not have the story %s", story)
	}
	b.act(action.Open)
	return b
}

// act does actions, whatever keys they have.
func (b *bench) act(list ...action.Name) tea.Cmd {
	b.t.Helper()
	var cmds []tea.Cmd
	for _, a := range list {
		cmds = append(cmds, b.Do(a), b.send(tickMsg{-1})) // any message has the screen written anew
	}
	return tea.Batch(cmds...)
}

func (b *bench) shows(want ...string) {
	b.t.Helper()
	frame := b.View()
	for _, w := range want {
		if !strings.Contains(frame, w) {
			b.t.Errorf("the frame does not show %q:\n%s", w, frame)
		}
	}
}

func newWire(box *sandbox.Sandbox) *transport.Live { return transport.NewLive(box.Dial, box.Roots()) }
