package dashboard

import (
	"strings"
	"testing"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/dialog"
	"domdoc/ui/dashboard/runner"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/google/go-cmp/cmp"
)

// TestPlainNews checks what is written of frames, one after another.
func TestPlainNews(t *testing.T) {
	t.Parallel()
	list, filtered := plainPlace{screen: action.ScopeList}, plainPlace{screen: action.ScopeList, shown: "pass"}
	frame := func(lines ...string) plainFrame { return plainFrame{strings.Join(lines, "\n"), list, false} }
	first := frame("title", "> one, fail", "two, pass", "three, pass", "q quit")
	for name, c := range map[string]struct {
		before []plainFrame
		after  plainFrame
		want   []string
	}{
		"the first one":    {nil, first, []string{"title", "> one, fail", "two, pass", "three, pass", "q quit"}},
		"nothing happened": {[]plainFrame{first}, first, nil},
		"the selection moved": {
			[]plainFrame{first},
			frame("title", "one, fail", "> two, pass", "three, pass", "q quit"),
			[]string{"> two, pass"},
		},
		"and moved back": {
			[]plainFrame{first, frame("title", "one, fail", "> two, pass", "three, pass", "q quit")},
			first,
			[]string{"> one, fail"},
		},
		"it scrolled": {
			[]plainFrame{first},
			frame("title", "two, pass", "three, pass", "> four, fail", "q quit"),
			[]string{"> four, fail"},
		},
		"a result came": {
			[]plainFrame{first},
			frame("title", "> one, fail", "two, fail", "three, pass", "q quit"),
			[]string{"two, fail"},
		},
		"something is said": {[]plainFrame{first}, frame("title", "> one, fail", "two, pass", "three, pass", "stopped",
			"q quit"), []string{"stopped"}},
		"said again later": {
			[]plainFrame{first, frame("title", "stopped"), first},
			frame("title", "stopped"),
			[]string{"stopped"},
		},
		"another place": {
			[]plainFrame{first},
			plainFrame{"title\nq quit", plainPlace{screen: action.ScopeHelp}, false},
			[]string{"", "title", "q quit"},
		},
		"text is typed": {
			[]plainFrame{first},
			plainFrame{"title\n/ ab|\n> one, fail\nnine, new", list, true},
			[]string{"/ ab"},
		},
		"it finds another": {
			[]plainFrame{first},
			plainFrame{"title\n/ ab|\n> nine, new\nten, new", list, true},
			[]string{"/ ab", "> nine, new"},
		},
		"and is kept": {
			[]plainFrame{first, {"title\n/ pas|\n> two, pass\nthree, pass", list, true}},
			plainFrame{"title\n/ pass\n> two, pass\nthree, pass", filtered, false},
			[]string{"", "title", "/ pass", "> two, pass", "three, pass"},
		},
		"a pipe is no cursor": {
			[]plainFrame{first},
			frame("title", "openssl x </dev/null | openssl x509"),
			[]string{"openssl x </dev/null | openssl x509"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var h heard
			for _, f := range c.before {
				h.news(f)
			}
			if diff := cmp.Diff(c.want, h.news(c.after)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPlainPrinter shows frames faster than they can be written: the last one is always written.
func TestPlainPrinter(t *testing.T) {
	t.Parallel()
	var buf slowBuffer
	p := newPlainPrinter(&buf)
	for i := range 500 {
		p.show(plainFrame{strings.Repeat("x", i), plainPlace{}, false})
	}
	p.close()
	if !strings.HasSuffix(buf.String(), strings.Repeat("x", 499)+"\r\n") {
		t.Errorf("the last frame is missing from %d bytes", buf.Len())
	}
}

// TestPlainIsQuiet checks what is no news to a listener.
func TestPlainIsQuiet(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *options) { o.Plain = true })
	b.load().results()
	b.open("cache-negative").press("2")
	if b.ticker.every != 0 {
		t.Error("a clock ticks")
	}
	b.Run = runner.RunState{Gen: 7, Cancel: func() {}, Total: 2, Began: noon}
	for name, c := range map[string]struct {
		msg  tea.Msg
		want bool
	}{
		"the clock":            {tickMsg{}, false},
		"a result among many":  {batchMsg{}, false},
		"a key":                {keyMsg(t, "down"), true},
		"a diagnosis":          {resultMsg{}, true},
		"an answer":            {dialog.AnswerMsg{}, true},
		"the window's size":    {tea.WindowSizeMsg{Width: 90, Height: 30}, false},
		"what is to be kept":   {saveMsg{}, false},
		"back from background": {tea.ResumeMsg{}, true},
	} {
		if got := b.news(c.msg); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	b.Run = runner.RunState{}
	if !b.news(batchMsg{}) {
		t.Error("the end of a run is no news")
	}
	b.send(tea.WindowSizeMsg{Width: 20, Height: 4}) // no window is too small for lines
	if strings.Contains(b.View(), "larger window") {
		t.Error("lines need a window")
	}
}
