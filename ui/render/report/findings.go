package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"domdoc/ui/render/wire"
)

// plainFinding is a finding in plain sentences: what, why, and what to do.
func plainFinding(f *wire.Finding) string {
	var b strings.Builder
	b.WriteString(fullSentence(f.Summary))
	if f.Why != "" {
		b.WriteString(" " + fullSentence(f.Why))
	}
	for i, step := range f.Fix.Steps {
		if i == 0 {
			b.WriteString("\nTo do:")
		}
		fmt.Fprintf(&b, "\n%d. %s", i+1, fullSentence(step))
	}
	for _, r := range f.Fix.Records {
		fmt.Fprintf(&b, "\nRecord to publish: name %s, type %s, value %s, TTL %d", r.Host, r.Type, r.Value, r.TTL)
	}
	return b.String()
}

// fullSentence is a sentence with a capital and a full stop; empty if s is.
func fullSentence(s string) string {
	if s == "" || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") {
		return sentence(s)
	}
	return sentence(strings.TrimSuffix(s, ".")) + "."
}

// fingerprints identify the findings of a run, each by a value that is the same in the next run.
type fingerprints map[string]int

// of returns the fingerprint of a finding, 32 hexadecimal digits: a hash of what it is about, its cause, its role and
// its records. Of findings that have all of them in common, the position counts as well.
func (p fingerprints) of(about string, f *wire.Finding) string {
	key := []string{about, f.Cause, wire.OrBlank(f.Role)}
	for _, x := range f.Fix.Records {
		key = append(key, x.Name, x.Type)
	}
	n := p[strings.Join(key, "\n")]
	p[strings.Join(key, "\n")]++
	if n > 0 {
		key = append(key, fmt.Sprint(n))
	}
	sum := sha256.Sum256([]byte(strings.Join(key, "\n")))
	return hex.EncodeToString(sum[:16])
}

// fingerprintOf is what identifies a domain in fingerprints.
func fingerprintOf(d *wire.Domain) string {
	if d.Profile == "" {
		return domainTitle(d)
	}
	return domainTitle(d) + "\n" + d.Profile
}
