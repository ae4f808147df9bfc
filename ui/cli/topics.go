package cli

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/checks/query"

	"github.com/spf13/cobra"
)

// topics are pages of help about what concerns more than one command.
func topics() []*cobra.Command {
	return []*cobra.Command{
		{
			Use: "exit-codes", Short: "what the program's exit codes mean",
			Long: `0    all was judged, and nothing was found at or above --fail-on
1    something was found at or above --fail-on (a failure, where nothing else is said)
2    a mistake on the command line or in the configuration; the message names it
3    something could not be judged, and nothing failed
4    the service refused us (the token), or is down
5    wait ended without it becoming true
130  interrupted; what was found until then is printed

A reader that has had enough, as head has, ends the program early and well: 0.`,
			Example: `  domdoc check shop.example.com || echo "exit code $?"
  domdoc check --all --fail-on never -o html > report.html`,
		},
		{
			Use: "filters", Short: "which domains and findings count",
			Long: `--only and --skip choose findings by cause (record.missing), family (record.*), code (DOMAIN_010) or rung (delegation). What follows
from a finding that is left out is left out, too.

--ignore is an exception: 'CAUSE[@DOMAIN][:until 2026-12-31]'. It is shown, and counts for nothing until that day. DOMAIN may begin
with "*.". The config file has a list of them under "ignore", and other severities under "severity".

--baseline REPORT marks what an earlier report has, too: it is shown, and does not end the command with exit code 1.

--filter chooses domains by a line of terms, the same as in the dashboard. A domain must match all of them; values behind a comma are
alternatives, a minus sign before a term turns it round, and a word without a key is looked for everywhere:

` + queryTable(),
			Example: `  domdoc check --all --only 'record.*,DOMAIN_010' --skip http
  domdoc check --all --ignore 'record.ttl-out-of-range@shop.example.com:until 2099-12-31'
  domdoc check --all --filter 'verdict:fail host:cloudflare'
  domdoc check --all --baseline report.json --fail-on warn`,
		},
		{
			Use: "settings", Short: "flags, environment and the config file",
			Long: `A flag comes before the environment, which comes before the profile in the config file, which comes before the default.

--api-url      DOMDOC_API_URL     the Domains Service
               DOMDOC_TOKEN       its token; else the session that domdoc login keeps
--tenant       DOMDOC_TENANT      the tenant to ask as
--profile      DOMDOC_PROFILE     the profile of the config file
--resolver     DOMDOC_RESOLVERS   resolvers to judge by, separated by commas
--output       DOMDOC_OUTPUT      the format
               DOMDOC_AUTH_CODE   an authorization code whose form is to be checked
--color        NO_COLOR           no colour
               GITHUB_ACTIONS     "true": findings are annotations, too, on stderr

The config file is $XDG_CONFIG_HOME/domdoc/config.yaml (~/.config where that is not set):

profiles:
  default:
    api-url: https://api.example.com
  staging:
    api-url: https://api.staging.example.com
    tenant: t-1
    output: json
    resolvers: [8.8.8.8, 9.9.9.9]
    credentials: file                # the keyring is not asked
    page-url: https://console.example.com/domains/{id}
    paths: {domains: /domains/v1/domains}
severity:
  registration.expires-soon: fail
ignore:
  - record.ttl-out-of-range@shop.example.com:until 2099-12-31
keys:                                # of the dashboard
  diagnose-all: A

Sessions are in the system keyring, or in credentials.json beside it, which only you can read. What is kept for speed is in
$XDG_CACHE_HOME/domdoc, and can be removed at any time. Runs that share these files do not disturb each other.`,
			Example: `  DOMDOC_PROFILE=staging domdoc domains
  domdoc check --all --profile default,staging -o jsonl
  domdoc profiles`,
		},
		{
			Use: "machines", Short: "one check on more than one machine",
			Long: `--shard i/n checks one of n parts of a tenant's domains, and domdoc merge makes one report of the parts. A domain's part depends on
its name alone, so that no machine has to know of another. Parts are counted from 1, or from 0 as Kubernetes does: 0/8 is 8/8.
Incidents, which take several domains to see, are found anew over all parts.

A Kubernetes Indexed Job of eight. Each pod writes its part to a volume that they share; "--fail-on never" because a finding is no
failure of the pod, so that only a pod that could not do its work is started again:

` + indent(kubernetesJob) + `

When the job is complete, anything that sees the volume makes the report, and ends with the exit code of the whole:

    domdoc merge /reports/*.jsonl -o html > report.html

A GitHub Actions matrix of four, and a job that puts the parts together and decides:

` + indent(actionsMatrix) + `

Each machine asks the public resolvers and the service for itself; where they share an address, --jobs bounds what each does at once.`,
			Example: `  domdoc check --all --shard 1/2 -o jsonl --fail-on never > 1.jsonl
  domdoc check --all --shard 2/2 -o jsonl --fail-on never > 2.jsonl
  domdoc merge 1.jsonl 2.jsonl`,
		},
	}
}

const kubernetesJob = `apiVersion: batch/v1
kind: Job
metadata:
  name: domdoc
spec:
  completionMode: Indexed
  completions: 8
  parallelism: 8
  backoffLimitPerIndex: 2
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: domdoc
          image: registry.example.com/domdoc:1
          command: [sh, -c]
          args:
            - domdoc check --all --shard "$JOB_COMPLETION_INDEX/8" --fail-on never -o jsonl > "/reports/$JOB_COMPLETION_INDEX.jsonl"
          env:
            - {name: DOMDOC_API_URL, value: "https://api.example.com"}
            - {name: DOMDOC_TOKEN, valueFrom: {secretKeyRef: {name: domdoc, key: token}}}
          volumeMounts:
            - {name: reports, mountPath: /reports}
      volumes:
        - {name: reports, persistentVolumeClaim: {claimName: domdoc-reports}}`

const actionsMatrix = `on: {schedule: [{cron: "17 5 * * *"}]}
jobs:
  check:
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix: {part: [1, 2, 3, 4]}
    env:
      DOMDOC_API_URL: https://api.example.com
      DOMDOC_TOKEN: ${{ secrets.DOMDOC_TOKEN }}
    steps:
      - run: domdoc check --all --shard ${{ matrix.part }}/4 --fail-on never -o jsonl > ${{ matrix.part }}.jsonl
      - uses: actions/upload-artifact@v4
        with: {name: "part-${{ matrix.part }}", path: "${{ matrix.part }}.jsonl"}
  report:
    needs: check
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v4
        with: {pattern: part-*, merge-multiple: true}
      - run: domdoc merge *.jsonl -o junit > report.xml`

func indent(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") }

// queryTable lists the keys of a query.
func queryTable() string {
	var b strings.Builder
	for _, k := range query.Help() {
		fmt.Fprintf(&b, "%-20s %s\n", k[0], k[1])
	}
	return strings.TrimRight(b.String(), "\n")
}

// newHelp is the command that shows the help of another, or a topic.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND|TOPIC]", Short: "help about a command or a topic",
		Long: `Shows the help of a command, as --help does, or a page about what concerns more than one: exit-codes, ` +
			`filters, settings, machines.`,
		Example: `  domdoc help check
  domdoc help exit-codes`,
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 && about == cmd.Root() {
				return usagef("domdoc help check", "there is no command and no topic %q", clean(strings.Join(args, " ")))
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// help is the text of a command's help.
func help(cmd *cobra.Command) string {
	text := strings.TrimSpace(cmd.Long)
	if text == "" {
		text = cmd.Short
	}
	if cmd.IsAdditionalHelpTopicCommand() {
		return text + "\n\nExamples:\n" + cmd.Example + "\n"
	}
	if text != "" {
		text += "\n\n"
	}
	return text + cmd.UsageString()
}

// manuals are the commands and topics that have a page of the manual, by name, with all above them visible.
func manuals(root *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		out = append(out, c)
		for _, sub := range c.Commands() {
			if !sub.Hidden && (sub.IsAvailableCommand() || sub.IsAdditionalHelpTopicCommand() || sub.Name() == "help") {
				walk(sub)
			}
		}
	}
	walk(root)
	slices.SortFunc(out, func(a, b *cobra.Command) int { return strings.Compare(a.CommandPath(), b.CommandPath()) })
	return out
}
