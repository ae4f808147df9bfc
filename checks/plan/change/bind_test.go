package change

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// TestAgainstBIND reads a zone file with BIND's named-compilezone as well.
func TestAgainstBIND(t *testing.T) {
	t.Parallel()
	bind, err := exec.LookPath("named-compilezone")
	if err != nil {
		t.Skip("named-compilezone of BIND is not installed")
	}
	const zone = `$TTL 1h
@ IN SOA ns1 hostmaster ( 1 2h 1d 1w 5m ) ; (
  IN NS ns1
ns1 A 192.0.2.1
shop CNAME d1.cloudfront.net
t TXT v=DKIM1; k=rsa
a\046b 60 A 192.0.2.1
a\.c 60 A 192.0.2.1
\042.d 60 A 192.0.2.1
UPPER 60 A 192.0.2.1
a\ b 60 A 192.0.2.1
u TXT "a" "b\"c" d\;e ( "f;g" ; "
 "h" )
$GENERATE 1-3 h$ A 192.0.2.$
$GENERATE 8-10/2 x${0,3,d} 60 IN CNAME h$
$ORIGIN sub
w 60 IN A 192.0.2.3
  IN 60 A 192.0.2.4
(z) A 192.0.2.5
y ( A
  192.0.2.6 )
m MX 10 @
$TTL 5m
s SRV 0 0 443 w
$ORIGIN example.com.
l 1W TYPE65280 \# 2 abcd
c CAA 0 issue "amazon.com; x=y"
`
	file := filepath.Join(t.TempDir(), "example.com.zone")
	if err := os.WriteFile(file, []byte(zone), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(bind, "-k", "ignore", "-n", "ignore", "-i", "none", "-o", "-", "example.com", file).Output()
	if err != nil {
		t.Skipf("this BIND does not read the zone: %v", err)
	}
	canonicalText := func(rr dns.RR) string {
		text := strings.ToLower(strings.Join(strings.Fields(rr.String()), " "))
		return strings.Replace(text, " class1 ", " in ", 1)
	}
	var want, got []string
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		rr, err := dns.NewRR(lines.Text())
		if err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		want = append(want, canonicalText(rr))
	}
	s, err := Read(file, []byte(zone), "example.com", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range s.Edits {
		for _, rr := range e.RRs {
			got = append(got, canonicalText(rr))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) || len(want) < 20 {
		t.Errorf("got\n%s\nBIND reads\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
