package wire

import (
	"time"

	"domdoc/catalog"
	"domdoc/checks/plan/move"
)

// Move is a move to another DNS host: what the new servers answer otherwise, and the order of its steps.
type Move struct {
	Verdict     string           `json:"verdict" enum:"fail,inconclusive,pass"`
	Old         []MoveServer     `json:"old"`
	New         []MoveServer     `json:"new"`
	Compared    int              `json:"compared"`
	AllNames    bool             `json:"allNames"`
	Differences []MoveDifference `json:"differences"`
	Unjudged    []string         `json:"unjudged"`
	DNSSEC      MoveDNSSEC       `json:"dnssec"`
	Steps       []MoveStep       `json:"steps"`
}

// MoveServer is one address of a name server.
type MoveServer struct {
	Host   string `json:"host"`
	Addr   string `json:"addr"`
	State  string `json:"state"`
	Detail string `json:"detail,omitempty"`
}

// MoveDifference is an RRset that the new servers do not answer as the old ones.
type MoveDifference struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	Kind    string   `json:"kind" enum:"missing,other,extra,ttl,conflict"`
	Old     []string `json:"old"`
	New     []string `json:"new"`
	OldTTL  uint32   `json:"oldTtl"`
	NewTTL  uint32   `json:"newTtl"`
	Matters bool     `json:"matters"`
	Breaks  string   `json:"breaks,omitempty"`
	Why     string   `json:"why,omitempty"`
	Servers []string `json:"servers,omitempty"`
}

// MoveDNSSEC is the chain of trust before and after a move.
type MoveDNSSEC struct {
	State string   `json:"state"`
	Means string   `json:"means"`
	DS    []string `json:"ds"`
	Old   []string `json:"old"`
	New   []string `json:"new"`
}

// MoveStep is one step of a move.
type MoveStep struct {
	Kind     string       `json:"kind"`
	Text     string       `json:"text"`
	Note     string       `json:"note,omitempty"`
	Records  []MoveRecord `json:"records"`
	At       time.Time    `json:"at"`
	Wait     int64        `json:"waitSeconds"`
	Until    time.Time    `json:"until"`
	Why      string       `json:"why,omitempty"`
	Commands []string     `json:"commands"`
	Expect   string       `json:"expect"`
}

// MoveRecord is an RRset in a step; without values, it should not be there.
type MoveRecord struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"`
	Values []string `json:"values"`
	TTL    uint32   `json:"ttl"`
}

// NewMove converts the comparison of a move.
func NewMove(r *move.Report) *Move {
	out := &Move{
		Verdict: r.Verdict().String(), Old: moveServers(r.Old), New: moveServers(r.New), Compared: r.Compared,
		AllNames: r.Complete, Differences: []MoveDifference{}, Unjudged: cleaned(orEmpty(r.Unjudged)),
		DNSSEC: MoveDNSSEC{
			State: string(r.DNSSEC.State), Means: r.DNSSEC.State.Phrase(), DS: cleaned(orEmpty(r.DNSSEC.DS)),
			Old: cleaned(orEmpty(r.DNSSEC.Old)), New: cleaned(orEmpty(r.DNSSEC.New)),
		},
	}
	for _, d := range r.Differences {
		breaks := ""
		if d.Matters {
			breaks = d.Breaks.Phrase()
		}
		out.Differences = append(out.Differences, MoveDifference{
			Name: clean(d.Name), Type: d.Type, Kind: string(d.Kind), Old: cleaned(orEmpty(d.Old)),
			New:    cleaned(orEmpty(d.New)),
			OldTTL: d.OldTTL, NewTTL: d.NewTTL, Matters: d.Matters, Breaks: breaks, Why: clean(d.Why),
			Servers: cleaned(d.Servers),
		})
	}
	out.Steps = moveSteps(r.Steps)
	return out
}

// moveSteps converts steps.
func moveSteps(list []move.Step) []MoveStep {
	out := []MoveStep{}
	for _, s := range list {
		step := MoveStep{
			Kind: string(s.Kind), Text: s.Text, Note: s.Note, Records: []MoveRecord{}, At: s.At.UTC(),
			Wait: int64(s.Wait / time.Second), Until: s.Until.UTC(), Why: s.Why, Commands: orEmpty(s.Commands),
			Expect: s.Expect,
		}
		for _, x := range s.Records {
			step.Records = append(step.Records, MoveRecord{clean(x.Name), x.Type, cleaned(orEmpty(x.Values)), x.TTL})
		}
		out = append(out, step)
	}
	return out
}

func moveServers(list []move.Server) []MoveServer {
	out := []MoveServer{}
	for _, s := range list {
		x := MoveServer{Host: clean(s.Host), State: string(s.State), Detail: clean(s.Detail)}
		if s.Addr.IsValid() {
			x.Addr = s.Addr.String()
		}
		out = append(out, x)
	}
	return out
}

// Fails reports whether the move breaks something as it stands.
func (m *Move) Fails() bool { return m != nil && ParseVerdict(m.Verdict) == catalog.Fail }
