package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"
	"domdoc/ui/cli/arguments"
	"domdoc/ui/cli/config"
	"domdoc/ui/cli/credentials"
	"domdoc/ui/cli/gates"
	"domdoc/ui/cli/outputfile"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"

	"github.com/spf13/cobra"
)

// settings are the global flags, completed from the environment, the profile in the config file and the defaults, in
// this order of precedence.
type settings struct {
	helpErr error // of writing the help

	env     *Env
	backend backend
	observe func(*result.Domain) // called with each diagnosis; may be nil

	// The flags.
	apiURL, tenant, profile, output, color string
	as                                     string // who reads; empty: by the session, see readerOf
	resolvers                              []string
	allowPrivate                           bool
	timeout                                time.Duration
	jobs                                   int
	recordFile                             string
	outputFile                             string // empty: stdout
	plain                                  bool   // show the dashboard as lines
	showVersion                            bool   // --version

	reader         catalog.Reader
	profiles       []string // the values of --profile when there are several
	multiProfile   bool     // profile is one of several
	resolverSource string   // the setting that names the resolvers, for errors
	outputSet      bool     // the format was chosen by the user
	token          string
	authCode       *string // an authorization code to check; nil when none is given
	paths          map[string]string
	credentials    credentials.Place
	profileURL     string // the service of the profile, whatever --api-url says
	pageURL        string // the page of a domain at the service, with {id} or {domain}
	title          string // of the dashboard; empty: the profile
	reply          config.Reply
	rules          gates.Rules

	// brief asks for text with one line per domain, or in full, if briefSet; otherwise the number of domains decides.
	brief, briefSet bool

	reported  bool // a report is written, complete or not
	annotated bool // an annotation says why the run failed
}

// addFlags adds the global flags.
func (s *settings) addFlags(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVar(&s.apiURL, "api-url", "",
		"address of the Domains Service, without /domains/v1 (environment: DOMDOC_API_URL)")
	f.StringVar(&s.tenant, "tenant", "", "tenant (DOMDOC_TENANT)")
	f.StringVar(&s.profile, "profile", "", "profile in the config file (DOMDOC_PROFILE, default \"default\")")
	f.StringArrayVar(&s.resolvers, "resolver", nil,
		"public resolver to query, repeatable: "+strings.Join(exchange.ResolverExamples(), ", ")+
			" (DOMDOC_RESOLVERS, default 8.8.8.8 and 1.1.1.1)")
	f.StringVarP(&s.output, "output", "o", "", strings.Join(report.FormatNames(), ", ")+
		" (DOMDOC_OUTPUT, default text); commands that print no domain report support text, json and jsonl")
	f.StringVar(&s.as, "as", "",
		"who reads: tenant, support or operator; reports address the reader, and count what is "+
			"for whom (DOMDOC_AS, default tenant with a tenant's session, else support)")
	f.StringVar(&s.color, "color", "auto", "auto, always or never (auto respects NO_COLOR)")
	f.DurationVar(&s.timeout, "timeout", 0,
		"time limit of the whole run, such as 30s or 5m; a domain that is not checked completely by then is reported as "+
			"not checked, and the run as incomplete (default: none, but 60s for each domain)")
	f.StringVar(&s.recordFile, "record", "",
		"record all queries and answers to a file, without secrets; domdoc replay FILE shows the report again")
	f.IntVar(&s.jobs, "jobs", 0, "domains to diagnose concurrently (default: by number of CPUs)")
	f.BoolVar(&s.allowPrivate, "allow-private", false,
		"allow TLS and HTTP connections to private, loopback and link-local addresses")
}

// load completes the settings for a command.
func (s *settings) load(cmd *cobra.Command) error {
	profile, err := s.readProfile(cmd)
	if err != nil {
		return err
	}
	if profile == nil {
		profile = &config.Profile{}
	} else {
		s.useProfile(profile)
	}
	pick := func(flag string, into *string, variable, ofProfile string) {
		switch v := s.env.Getenv(variable); {
		case cmd.Flags().Changed(flag):
		case v != "":
			*into = v
		default:
			*into = ofProfile
		}
	}
	pick("api-url", &s.apiURL, "DOMDOC_API_URL", profile.APIURL)
	pick("tenant", &s.tenant, "DOMDOC_TENANT", profile.Tenant)
	pick("as", &s.as, "DOMDOC_AS", profile.As)
	if s.as != "" && !slices.Contains(catalog.Audiences(), catalog.Audience(s.as)) {
		return usage.Errorf("--as support",
			"--as (or DOMDOC_AS, or the profile's as) is %q: use tenant, support or operator",
			usage.Clean(s.as))
	}
	s.reader = readerOf(s, nil)
	pick("output", &s.output, "DOMDOC_OUTPUT", profile.Output)
	if s.outputSet = s.output != ""; !s.outputSet {
		s.output = "text"
	}
	s.resolverSource = "--resolver "
	if !cmd.Flags().Changed("resolver") {
		if v := s.env.Getenv("DOMDOC_RESOLVERS"); v != "" {
			s.resolverSource = "DOMDOC_RESOLVERS="
			s.resolvers = strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
		} else if len(profile.Resolvers) > 0 {
			s.resolverSource = "the profile's resolvers: "
			s.resolvers = profile.Resolvers
		}
	}
	s.token = strings.TrimSpace(s.env.Getenv("DOMDOC_TOKEN"))
	if code := s.env.Getenv("DOMDOC_AUTH_CODE"); code != "" {
		s.authCode = &code
	}
	file, err := s.readConfig()
	if err != nil {
		return err
	}
	s.rules = gates.Rules{Severities: file.Severities(), Ignores: file.Ignores(), Source: s.configPath()}
	s.backend.apply(s)
	if err := s.checkFormat(cmd); err != nil {
		return err
	}
	if f := cmd.Flags().Lookup("brief"); f != nil && f.Changed {
		if s.briefSet = true; s.brief && s.output != "text" {
			return usage.Errorf("--brief -o text", "--brief: -o %s has no brief form; only text has", s.output)
		}
	}
	if !slices.Contains([]string{"auto", "always", "never"}, s.color) {
		return usage.Errorf("--color never", "--color %q: use auto, always or never", s.color)
	}
	if s.timeout < 0 || s.jobs < 0 {
		return usage.Errorf("--timeout 30s --jobs 8", "--timeout and --jobs must not be negative")
	}
	_, err = gates.Parse(gates.Options{}, s.rules, nil) // an invalid rule is an error of every command
	return err
}

// useProfile takes the settings that only a profile has.
func (s *settings) useProfile(p *config.Profile) {
	s.paths, s.credentials, s.profileURL, s.pageURL, s.reply = p.Paths, p.Credentials, p.APIURL, p.PageURL, p.Reply
}

func (s *settings) configPath() string { return config.Path(s.env.Getenv) }

// readConfig reads the user's config file; nil when there is none or the backend does not use it.
func (s *settings) readConfig() (*config.File, error) {
	if s.backend.isolated() != "" {
		return nil, nil
	}
	return config.Read(s.configPath(), s.env.CheckKeys)
}

// readProfile reads the selected profile; nil when there is none. A profile that is named must exist, except for
// login, which creates it, and for profiles.
func (s *settings) readProfile(cmd *cobra.Command) (*config.Profile, error) {
	name := s.profile
	if !cmd.Flags().Changed("profile") && !s.multiProfile {
		if name = s.env.Getenv("DOMDOC_PROFILE"); name == "" {
			name = config.DefaultProfile
		}
	}
	s.profiles = nil
	if list := splitProfiles(name); len(list) > 1 {
		if cmd.Name() != "check" {
			return nil, usage.Errorf("--profile "+list[0], "--profile %q: only check --all accepts several profiles",
				usage.Clean(name))
		}
		s.profiles, s.profile = list, list[0]
		return nil, nil // check reads each of them
	}
	s.profile = name
	file, err := s.readConfig()
	if err != nil {
		return nil, err
	}
	p := file.Profile(name)
	if _, onSandbox := s.backend.(*sandboxed); onSandbox && name != config.DefaultProfile &&
		(cmd.Flags().Changed("profile") || s.multiProfile) { // it is not used, but a mistake is one here as well
		if file, err = config.Read(s.configPath(), s.env.CheckKeys); err != nil || file.Profile(name) != nil {
			return nil, err
		}
	} else if p != nil || name == config.DefaultProfile || s.backend.isolated() != "" ||
		cmd.Name() == "login" || cmd.Name() == "profiles" {
		return p, nil
	}
	if file == nil {
		return nil, usage.Errorf("profiles:\n  "+name+":\n    api-url: https://api.example.com",
			"no profile %q: the config file %s does not exist", name, s.configPath())
	}
	return nil, usage.Errorf("", "no profile %q in %s; it has %s", name, s.configPath(),
		strings.Join(file.Profiles(), ", "))
}

// splitProfiles splits the value of --profile.
func splitProfiles(s string) []string {
	var out []string
	for _, p := range strings.Split(s, ",") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// textFormats are the formats of commands that print no domain report.
var textFormats = [...]string{"text", "json", "jsonl"}

// checkFormat checks that a command supports the format of --output.
func (s *settings) checkFormat(cmd *cobra.Command) error {
	if !cmd.HasParent() || cmd.DisableFlagParsing { // the dashboard; demo, whose command checks it
		return nil
	}
	has := textFormats[:]
	if f := cmd.Annotations["formats"]; f != "" {
		has = strings.Fields(f)
	}
	from := "--output"
	if !cmd.Flags().Changed("output") {
		from = "DOMDOC_OUTPUT or the profile's output:"
	}
	switch {
	case slices.Contains(has, s.output):
		return nil
	case slices.Contains(report.FormatNames(), s.output):
		return usage.Errorf("-o json", "%s %q: %s does not support this format; use %s", from, s.output,
			cmd.CommandPath(), strings.Join(has, ", "))
	}
	return usage.Errorf("-o json", "%s %q is not a format; use %s%s", from, usage.Clean(s.output),
		strings.Join(has, ", "),
		arguments.Meant(s.output, has))
}

// needService returns an error when no service is configured.
func (s *settings) needService(command string) error {
	if s.apiURL != "" {
		return nil
	}
	return usage.Errorf("set --api-url (or DOMDOC_API_URL) and DOMDOC_TOKEN; or try the sandbox: domdoc demo "+command,
		"%s needs the Domains Service, but none is configured", command)
}

// style is the style of text on stdout.
func (s *settings) style() layout.Style {
	return layout.Style{Color: s.colored(s.env.StdoutTTY), Width: min(s.env.Width, 110), Reader: s.reader}
}

// colored reports whether output may have color; tty says whether it goes to a terminal.
func (s *settings) colored(tty bool) bool {
	switch s.color {
	case "always":
		return true
	case "never":
		return false
	}
	if s.plain || s.env.Getenv("NO_COLOR") != "" || s.env.Getenv("TERM") == "dumb" {
		return false
	}
	// https://bixense.com/clicolors: 0 is no
	if force := s.env.Getenv("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	return tty && s.env.Getenv("CLICOLOR") != "0"
}

// open opens an input file, or stdin for "-". by is the flag or the command that names it.
func (s *settings) open(by, path string) (io.ReadCloser, error) {
	return s.backend.input(path, func() (io.ReadCloser, error) {
		if path == "-" {
			return io.NopCloser(s.env.Stdin), nil
		}
		f, err := os.Open(path)
		if err != nil {
			if strings.HasPrefix(by, "--") {
				err = fmt.Errorf("%s: %w", by, err)
			}
			return nil, usage.Errorf(by+" FILE, or - for stdin", "%w", err)
		}
		return f, nil
	})
}

// printJSON prints a value as JSON: indented for -o json, on one line for -o jsonl.
func (s *settings) printJSON(v any) error {
	e := json.NewEncoder(s.env.Stdout)
	e.SetEscapeHTML(false)
	if s.output == "json" {
		e.SetIndent("", "  ")
	}
	return e.Encode(v)
}

// supportReports marks a command that prints domain reports: it supports every format, and writes into a file.
func (s *settings) supportReports(cmd *cobra.Command) {
	cmd.Annotations = map[string]string{"formats": strings.Join(report.FormatNames(), " ")}
	cmd.Flags().StringVar(&s.outputFile, "output-file", "",
		"write to a file, which is replaced in one step at the end of the run, unless it is interrupted; - is stdout")
	cmd.Flags().BoolVar(&s.brief, "brief", false, fmt.Sprintf("with -o text, one line per domain, the worst first "+
		"(default with more than %d domains; --brief=false writes all of them in full)", report.BriefOver))
}

// intoFile makes the output of a command go to --output-file. The file keeps its old content if the command was
// interrupted, was not used correctly, had nothing to check or ended before its report. A run that could not check
// everything says so in its report, which replaces the old one.
func (s *settings) intoFile(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if s.outputFile == "-" {
			s.outputFile = ""
		}
		if s.outputFile == "" {
			return run(cmd, args)
		}
		f, err := outputfile.Create(s.outputFile)
		if err != nil {
			return usage.Errorf("--output-file report.json", "--output-file: %w", err)
		}
		env := *s.env
		env.Stdout, env.StdoutTTY, env.Width = f, false, 0
		s.env = &env
		err = run(cmd, args)
		var code exit
		written, seekErr := f.Seek(0, io.SeekCurrent)
		// triage prints what to ask for a ticket without a domain, and ends with an error
		mistake := isUsage(err) && cmd.Name() != "triage"
		if written == 0 || seekErr != nil || mistake || errors.As(err, &code) && code == ExitInterrupted {
			return cmp.Or(err, seekErr, f.Discard())
		}
		if failed := f.Commit(); failed != nil {
			return failed
		}
		return err
	}
}

// reportName is the name of the report among others in its directory; empty if it goes to stdout.
func (s *settings) reportName() string {
	if s.outputFile == "" {
		return ""
	}
	return outputfile.Name(s.outputFile)
}

// labelProfile is the profile of the report; empty for the default one, and if there are several.
func (s *settings) labelProfile() string {
	if s.profile == config.DefaultProfile || len(s.profiles) > 1 {
		return ""
	}
	return s.profile
}

// readerOf returns who reads. Unless that is set, a session of a tenant is the tenant's: its token names a tenant,
// and no role of it is about support or operation. Anybody else helps a tenant. client is nil without a service.
func readerOf(s *settings, client *api.Client) catalog.Reader {
	r := catalog.Reader{As: catalog.Audience(s.as), Tenant: sanitize.Text(s.tenant, 60)}
	session := false
	if client != nil {
		claims, err := client.Claims()
		session = err == nil && claims.TenantID != "" && !slices.ContainsFunc(claims.Roles, helper)
		if r.Tenant == "" && err == nil {
			r.Tenant = sanitize.Text(claims.TenantID, 60)
		}
	}
	switch {
	case r.As != "":
	case session:
		r.As = catalog.ForTenant
	default:
		r.As = catalog.ForSupport
	}
	return r
}

// helper reports whether a role of a session is that of somebody who helps tenants or runs the platform.
func helper(role string) bool {
	role = strings.ToLower(role)
	return slices.ContainsFunc([]string{"support", "operator", "platform", "staff"}, func(word string) bool {
		return strings.Contains(role, word)
	})
}
