package registration

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sampleReply is a public sample, about sampleName in place of its own name.
type sampleReply struct {
	file  string
	lines []string
}

const sampleName = "quillwort-sample.example"

func sampleReplies(t *testing.T, folder string) []sampleReply {
	t.Helper()
	dir := filepath.Join(moduleDir(t, "github.com/likexian/whois-parser"), "testdata", folder)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Skip("the samples are not there: ", err)
	}
	var out []sampleReply
	for _, e := range entries {
		_, domain, found := strings.Cut(e.Name(), "_")
		if !found || strings.HasSuffix(domain, ".json") || strings.HasSuffix(domain, ".pre") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		for _, s := range []string{domain, strings.ToUpper(domain)} {
			text = strings.ReplaceAll(text, s, sampleName)
		}
		out = append(out, sampleReply{e.Name(), strings.Split(text, "\n")})
	}
	return out
}

// TestMixedNeverFree mixes the lines of a reply that says "free" with those of one about a taken name, or with a line
// that limits, fails or reserves: whatever else is said, the name is not free.
func TestMixedNeverFree(t *testing.T) {
	t.Parallel()
	taken, free := sampleReplies(t, "noterror"), sampleReplies(t, "notfound")
	against := []string{
		"Query rate limit exceeded.", "% Too many requests, try again in 60 seconds", "Server is busy, try again later.",
		"This name is reserved by the registry.", "The domain name " + sampleName + " is blocked.", "Access denied.",
		"Domain Status: clientHold", "Registrar: Somebody, Inc.", "Name Server: ns1.example.net",
		"% Too may requests.", "the domain you want to register is reserved.", "Status: RESERVED",
		"Creation Date: 2001-02-03T04:05:06Z", "% This is a premium name.", "xyzzy plugh",
	}
	r := rand.New(rand.NewPCG(11, 6))
	merge := func(a, b []string) string {
		var out []string
		for len(a)+len(b) > 0 {
			if len(b) == 0 || len(a) > 0 && r.IntN(len(a)+len(b)) < len(a) {
				out, a = append(out, a[0]), a[1:]
			} else {
				out, b = append(out, b[0]), b[1:]
			}
		}
		return strings.Join(out, "\n")
	}
	for range tries(800) {
		f := free[r.IntN(len(free))]
		other, text := "", ""
		if r.IntN(2) == 0 {
			s := taken[r.IntN(len(taken))]
			other, text = s.file, merge(s.lines, f.lines)
		} else {
			line := against[r.IntN(len(against))]
			at := r.IntN(len(f.lines) + 1) // as a paragraph of its own
			other, text = line, strings.Join(slices.Concat(f.lines[:at], []string{"", line, ""}, f.lines[at:]), "\n")
		}
		if ReadWHOIS(sampleName, []byte(text), false).State == NotRegistered {
			t.Errorf("%s is called free with %s:\n%.3000s", f.file, other, text)
			return
		}
	}
}

// TestUnrelatedNeverFree asks about another name than the one that a reply is about.
func TestUnrelatedNeverFree(t *testing.T) {
	t.Parallel()
	for _, s := range sampleReplies(t, "notfound") {
		text := strings.Join(s.lines, "\n")
		statement := ""
		for _, l := range s.lines {
			if strings.Contains(l, sampleName) {
				statement = l
			}
		}
		if statement == "" || ReadWHOIS(sampleName, []byte(text), false).State != NotRegistered {
			continue // it does not name the domain
		}
		if !isFreeStatement(statementShape(newDomainNames(sampleName), strings.ToLower(statement))) {
			continue // the statement is another line
		}
		if ReadWHOIS("unrelated.example", []byte(text), false).State == NotRegistered {
			t.Errorf("%s is believed about another name: %q", s.file, statement)
		}
	}
}
