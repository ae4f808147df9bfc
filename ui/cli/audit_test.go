package cli_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"domdoc/api/sandbox"
	"domdoc/ui/cli"
)

// TestAuditOfSomeStories compares only the stories that are named.
func TestAuditOfSomeStories(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		stories, want string
		code          int
	}{
		{"on-hold,healthy-txt", "2 cases, 1 healthy\nprecision 1.00, recall 1.00\n", 0},
		{"no-such-story", `no story "no-such-story"`, cli.ExitUsage},
	} {
		code, stdout, stderr := runs(t, nil, "demo", "--stories", tt.stories, "audit")
		if code != tt.code || !strings.Contains(stdout+stderr, tt.want) {
			t.Errorf("%s: exit code %d, want %d with %q:\n%s%s", tt.stories, code, tt.code, tt.want, stdout, stderr)
		}
	}
}

// TestAuditOfATenant compares predictions with the last errors of a tenant's domains: the exit code reports whether
// they agree, and the text names the domains.
func TestAuditOfATenant(t *testing.T) {
	t.Parallel()
	const (
		well = "A shop in order\n-- story --\ndomain shop.audited.example\nverify TXT _verify.@ tok-1\n%s-- zone " +
			"audited.example --\nshop CNAME {target}.\n_verify.shop TXT \"tok-1\"\n-- expect --\npass\n"
		lost = "A shop without its token\n-- story --\ndomain shop.audited.example\nstatus PENDING\nverify TXT " +
			"_verify.@ tok-1\n%s-- zone audited.example --\nshop CNAME {target}.\n-- expect --\nfail record.missing " +
			"verification DOMAIN_004\n"
		shut = "A registry that says nothing\n-- story --\ndomain shop.audited.example\nverify TXT _verify.@ " +
			"tok-1\nregistration active down=both\n%s-- zone audited.example --\nshop CNAME {target}.\n_verify.shop TXT " +
			"\"tok-1\"\n-- expect --\ninconclusive registration.unknown\n"
	)
	for _, tt := range []struct {
		name, story, head string
		code              int
		want              []string
	}{
		{"nothing is reported", well, "", cli.ExitInconclusive, []string{
			"1 domain, 1 healthy; 0 compared",
			"no reported errors to compare the predictions with",
		}},
		{
			"it is explained", lost, "error DOMAIN_004 1h Domain verification failed\n", 0,
			[]string{"1 compared with the last errors that the service reported", "precision 1.00, recall 1.00"},
		},
		{
			"it is missed", well, "error DOMAIN_014 1h Route not found\n", cli.ExitFindings,
			[]string{"recall 0.00", "differs      shop.audited.example: missing DOMAIN_014\n"},
		},
		{
			"another one is predicted", lost, "error DOMAIN_020 1h Registrar integration failed\n", cli.ExitFindings,
			[]string{
				"precision 0.00, recall 0.00",
				"differs      shop.audited.example: missing DOMAIN_020; unexpected DOMAIN_004\n",
			},
		},
		{
			"it may be over", well, "error DOMAIN_014 3d Route not found\n", cli.ExitInconclusive,
			[]string{"excluded     1 domain: reported some time ago, no longer seen\n             shop.audited.example " +
				"DOMAIN_014\n"},
		},
		{
			"it could not be judged", shut, "error DOMAIN_020 1h Registrar integration failed\n", cli.ExitInconclusive,
			[]string{"excluded     1 domain: reported, but some checks could not be completed\n             " +
				"shop.audited.example DOMAIN_020\n"},
		},
		{
			"it is not reported yet", lost, "", cli.ExitInconclusive,
			[]string{"excluded     1 domain: predicted, but not reported (yet)\n             shop.audited.example DOMAIN_004\n"},
		},
		{"the token is refused", well, "solo service=expired-token\n", cli.ExitService, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(tt.story, "%s", tt.head, 1)
			world, err := sandbox.Start(sandbox.Options{
				Stories: fstest.MapFS{"audited.txtar": {Data: []byte(text)}},
				Only:    []string{"audited"}, Clock: time.Now,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer world.Close()
			var out, errs bytes.Buffer
			code := cli.MainOn(t.Context(), cli.Env{
				Args: []string{"audit", "--reports"}, Stdin: strings.NewReader(""),
				Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }, Width: 100,
			}, world)
			if code != tt.code {
				t.Errorf("exit code %d, want %d: %s", code, tt.code, errs.String())
			}
			for _, w := range tt.want {
				if !strings.Contains(out.String(), w) {
					t.Errorf("the output lacks %q:\n%s%s", w, out.String(), errs.String())
				}
			}
		})
	}
}
