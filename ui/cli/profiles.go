package cli

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

func newProfiles(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "profiles", Short: "list the profiles and their sessions", Args: cobra.NoArgs,
		Long: `Lists the profiles in the config file with their service and session. Select a profile with --profile or
DOMDOC_PROFILE; check --all accepts several, separated by commas.`,
		Example: "  domdoc profiles\n  domdoc check --all --profile staging",
		RunE:    func(_ *cobra.Command, _ []string) error { return runProfiles(s) },
	}
}

type jsonProfiles struct {
	SchemaVersion int           `json:"schemaVersion" const:"1"`
	Profiles      []jsonProfile `json:"profiles"`
}

type jsonProfile struct {
	Name     string     `json:"name"`
	Chosen   bool       `json:"chosen"`
	APIURL   string     `json:"apiUrl"`
	Tenant   string     `json:"tenant"`
	Session  string     `json:"session" enum:"none,keyring,file,environment" doc:"where the session is kept"`
	Ends     *time.Time `json:"ends" doc:"when the access token expires; the session may be renewable"`
	Renewing bool       `json:"renews"`
	Problem  string     `json:"problem,omitempty"`
}

func runProfiles(s *settings) error {
	list, err := listProfiles(s)
	if err != nil {
		return err
	}
	switch s.output {
	case "json":
		return s.printJSON(jsonProfiles{wire.SchemaVersion, list})
	case "jsonl":
		e := json.NewEncoder(s.env.Stdout)
		e.SetEscapeHTML(false)
		for _, p := range list {
			if err := e.Encode(p); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		fmt.Fprintf(s.env.Stderr, "no profiles; domdoc login --api-url https://api.example.com adds one to %s\n",
			s.configPath())
		return nil
	}
	tw := tabwriter.NewWriter(s.env.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "  PROFILE\tSERVICE\tTENANT\tSESSION")
	for _, p := range list {
		mark := " "
		if p.Chosen {
			mark = "*"
		}
		fmt.Fprintf(tw, "%s %s\t%s\t%s\t%s\n", mark, usage.Clean(p.Name), orDash(usage.Clean(p.APIURL)),
			orDash(usage.Clean(p.Tenant)),
			usage.Clean(sessionText(p, time.Now())))
	}
	return tw.Flush()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// sessionText describes the session of a profile.
func sessionText(p jsonProfile, now time.Time) string {
	switch {
	case p.Problem != "":
		return p.Problem
	case p.Session == "none":
		return "none (domdoc login --profile " + p.Name + ")"
	case p.Session == "environment":
		return "DOMDOC_TOKEN"
	case p.Renewing:
		return p.Session
	case p.Ends != nil && p.Ends.Before(now):
		return p.Session + ", expired " + catalog.Span(now.Sub(*p.Ends)) + " ago"
	case p.Ends != nil:
		return p.Session + ", expires in " + catalog.Span(p.Ends.Sub(now))
	}
	return p.Session
}

// listProfiles returns the profiles in the config file, sorted by name.
func listProfiles(s *settings) ([]jsonProfile, error) {
	list := []jsonProfile{}
	file, err := s.readConfig()
	if err != nil {
		return list, err
	}
	for _, name := range file.Profiles() {
		p := file.Profile(name)
		j := jsonProfile{Name: name, Chosen: name == s.profile, Session: "none"}
		store := credentialStore(s)
		store.Profile = name
		if p != nil {
			j.APIURL, j.Tenant, store.Only = p.APIURL, p.Tenant, p.Credentials
		}
		session, place, found, err := store.Load()
		switch {
		case err != nil:
			j.Problem = err.Error()
		case found:
			j.Session, j.Renewing = string(place), session.Refresh != ""
			if !session.ExpiresAt.IsZero() {
				ends := session.ExpiresAt.UTC()
				j.Ends = &ends
			}
			if api.Origin(session.Origin) != api.Origin(j.APIURL) {
				j.Problem = "session is for another service, " + session.Origin + ": log in again"
			}
		}
		if j.Chosen && s.token != "" {
			j.Session, j.Problem = "environment", ""
		}
		list = append(list, j)
	}
	return list, nil
}
