package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"domdoc/catalog"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

func newProfiles(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "profiles", Short: "the profiles of the config file, and their sessions", Args: cobra.NoArgs,
		Long: `Lists the profiles of the config file: where each goes, and whether there is a session for it. --profile or DOMDOC_PROFILE chooses
one for any command; check --all takes several, separated by commas.`,
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
	Ends     *time.Time `json:"ends" doc:"when the access token ends; a session that can be renewed goes on"`
	Renewing bool       `json:"renews"`
	Problem  string     `json:"problem,omitempty"`
}

func runProfiles(s *settings) error {
	list, err := s.profiles()
	if err != nil {
		return err
	}
	switch s.output {
	case "json":
		return s.jsonOut(jsonProfiles{wire.SchemaVersion, list})
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
		fmt.Fprintf(s.env.Stderr, "there is no profile; domdoc login --api-url https://api.example.com makes one in %s\n",
			s.configFile())
		return nil
	}
	tw := tabwriter.NewWriter(s.env.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "  PROFILE\tSERVICE\tTENANT\tSESSION")
	for _, p := range list {
		mark := " "
		if p.Chosen {
			mark = "*"
		}
		fmt.Fprintf(tw, "%s %s\t%s\t%s\t%s\n", mark, clean(p.Name), orDash(clean(p.APIURL)), orDash(clean(p.Tenant)),
			clean(p.words(time.Now())))
	}
	return tw.Flush()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// words is how a profile's session stands.
func (p jsonProfile) words(now time.Time) string {
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
		return p.Session + ", ended " + catalog.Span(now.Sub(*p.Ends)) + " ago"
	case p.Ends != nil:
		return p.Session + ", ends in " + catalog.Span(p.Ends.Sub(now))
	}
	return p.Session
}

// profiles lists the profiles of the config file, by name, the chosen one marked.
func (s *settings) profiles() ([]jsonProfile, error) {
	list := []jsonProfile{}
	k, err := s.readConfig()
	if err != nil || k == nil {
		return list, err
	}
	names := k.MapKeys("profiles")
	slices.Sort(names)
	for _, name := range names {
		p, err := s.profileOf(k, name)
		if err != nil {
			return nil, err
		}
		j := jsonProfile{Name: name, Chosen: name == s.profile, Session: "none"}
		v := s.vault()
		v.profile = name
		if p != nil {
			j.APIURL, j.Tenant, v.only = p.String("api-url"), p.String("tenant"), p.String("credentials")
		}
		kept, where, found, err := v.load()
		switch {
		case err != nil:
			j.Problem = err.Error()
		case found:
			j.Session, j.Renewing = where, kept.Refresh != ""
			if !kept.ExpiresAt.IsZero() {
				ends := kept.ExpiresAt.UTC()
				j.Ends = &ends
			}
			if kept.Origin != origin(j.APIURL) {
				j.Problem = "a session for " + kept.Origin + ", which is another service: log in again"
			}
		}
		if j.Chosen && s.token != "" {
			j.Session, j.Problem = "environment", ""
		}
		list = append(list, j)
	}
	return list, nil
}
