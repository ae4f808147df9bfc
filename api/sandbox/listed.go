package sandbox

import (
	"fmt"
	"slices"

	"domdoc/api/sandbox/story"
)

// Small are the stories of a small tenant with one domain of each kind, the first of which is a good start.
func Small() []string {
	return []string{
		"name-doubled", "verification-on-its-way", "wrong-target", "servers-disagree", "cache-negative", "dnssec-stale-ds",
		"on-hold", "caa-forbids", "alias-taken", "expires-soon", "registry-limited", "healthy-txt",
	}
}

// inList returns the stories whose domain is in the tenant's list.
func (b *Sandbox) inList(stories []*story.Story) ([]*story.Story, error) {
	var out []*story.Story
	for _, s := range stories {
		if s.Listed {
			out = append(out, s)
		}
	}
	if b.opt.Listed == nil {
		return out, nil
	}
	var some []*story.Story
	for _, name := range b.opt.Listed {
		i := slices.IndexFunc(out, func(s *story.Story) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("no story %q has a domain of the tenant", name)
		}
		if !slices.Contains(some, out[i]) {
			some = append(some, out[i])
		}
	}
	return some, nil
}

// Story returns the story of a name; nil if it does not run.
func (b *Sandbox) Story(name string) *story.Story {
	if i := slices.IndexFunc(b.stories, func(s *story.Story) bool { return s.Name == name }); i >= 0 {
		return b.stories[i]
	}
	return nil
}
