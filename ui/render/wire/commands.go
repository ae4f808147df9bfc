package wire

import (
	"time"

	"domdoc/catalog"
	"domdoc/catalog/foreign"
	"domdoc/checks/progress"
	"domdoc/checks/vantage"
)

// Waited is the output of domdoc wait.
type Waited struct {
	SchemaVersion int        `json:"schemaVersion" const:"1"`
	Domain        string     `json:"domain"`
	For           string     `json:"for" enum:"verified,propagated,certificate,healthy"`
	Reached       bool       `json:"reached"`
	Ended         string     `json:"ended" enum:"reached,stuck,deadline,interrupted"`
	Why           string     `json:"why,omitempty"`
	StartedAt     time.Time  `json:"startedAt"`
	TookMs        int64      `json:"tookMs"`
	Asked         int        `json:"asked"`
	Until         *time.Time `json:"until"`
	Fix           []string   `json:"fix"`
	Apart         []string   `json:"apart,omitempty"`
	Report        *Domain    `json:"report"`
}

// Changed is a line of domdoc check --watch.
type Changed struct {
	At      time.Time `json:"at"`
	Event   string    `json:"event" enum:"first,changed"`
	Domain  string    `json:"domain"`
	ID      string    `json:"id"`
	Verdict string    `json:"verdict"`
	Codes   []string  `json:"codes"`
	Causes  []string  `json:"causes"`
	Changes []Change  `json:"changes"`
	Next    *Next     `json:"next"`
	LeftOut []LeftOut `json:"leftOut,omitempty"`
}

// Change is one change of a domain.
type Change struct {
	Kind   string  `json:"kind"`
	About  string  `json:"about,omitempty"`
	Before *string `json:"before"`
	After  *string `json:"after"`
	Text   string  `json:"text"`
	Trend  *string `json:"trend" enum:"better,worse"`
}

// Next is when a domain is checked again.
type Next struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
	Server string    `json:"server,omitempty"`
}

// NewChanges converts changes.
func NewChanges(list []progress.Change) []Change {
	out := []Change{}
	for _, c := range list {
		j := Change{
			Kind: string(c.Kind), About: c.About, Before: orNull(c.Before), After: orNull(c.After),
			Text: c.Text(),
		}
		switch {
		case c.Better:
			j.Trend = orNull("better")
		case c.Worse:
			j.Trend = orNull("worse")
		}
		out = append(out, j)
	}
	return out
}

// Moment is when a case was recorded, and its file.
type Moment struct {
	File string    `json:"file"`
	At   time.Time `json:"at"`
}

// Differences is the output of domdoc diff.
type Differences struct {
	SchemaVersion int          `json:"schemaVersion" const:"1"`
	Before        Moment       `json:"before"`
	After         Moment       `json:"after"`
	Changed       bool         `json:"changed"`
	Domains       []Difference `json:"domains"`
}

// Difference is the list of changes of one domain.
type Difference struct {
	Domain  string   `json:"domain"`
	Changes []Change `json:"changes"`
}

// Doctor is the output of domdoc doctor.
type Doctor struct {
	Verdict  string         `json:"verdict" enum:"pass,inconclusive"`
	Checks   []VantageCheck `json:"checks"`
	Findings []Finding      `json:"findings"`
}

// VantageCheck is the result of one check of this machine.
type VantageCheck struct {
	ID      string `json:"id"`
	Verdict string `json:"verdict" enum:"pass,warn,inconclusive,not-run"`
	Text    string `json:"text"`
	TookMs  int64  `json:"tookMs"`
}

// DoctorJSON converts the report about this machine.
func DoctorJSON(v *vantage.Report, list []vantage.Check) any {
	out := Doctor{v.Verdict.String(), []VantageCheck{}, NewFindings(v.Findings)}
	for _, c := range list {
		out.Checks = append(out.Checks, VantageCheck{c.ID, c.Verdict.String(), c.Text, c.Took.Milliseconds()})
	}
	return out
}

// CodeDoc is the output of domdoc explain for a code.
type CodeDoc struct {
	Code        string   `json:"code"`
	HTTP        int      `json:"http"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Resolution  string   `json:"resolution"`
	Category    string   `json:"category"`
	Causes      []string `json:"causes"`
}

// CauseDoc is the output of domdoc explain for a cause.
type CauseDoc struct {
	Cause    string   `json:"cause"`
	Rung     string   `json:"rung"`
	Title    string   `json:"title"`
	Verdict  string   `json:"verdict" enum:"fail,warn,inconclusive"`
	Who      []string `json:"who"`
	Predicts []string `json:"predicts"`
	NoCode   string   `json:"noCode,omitempty"`
	Means    string   `json:"means"`
	How      string   `json:"how"`
	Confused string   `json:"confused,omitempty"`
	Alike    []string `json:"alike"`
	Example  Example  `json:"example"`
	Refs     []string `json:"refs"`
}

// Example is a finding of a cause with sample values.
type Example struct {
	Summary string `json:"summary"`
	Why     string `json:"why"`
	Fix     Fix    `json:"fix"`
}

// Search is the output of domdoc explain for a search.
type Search struct {
	Codes  []CodeDoc  `json:"codes"`
	Causes []CauseDoc `json:"causes"`
}

// CodeJSON converts a code.
func CodeJSON(c catalog.Code) any { return codeDoc(c) }

func codeDoc(c catalog.Code) CodeDoc {
	out := CodeDoc{c.ID, c.HTTP, c.Name, c.Description, c.Resolution, c.Category, []string{}}
	out.Causes = append(out.Causes, CauseIDs(catalog.CausesOf(c.ID))...)
	return out
}

// CauseIDs returns the ids of causes.
func CauseIDs(causes []*catalog.Cause) []string {
	var out []string
	for _, c := range causes {
		out = append(out, string(c.ID))
	}
	return out
}

// CauseJSON converts a cause.
func CauseJSON(c *catalog.Cause) any { return causeDoc(c) }

func causeDoc(c *catalog.Cause) CauseDoc {
	ex := c.Example()
	out := CauseDoc{
		Cause: string(c.ID), Rung: c.Rung.String(), Title: c.Title, Verdict: c.Verdict.String(),
		Predicts: orEmpty(c.AllCodes()), NoCode: c.NoCode, Means: c.Description, How: c.Detection,
		Confused: c.Confused, Alike: orEmpty(CauseIDs(c.Alike())), Refs: orEmpty(c.Refs),
		Example: Example{ex.Summary(), ex.Why(), NewFix(ex.Fix())},
	}
	for _, w := range c.Who {
		out.Who = append(out.Who, string(w))
	}
	return out
}

// SearchJSON converts the result of a search.
func SearchJSON(codes []catalog.Code, causes []*catalog.Cause) any {
	out := Search{[]CodeDoc{}, []CauseDoc{}}
	for _, c := range codes {
		out.Codes = append(out.Codes, codeDoc(c))
	}
	for _, c := range causes {
		out.Causes = append(out.Causes, causeDoc(c))
	}
	return out
}

// StatusDoc is the output of domdoc explain for the status of a registration.
type StatusDoc struct {
	Status    string   `json:"status"`
	EPP       string   `json:"epp,omitempty"`
	By        string   `json:"by"`
	Means     string   `json:"means"`
	Resolving string   `json:"resolving"`
	Attaching string   `json:"attaching"`
	Transfer  string   `json:"transfer"`
	Refs      []string `json:"refs"`
}

// StatusJSON converts the status of a registration.
func StatusJSON(s catalog.RegistryStatus) any {
	return StatusDoc{
		s.Name, s.EPP, s.By, s.Means, s.Resolving.Phrase(), s.Attaching.Phrase(), s.Transfer.Phrase(),
		orEmpty(s.Refs),
	}
}

// MessagesDoc is the output of domdoc explain for error messages of other software.
type MessagesDoc struct {
	Messages []MessageDoc `json:"messages"`
}

// MessageDoc is an error message of other software.
type MessageDoc struct {
	Message string   `json:"message"`
	Product string   `json:"product"`
	Means   string   `json:"means"`
	Causes  []string `json:"causes"`
	Codes   []string `json:"codes"`
	Source  string   `json:"source"`
}

// MessagesJSON converts error messages of other software.
func MessagesJSON(found []foreign.Match) any {
	out := MessagesDoc{[]MessageDoc{}}
	for _, m := range found {
		doc := MessageDoc{m.Name, m.Product, m.Meaning, []string{}, orEmpty(m.Codes()), m.Source}
		for _, id := range m.Causes {
			doc.Causes = append(doc.Causes, string(id))
		}
		out.Messages = append(out.Messages, doc)
	}
	return out
}

// Propagation is the output of domdoc propagation.
type Propagation struct {
	SchemaVersion int   `json:"schemaVersion" const:"1"`
	Propagation   []Row `json:"propagation"`
}
