package causes_test

import (
	"strings"
	"testing"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
)

// TestCachedAnswerExpiry checks that a time is given only if the TTL is that of the resolver's own cache.
func TestCachedAnswerExpiry(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 22, 14, 32, 0, 0, time.UTC)
	record := catalog.Record{Name: "shop.example.com", Type: "CNAME", Value: "d1.cloudfront.net"}
	for _, tt := range []struct {
		name     string
		args     causes.CachedAnswers
		promises bool
		says     string
	}{
		{
			"a public resolver",
			causes.CachedAnswers{Resolvers: []string{"8.8.8.8:53"}, Latest: at, Left: 60},
			true,
			"expires with its TTL",
		},
		{
			"a forwarder",
			causes.CachedAnswers{
				Resolvers: []string{"192.168.1.1:53"}, Forwarders: []string{"192.168.1.1:53"}, Latest: at, Left: 30,
			},
			false, "192.168.1.1:53 queries upstream again at 2026-02-22 14:32 UTC",
		},
		{"no TTL", causes.CachedAnswers{Resolvers: []string{"8.8.8.8:53"}, Unknown: true}, false, "does not say when"},
		{"one of two without a TTL", causes.CachedAnswers{
			Resolvers: []string{"8.8.8.8:53", "1.1.1.1:53"}, Unknown: true, Latest: at, Left: 60,
		}, false, "does not say when"},
	} {
		for _, c := range []catalog.CauseOf[causes.CachedAnswers]{causes.CacheOldAnswer, causes.CacheNegative} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				args := tt.args
				args.Record = record
				i := c.With(args)
				text := strings.Join(append(i.Fix().Steps, i.Summary(), i.Why()), "\n")
				until := i.Until()
				if promised := strings.Contains(text, "until the cached answer has expired"); promised != tt.promises ||
					(until != nil) != tt.promises {
					t.Errorf("an end is promised: %v, %v; want %v: %s", promised, until, tt.promises, text)
				}
				if tt.promises && (!until.Latest.Equal(at) || strings.Contains(text, "14:32")) {
					t.Errorf("the end is %v; it is said once, apart from the text: %s", until, text)
				}
				if strings.Contains(text, "0001") || !strings.Contains(text, tt.says) {
					t.Errorf("%q does not say %q", text, tt.says)
				}
			})
		}
	}
}

// TestOtherResolver: the resolver that a fix names has no filter, and is another one.
func TestOtherResolver(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{"8.8.8.8:53": "9.9.9.10", "9.9.9.10:53": "1.1.1.1"} {
		i := causes.CacheResolverFiltered.With(causes.ResolverRemark{Resolvers: []string{asked}})
		if text := strings.Join(i.Fix().Steps, " "); !strings.Contains(text, "--resolver "+want+" ") &&
			!strings.HasSuffix(text, want) && !strings.Contains(text, want) || strings.Contains(text, "9.9.9.9") {
			t.Errorf("%s: %s", asked, text)
		}
	}
}
