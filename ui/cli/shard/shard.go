// Package shard divides a tenant's domains into parts, one for each of several machines.
package shard

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"

	"domdoc/checks"
	"domdoc/checks/dnsname"
	"domdoc/ui/cli/usage"
)

// Shard is one of several parts of the domains. The zero value is all of them.
type Shard struct{ index, count int }

// maxCount bounds the number of parts.
const maxCount = 10_000

// Parse parses "2/8". Parts are counted from 1, or from 0 as in Kubernetes: 0/8 and 8/8 are the same part.
func Parse(s string) (Shard, error) {
	if s == "" {
		return Shard{}, nil
	}
	a, b, ok := strings.Cut(s, "/")
	i, err1 := strconv.Atoi(a)
	n, err2 := strconv.Atoi(b)
	if !ok || err1 != nil || err2 != nil || n < 1 || n > maxCount || i < 0 || i > n {
		return Shard{}, usage.Errorf("--shard 2/8", "--shard %q: want PART/PARTS, such as 2/8", usage.Clean(s))
	}
	return Shard{i % n, n}, nil
}

// String is the part as "2/8", counted from 1; empty if it is all.
func (s Shard) String() string {
	if s.count <= 1 {
		return ""
	}
	return fmt.Sprintf("%d/%d", (s.index+s.count-1)%s.count+1, s.count)
}

// Missing returns the parts that are missing among some, each as "2/8". A text that is no part is ignored.
func Missing(some []string) (out []string) {
	have := map[int][]bool{}
	for _, text := range some {
		s, err := Parse(text)
		if err != nil || s.count <= 1 {
			continue
		}
		if have[s.count] == nil {
			have[s.count] = make([]bool, s.count)
		}
		have[s.count][s.index] = true
	}
	for _, count := range slices.Sorted(maps.Keys(have)) {
		for i := range count {
			if s := (Shard{(i + 1) % count, count}); !have[count][s.index] {
				out = append(out, s.String())
			}
		}
	}
	return out
}

// has reports whether a domain is in this part. That depends on its name alone.
func (s Shard) has(t checks.Target) bool {
	if s.count <= 1 {
		return true
	}
	name := t.Name
	switch {
	case t.Domain != nil:
		name = t.Domain.Name
	case name == "":
		name = t.ID
	}
	if n, err := dnsname.Parse(name); err == nil {
		name = n.ASCII
	}
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, name)
	return h.Sum64()%uint64(s.count) == uint64(s.index)
}

// Of returns the targets in this part.
func (s Shard) Of(targets func(yield func(checks.Target) bool) error) func(yield func(checks.Target) bool) error {
	if s.count <= 1 {
		return targets
	}
	return func(yield func(checks.Target) bool) error {
		return targets(func(t checks.Target) bool { return !s.has(t) || yield(t) })
	}
}
