package cli

import (
	"strings"

	"domdoc/checks"

	"github.com/spf13/cobra"
)

// splitProfiles takes several profiles apart; one is returned as it is.
func splitProfiles(s string) []string {
	var out []string
	for _, p := range strings.Split(s, ",") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// checkProfiles checks every domain of several profiles, one after the other, into one report.
func (s *settings) checkProfiles(cmd *cobra.Command, o checkOptions, part shard, template checks.Target) error {
	switch {
	case !o.all:
		return usagef("domdoc check --all --profile staging,production", "several profiles go with check --all")
	case s.recordFile != "":
		return usagef("--record case.json --profile staging", "--record goes with one profile")
	case o.watch:
		return usagef("--watch --profile staging", "--watch goes with one profile")
	}
	var batches []batch
	for _, name := range s.several {
		one := *s
		one.profile, one.several, one.chosen = name, nil, true
		if err := one.load(cmd); err != nil {
			return err
		}
		if err := one.needService("check --all --profile " + name); err != nil {
			return err
		}
		r, err := one.open(cmd.Context())
		if err != nil {
			return err
		}
		defer r.close()
		batches = append(batches, batch{&one, r, part.of(func(yield func(checks.Target) bool) error {
			return r.everyDomain(cmd.Context(), template, yield)
		})})
	}
	return s.diagnose(cmd.Context(), 0, batches...)
}
