package merging

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/ui/cli/shard"
	"domdoc/ui/render/wire"
)

// maxNamed is how many missing parts are named.
const maxNamed = 10

// PartsOf returns the parts that the report in a file has, and why it is incomplete. A merged report has those of its
// reports.
func PartsOf(r *wire.Report, file string) []wire.MergedPart {
	parts := slices.Clone(r.Merged)
	if len(parts) == 0 && r.Shard != "" {
		parts = []wire.MergedPart{{Shard: r.Shard, Tenant: tenantsOf(r)}}
	}
	explained := r.Complete || len(r.Merged) > 0 && Incomplete(parts) != ""
	if explained {
		return parts
	}
	why := file + ": " + cmp.Or(r.Incomplete, "the run is incomplete")
	if len(r.Merged) == 0 && len(parts) == 1 {
		parts[0].Incomplete = why
		return parts
	}
	return append(parts, wire.MergedPart{Tenant: tenantsOf(r), Incomplete: why})
}

// tenantsOf returns the ids of the tenants of a run; empty if they are not known.
func tenantsOf(r *wire.Report) string {
	ids := map[string]bool{}
	if r.Tenant != nil {
		ids[r.Tenant.ID] = true
	}
	for i := range r.MoreTenants {
		ids[r.MoreTenants[i].ID] = true
	}
	delete(ids, "")
	return strings.Join(slices.Sorted(maps.Keys(ids)), ", ")
}

// Incomplete says why a merged report is incomplete: because one of its reports is, or because parts of a run are
// missing. It is empty if nothing is missing. All parts of a run are of one tenant, or of the same tenants.
func Incomplete(parts []wire.MergedPart) string {
	var why []string
	for _, p := range parts {
		if p.Incomplete != "" && !slices.Contains(why, p.Incomplete) {
			why = append(why, p.Incomplete)
		}
	}
	if missing := missing(parts); missing != "" {
		why = append(why, missing)
	}
	return strings.Join(why, "; ")
}

func missing(parts []wire.MergedPart) string {
	runs := map[string][]string{} // parts by tenant
	var early []string            // those of runs that ended before they knew the tenant
	for _, p := range parts {
		switch {
		case p.Shard == "":
		case p.Tenant == "" && p.Incomplete != "":
			early = append(early, p.Shard)
		default:
			runs[p.Tenant] = append(runs[p.Tenant], p.Shard)
		}
	}
	tenants := slices.Sorted(maps.Keys(runs))
	if len(early) > 0 {
		of := ""
		if len(tenants) == 1 {
			of = tenants[0]
		}
		runs[of] = append(runs[of], early...)
		tenants = slices.Sorted(maps.Keys(runs))
	}
	var list []string
	for _, tenant := range tenants {
		for _, part := range shard.Missing(runs[tenant]) {
			if len(tenants) > 1 {
				part += " of " + tenantName(tenant)
			}
			list = append(list, part)
		}
	}
	if len(list) == 0 {
		return ""
	}
	if more := len(list) - maxNamed; more > 0 {
		list = append(list[:maxNamed], fmt.Sprintf("%d more", more))
	}
	s := "no report of part " + catalog.Join(list)
	if len(tenants) > 1 {
		for i := range tenants {
			tenants[i] = tenantName(tenants[i])
		}
		s = "the parts are of " + catalog.Join(tenants) + ": " + s
	}
	return s
}

func tenantName(id string) string {
	if id == "" {
		return "no known tenant"
	}
	return "the tenant " + id
}

// Twice returns the parts of which there are several reports.
func Twice(parts []wire.MergedPart) (out []string) {
	type part struct{ shard, tenant string }
	seen := map[part]int{}
	for _, p := range parts {
		if p.Shard == "" {
			continue
		}
		k := part{p.Shard, p.Tenant}
		if seen[k]++; seen[k] == 2 {
			out = append(out, p.Shard)
		}
	}
	return out
}
