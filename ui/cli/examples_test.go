package cli_test

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/ui/cli"
)

// On a real network the examples are about a domain of the reader's own. Here they are about a healthy one of the
// sandbox.
const (
	anyDomain, anyTarget         = "shop.example.com", "d111111abcdef8.cloudfront.net"
	healthyDomain, healthyTarget = "tickets.northwind.example", "d-healthy-txt.cloudfront.net"
)

// exampleWant is how an example ends.
type exampleWant struct {
	code   int
	output string // a regular expression that matches what it writes
	file   string // where it writes, when not to stdout
}

// What several examples write.
const (
	isHealthy = `^tickets\.northwind\.example  ✓`
	matches   = `^✓ match +tickets\.northwind\.example CNAME`
)

// exampleWants has the end of each example, by its line without the comment.
var exampleWants = map[string]exampleWant{
	"domdoc check shop.example.com": {output: isHealthy},
	"domdoc explain DOMAIN_004": {output: `^DOMAIN_004  ` +
		`DOMAIN_VERIFICATION_FAILED(.|\n)*record\.missing`},
	"domdoc demo":                             {output: `(?m)^\d+ pass, \d+ `},
	"domdoc demo check --all":                 {code: 1, output: `(?m)^\d+ pass, \d+ `},
	"domdoc demo --stories small check --all": {code: 1, output: `(?m)^1 pass, \d+ `},
	"domdoc demo check shop.fabrikam.example": {
		code:   1,
		output: `_verify\.shop\.fabrikam\.example TXT`,
	},
	"domdoc demo audit": {output: `precision 1\.00, recall 1\.00`},
	"domdoc demo --stories on-hold,healthy-txt audit": {output: `2 cases, 1 healthy\nprecision 1\.00, recall 1\.00`},
	"domdoc audit -o json": {output: `"stories": 2,\n *"healthy": 1,\n ` +
		`*"precision": 1,`},
	"domdoc check --all -o jsonl": {
		code:   1,
		output: `\A(\{"domain":"[^"]+",.*\}\n){2}` + lastLine,
	},
	"domdoc check shop.example.com || echo \"exit code $?\"":   {output: isHealthy},
	"domdoc check --all --fail-on never -o html > report.html": {file: "report.html", output: `</html>\n\z`},
	"domdoc demo wait shop.curlew.example --keep-asking":       {output: `^shop\.curlew\.example  ✓`},
	"domdoc demo --domains 10000 check --all -o jsonl": {
		code:   1,
		output: `\A(\{"domain":"[^"]+",.*\}\n){30}` + lastLine,
	},
	"domdoc check shop.example.com --expect 'TXT _verify.shop.example.com=tok-1' " +
		"--expect 'CNAME shop.example.com=d111111abcdef8.cloudfront.net'": {output: isHealthy},
	"cut -d, -f1 domains.csv | domdoc check -f -":            {output: isHealthy},
	"domdoc completion bash > /etc/bash_completion.d/domdoc": {file: "domdoc", output: `complete .*domdoc`},
	`domdoc completion zsh > "${fpath[1]}/_domdoc"`:          {file: "_domdoc", output: `^#compdef domdoc`},
	"domdoc completion fish > ~/.config/fish/completions/domdoc.fish": {
		file: ".config/fish/completions/domdoc.fish", output: `complete -c domdoc`,
	},
	"domdoc completion powershell > domdoc.ps1": {
		file:   "domdoc.ps1",
		output: `Register-ArgumentCompleter`,
	},
	"domdoc diff monday.json tuesday.json":                   {output: `monday\.json .*tuesday\.json`},
	"domdoc diff before.json after.json -o json --exit-code": {output: `"changed": false`},
	"domdoc doctor":  {output: `✓ resolver  8\.8\.8\.8:53`},
	"domdoc domains": {output: `(?m)^tickets\.northwind\.example  VERIFIED .* d-healthy-txt$`},
	"domdoc domains -o jsonl | jq -r .domain": {output: `^tickets\.northwind\.example\nshop\.fabrikam\.example\n$`},
	"domdoc explain DOMAIN_008":               {output: `^DOMAIN_008  DNS_CONFIGURATION_FAILED`},
	"domdoc explain 422": {output: `(?m)^ *DOMAIN_004  422 (.|\n)*^ ` +
		`*DOMAIN_008  422 `},
	"domdoc explain NET::ERR_CERT_COMMON_NAME_INVALID": {output: `(?m)^ *points to +certificate.name-mismatch: `},
	"domdoc explain record.name-doubled --show": {output: `"name-doubled"(.|\n)*✗ fail  ` +
		`record\.name-doubled`},
	"domdoc check --all --only 'record.*,DOMAIN_010' --skip http": {code: 1, output: `record\.name-doubled`},
	"domdoc check --all --ignore 'record.ttl-out-of-range@shop.example.com:until 2099-12-31'": {
		code: 1, output: `record\.name-doubled`,
	},
	// it fails at GoDaddy
	"domdoc check --all --filter 'verdict:fail host:cloudflare' --allow-empty": {output: `\A\n[a-z ]+\n\z`},
	"domdoc check --all --baseline report.json --fail-on warn": {
		code:   1,
		output: `record\.name-doubled`,
	},
	"domdoc help check":      {output: `--fail-on`},
	"domdoc help exit-codes": {output: `(?m)^130 `},
	"domdoc login --api-url https://api.example.com --email me@example.com": {
		file: ".config/domdoc/credentials.json", output: `"default":`,
	},
	"domdoc login --profile staging --email me@example.com --password-stdin < password.txt": {
		file: ".config/domdoc/credentials.json", output: `"staging":`,
	},
	"domdoc logout":                   {output: `default`},
	"domdoc logout --profile staging": {output: `staging`},
	"domdoc check --all --shard 1/2 -o jsonl --fail-on never > 1.jsonl": {
		file: "1.jsonl", output: `^\{"domain":"tickets\.northwind\.example",.*\n` + lastLine,
	},
	"domdoc check --all --shard 2/2 -o jsonl --fail-on never > 2.jsonl": {
		file: "2.jsonl", output: `^\{"domain":"shop\.fabrikam\.example",.*\n` + lastLine,
	},
	"domdoc check --all --shard 1/2 -o jsonl > 1.jsonl": {
		file:   "1.jsonl",
		output: `^\{"domain":"tickets\.northwind\.example",.*\n` + lastLine,
	},
	"domdoc check --all --shard 2/2 -o jsonl > 2.jsonl": {
		code: 1, file: "2.jsonl",
		output: `^\{"domain":"shop\.fabrikam\.example",.*\n` + lastLine,
	},
	"domdoc merge 1.jsonl 2.jsonl": {output: isHealthy},
	"domdoc merge 1.jsonl 2.jsonl -o html > report.html": {
		file:   "report.html",
		output: `tickets\.northwind\.example(.|\n)*</html>\n\z`,
	},
	"domdoc man man1": {file: "man1/domdoc-check.1", output: `^\.TH "DOMDOC\\-CHECK" "1"`},
	"domdoc man man1 && man -l man1/domdoc-check.1": {output: `DOMDOC-CHECK\(1\)`},
	"domdoc profiles":                      {output: `(?m)^\* default +http://127\.0\.0\.1:\d+ `},
	"domdoc check --all --profile staging": {code: 1, output: `record\.name-doubled`},
	"domdoc propagation shop.example.com --type CNAME --expect d111111abcdef8.cloudfront.net": {output: matches},
	"domdoc propagation --type A --authoritative=false --rate 500 -o jsonl -f names.txt": {
		output: `^\{"name":"tickets\.northwind\.example","type":"A",.*"kind":"resolver","state":"seen"`,
	},
	"domdoc propagation --type CNAME --expect-column cname -f expected.csv": {output: matches},
	"domdoc propagation --type TXT --resolver 9.9.9.9 --resolver tls://1.1.1.1 " +
		"--resolver https://dns.google/dns-query shop.example.com": { // the sandbox has no 9.9.9.9
		code: 3, output: `9\.9\.9\.9:53 (.|\n)*tls://1\.1\.1\.1:853 (.|\n)*https://dns\.google/dns-query `,
	},
	"domdoc registration shop.example.com": {output: `^✓ registered  tickets\.northwind\.example\n`},
	"domdoc registration -f names.txt -o jsonl": {
		output: `^\{"name":"tickets\.northwind\.example",.*"state":"registered"`,
	},
	"domdoc registration -f portfolio.txt --fail-on warn": {output: `^✓ registered +tickets\.northwind\.example `},
	"domdoc registration -f names.txt -o jsonl | jq -r 'select(.state == \"registered\") | [.name, .expiresAt] | " +
		"@tsv'": {
		output: `^tickets\.northwind\.example\t2`,
	},
	"domdoc check shop.example.com --record case.json": {file: "case.json", output: `"format": ?"domdoc case"`},
	"domdoc plan shop.example.com --add 'shop CNAME d111111abcdef8.cloudfront.net' --remove 'shop A'": {
		output: `(?m)^  \+ shop\.northwind\.example 300 CNAME (.|\n)*✓ pass  →  ✓ pass`,
	},
	"domdoc plan shop.example.com --set 'shop TTL 300'": {output: `note +shop\.northwind\.example has no such DNS record`},
	"domdoc plan shop.example.com --nameservers ada.ns.cloudflare.com,bob.ns.cloudflare.com": {
		code: 3, output: `refuses questions about the zone(.|\n)*not everything could be judged`,
	},
	"domdoc plan shop.example.com --file changes.zone --at 2026-12-05T20:00Z": {
		output: `(?m)^  \+ other\.northwind\.example 300 TXT `,
	},
	"domdoc plan example.com --transfer": {
		code: 1, output: `(?m)^  stops +registration\.not-registered$`,
	},
	"domdoc plan shop.example.com --detach": {
		code: 1, output: `(?m)^  routing +tickets\.northwind\.example CNAME (.|\n)*^  2\. .*: Remove `,
	},
	"domdoc plan --all --file changes.zone": {
		output: `✓ pass  →  ✓ pass`,
	},
	"domdoc plan shop.example.com --file - -o json < change-batch.json": {output: `"breaks": false`},
	"domdoc replay case.json":               {output: isHealthy},
	"domdoc replay case.json -o markdown":   {output: "^- `tickets\\.northwind\\.example`: "},
	"domdoc schema > report.schema.json":    {file: "report.schema.json", output: `"blockedBy"`},
	"domdoc schema --jsonl":                 {output: `"title": "domdoc report, a line"`},
	"domdoc schema propagation":             {output: `"title": "domdoc propagation"`},
	"DOMDOC_PROFILE=staging domdoc domains": {output: `(?m)^tickets\.northwind\.example  VERIFIED `},
	"domdoc check --all --profile default,staging -o jsonl": {
		code:   1,
		output: `(?m)^\{"domain":"tickets\.northwind\.example",`,
	},
	"echo 'DOMAIN_010 shop.example.com' | domdoc triage": {output: `DOMAIN_010 (.|\n)*tickets\.northwind\.example  ✓`},
	"domdoc triage ticket.txt":                           {output: `DOMAIN_010 (.|\n)*tickets\.northwind\.example  ✓`},
	"domdoc triage ticket.txt --reply --language de":     {output: `(?m)^Wir haben tickets\.northwind\.example geprüft`},
	"domdoc triage ticket.txt -o markdown":               {output: "`DOMAIN_010` .*`tickets\\.northwind\\.example`"},
	"domdoc version":                                     {output: `^domdoc test\n$`},
	"domdoc version -o json":                             {output: `"version": "test"`},
	"domdoc wait shop.example.com --for verified":        {output: `^tickets\.northwind\.example  ✓ verified`},
	"domdoc wait shop.example.com --for propagated " +
		"--expect 'CNAME shop.example.com=d111111abcdef8.cloudfront.net' --deadline 1h": {
		output: `^tickets\.northwind\.example  ✓ propagated`,
	},
	"domdoc wait shop.example.com --for verified --keep-asking && ./go-live.sh": {output: `✓ verified.*\nlive\n$`},
}

// everyStoryLine matches an example that diagnoses all stories.
var everyStoryLine = regexp.MustCompile(`^domdoc demo( check --all| audit)?$`)

// TestExamples runs every example of every command and topic in a shell, in a directory that has the files which it
// names: its exit code and output are as exampleWants says. The sandbox answers for the network and the service.
func TestExamples(t *testing.T) {
	t.Parallel()
	world := startSandbox(t, "healthy-txt", "name-doubled")
	files := exampleFiles(t, world)
	seen := map[string]bool{}
	for _, m := range cli.Manuals() {
		if len(m.Examples) == 0 || m.Examples[0] == "" {
			t.Errorf("%s has no example", m.Path)
			continue
		}
		for _, example := range m.Examples {
			line := exampleComment.ReplaceAllString(strings.TrimSpace(example), "")
			want, ok := exampleWants[line]
			if !ok {
				t.Errorf("%s: exampleWants does not say how %q ends", m.Path, line)
			}
			if seen[line] {
				continue
			}
			seen[line] = true
			t.Run(line, func(t *testing.T) {
				t.Parallel()
				sh := shell{dir: t.TempDir(), world: world}
				if everyStoryLine.MatchString(line) {
					sh.binary = built(t)
				}
				checkExample(t, sh, files, line, want)
			})
		}
	}
	for line := range exampleWants {
		if !seen[line] {
			t.Errorf("no command has the example %q", line)
		}
	}
}

// checkExample runs an example in a directory that has the files.
func checkExample(t *testing.T, sh shell, files map[string]string, line string, want exampleWant) {
	t.Helper()
	if program := pipedInto.FindStringSubmatch(line); program != nil {
		if _, err := exec.LookPath(program[1]); err != nil {
			t.Skip(err)
		}
	}
	if line == "domdoc demo audit" && !allCases() {
		t.Skip("TestSchema runs the audit as well; DOMDOC_TESTS=full runs it here")
	}
	sh.files(t, files)
	got := sh.run(t, sandboxed(line, sh.world.URL()))
	text := got.stdout
	if want.file != "" {
		text = sh.read(t, want.file)
	}
	if got.code != want.code || !regexp.MustCompile(want.output).MatchString(text) {
		t.Errorf("exit code %d, want %d, and output that matches %q:\n%s%s", got.code, want.code, want.output, text,
			got.stderr)
	}
	if strings.Contains(got.stderr, "error:") {
		t.Errorf("it reports an error: %s", got.stderr)
	}
}

// TestHelpShowsExamples checks that the examples of TestExamples are those that --help shows.
func TestHelpShowsExamples(t *testing.T) {
	t.Parallel()
	for _, m := range cli.Manuals() {
		for _, line := range m.Examples {
			if !strings.Contains(line, "domdoc") || !strings.Contains(m.Help, line) {
				t.Errorf("%s --help does not show the example %q", m.Path, line)
			}
		}
	}
}

var (
	exampleComment = regexp.MustCompile(`\s{3,}[a-z].*$`)
	pipedInto      = regexp.MustCompile(`(?:\||&&) (jq|man) `) // programs that this machine may not have
)

// sandboxed puts names of the sandbox into an example, and makes it small enough for a test.
func sandboxed(line, service string) string {
	line = strings.NewReplacer(
		anyDomain, healthyDomain, anyTarget, healthyTarget, "https://api.example.com", service,
		"me@example.com", sandbox.Email,
		"/etc/bash_completion.d/", "./", "${fpath[1]}/", "./", "--domains 10000", "--domains 30",
		"domdoc audit", "domdoc audit --reports", // as on a real tenant
	).Replace(line)
	if !allCases() { // TestSchema checks all stories
		line = strings.Replace(line, "domdoc demo check --all", "domdoc demo --domains 30 check --all", 1)
		if line == "domdoc demo" {
			line += " --domains 30"
		}
	}
	// It would prompt on a terminal.
	if strings.Contains(line, "domdoc login") && !strings.Contains(line, "--password-stdin") {
		line += " --password-stdin < password.txt"
	}
	return line
}

// lastLine is the end of JSON lines of a complete run.
const lastLine = `\{"schemaVersion":1,.*"complete":true(?:,"all":true)?\}\n\z`

// exampleFiles are the files that examples name.
func exampleFiles(t *testing.T, world *sandbox.Sandbox) map[string]string {
	t.Helper()
	sh := shell{dir: t.TempDir(), world: world}
	check := func(args string) string {
		t.Helper()
		got := sh.run(t, "domdoc check "+healthyDomain+" "+args)
		if got.code != cli.ExitOK {
			t.Fatalf("%s: exit code %d: %s", args, got.code, got.stderr)
		}
		return got.stdout
	}
	lines, report := check("-o jsonl"), check("-o json")
	check("--record case.json")
	recorded := sh.read(t, "case.json")
	return map[string]string{
		"names.txt": healthyDomain + "\n", "portfolio.txt": healthyDomain + "\n", "domains.csv": healthyDomain + ",1\n",
		"expected.csv": "name,cname\n" + healthyDomain + "," + healthyTarget + "\n",
		"ticket.txt":   "DOMAIN_010 " + healthyDomain + "\n", "report.json": report, "1.jsonl": lines, "2.jsonl": lines,
		"case.json": recorded, "before.json": recorded, "after.json": recorded, "monday.json": recorded,
		"tuesday.json": recorded,
		"changes.zone": "$ORIGIN northwind.example.\n$TTL 300\nother TXT hello\n",
		"change-batch.json": `{"Changes": [{"Action": "CREATE", "ResourceRecordSet": {"Name": "other.northwind.example", ` +
			`"Type": "TXT", "TTL": 300, "ResourceRecords": [{"Value": "\"hello\""}]}}]}`,
		"password.txt": sandbox.Password + "\n", "go-live.sh": "#!/bin/sh\necho live\n",
		".config/domdoc/config.yaml": fmt.Sprintf("profiles:\n  default:\n    api-url: %s\n    credentials: file\n"+
			"  staging:\n    api-url: %[1]s\n    credentials: file\n", world.URL()),
		".config/fish/completions/empty": "",
	}
}
