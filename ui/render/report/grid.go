package report

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog/sanitize"
	"domdoc/checks/observe"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

// grid is a picture of propagation, with a row per server and a column per record. It holds geometry and text only;
// the template writes the SVG.
type grid struct {
	Width, Height int
	Label         string // the text alternative
	Columns       []gridColumn
	Rows          []gridRow
	Cells         []gridCell
	Notes         []gridNote
}

// gridColumn is the heading of a record.
type gridColumn struct {
	X           int
	Role, Type  string
	Name, Title string
}

// gridRow is the heading of a server.
type gridRow struct {
	Y              int
	Server, Title  string
	Kind           string
	Border         bool // the first of the resolvers
	LineY, TextEnd int
}

// gridCell is the answer of one server for one record.
type gridCell struct {
	X, Y        int
	TextX       int
	TextY       int
	State       string
	Text, Title string
}

// gridNote describes the answers for one record.
type gridNote struct {
	Name, Type string
	Expected   string
	Lines      []gridLine
}

// gridLine is a group of servers with the same answer.
type gridLine struct {
	State, Sign string
	Servers     string
	Has         string
	Answer      bool // Has is an answer, not a description
}

// The dimensions in SVG units: three records are as wide as a phone.
const (
	gridLabel  = 128 // width of a server's name
	gridCellW  = 76
	gridCellH  = 24
	gridHead   = 36
	gridAcross = 4 // records per picture
)

// grids returns the pictures of a domain's records, with at most gridAcross records each.
func grids(rows []wire.Row) []grid {
	var out []grid
	for part := range slices.Chunk(rows, gridAcross) {
		out = append(out, newGrid(part))
	}
	return out
}

func newGrid(rows []wire.Row) grid {
	var g grid
	// the servers of all records, authoritative ones first
	type server struct{ kind, name string }
	var servers []server
	for _, kind := range []string{"authoritative", "resolver"} {
		for _, r := range rows {
			for _, c := range r.Servers {
				if s := (server{c.Kind, c.Server}); c.Kind == kind && !slices.Contains(servers, s) {
					servers = append(servers, s)
				}
			}
		}
	}
	for i, s := range servers {
		y := gridHead + i*gridCellH
		g.Rows = append(g.Rows, gridRow{
			Y: y + gridCellH/2 + 4, Server: shortServer(s.name), Title: s.name + " (" + s.kind + ")", Kind: s.kind,
			Border: i > 0 && s.kind != servers[i-1].kind, LineY: y,
		})
	}
	var labels []string
	for i, r := range rows {
		x := gridLabel + i*gridCellW
		role := "record"
		if r.Role != nil {
			role = *r.Role
		}
		g.Columns = append(g.Columns, gridColumn{
			X: x + gridCellW/2, Role: role, Type: shorten(r.Type, 10), Name: r.Name,
			Title: r.Name + " " + r.Type,
		})
		right := 0
		for k := range r.Servers {
			c := &r.Servers[k]
			at := slices.Index(servers, server{c.Kind, c.Server})
			if at < 0 {
				continue
			}
			y := gridHead + at*gridCellH
			g.Cells = append(g.Cells, gridCell{
				X: x + 2, Y: y + 2, TextX: x + gridCellW/2, TextY: y + gridCellH/2 + 4, State: c.State, Text: shortCell(c),
				Title: c.Server + ": " + describeCell(c),
			})
			if observe.CellState(c.State) == observe.CellMatch || observe.CellState(c.State) == observe.CellSeen {
				right++
			}
		}
		labels = append(labels, fmt.Sprintf("%s %s: present on %d of %d servers", role, r.Type, right, len(r.Servers)))
		g.Notes = append(g.Notes, note(&r))
	}
	g.Width, g.Height = gridLabel+len(rows)*gridCellW, gridHead+len(servers)*gridCellH+2
	for i := range g.Rows {
		g.Rows[i].TextEnd = g.Width
	}
	g.Label = strings.Join(labels, "; ")
	return g
}

// note groups the servers of a record by their answer.
func note(r *wire.Row) gridNote {
	n := gridNote{Name: r.Name, Type: r.Type}
	if r.Expected != nil {
		n.Expected = *r.Expected
	}
	var keys []string
	servers := map[string][]string{}
	lines := map[string]gridLine{}
	atSource := slices.ContainsFunc(r.Servers, func(c wire.Cell) bool {
		return observe.CellState(c.State) == observe.CellMatch
	})
	for i := range r.Servers {
		c := &r.Servers[i]
		has := cellAnswer(c)
		if observe.CellState(c.State) == observe.CellNotAsked && !atSource {
			has = "missing at the authoritative servers"
		}
		key := c.State + "\n" + has
		if _, known := lines[key]; !known {
			keys = append(keys, key)
			lines[key] = gridLine{State: c.State, Sign: cellSign(c), Has: has, Answer: len(c.Answer) > 0}
		}
		servers[key] = append(servers[key], shortServer(c.Server))
	}
	for _, key := range keys {
		const most = 3
		line := lines[key]
		line.Servers = strings.Join(servers[key], ", ")
		if len(servers[key]) > most {
			line.Servers = layout.Count(len(servers[key]), "server")
		}
		n.Lines = append(n.Lines, line)
	}
	return n
}

// cellAnswer describes the answer of a server.
func cellAnswer(c *wire.Cell) string {
	switch {
	case len(c.Answer) > 0:
		return strings.Join(firstFew(c.Answer), "; ")
	case observe.CellState(c.State) == observe.CellNotAsked:
		return ""
	case observe.CellState(c.State) == observe.CellMatch:
		// flattened: instead of the CNAME, the server returns the addresses of its target
		return "the same addresses, without a CNAME"
	case c.Error != "":
		return c.Error
	case c.Rcode != nil:
		return "no record (" + *c.Rcode + ")"
	}
	return "no record"
}

// describeCell describes a cell in full.
func describeCell(c *wire.Cell) string {
	s := c.State
	if has := cellAnswer(c); has != "" {
		s += ", " + has
	}
	if c.TTL != nil {
		s += ", TTL " + fmt.Sprint(*c.TTL)
	}
	return s
}

// shortCell describes a cell in the few characters that fit its box.
func shortCell(c *wire.Cell) string {
	switch observe.CellState(c.State) {
	case observe.CellMissing:
		return cellSign(c) + " none"
	case observe.CellError:
		return cellSign(c) + " error"
	case observe.CellNotAsked:
		return cellSign(c)
	case observe.CellMatch, observe.CellDiffers, observe.CellSeen:
	}
	if c.TTL != nil {
		return cellSign(c) + " " + shortSpan(*c.TTL)
	}
	return cellSign(c)
}

// shortSpan formats seconds in two or three characters.
func shortSpan(s uint32) string {
	switch {
	case s < 120:
		return fmt.Sprintf("%ds", s)
	case s < 2*3600:
		return fmt.Sprintf("%dm", s/60)
	case s < 48*3600:
		return fmt.Sprintf("%dh", s/3600)
	}
	return fmt.Sprintf("%dd", s/86400)
}

// shortServer shortens a server's name to fit its row.
func shortServer(s string) string { return shorten(strings.TrimSuffix(s, ":53"), 20) }

// shorten cuts a text to a number of characters.
func shorten(s string, most int) string { return sanitize.Text(s, most) }
