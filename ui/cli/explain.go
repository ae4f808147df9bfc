package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"domdoc/api/sandbox"
	"domdoc/api/sandbox/story"
	"domdoc/catalog"
	"domdoc/catalog/foreign"
	"domdoc/checks/audit/harness"
	"domdoc/checks/ticket"
	"domdoc/ui/cli/gates"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

func newExplain(s *settings) *cobra.Command {
	show := false
	cmd := &cobra.Command{
		Use:   "explain [CODE|NAME|CAUSE|HTTP|STATUS|WORDS]",
		Short: "explain an error code or a cause",
		Long: `Explains an error code: its meaning, its causes (most common first), how they are detected and how to fix
them. The argument is a code (DOMAIN_008 or 8), its name, a cause (record.name-doubled), an HTTP status (422), a
registration status (clientHold), an error of a browser, curl, a TLS library, Cloudflare or CloudFront (526, or
NET::ERR_CERT_COMMON_NAME_INVALID), or words to search for. Without an argument, lists all codes.`,
		Example: `  domdoc explain DOMAIN_008
  domdoc explain record.name-doubled --show
  domdoc explain 422
  domdoc explain NET::ERR_CERT_COMMON_NAME_INVALID`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if show {
				return runShow(cmd.Context(), s, strings.Join(args, " "))
			}
			return runExplain(s, strings.Join(args, " "))
		},
	}
	cmd.Flags().BoolVar(&show, "show", false, "run the cause's story in the sandbox and print its finding")
	return cmd
}

// runShow runs the story of a cause in a sandbox of its own and prints the diagnosis.
func runShow(ctx context.Context, s *settings, id string) error {
	c, ok := catalog.FindCause(id)
	if !ok {
		return usage.Errorf("domdoc explain record.name-doubled --show", "--show needs a cause; %q is not a cause",
			usage.Clean(id))
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
	if !stories[i].Alone { // an incident involves several domains
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
	out, err := newReporter(s, &diagnosis{gates: &gates.Gates{}, all: true}, lab.Doctor.Session.Now, 0)
	if err != nil {
		return err
	}
	if s.output == "text" {
		fmt.Fprintf(s.env.Stdout, "story %q: %s\n", stories[i].Name, stories[i].Title)
		if seen := stories[i].Seen; len(seen) > 0 {
			fmt.Fprintf(s.env.Stdout, "seen on: %s\n", strings.Join(seen, ", "))
		}
		fmt.Fprintln(s.env.Stdout)
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
			out.Begin(wire.NewVantage(o.Vantage), wire.NewTenant(o.Tenant), "")
		}
		out.Domain(n, o.Report, "")
		n++
	}
	return out.End(func() string { return "" })
}

// storyOf returns the index of the story that shows a cause best; -1 if none does. The cause must be a root. A story
// with the name of the cause is preferred, then the one with the fewest other roots, then the one with the fewest
// findings.
func storyOf(stories []*story.Story, id catalog.ID) int {
	_, own, _ := strings.Cut(string(id), ".")
	best, least := -1, [3]int{}
	for i, st := range stories {
		size := [3]int{1, 0, len(st.Expects)}
		if st.Name == own || st.Name == strings.ReplaceAll(string(id), ".", "-") {
			size[0] = 0
		}
		shown := false
		for _, e := range st.Expects {
			if e.Under == "" {
				size[1]++
				shown = shown || e.Cause == string(id)
			}
		}
		if shown && (best < 0 || slices.Compare(size[:], least[:]) < 0) {
			best, least = i, size
		}
	}
	return best
}

func runExplain(s *settings, query string) error {
	style := s.style()
	if s.as == "" { // who reads a text about no domain is not known by the session
		style.Reader = catalog.Reader{}
	}
	query = strings.TrimSpace(query)
	if query == "" {
		return printCodes(s, catalog.Codes())
	}
	if c, ok := catalog.FindCause(query); ok {
		if s.output != "text" {
			return s.printJSON(wire.CauseJSON(c))
		}
		return render.Cause(s.env.Stdout, c, style)
	}
	// A number is a code before it is an error of other software, and an HTTP status last.
	if c, ok := findCode(query); ok {
		if s.output != "text" {
			return s.printJSON(wire.CodeJSON(c))
		}
		return render.Code(s.env.Stdout, c, style)
	}
	if st, ok := catalog.FindRegistryStatus(query); ok {
		if s.output != "text" {
			return s.printJSON(wire.StatusJSON(st))
		}
		return render.Status(s.env.Stdout, st, style)
	}
	if found := foreign.Explain(query); len(found) > 0 {
		if s.output != "text" {
			return s.printJSON(wire.MessagesJSON(found))
		}
		return render.Messages(s.env.Stdout, found, style)
	}
	if t := ticket.Read(query); len(t.NoCodes) > 0 {
		return usage.Errorf("domdoc explain", "%s", catalog.TicketNoCode(usage.Clean(t.NoCodes[0])))
	}
	if status, err := strconv.Atoi(query); err == nil {
		if codes := catalog.CodesByHTTP(status); len(codes) > 0 {
			return printCodes(s, codes)
		}
		return usage.Errorf("domdoc explain", "no error code of the service has HTTP status %d", status)
	}
	codes, causes := catalog.SearchCodes(query), catalog.SearchCauses(query)
	if len(codes)+len(causes) == 0 {
		return usage.Errorf("domdoc explain",
			"nothing found for %q: not a code, name, cause or HTTP status, and no text contains these words",
			usage.Clean(query))
	}
	if s.output != "text" {
		return s.printJSON(wire.SearchJSON(codes, causes))
	}
	if len(codes) > 0 {
		if err := printCodes(s, codes); err != nil {
			return err
		}
	}
	return render.CauseList(s.env.Stdout, causes, style)
}

// findCode finds a code as people write it: misread by text recognition, its name with spaces, or its sentence.
func findCode(query string) (catalog.Code, bool) {
	if c, ok := catalog.FindCode(query); ok {
		return c, true
	}
	t := ticket.Read(query)
	if len(t.Reported) != 1 || len(t.Names) > 0 || len(strings.Fields(query)) > maxCodeWords {
		return catalog.Code{}, false
	}
	return catalog.FindCode(t.Reported[0].Code)
}

// maxCodeWords is how many words a code has at most: "Domain quota exceeded for subscription tier".
const maxCodeWords = 8

func printCodes(s *settings, codes []catalog.Code) error {
	if s.output != "text" {
		return s.printJSON(wire.SearchJSON(codes, nil))
	}
	return render.CodeList(s.env.Stdout, codes, s.style())
}
