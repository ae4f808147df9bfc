package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"domdoc/api/sandbox"
	"domdoc/api/sandbox/story"
	"domdoc/catalog"
	"domdoc/checks/audit/harness"
	"domdoc/ui/render"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

func newExplain(s *settings) *cobra.Command {
	show := false
	cmd := &cobra.Command{
		Use:   "explain [CODE|NAME|CAUSE|HTTP|STATUS|WORDS]",
		Short: "what a code or a cause means, and what to do",
		Long: `Says what a code means, what causes it (the commonest first), how that is detected and how to fix it. Takes a code
(DOMAIN_008, 8), its name, a cause (record.name-doubled), an HTTP status (422), a status of a registration (clientHold)
or words. Without an argument: the list.`,
		Example: `  domdoc explain DOMAIN_008
  domdoc explain record.name-doubled --show
  domdoc explain 422`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if show {
				return runShow(cmd.Context(), s, strings.Join(args, " "))
			}
			return runExplain(s, strings.Join(args, " "))
		},
	}
	cmd.Flags().BoolVar(&show, "show", false, "run a cause's story in the sandbox and print the real finding")
	return cmd
}

// runShow tells the story in which a cause is the root, in a sandbox of its own, and prints what the doctor finds.
func runShow(ctx context.Context, s *settings, id string) error {
	c, ok := catalog.FindCause(id)
	if !ok {
		return usagef("domdoc explain record.name-doubled --show", "--show takes a cause, and %q is none", clean(id))
	}
	stories, _, err := sandbox.ReadStories(sandbox.Scenarios())
	if err != nil {
		return err
	}
	i := storyOf(stories, c.ID)
	if i < 0 {
		return fmt.Errorf("no story shows %s", c.ID)
	}
	parts := []string{stories[i].Name}
	if !stories[i].Alone { // an incident needs more than one domain
		for n, st := range stories {
			if n != i && st.Series() == stories[i].Series() && slices.ContainsFunc(st.Expects, func(e story.Expect) bool {
				return e.Scope == "tenant" && e.Cause == string(c.ID)
			}) {
				parts = append(parts, st.Name)
			}
		}
	}
	lab, err := harness.New(ctx, sandbox.Options{Only: append(slices.Clone(parts), stories[i].With...)})
	if err != nil {
		return err
	}
	defer lab.Close()
	out, err := s.newOutput(lab.Doctor.Session.Now, 0)
	if err != nil {
		return err
	}
	if s.output == "text" {
		fmt.Fprintf(s.env.Stdout, "the story %q: %s\n\n", stories[i].Name, stories[i].Title)
	}
	n := 0
	for _, st := range lab.Stories() {
		if !slices.Contains(parts, st.Name) {
			continue
		}
		o, err := lab.Run(ctx, st)
		if err != nil {
			return err
		}
		if n == 0 {
			out.begin(wire.NewVantage(o.Vantage), wire.NewTenant(o.Tenant), "")
		}
		out.domain(n, o.Report, "")
		n++
	}
	return out.end("")
}

// storyOf finds the story that shows a cause best: one in which it is a root and that has its name, else the
// plainest, with the fewest other roots and then the fewest findings; -1 where none tells of it.
func storyOf(stories []*story.Story, id catalog.ID) int {
	_, own, _ := strings.Cut(string(id), ".")
	best, least := -1, [3]int{}
	for i, st := range stories {
		size := [3]int{1, 0, len(st.Expects)}
		if st.Name == own || st.Name == strings.ReplaceAll(string(id), ".", "-") {
			size[0] = 0
		}
		told := false
		for _, e := range st.Expects {
			if e.Under == "" {
				size[1]++
				told = told || e.Cause == string(id)
			}
		}
		if told && (best < 0 || slices.Compare(size[:], least[:]) < 0) {
			best, least = i, size
		}
	}
	return best
}

func runExplain(s *settings, query string) error {
	style := layout.Style{Color: s.colored(s.env.StdoutTTY), Width: min(s.env.Width, 110)}
	query = strings.TrimSpace(query)
	if query == "" {
		return s.codeList(catalog.Codes(), style)
	}
	if c, ok := catalog.FindCause(query); ok {
		if s.output != "text" {
			return s.jsonOut(wire.CauseJSON(c))
		}
		return render.Cause(s.env.Stdout, c, style)
	}
	if c, ok := catalog.FindCode(query); ok {
		if s.output != "text" {
			return s.jsonOut(wire.CodeJSON(c))
		}
		return render.Code(s.env.Stdout, c, style)
	}
	if st, ok := catalog.FindRegistryStatus(query); ok {
		if s.output != "text" {
			return s.jsonOut(wire.StatusJSON(st))
		}
		return render.Status(s.env.Stdout, st, style)
	}
	if status, err := strconv.Atoi(query); err == nil {
		if codes := catalog.CodesByHTTP(status); len(codes) > 0 {
			return s.codeList(codes, style)
		}
		return usagef("domdoc explain", "no code of the service comes with HTTP status %d", status)
	}
	codes, causes := catalog.SearchCodes(query), catalog.SearchCauses(query)
	if len(codes)+len(causes) == 0 {
		return usagef("domdoc explain",
			"nothing is known of %q: it is no code, name, cause or HTTP status, and no text has these words", clean(query))
	}
	if s.output != "text" {
		return s.jsonOut(wire.SearchJSON(codes, causes))
	}
	if len(codes) > 0 {
		if err := s.codeList(codes, style); err != nil {
			return err
		}
	}
	return render.CauseList(s.env.Stdout, causes, style)
}

func (s *settings) codeList(codes []catalog.Code, style layout.Style) error {
	if s.output != "text" {
		return s.jsonOut(wire.SearchJSON(codes, nil))
	}
	return render.CodeList(s.env.Stdout, codes, style)
}

// jsonOut writes a value as JSON: indented for -o json, on one line for -o jsonl.
func (s *settings) jsonOut(v any) error {
	e := json.NewEncoder(s.env.Stdout)
	e.SetEscapeHTML(false)
	if s.output == "json" {
		e.SetIndent("", "  ")
	}
	return e.Encode(v)
}

type jsonVersion struct {
	Name          string `json:"name"`
	Version       string `json:"version"`
	SchemaVersion int    `json:"schemaVersion" const:"1"`
}

func newVersion(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "the version of domdoc", Args: cobra.NoArgs,
		Long:    "Prints the version of domdoc, and with -o json that of its JSON, too.",
		Example: "  domdoc version\n  domdoc version -o json",
		RunE: func(*cobra.Command, []string) error {
			if s.output != "text" {
				return s.jsonOut(jsonVersion{"domdoc", s.env.Version, wire.SchemaVersion})
			}
			_, err := fmt.Fprintln(s.env.Stdout, "domdoc "+s.env.Version)
			return err
		},
	}
}
