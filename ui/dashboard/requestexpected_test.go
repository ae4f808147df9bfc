package dashboard

import (
	"strings"
	"testing"

	"domdoc/ui/dashboard/dialog"

	tea "github.com/charmbracelet/bubbletea"
)

// TestRequestExpected: the screen of a request says what the diagnosis lets expect of it, and a refusal is explained
// by the diagnosis instead of the code's general advice.
func TestRequestExpected(t *testing.T) {
	t.Parallel()
	const refused = `{"statusCode":422,"errorCode":"DOMAIN_004","message":"Domain verification failed"}`
	for name, c := range map[string]struct {
		story, key  string
		before      []string // on the screen before it is sent
		not         []string
		after       []string // once it is refused
		undiagnosed bool
	}{
		"a fault": {
			story: "name-doubled", key: "v", before: []string{
				"expects this to be refused:",
				"the zone name is appended twice",
			},
			after: []string{"the zone name is appended twice"}, not: []string{"Ensure TXT or CNAME"},
		},
		"a certificate that CAA forbids": {
			story: "caa-forbids", key: "i", before: []string{"expects this to be refused:", "CAA"},
		},
		"a cache that only time clears": {
			story: "cache-negative", key: "v", before: []string{"expects this to be refused:", "until"},
		},
		"a healthy domain":             {story: "healthy-txt", key: "v", not: []string{"expects this to be refused"}},
		"a fault that is no hindrance": {story: "name-doubled", key: "i", not: []string{"expects this to be refused"}},
		"not diagnosed": {
			story: "name-doubled", key: "v", undiagnosed: true, not: []string{"expects this to be refused"},
			after: []string{"TXT or CNAME"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := service(t, 422, refused)
			b := newBench(t, func(o *options) { o.Client, o.Color = client, "never" })
			b.opt.Fresh = b.l.doctor
			b.load()
			if !c.undiagnosed {
				b.results()
			}
			b.send(tea.WindowSizeMsg{Width: 120, Height: 40})
			b.list.Grid.Select(b.l.ids[c.story])
			b.press(c.key)
			b.shows("sends this request and nothing else")
			b.shows(c.before...)
			without(t, b, c.not)
			if c.after == nil {
				return
			}
			cmd := b.press("y")
			b.drain(cmd, func() bool { return b.request.State == dialog.Answered })
			b.shows(c.after...)
			if !c.undiagnosed {
				without(t, b, c.not)
			}
		})
	}
}

func without(t *testing.T, b *bench, texts []string) {
	t.Helper()
	view := strings.Join(strings.Fields(b.View()), " ")
	for _, s := range texts {
		if strings.Contains(view, s) {
			t.Errorf("%q is on the screen:\n%s", s, b.View())
		}
	}
}

// TestWaitInList: the list says until when a domain waits at every width: in its own column, or before the cause.
func TestWaitInList(t *testing.T) {
	t.Parallel()
	for _, width := range []int{80, 120, 200} {
		b := newBench(t, nil)
		b.load().results()
		b.send(tea.WindowSizeMsg{Width: width, Height: 24})
		line := ""
		for _, l := range strings.Split(b.View(), "\n") {
			if strings.Contains(l, "~ waiting") && strings.Contains(l, "tailwind") {
				line = l
			}
		}
		end := b.Domains.Find(b.l.ids["cache-old-answer"]).Sum.Waits.In(b.Now.Location()).Format("15:04")
		if !strings.Contains(line, end) {
			t.Errorf("%d columns: the end of the wait, %s, is not in %q", width, end, line)
		}
	}
}
