package shell

import (
	"bytes"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// awkward lists words that a shell would change without quoting. None contains NUL, which arguments cannot.
var awkward = []string{
	"", "plain", "a b", "a'b''c", "'; reboot; '", "$(reboot)", "`reboot`", "$HOME", "${IFS}", "\"", "\\", "\\'",
	"!history", "~root", "*?[x]{a,b}", "-rf", "#x", "|cat", "&", ">x", "<x", "%s%n", "=ls", "a=b",
	"\n", "line\r\nfeed", "\t", "\x1b[2J", "é", "\xff\xfe", "[2001:db8::1]:443", strings.Repeat("long", 5000),
}

func TestShellWord(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no POSIX shell")
	}
	for _, s := range awkward {
		checkShellWord(t, s)
	}
}

func checkShellWord(t testing.TB, s string) {
	t.Helper()
	w := shellWord(s)
	var out bytes.Buffer
	cmd := exec.Command("sh", "-c", "printf %s "+w)
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil || out.String() != s {
		t.Errorf("%.100q as a word is %.100q, and a shell makes %.100q of it (%v)", s, w, out.String(), err)
	}
}

// FuzzShellWord asks a real shell now and then: a process for each would be slow. The rest is proven by hand: a word
// is harmless characters only, or one quotation in which every quotation mark is taken out.
func FuzzShellWord(f *testing.F) {
	for _, s := range awkward {
		f.Add(s)
	}
	n := 0
	f.Fuzz(func(t *testing.T, s string) {
		w := shellWord(s)
		if w == s {
			if s == "" || s[0] == '=' || strings.ContainsAny(s, " \t\n\r'\"\\$`!*?[]{}()<>|&;#~^") {
				t.Errorf("%q is not quoted", s)
			}
		} else if inner, ok := strings.CutPrefix(w, "'"); !ok || !strings.HasSuffix(inner, "'") ||
			strings.ReplaceAll(inner[:len(inner)-1], `'\''`, "") != strings.ReplaceAll(s, "'", "") ||
			strings.Contains(strings.ReplaceAll(inner[:len(inner)-1], `'\''`, ""), "'") {
			t.Errorf("%q is quoted as %q", s, w)
		}
		if n++; n%200 == 1 && len(s) < 10_000 && !strings.Contains(s, "\x00") && runtime.GOOS != "windows" {
			checkShellWord(t, s)
		}
	})
}

// TestCommands: what dig, whois and curl would take for something else is said in another way.
func TestCommands(t *testing.T) {
	t.Parallel()
	at := func(server, name, rrtype string) string { return Dig(name, rrtype, DigAt(server)...) }
	for _, tt := range [][2]string{
		{at("8.8.8.8", "shop.example", "A"), "dig @8.8.8.8 shop.example A"},
		{at("8.8.8.8:53", "shop.example", "A"), "dig @8.8.8.8 shop.example A"},
		{at("8.8.8.8:5353", "shop.example", "A"), "dig @8.8.8.8 -p 5353 shop.example A"},
		{at("2001:db8::1", "shop.example", "A"), "dig @2001:db8::1 shop.example A"},
		{at("[2001:db8::1]:53", "shop.example", "A"), "dig @2001:db8::1 shop.example A"},
		{at("[2001:db8::1]", "shop.example", "A"), "dig @2001:db8::1 shop.example A"},
		{at("[fe80::1%eth0]:53", "shop.example", "A"), "dig @fe80::1%eth0 shop.example A"},
		{at("ns1.example", "shop.example", "A"), "dig @ns1.example shop.example A"},
		{at("ns1.example (192.0.2.1:53)", "shop.example", "A"), "dig @192.0.2.1 shop.example A"},
		{at("ns`reboot`.example", "shop.example", "A"), "dig '@ns`reboot`.example' shop.example A"},
		{at("tls://1.1.1.1:853", "shop.example", "A"), "dig +tls @1.1.1.1 shop.example A"},
		{at("tls://1.1.1.1:8853", "shop.example", "A"), "dig +tls @1.1.1.1 -p 8853 shop.example A"},
		{at("https://dns.google/dns-query", "shop.example", "A"), "dig +https=/dns-query @dns.google shop.example A"},
		{at("https://dns.google", "shop.example", "A"), "dig +https=/ @dns.google shop.example A"},
		{
			at("https://[2001:db8::1]:8443/q?a=b", "shop.example", "A"),
			"dig '+https=/q?a=b' @2001:db8::1 -p 8443 shop.example A",
		},
		{Dig("shop.example", "", "+nssearch"), "dig +nssearch shop.example"},
		{Dig("mx", "NS"), "dig -q mx NS"},
		{Dig(".", "NS"), "dig . NS"},
		{Dig("-f.example", "A"), "dig -q -f.example A"},
		{Dig("@evil.example", "A"), "dig -q @evil.example A"},
		{Dig("+short.example", "A"), "dig -q +short.example A"},
		{Dig("ixfr=1.example", "A"), "dig -q ixfr=1.example A"},
		{Dig("*.shop.example", "A"), "dig -q '*.shop.example' A"},
		{Dig("_verify.shop.example", "TXT"), "dig _verify.shop.example TXT"},
		{Dig(`a\ b.example`, "A"), `dig 'a\ b.example' A`},
		{Dig("", "A"), "dig -q '' A"},
		{Whois("shop.example", "", 0), "whois shop.example"},
		{Whois("shop.example", "whois.example", 43), "whois -h whois.example shop.example"},
		{Whois("-T dn shop.example", "whois.example", 4343), "whois -h whois.example -p 4343 -- '-T dn shop.example'"},
		{Curl("https://shop.example/"), "curl https://shop.example/"},
		{Curl("https://shop.example/a?b=[1-9]", "-sSI"), "curl -sSI --globoff 'https://shop.example/a?b=[1-9]'"},
	} {
		if tt[0] != tt[1] {
			t.Errorf("%s, want\n%s", tt[0], tt[1])
		}
	}
}
