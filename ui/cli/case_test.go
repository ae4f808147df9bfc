package cli_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"domdoc/ui/cli"

	"github.com/google/go-cmp/cmp"
)

// runs runs the program in this process with an environment and returns its exit code, stdout and stderr.
func runs(t *testing.T, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = inProcess(t.Context(), cli.Env{
		Args: args, Stdin: strings.NewReader(env["stdin"]), Stdout: &out, Stderr: &errs, Version: "test",
		Getenv: func(k string) string {
			if v, ok := env[k]; ok {
				return v
			}
			return map[string]string{"HOME": "/nonexistent", "TZ": "UTC"}[k]
		},
	})
	return code, out.String(), errs.String()
}

// moments are what may differ between a report and its replay: times.
var moments = regexp.MustCompile(`"(startedAt|at|when|tookMs|waitsUntil|latest)": ?("[^"]*"|\d+)`)

// clocks are times in sentences.
var clocks = regexp.MustCompile(`(\d{4}-\d\d-\d\d )?\d\d:\d\d(:\d\d)? UTC|\d+ (second|minute|hour|day)s? ago`)

func timeless(s string) string {
	return clocks.ReplaceAllString(moments.ReplaceAllString(s, `"$1":0`), "CLOCK")
}

// TestReplay replays recorded cases, one of them with every story: apart from times, the output is the same to the
// byte.
func TestReplay(t *testing.T) {
	t.Parallel()
	t.Run("every story", func(t *testing.T) {
		got := timeless(everyStory(t, "json"))
		if want := timeless(everyStory(t, "live")); want != got { // cmp.Diff takes long
			t.Errorf("the replay differs:\n%s", cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
		}
	})
	file := filepath.Join(t.TempDir(), "case.json")
	for _, tt := range [][]string{
		{
			"check", "shop.fabrikam.example", "shop.tailwind.example", "a b.example", "--ignore", "record.value-differs",
			"--skip", "http",
		},
		{
			"check", "shop.fabrikam.example", "--expect", "TXT _other.shop.fabrikam.example=tok-9", "--intent", "transfer",
			"-o", "jsonl",
		},
		{"domains"},
		{"propagation", "shop.fabrikam.example", "tickets.northwind.example", "--type", "TXT", "--jobs", "1"},
		{"propagation", "shop.fabrikam.example", "--type", "CNAME", "--authoritative=false"},
		{"wait", "shop.fabrikam.example", "--for", "verified"},
		{"plan", "shop.fabrikam.example", "--add", "_verify.shop TXT tok-51c0de77", "-o", "json"},
		{"plan", "tickets.northwind.example", "--remove", "tickets CNAME", "--at", "2099-12-05T20:00Z"},
		{"plan", "tickets.northwind.example", "--nameservers", "ada.ns.cloudflare.com,ns1.hoster.example", "-o", "jsonl"},
	} {
		t.Run(strings.Join(tt, " "), func(t *testing.T) {
			code, want, said := runs(t, nil, append([]string{"demo"}, append(slices.Clone(tt), "--record", file)...)...)
			if !strings.Contains(said, "recorded ") {
				t.Fatalf("exit code %d, %s", code, said)
			}
			args := []string{"replay", file}
			if i := slices.Index(tt, "-o"); i >= 0 {
				args = append(args, tt[i:i+2]...)
			}
			again, got, said := runs(t, nil, args...)
			if code != again {
				t.Errorf("exit code %d, and %d when it is replayed: %s", code, again, said)
			}
			if want, got := timeless(want), timeless(got); want != got {
				t.Errorf("the replay differs:\n%s", cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
			}
		})
	}
}

// TestReplayPlan replays plans of files. The case has the changes, and nothing else of the file: no key, for example.
func TestReplayPlan(t *testing.T) {
	t.Parallel()
	const secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ="
	file := filepath.Join(t.TempDir(), "case.json")
	change := "key hmac-sha256:update " + secret + "\nzone northwind.example\n" +
		"update delete tickets.northwind.example CNAME\nupdate add tickets.northwind.example 300 A 192.0.2.1\nsend\n"
	for _, args := range [][]string{
		{"tickets.northwind.example", "--file", "-"},
		{"--all", "--file", "-", "-o", "json"},
	} {
		line := append([]string{"demo", "plan", "--record", file}, args...)
		before, want, said := runs(t, map[string]string{"stdin": change}, line...)
		if before != cli.ExitFindings || !strings.Contains(said, "recorded ") {
			t.Fatalf("exit code %d, %s", before, said)
		}
		again := []string{"replay", file}
		if len(args) > 3 {
			again = append(again, args[3:]...)
		}
		after, got, _ := runs(t, nil, again...)
		if before != after || timeless(want) != timeless(got) {
			t.Errorf("exit codes %d and %d\n%s", before, after,
				cmp.Diff(strings.Split(timeless(want), "\n"), strings.Split(timeless(got), "\n")))
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte(secret)) || !bytes.Contains(raw, []byte("192.0.2.1")) {
			t.Errorf("the case has the key, or not the change:\n%.2000s", raw)
		}
	}
}

// TestReplayTriage replays a triage: the case has the ticket, without the authorization code and the sender's address.
func TestReplayTriage(t *testing.T) {
	t.Parallel()
	const code = "Xk9-S3cr3t-Qw7"
	file := filepath.Join(t.TempDir(), "case.json")
	ticket := "From: Jane <jane.doe@customer.example>\nDOMAIN_018 for shop.fabrikam.example, authCode: \"" + code +
		" \"\n"
	before, want, said := runs(t, map[string]string{"stdin": ticket}, "demo", "triage", "--record", file)
	if !strings.Contains(said, "recorded ") {
		t.Fatal(said)
	}
	after, got, _ := runs(t, nil, "replay", file)
	if before != after || timeless(want) != timeless(got) {
		t.Errorf("exit codes %d and %d\n%s", before, after, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{code, "jane.doe"} {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("%q is in the case", secret)
		}
	}
}

// TestCaseMail: an authorization code in an encoded part of a mail is not in the recorded case, which still replays.
func TestCaseMail(t *testing.T) {
	t.Parallel()
	const code = "Xk9-S3cr3t-Qw7"
	file := filepath.Join(t.TempDir(), "case.json")
	body := base64.StdEncoding.EncodeToString([]byte("DOMAIN_018 for shop.fabrikam.example, authCode: \"" + code + "\"\n"))
	ticket := "From: jane.doe@customer.example\nSubject: transfer\nContent-Type: text/plain\n" +
		"Content-Transfer-Encoding: base64\n\n" + body + "\n"
	before, want, said := runs(t, map[string]string{"stdin": ticket}, "demo", "triage", "--record", file)
	if !strings.Contains(said, "recorded ") || !strings.Contains(want, "DOMAIN_018") {
		t.Fatal(said, want)
	}
	after, got, _ := runs(t, nil, "replay", file)
	if before != after || timeless(want) != timeless(got) {
		t.Errorf("exit codes %d and %d\n%s", before, after, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{code, body, body[:40], "jane.doe"} {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("%q is in the case", secret)
		}
	}
}

// TestCaseSecrets puts random secrets into a ticket and the environment, and looks for them in the recorded case.
func TestCaseSecrets(t *testing.T) {
	t.Parallel()
	for round := range 3 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(round), uint64(os.Getpid())))
			word := func(n int) string {
				const letters = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789-_.~+/="
				b := make([]byte, n)
				for i := range b {
					b[i] = letters[r.IntN(len(letters))]
				}
				return "Z" + string(b) + "z"
			}
			authCode, mail := word(12), "p"+word(6)
			mail = strings.Map(func(r rune) rune {
				if strings.ContainsRune("-_.~+/=", r) {
					return 'q'
				}
				return r
			}, mail)
			file := filepath.Join(t.TempDir(), "case.json")
			ticket := "a customer <" + mail + "@customer.example> writes: DOMAIN_016 shop.fabrikam.example auth code = " +
				authCode + " (again: " + authCode + ")"
			_, _, said := runs(t, map[string]string{"stdin": ticket, "DOMDOC_AUTH_CODE": authCode + "x"}, "demo", "triage",
				"--record", file)
			if !strings.Contains(said, "recorded ") {
				t.Fatal(said)
			}
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var c struct{ Sessions []json.RawMessage }
			if err := json.Unmarshal(raw, &c); err != nil || len(c.Sessions) == 0 {
				t.Fatalf("%d sessions, %v", len(c.Sessions), err)
			}
			for _, secret := range []string{authCode, mail, "eyJ", "Bearer ", "engineer@sandbox.example"} {
				if bytes.Contains(raw, []byte(secret)) {
					t.Errorf("%q is in the case", secret)
				}
			}
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
		})
	}
}

// TestRecordFull records to a directory that does not exist and to a directory: both are usage errors.
func TestRecordFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "sub", "case.json")
	code, out, said := runs(t, nil, "demo", "check", "tickets.northwind.example", "--record", file)
	if code != cli.ExitUsage || out != "" || !strings.Contains(said, "--record: cannot write the case") {
		t.Errorf("exit code %d, %q, %q", code, out, said)
	}
	code, _, said = runs(t, nil, "demo", "check", "tickets.northwind.example", "--record", dir)
	if code != cli.ExitUsage || !strings.Contains(said, "is a directory") {
		t.Errorf("exit code %d, %q", code, said)
	}
}

// TestRecordDevice records to a full device and to a link: the report is printed, and both stay what they are.
func TestRecordDevice(t *testing.T) {
	t.Parallel()
	const full = "/dev/full"
	if info, err := os.Stat(full); err != nil || info.Mode().IsRegular() {
		t.Skip("this system has no " + full)
	}
	code, out, said := runs(t, nil, "demo", "check", "tickets.northwind.example", "--record", full)
	if code != cli.ExitUsage || !strings.Contains(out, "1 pass") ||
		!strings.Contains(said, "--record: cannot write the case: ") ||
		!strings.Contains(said, "the report above is complete") {
		t.Errorf("exit code %d, %q, %q", code, out, said)
	}
	if info, err := os.Stat(full); err != nil || info.Mode()&os.ModeDevice == 0 {
		t.Fatalf("the device is gone: %v, %v", info, err)
	}
	link := filepath.Join(t.TempDir(), "link.json")
	file := filepath.Join(t.TempDir(), "case.json")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	runs(t, nil, "demo", "check", "tickets.northwind.example", "--record", link)
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if info, err := os.Stat(file); err != nil || info.Size() == 0 {
		t.Errorf("nothing is in the file: %v, %v", info, err)
	}
}

// TestReplayHostile replays files that are not cases, or damaged: each is a usage error without output.
func TestReplayHostile(t *testing.T) {
	t.Parallel()
	const caseHead = `{"format":"domdoc case","version":1,"args":["check","a.example"],`
	dir := t.TempDir()
	for name, body := range map[string]string{
		"empty":      "",
		"no JSON":    "shop.example.com",
		"another":    `{"format":"har"}`,
		"later":      `{"format":"domdoc case","version":99,"args":["check"],"sessions":[{}]}`,
		"nothing":    `{"format":"domdoc case","version":1,"args":["check"],"sessions":[]}`,
		"null":       `{"format":"domdoc case","version":1,"args":["check"],"sessions":[null]}`,
		"no command": `{"format":"domdoc case","version":1,"sessions":[{}]}`,
		"bad DNS": caseHead +
			`"sessions":[{"exchanges":[{"kind":"dns","to":"x","asked":"a.example A","dns":"AAEC"}]}]}`,
		"bad address":    caseHead + `"sessions":[{"exchanges":[{"kind":"dns","addr":"nonsense"}]}]}`,
		"bad chain":      caseHead + `"sessions":[{"exchanges":[{"kind":"tls","tls":{"chain":["AAEC"]}}]}]}`,
		"bad status":     caseHead + `"sessions":[{}],"service":[{"method":"GET","path":"/","status":9}]}`,
		"wrong type":     `{"format":"domdoc case","version":1,"args":"check","sessions":[{}]}`,
		"writes files":   `{"format":"domdoc case","version":1,"args":["man","pages"],"sessions":[{}]}`,
		"flag first":     `{"format":"domdoc case","version":1,"args":["--jobs=1","man","pages"],"sessions":[{}]}`,
		"escape in name": "{\"format\":\"\\u001b[31m\"}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
			if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
			code, out, said := runs(t, nil, "replay", file)
			if code != cli.ExitUsage || out != "" || !strings.HasPrefix(said, "domdoc: error: ") ||
				strings.Contains(said, "\x1b") {
				t.Errorf("exit code %d, %q, %q", code, out, said)
			}
		})
	}
	// A case without the exchanges that it needs sends no query.
	file := filepath.Join(dir, "hollow")
	hollow := `{"format":"domdoc case","version":1,"args":["check","--","a.example"],` +
		`"settings":{"apiUrl":"http://127.0.0.1:1"},"sessions":[{}]}`
	if err := os.WriteFile(file, []byte(hollow), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, said := runs(t, nil, "replay", file); code != cli.ExitInconclusive && code != cli.ExitService ||
		!strings.Contains(out, "not checked") {
		t.Errorf("exit code %d, %q, %q", code, out, said)
	}
}

// TestDiffCases compares two cases as text, as JSON and by exit code.
func TestDiffCases(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json")
	runs(t, nil, "demo", "check", "shop.fabrikam.example", "tickets.northwind.example", "--record", a)
	runs(t, nil, "demo", "check", "shop.fabrikam.example", "shop.tailwind.example", "--record", b)
	code, out, said := runs(t, nil, "diff", a, b, "--exit-code")
	if code != cli.ExitFindings || said != "" {
		t.Errorf("exit code %d, %q", code, said)
	}
	for _, want := range []string{
		"tickets.northwind.example is gone", "shop.tailwind.example is new",
		"no change in 1 domain",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if code, out, _ := runs(t, nil, "diff", a, a, "--exit-code", "-o", "json"); code != cli.ExitOK ||
		!strings.Contains(out, `"changed": false`) {
		t.Errorf("exit code %d, %s", code, out)
	}
	if code, _, said := runs(t, nil, "diff", a); code != cli.ExitUsage ||
		!strings.Contains(said, "diff needs two cases") {
		t.Errorf("exit code %d, %q", code, said)
	}
}
