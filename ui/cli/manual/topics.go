package manual

import (
	"fmt"
	"strings"

	"domdoc/checks/query"

	"github.com/spf13/cobra"
)

// Topics returns the help pages about more than one command.
func Topics() []*cobra.Command {
	return []*cobra.Command{
		{
			Use: "exit-codes", Short: "exit codes of domdoc",
			Long: `0    everything was checked, with no finding at or above --fail-on
1    findings at or above --fail-on (by default: failures)
2    invalid command line or configuration; the message says what is wrong
3    something could not be checked, and nothing failed; with --fail-on never: the run was cut short
4    the service rejected the token, or is down
5    wait: condition not met
130  interrupted; the results so far are printed

"--fail-on never" is about findings: a run that --timeout ended, or that did not see all domains, still exits with 3 or
4. So does "domdoc merge" if one of its reports is incomplete or a part is missing. Findings about the tenant as a whole
(quota, wallet) fail no domain and do not affect the exit code.

If the reader closes the pipe early (| head), domdoc stops and exits with 0.`,
			Example: `  domdoc check shop.example.com || echo "exit code $?"
  domdoc check --all --fail-on never -o html > report.html`,
		},
		{
			Use: "filters", Short: "select domains and findings",
			Long: `--only and --skip select findings by cause (record.missing), family (record.*), code (DOMAIN_010), rung
(delegation) or check (propagation). Findings that a dropped finding explains are dropped with it. A selected check
that depends on a dropped or ignored finding counts as could not be checked (exit 3), and so do the selected checks if
all of them were skipped. What is left out is listed, and a domain that passes only because of that is not reported as
healthy.

--ignore adds an exception: 'CAUSE[@DOMAIN][:until 2026-12-31]'. The finding is still shown, but it does not affect
the exit code until that day. An exception for a whole family, rung or check also accepts that its check could not be
completed. DOMAIN may start with "*.". The config file lists exceptions under "ignore", and sets severities under
"severity".

--baseline REPORT marks the findings that an earlier report has. They are shown, but do not affect the exit code.

--filter selects domains with the query language of the dashboard. A domain must match every term. Commas separate
alternative values, - negates a term, and a bare word matches any column:

` + queryTable(),
			Example: `  domdoc check --all --only 'record.*,DOMAIN_010' --skip http
  domdoc check --all --ignore 'record.ttl-out-of-range@shop.example.com:until 2099-12-31'
  domdoc check --all --filter 'verdict:fail host:cloudflare' --allow-empty
  domdoc check --all --baseline report.json --fail-on warn`,
		},
		{
			Use: "settings", Short: "flags, environment variables and the config file",
			Long: `A flag overrides the environment, which overrides the profile in the config file, which overrides the default.

--api-url      DOMDOC_API_URL     address of the Domains Service
               DOMDOC_TOKEN       token for the service (default: the session of domdoc login)
--tenant       DOMDOC_TENANT      tenant
--profile      DOMDOC_PROFILE     profile in the config file
--resolver     DOMDOC_RESOLVERS   public resolvers, separated by commas
--output       DOMDOC_OUTPUT      output format
               DOMDOC_AUTH_CODE   authorization code whose syntax to check
--as           DOMDOC_AS          who reads: tenant, support or operator
--color        NO_COLOR           disable color; also CLICOLOR=0; CLICOLOR_FORCE=1 colors pipes
               DOMDOC_THEME       colors of the dashboard: terminal, light, dark or contrast ("theme" in the file)
               GITHUB_ACTIONS     "true": also write findings as annotations to stderr

The config file is $XDG_CONFIG_HOME/domdoc/config.yaml (by default in ~/.config):

profiles:
  default:
    api-url: https://api.example.com
  staging:
    api-url: https://api.staging.example.com
    tenant: t-1
    output: json
    as: support
    resolvers: [8.8.8.8, 9.9.9.9]
    credentials: file                # do not use the keyring
    page-url: https://console.example.com/domains/{id}
    paths: {domains: /domains/v1/domains}
severity:
  registration.expires-soon: fail
ignore:
  - record.ttl-out-of-range@shop.example.com:until 2099-12-31
theme: light                         # dashboard: terminal, light, dark or contrast (DOMDOC_THEME)
keys:                                # dashboard
  diagnose-all: A

Reports address their reader (--as): a tenant is "you"; for support the domain's owner is "the customer", for an
operator "the tenant" with its id, and what the platform must do is for "you". Without the setting, a session whose
token names a tenant, and has no role of support, operator, platform or staff, is that of the tenant; otherwise, and
without a session, support reads. The last line of a report says what is for whom.

Sessions are kept in the system keyring, or in credentials.json next to the config file, readable only by you. Caches
are in $XDG_CACHE_HOME/domdoc and can be deleted at any time. Concurrent runs can share these files.`,
			Example: `  DOMDOC_PROFILE=staging domdoc domains
  domdoc check --all --profile default,staging -o jsonl
  domdoc profiles`,
		},
		{
			Use: "machines", Short: "split a check across machines",
			Long: `--shard i/n checks one of n parts of a tenant's domains; domdoc merge combines the reports of the parts. The
part of a domain depends only on its name, so the machines need no coordination. Parts are counted from 1, or from 0
as in Kubernetes: 0/8 is the same as 8/8. Incidents are detected again across all parts.

A Kubernetes Indexed Job with eight pods. Each pod writes its part to a shared volume. "--fail-on never" keeps
findings from failing the pod, so that only a pod that could not finish is restarted:

` + indent(kubernetesJob) + `

When the job is complete, merge the parts. The exit code is that of the whole check:

    domdoc merge /reports/*.jsonl -o html > report.html

The last line of each file has the number of its domains, its part and whether it is complete. A file that is cut off
is refused, a part without domains is accepted, and a report without one of the parts is incomplete.

A GitHub Actions matrix with four jobs, and a job that merges the parts:

` + indent(actionsMatrix) + `

Each machine queries the public resolvers and the service. If they share an IP address, lower --jobs on each.

Registries limit what one address may ask. To look up a long list with domdoc registration on several machines, split
it by ending, so that each registry is asked by one of them:

    grep '\.com$' names.txt | domdoc registration -f - -o jsonl > com.jsonl
    grep -v '\.com$' names.txt | domdoc registration -f - -o jsonl > others.jsonl

Metrics: node_exporter reads files of its textfile directory. "--output-file" replaces the file in one step, at the end
of the run. Reports of several tenants or profiles can be in one directory:

    domdoc check --all -o prometheus --fail-on never --output-file /var/lib/prometheus/node-exporter/domdoc.prom

Alerts of Prometheus for a run each day. A domain that only has to wait raises none before its wait is over:

` + indent(alertRules),
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
      securityContext: {fsGroup: 65532} # the image runs as this user
      containers:
        - name: domdoc
          image: registry.example.com/domdoc:1
          # arguments of the image's domdoc; it has no shell
          args: [check, --all, --shard, $(JOB_COMPLETION_INDEX)/8, --fail-on, never, -o, jsonl,
                 --output-file, /reports/$(JOB_COMPLETION_INDEX).jsonl]
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

const alertRules = `groups:
  - name: domdoc
    rules:
      - alert: DomainFails
        expr: >-
          domdoc_domain_verdict{verdict="fail"}
          unless ignoring(verdict) domdoc_domain_waits_until_timestamp_seconds > time()
        annotations: {summary: "{{ $labels.domain }} fails"}
      - alert: CertificateExpires
        expr: domdoc_certificate_not_after_timestamp_seconds - time() < 14 * 86400
        annotations: {summary: "the certificate of {{ $labels.domain }} expires in {{ $value | humanizeDuration }}"}
      - alert: RegistrationExpires
        expr: domdoc_registration_expires_timestamp_seconds - time() < 30 * 86400
        annotations: {summary: "the registration of {{ $labels.domain }} expires in {{ $value | humanizeDuration }}"}
      - alert: DomainsIncident
        expr: domdoc_incident_domains > 0
        annotations: {summary: "{{ $labels.cause }} affects {{ $value }} domains"}
      - alert: DomainsNotChecked
        expr: domdoc_run_complete == 0
        annotations: {summary: "the last check of the domains is incomplete"}
      - alert: DomainsCheckMissing
        expr: time() - domdoc_run_timestamp_seconds > 2 * 86400 or absent(domdoc_run_timestamp_seconds)
        annotations: {summary: "the domains were not checked for two days"}`

func indent(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") }

// queryTable lists the keys of the query language.
func queryTable() string {
	var b strings.Builder
	for _, k := range query.Help() {
		fmt.Fprintf(&b, "%-20s %s\n", k[0], k[1])
	}
	b.WriteString("\nWhat follows each key. A key or a value that does not exist is refused:\n\n")
	for _, v := range query.Values() {
		fmt.Fprintf(&b, "%-20s %s\n", v[0], v[1])
	}
	return strings.TrimRight(b.String(), "\n")
}
