package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/catalog"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// loginOptions are the flags of login.
type loginOptions struct {
	email string
	stdin bool
}

func newLogin(s *settings) *cobra.Command {
	var o loginOptions
	cmd := &cobra.Command{
		Use: "login", Short: "get a session of the service, and keep it", Args: cobra.NoArgs,
		Long: `Logs in to the Domains Service and keeps the session in the system keyring, or in a file that only you can read where there is
none. It is renewed by itself; the password is not kept. The session is sent to this service and to nobody else.`,
		Example: `  domdoc login --api-url https://api.example.com --email me@example.com
  domdoc login --profile staging --email me@example.com --password-stdin < password.txt`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runLogin(cmd.Context(), s, o) },
	}
	cmd.Flags().StringVar(&o.email, "email", "", "e-mail address of the account (asked for on a terminal)")
	cmd.Flags().BoolVar(&o.stdin, "password-stdin", false, "read the password from stdin, for scripts")
	return cmd
}

func newLogout(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "logout", Short: "forget the session of a profile", Args: cobra.NoArgs,
		Long: "Removes the session that login kept, from the keyring and from the file. The service is not told: a " +
			"token ends by itself.",
		Example: "  domdoc logout\n  domdoc logout --profile staging",
		RunE:    func(_ *cobra.Command, _ []string) error { return runLogout(s) },
	}
}

func runLogin(ctx context.Context, s *settings, o loginOptions) error {
	if s.env.world != nil {
		return usagef("domdoc demo check --all", "the sandbox needs no login: it makes its own token")
	}
	if s.apiURL == "" {
		return usagef("domdoc login --api-url https://api.example.com", "login needs the address of the Domains Service")
	}
	paths, err := operationPaths(s.paths)
	if err != nil {
		return err
	}
	client, err := api.New(api.Config{
		BaseURL: s.apiURL, Tenant: s.tenant, UserAgent: "domdoc/" + s.env.Version,
		Paths: paths,
	})
	if err != nil {
		return usagef("--api-url https://api.example.com", "%w", err)
	}
	defer client.Close()
	email, password, err := s.askAccount(o)
	if err != nil {
		return err
	}
	// without a ledger: what is exchanged here is written down nowhere
	tokens, err := client.Login(ctx, email, password)
	if err != nil {
		if e, ok := errors.AsType[*api.Error](err); ok && e.Kind == api.KindMFARequired {
			fmt.Fprintln(s.env.Stderr,
				"domdoc: hint: make a token where the second factor can be given, and set DOMDOC_TOKEN")
		}
		return &serviceError{err}
	}
	v := s.vault()
	release, err := v.lock(ctx)
	if err != nil {
		return usagef("", "%w", err)
	}
	defer release()
	where, err := v.save(stored{origin(s.apiURL), tokens.Access, tokens.Refresh, tokens.ExpiresAt})
	if err != nil {
		return usagef("", "the session could not be kept: %w", err)
	}
	place := "the keyring"
	if where == inFile {
		place = v.file()
	}
	who := email
	if claims, err := api.ReadClaims(tokens.Access); err == nil && claims.TenantID != "" {
		who += ", tenant " + claims.TenantID
	}
	fmt.Fprintf(s.env.Stdout, "logged in to %s as %s; the session is kept in %s\n", clean(origin(s.apiURL)), clean(who),
		clean(place))
	if tokens.Refresh == "" && !tokens.ExpiresAt.IsZero() {
		fmt.Fprintf(s.env.Stdout, "it ends in %s, and cannot be renewed\n", catalog.Span(time.Until(tokens.ExpiresAt)))
	}
	return s.noteProfile()
}

// noteProfile writes the address into the profile of the config file, where the profile does not say one.
func (s *settings) noteProfile() error {
	if s.profileURL != "" {
		return nil
	}
	if err := addProfile(s.configFile(), s.profile, s.apiURL); err != nil {
		fmt.Fprintf(s.env.Stderr, "domdoc: the profile was not written to %s (%s); give --api-url, or add it:\n%s\n",
			s.configFile(), clean(err.Error()), profileExample(s.profile, s.apiURL))
		return nil
	}
	fmt.Fprintf(s.env.Stdout, "the profile %s is in %s\n", clean(s.profile), clean(s.configFile()))
	return nil
}

func profileExample(profile, url string) string {
	return "profiles:\n  " + clean(profile) + ":\n    api-url: " + clean(url)
}

// askAccount asks for what was not given: on a terminal by a question, without echo for the password.
func (s *settings) askAccount(o loginOptions) (email, password string, err error) {
	in := bufio.NewReaderSize(io.LimitReader(s.env.Stdin, 64<<10), 4096)
	email = strings.TrimSpace(o.email)
	switch {
	case email == "" && o.stdin:
		return "", "", usagef("--email me@example.com --password-stdin", "--password-stdin needs --email")
	case email == "" && !s.env.StdinTTY:
		return "", "", usagef("domdoc login --email me@example.com --password-stdin < password.txt",
			"login needs --email, since stdin is no terminal to ask on")
	case email == "":
		fmt.Fprint(s.env.Stderr, "e-mail address: ")
		line, err := in.ReadString('\n')
		if err != nil && line == "" {
			return "", "", usagef("--email me@example.com", "no e-mail address was given")
		}
		email = strings.TrimSpace(line)
	}
	if !strings.Contains(email, "@") || strings.ContainsAny(email, " \t\r\n") {
		return "", "", usagef("--email me@example.com", "%q is no e-mail address", clean(email))
	}
	if o.stdin {
		line, err := in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", "", usagef("--password-stdin < password.txt", "reading the password: %w", err)
		}
		password = strings.TrimRight(line, "\r\n")
	} else {
		f, ok := s.env.Stdin.(*os.File)
		if !s.env.StdinTTY || !ok {
			return "", "", usagef("domdoc login --email me@example.com --password-stdin < password.txt",
				"the password is asked for on a terminal, and stdin is none")
		}
		fmt.Fprint(s.env.Stderr, "password: ")
		raw, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(s.env.Stderr)
		if err != nil {
			return "", "", usagef("--password-stdin", "reading the password: %w", err)
		}
		password = string(bytes.TrimRight(raw, "\r\n"))
	}
	if password == "" {
		return "", "", usagef("--password-stdin < password.txt", "no password was given")
	}
	return email, password, nil
}

func runLogout(s *settings) error {
	if s.env.world != nil {
		return usagef("domdoc logout", "the sandbox keeps no session")
	}
	v := s.vault()
	if v.dir == "" {
		return usagef("", "there is no place for credentials: set HOME or XDG_CONFIG_HOME")
	}
	release, err := v.lock(context.Background())
	if err != nil {
		return usagef("", "%w", err)
	}
	defer release()
	found, err := v.remove()
	switch {
	case err != nil:
		return usagef("", "the session could not be removed: %w", err)
	case !found:
		fmt.Fprintf(s.env.Stdout, "there was no session of the profile %s\n", clean(s.profile))
	default:
		fmt.Fprintf(s.env.Stdout, "the session of the profile %s is forgotten\n", clean(s.profile))
	}
	return nil
}
