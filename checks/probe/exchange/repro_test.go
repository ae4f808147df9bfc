package exchange

import (
	"bytes"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"domdoc/catalog/sanitize"
	"domdoc/checks/probe/exchange/exchangetest"

	"github.com/miekg/dns"
)

// shellParts are the words that a shell makes of a command, without running it.
func shellParts(t testing.TB, command string) []string {
	t.Helper()
	out, err := exec.Command("sh", "-c",
		`set -f; reboot() { echo "RAN"; exit 9; }; show() { for w in "$@"; do printf '%s\0' "$w"; done; }; dig() { `+
			`show dig "$@"; }; curl() { show curl "$@"; }; openssl() { show openssl "$@"; }; whois() { show whois "$@"; `+
			`}; `+command).Output()
	if err != nil || bytes.Contains(out, []byte("RAN")) {
		t.Errorf("a shell runs something else: %q (%v)", command, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// TestReproInjection: a name that an outsider chose, pasted with the command that repeats the exchange, must not run
// anything. Such names come in CNAME targets (the parser of answers escapes blanks, and neither ` nor $), and as the
// hosts of redirects.
func TestReproInjection(t *testing.T) {
	t.Parallel()
	q := new(dns.Msg).SetQuestion("shop.example.", dns.TypeCNAME)
	m := exchangetest.Reply(q, "aa", "shop.example. 300 CNAME placeholder.")
	wire, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	wire = bytes.Replace(wire, []byte("\x0bplaceholder"), []byte("\x0bx `reboot` "), 1)
	if err := m.Unpack(wire); err != nil {
		t.Fatal(err)
	}
	target := Bare(m.Answer[0].(*dns.CNAME).Target)
	addr := netip.MustParseAddrPort("192.0.2.80:443")
	for _, x := range []*Exchange{
		{Kind: KindDNS, Addr: netip.MustParseAddrPort("192.0.2.1:53"), Asked: target + " A"},
		{Kind: KindHTTP, Addr: addr, Asked: "GET https://$(reboot).evil.example/"},
		{Kind: KindHTTP, Addr: addr, Asked: "GET https://a;reboot.evil.example/"},
	} {
		shellParts(t, x.Evidence().Repro)
	}
}

// TestReproOptions: nor may a name turn into an option of the command.
func TestReproOptions(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"-f/etc/passwd.example", "@evil.example", "+short.example"} {
		x := Exchange{Kind: KindDNS, Addr: netip.MustParseAddrPort("192.0.2.1:53"), Asked: name + " A"}
		if parts := shellParts(t, x.Evidence().Repro); len(parts) < 3 || parts[len(parts)-3] != "-q" &&
			parts[len(parts)-2] == name {
			t.Errorf("%q", parts)
		}
	}
}

// TestReproRepeats: the command asks the same server in the same way.
func TestReproRepeats(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		x    Exchange
		want string
	}{
		{Exchange{
			Kind: KindDNS, Addr: netip.MustParseAddrPort("192.0.2.1:8853"), Transport: "tls", RD: true,
			Asked: "shop.example A",
		}, "dig +tls @192.0.2.1 -p 8853 shop.example A"},
		{Exchange{
			Kind: KindDNS, Host: "https://dns.google/dns-query", Transport: "https", RD: true,
			Asked: "shop.example A",
		}, "dig +https=/dns-query @dns.google shop.example A"},
		{Exchange{
			Kind: KindWHOIS, Host: "whois.example", Addr: netip.MustParseAddrPort("192.0.2.43:4343"),
			Asked: "shop.example",
		}, "whois -h whois.example -p 4343 shop.example"},
	} {
		if got := tt.x.Evidence().Repro; got != tt.want {
			t.Errorf("%s, want\n%s", got, tt.want)
		}
	}
}

// TestReproIsComplete: a command that is too long to show is not shown at all. Without its end its quotation would be
// open, and what is pasted next would run.
func TestReproIsComplete(t *testing.T) {
	t.Parallel()
	for what, x := range map[string]*Exchange{
		"a name of escapes": {
			Kind: KindDNS, Addr: netip.MustParseAddrPort("192.0.2.1:53"),
			Asked: strings.Repeat(strings.Repeat(`\001`, 50)+".", 5) + "example A",
		},
		"a long redirect": {
			Kind: KindHTTP, Addr: netip.MustParseAddrPort("192.0.2.80:443"),
			Asked: "GET https://shop.example/?" + strings.Repeat("'$(reboot)'", 100),
		},
		"a hidden turn": {
			Kind: KindHTTP, Addr: netip.MustParseAddrPort("192.0.2.80:443"),
			Asked: "GET https://shop.example/\u202egpj",
		},
		"an escape": {Kind: KindRDAP, Asked: "GET https://rdap.example/\x1b[2J"},
	} {
		if got := x.Evidence().Repro; got != "" {
			t.Errorf("%s is shown as %q", what, got)
		}
	}
}

// words are what a POSIX shell makes of a command that has no other quotation than ' and \ and runs nothing else;
// anything else fails the test.
func words(t testing.TB, command string) []string {
	t.Helper()
	var out []string
	var word []byte
	begun := false
	for i := 0; i < len(command); i++ {
		switch c := command[i]; {
		case c == '\'':
			end := strings.IndexByte(command[i+1:], '\'')
			if end < 0 {
				t.Fatalf("an open quotation: %q", command)
			}
			word, begun = append(word, command[i+1:i+1+end]...), true
			i += end + 1
		case c == '\\' && i+1 < len(command):
			i++
			word, begun = append(word, command[i]), true
		case c == ' ':
			if begun {
				out = append(out, string(word))
			}
			word, begun = nil, false
		case strings.IndexByte("\t\n\r\"$`!*?[]{}()<>|&;#~^\\", c) >= 0 || c == '=' && !begun:
			t.Fatalf("%q stands unquoted in %q", c, command)
		default:
			word, begun = append(word, c), true
		}
	}
	if begun {
		out = append(out, string(word))
	}
	return out
}

// FuzzRepro: whatever a name, an address of the web or a query holds, the command has it as one word, which no tool
// takes for an option, a server or a pattern; a real shell agrees.
func FuzzRepro(f *testing.F) {
	for _, s := range append(exchangetest.HostileTexts, "mx", "any", "-x.example", "@192.0.2.9", "+tcp.example",
		"ixfr=1.example",
		"a b.example", `a\032b.example`, "[1-9].example", "shop.example", "=ls.example", "") {
		f.Add(s)
	}
	at53, at443, at43 := netip.MustParseAddrPort("192.0.2.1:53"), netip.MustParseAddrPort("[2001:db8::80]:443"),
		netip.MustParseAddrPort("192.0.2.43:4343")
	n := 0
	f.Fuzz(func(t *testing.T, bad string) {
		n++
		for _, tt := range []struct {
			x    Exchange
			tail []string // how the words end
		}{
			{Exchange{Kind: KindDNS, Addr: at53, Asked: bad + " TXT"}, []string{bad, "TXT"}},
			{
				Exchange{Kind: KindDNS, Addr: at53, Transport: "tls", RD: true, CD: true, DO: true, Asked: bad + " TXT"},
				[]string{bad, "TXT"},
			},
			{
				Exchange{Kind: KindDNS, Host: "https://dns.example/" + bad, Transport: "https", Asked: bad + " TXT"},
				[]string{bad, "TXT"},
			},
			{Exchange{Kind: KindWHOIS, Host: bad, Addr: at43, Asked: bad}, []string{bad}},
			{
				Exchange{Kind: KindTLS, Addr: at443, Asked: "handshake for " + bad},
				[]string{"-connect", at443.String(), "-servername", bad},
			},
			{Exchange{Kind: KindHTTP, Addr: at443, Asked: "GET https://" + bad}, []string{"https://" + bad}},
			{Exchange{Kind: KindHTTP, Asked: "GET https://" + bad}, []string{"https://" + bad}},
			{Exchange{Kind: KindRDAP, Asked: "GET https://" + bad}, []string{"https://" + bad}},
			{Exchange{Kind: KindService, Asked: "GET https://" + bad}, []string{"https://" + bad}},
		} {
			cmd := tt.x.Evidence().Repro
			if cmd == "" {
				if raw := tt.x.command(); raw == sanitize.Text(raw, 2*MaxEvidenceLine) {
					t.Errorf("%q is not shown", raw)
				}
				continue
			}
			if n%500 == 1 {
				shellParts(t, cmd)
			}
			cmd = strings.TrimSuffix(cmd, " </dev/null")
			cmd = strings.Replace(cmd, `"Authorization: Bearer $DOMDOC_TOKEN"`, "token", 1)
			got := words(t, cmd)
			k := len(got) - len(tt.tail)
			if k < 1 || !slices.Equal(got[k:], tt.tail) {
				t.Errorf("%s %q is repeated by %q", tt.x.Kind, tt.x.Asked, got)
				continue
			}
			switch before := got[k-1]; tt.x.Kind {
			case KindDNS:
				if _, isType := dns.StringToType[strings.ToUpper(bad)]; before != "-q" &&
					(isType || bad == "" || strings.IndexByte("-+@", bad[0]) >= 0) {
					t.Errorf("dig takes %q for something else: %q", bad, got)
				}
			case KindWHOIS:
				if strings.HasPrefix(bad, "-") && before != "--" {
					t.Errorf("whois takes %q for an option: %q", bad, got)
				}
			case KindHTTP, KindRDAP, KindService:
				if strings.ContainsAny(bad, "[]{}") && !slices.Contains(got, "--globoff") {
					t.Errorf("curl takes %q for a pattern: %q", bad, got)
				}
			}
		}
	})
}
