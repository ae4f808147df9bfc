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
	"domdoc/ui/cli/config"
	"domdoc/ui/cli/credentials"
	"domdoc/ui/cli/usage"

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
		Use: "login", Short: "log in to the service", Args: cobra.NoArgs,
		Long: `Logs in to the Domains Service and keeps the session in the system keyring, or in a file that only you can
read if there is no keyring. The session is renewed automatically and is sent only to this service. The password is
not stored.`,
		Example: `  domdoc login --api-url https://api.example.com --email me@example.com
  domdoc login --profile staging --email me@example.com --password-stdin < password.txt`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runLogin(cmd.Context(), s, o) },
	}
	cmd.Flags().StringVar(&o.email, "email", "", "email address of the account (default: prompt)")
	cmd.Flags().BoolVar(&o.stdin, "password-stdin", false, "read the password from stdin")
	return cmd
}

func newLogout(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "logout", Short: "remove the session of a profile", Args: cobra.NoArgs,
		Long: "Removes the session from the keyring and the credentials file. The token stays valid at the service until " +
			"it expires.",
		Example: "  domdoc logout\n  domdoc logout --profile staging",
		RunE:    func(_ *cobra.Command, _ []string) error { return runLogout(s) },
	}
}

func runLogin(ctx context.Context, s *settings, o loginOptions) error {
	if why := s.backend.isolated(); why != "" {
		return usage.Errorf("domdoc demo check --all", "no login needed: %s", why)
	}
	if s.apiURL == "" {
		return usage.Errorf("domdoc login --api-url https://api.example.com", "login needs the address of the service")
	}
	client, err := api.New(api.Config{
		BaseURL: s.apiURL, Tenant: s.tenant, UserAgent: "domdoc/" + s.env.Version,
		Paths: config.OperationPaths(s.paths),
	})
	if err != nil {
		return usage.Errorf("--api-url https://api.example.com", "%w", err)
	}
	defer client.Close()
	email, password, err := readAccount(s, o)
	if err != nil {
		return err
	}
	// Without OnExchange and Tape: nothing of this exchange is recorded.
	tokens, err := client.Login(ctx, email, password)
	if err != nil {
		if e, ok := errors.AsType[*api.Error](err); ok && e.Kind == api.KindMFARequired {
			fmt.Fprintln(s.env.Stderr,
				"domdoc: hint: create a token elsewhere with your second factor, and set DOMDOC_TOKEN")
		}
		return &serviceError{err: err}
	}
	store := credentialStore(s)
	release, err := store.Lock(ctx)
	if err != nil {
		return usage.Errorf("", "%w", err)
	}
	defer release()
	place, err := store.Save(credentials.Session{
		Origin: api.Origin(s.apiURL), Access: tokens.Access, Refresh: tokens.Refresh, ExpiresAt: tokens.ExpiresAt,
	})
	if err != nil {
		return usage.Errorf("", "cannot keep the session: %w", err)
	}
	where := "the keyring"
	if place == credentials.File {
		where = store.Path()
	}
	who := email
	if claims, err := api.ReadClaims(tokens.Access); err == nil && claims.TenantID != "" {
		who += ", tenant " + claims.TenantID
	}
	fmt.Fprintf(s.env.Stdout, "logged in to %s as %s; session kept in %s\n", usage.Clean(api.Origin(s.apiURL)),
		usage.Clean(who),
		usage.Clean(where))
	if tokens.Refresh == "" && !tokens.ExpiresAt.IsZero() {
		fmt.Fprintf(s.env.Stdout, "the session expires in %s and cannot be renewed\n",
			catalog.Span(time.Until(tokens.ExpiresAt)))
	}
	saveProfile(s)
	return nil
}

// saveProfile adds the address of the service to the profile in the config file, unless it has one.
func saveProfile(s *settings) {
	if s.profileURL != "" {
		return
	}
	if err := config.AddProfile(s.configPath(), s.profile, s.apiURL); err != nil {
		fmt.Fprintf(s.env.Stderr,
			"domdoc: could not add the profile to %s (%s); use --api-url, or add it yourself:\n%s\n",
			s.configPath(), usage.Clean(err.Error()), profileExample(s.profile, s.apiURL))
		return
	}
	fmt.Fprintf(s.env.Stdout, "profile %s saved in %s\n", usage.Clean(s.profile), usage.Clean(s.configPath()))
}

func profileExample(profile, url string) string {
	return "profiles:\n  " + usage.Clean(profile) + ":\n    api-url: " + usage.Clean(url)
}

// readAccount returns the email address and the password, and prompts on a terminal for what the flags do not give.
func readAccount(s *settings, o loginOptions) (email, password string, err error) {
	in := bufio.NewReaderSize(io.LimitReader(s.env.Stdin, 64<<10), 4096)
	email = strings.TrimSpace(o.email)
	switch {
	case email == "" && o.stdin:
		return "", "", usage.Errorf("--email me@example.com --password-stdin", "--password-stdin needs --email")
	case email == "" && !s.env.StdinTTY:
		return "", "", usage.Errorf("domdoc login --email me@example.com --password-stdin < password.txt",
			"login needs --email, because stdin is not a terminal")
	case email == "":
		fmt.Fprint(s.env.Stderr, "email address: ")
		line, err := in.ReadString('\n')
		if err != nil && line == "" {
			return "", "", usage.Errorf("--email me@example.com", "no email address given")
		}
		email = strings.TrimSpace(line)
	}
	if !strings.Contains(email, "@") || strings.ContainsAny(email, " \t\r\n") {
		return "", "", usage.Errorf("--email me@example.com", "%q is not an email address", usage.Clean(email))
	}
	if o.stdin {
		line, err := in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", "", usage.Errorf("--password-stdin < password.txt", "reading the password: %w", err)
		}
		password = strings.TrimRight(line, "\r\n")
	} else {
		f, ok := s.env.Stdin.(*os.File)
		if !s.env.StdinTTY || !ok {
			return "", "", usage.Errorf("domdoc login --email me@example.com --password-stdin < password.txt",
				"login needs --password-stdin, because stdin is not a terminal")
		}
		fmt.Fprint(s.env.Stderr, "password: ")
		raw, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(s.env.Stderr)
		if err != nil {
			return "", "", usage.Errorf("--password-stdin", "reading the password: %w", err)
		}
		password = string(bytes.TrimRight(raw, "\r\n"))
	}
	if password == "" {
		return "", "", usage.Errorf("--password-stdin < password.txt", "no password given")
	}
	return email, password, nil
}

func runLogout(s *settings) error {
	if why := s.backend.isolated(); why != "" {
		return usage.Errorf("domdoc logout", "no session to remove: %s", why)
	}
	store := credentialStore(s)
	if store.Dir == "" {
		return usage.Errorf("", "no home directory for credentials: set HOME or XDG_CONFIG_HOME")
	}
	release, err := store.Lock(context.Background())
	if err != nil {
		return usage.Errorf("", "%w", err)
	}
	defer release()
	found, err := store.Remove()
	switch {
	case err != nil:
		return usage.Errorf("", "cannot remove the session: %w", err)
	case !found:
		fmt.Fprintf(s.env.Stdout, "profile %s has no session\n", usage.Clean(s.profile))
	default:
		fmt.Fprintf(s.env.Stdout, "removed the session of the profile %s\n", usage.Clean(s.profile))
	}
	return nil
}
