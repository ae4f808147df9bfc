package cli

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"domdoc/checks"
)

// shard is one of so many parts of the domains; the zero value is all of them.
type shard struct{ i, n int }

// maxShards bounds the parts: more machines than anybody runs.
const maxShards = 10_000

// parseShard reads "2/8". Parts are counted from 1, or from 0 as Kubernetes counts: 0/8 and 8/8 are the same.
func parseShard(s string) (shard, error) {
	if s == "" {
		return shard{}, nil
	}
	a, b, ok := strings.Cut(s, "/")
	i, err1 := strconv.Atoi(a)
	n, err2 := strconv.Atoi(b)
	if !ok || err1 != nil || err2 != nil || n < 1 || n > maxShards || i < 0 || i > n {
		return shard{}, usagef("--shard 2/8", "--shard %q: want a part and their number, such as 2/8", clean(s))
	}
	return shard{i % n, n}, nil
}

// has reports whether a domain is in this part, by its name alone.
func (p shard) has(t checks.Target) bool {
	if p.n <= 1 {
		return true
	}
	name := t.Name
	switch {
	case t.Domain != nil:
		name = t.Domain.Name
	case name == "":
		name = t.ID
	}
	if n, err := checks.ParseName(name); err == nil {
		name = n.ASCII
	}
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, name)
	return h.Sum64()%uint64(p.n) == uint64(p.i)
}

// of is this part of targets.
func (p shard) of(targets func(yield func(checks.Target) bool) error) func(yield func(checks.Target) bool) error {
	if p.n <= 1 {
		return targets
	}
	return func(yield func(checks.Target) bool) error {
		return targets(func(t checks.Target) bool { return !p.has(t) || yield(t) })
	}
}
