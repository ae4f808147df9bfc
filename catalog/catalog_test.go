package catalog

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestCodesMatchTheDocument compares the declared codes with the customer's table.
func TestCodesMatchTheDocument(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/error-codes.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimRight(string(raw), "\n"), "\n")[1:]
	if len(rows) != 23 || len(Codes()) != 23 {
		t.Fatalf("the document has %d rows, the catalogue %d codes; want 23 of each", len(rows), len(Codes()))
	}
	for i, row := range rows {
		c := Codes()[i]
		got := strings.Join([]string{c.ID, strconv.Itoa(c.HTTP), c.Name, c.Description, c.Resolution, c.Category}, "\t")
		if got != row {
			t.Errorf("code %d:\n got %q\nwant %q", i+1, got, row)
		}
	}
}

func TestFindCode(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"DOMAIN_008": "DOMAIN_008", "domain_008": "DOMAIN_008", "8": "DOMAIN_008", "008": "DOMAIN_008",
		" 08 ": "DOMAIN_008", "Domain_8": "DOMAIN_008",
		"dns_configuration_failed": "DOMAIN_008", "QUOTA_EXCEEDED": "DOMAIN_006", "23": "DOMAIN_023",
		"0": "", "24": "", "DOMAIN_099": "", "": "", "DOMAIN_": "", "-1": "", "+8": "", "8.0": "", "0008": "",
		"DOMAIN": "",
	} {
		c, ok := FindCode(query)
		if c.ID != want || ok != (want != "") {
			t.Errorf("FindCode(%q) = %q, %v; want %q", query, c.ID, ok, want)
		}
	}
}

func TestLookUps(t *testing.T) {
	t.Parallel()
	ids := func(codes []Code) (out []string) {
		for _, c := range codes {
			out = append(out, c.ID)
		}
		return out
	}
	if got, want := ids(CodesByHTTP(409)), []string{"DOMAIN_002", "DOMAIN_015"}; !slices.Equal(got, want) {
		t.Errorf("by HTTP 409: got %v, want %v", got, want)
	}
	if got := CodesByHTTP(418); got != nil {
		t.Errorf("by HTTP 418: got %v, want none", got)
	}
	if got, want := ids(SearchCodes("wallet TOP")), []string{"DOMAIN_007"}; !slices.Equal(got, want) {
		t.Errorf("by words: got %v, want %v", got, want)
	}
	if got := SearchCodes("  "); got != nil {
		t.Errorf("no words: got %v, want none", got)
	}
	if got := CausesOf("DOMAIN_018"); len(got) == 0 || got[0] != RegistrationAuthCodeMalformed.Cause {
		t.Errorf("causes of DOMAIN_018: got %v", got)
	}
	if c, ok := FindCause("Record.Missing"); !ok || c != RecordMissing.Cause {
		t.Errorf("FindCause: got %v, %v", c, ok)
	}
}

// TestEveryDeclaredCauseIsListed reads the source: a declared cause that is not in the list would never be explained.
func TestEveryDeclaredCauseIsListed(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("causes_*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no files with causes", err)
	}
	declared := 0
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "declare" {
					declared++
				}
			}
			return true
		})
	}
	if declared != len(Causes()) {
		t.Errorf("%d causes are declared and %d listed in causes.go", declared, len(Causes()))
	}
}

func TestCausesAreComplete(t *testing.T) {
	t.Parallel()
	seen := map[ID]bool{}
	predicted := map[string]bool{}
	for _, c := range Causes() {
		if seen[c.ID] {
			t.Errorf("%s is declared twice", c.ID)
		}
		seen[c.ID] = true
		if n := utf8.RuneCountInString(c.Title); n == 0 || n > 60 || strings.HasSuffix(c.Title, ".") {
			t.Errorf("%s: title %q: want 1 to 60 characters without a period", c.ID, c.Title)
		}
		for what, s := range map[string]string{
			"means": c.Means, "how": c.How, "summary": c.Example().Summary(),
			"why": c.Example().Why(),
		} {
			if strings.TrimSpace(s) == "" || strings.Contains(s, "%!") {
				t.Errorf("%s: %s is %q", c.ID, what, s)
			}
		}
		if strings.HasSuffix(c.Example().Summary(), ".") {
			t.Errorf("%s: the summary ends in a period", c.ID)
		}
		if len(c.Who) == 0 || c.Common < 1 || c.Common > 9 {
			t.Errorf("%s: nobody acts, or no frequency from 1 to 9", c.ID)
		}
		if c.Verdict != Fail && c.Verdict != Warn && c.Verdict != Inconclusive {
			t.Errorf("%s: verdict %s", c.ID, c.Verdict)
		}
		if (len(c.AllCodes()) == 0) == (c.NoCode == "") {
			t.Errorf("%s: predicts %v and says %q of it: want codes, or a reason for none", c.ID, c.AllCodes(), c.NoCode)
		}
		if f := c.Example().Fix(); len(f.Steps) == 0 || slices.ContainsFunc(f.Steps, func(s string) bool {
			return strings.TrimSpace(s) == "" || strings.Contains(s, "%!")
		}) {
			t.Errorf("%s: the fix is %q", c.ID, f.Steps)
		}
		for _, a := range c.Who {
			if a.Phrase() == string(a) {
				t.Errorf("%s: who acts is %q, of which no words are known", c.ID, a)
			}
		}
		for _, code := range c.AllCodes() {
			if _, ok := FindCode(code); !ok {
				t.Errorf("%s: predicts %q, which is no code", c.ID, code)
			}
			predicted[code] = true
		}
		if int(c.Rung) >= len(Rungs()) {
			t.Errorf("%s: no such rung", c.ID)
		}
	}
	for _, c := range Codes() {
		if !predicted[c.ID] {
			t.Errorf("no cause predicts %s", c.ID)
		}
	}
}

// TestEveryCauseIsToldFromOthers: what a cause is taken for names at least one declared cause, and says what the
// difference is.
func TestEveryCauseIsToldFromOthers(t *testing.T) {
	t.Parallel()
	for _, c := range Causes() {
		named := causeID.FindAllString(c.Confused, -1)
		for _, id := range named {
			if x, ok := FindCause(id); !ok || x == c {
				t.Errorf("%s: is confused with %q, which is no other cause", c.ID, id)
			}
		}
		rest := strings.Fields(causeID.ReplaceAllString(c.Confused, ""))
		if len(named) == 0 || len(rest) < 4 {
			t.Errorf("%s: is confused with %v for the reason %q; want another cause and the difference", c.ID, named, rest)
		}
		for _, x := range c.Alike() {
			if !slices.Contains(x.Alike(), c) {
				t.Errorf("%s is like %s, and not the reverse", c.ID, x.ID)
			}
		}
	}
	if got := RecordNameDoubled.Alike(); !slices.Equal(got,
		[]*Cause{RecordMissing.Cause, RecordWrongName.Cause, RecordTargetZoneAppended.Cause}) {
		t.Errorf("record.name-doubled is like %v", got)
	}
	if got := RecordNameDoubled.SeeAlso(); !slices.Equal(got, []*Cause{RecordTargetZoneAppended.Cause}) {
		t.Errorf("beside what its text names, record.name-doubled is taken for %v", got)
	}
}

var (
	rfcRef     = regexp.MustCompile(`^RFC [1-9][0-9]{2,3}( ([1-9][0-9]*|[A-Z])(\.[1-9][0-9]*)*)?$`)
	codeRef    = regexp.MustCompile(`^Domains Service, error code (DOMAIN_[0-9]{3})$`)
	serviceRef = regexp.MustCompile(`^Domains Service API, ([A-Z]+) (/\S+)$`)
)

// TestEveryCauseHasReferences: each is a section of an RFC, a page of a provider, one of the 23 codes, or an
// operation of the service's contract.
func TestEveryCauseHasReferences(t *testing.T) {
	t.Parallel()
	contract, err := os.ReadFile("../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	offered := func(method, path string) bool {
		_, after, found := strings.Cut(string(contract), "\n  "+path+":\n")
		if end := strings.Index(after, "\n  /"); end >= 0 {
			after = after[:end]
		}
		return found && strings.Contains("\n"+after, "\n    "+strings.ToLower(method)+":")
	}
	if offered("DELETE", "/domains/v1/quota") || offered("GET", "/domains/v1/nothing") {
		t.Error("the contract is not read right")
	}
	for _, c := range Causes() {
		if len(c.Refs) == 0 {
			t.Errorf("%s has no reference", c.ID)
		}
		for i, ref := range c.Refs {
			ok := rfcRef.MatchString(ref)
			if m := codeRef.FindStringSubmatch(ref); m != nil {
				ok = slices.Contains(c.AllCodes(), m[1]) || c.NoCode != "" && codeExists(m[1])
			} else if m := serviceRef.FindStringSubmatch(ref); m != nil {
				ok = offered(m[1], m[2])
			} else if u, err := url.Parse(ref); err == nil && u.Scheme == "https" {
				ok = strings.Contains(u.Host, ".") && len(u.Path) > 1
			}
			if !ok || slices.Contains(c.Refs[:i], ref) {
				t.Errorf("%s: %q is no reference that it can have, or stands there twice", c.ID, ref)
			}
		}
	}
}

func codeExists(id string) bool {
	_, ok := FindCode(id)
	return ok
}

// TestCausesOfACodeComeTheCommonestFirst: a code's causes fall from the commonest to the rarest, none is left out,
// and not all count the same.
func TestCausesOfACodeComeTheCommonestFirst(t *testing.T) {
	t.Parallel()
	for _, code := range Codes() {
		causes := CausesOf(code.ID)
		for i, c := range causes {
			if i > 0 && causes[i-1].Common < c.Common {
				t.Errorf("%s: %s (%d) stands before %s (%d)", code.ID, causes[i-1].ID, causes[i-1].Common, c.ID, c.Common)
			}
		}
		for _, c := range Causes() {
			if slices.Contains(c.AllCodes(), code.ID) != slices.Contains(causes, c) {
				t.Errorf("%s: %s is left out, or does not belong there", code.ID, c.ID)
			}
		}
	}
	var first []ID
	for _, c := range CausesOf("DOMAIN_004")[:3] {
		first = append(first, c.ID)
	}
	if want := []ID{"record.missing", "record.name-doubled", "delegation.wrong-host"}; !slices.Equal(first, want) {
		t.Errorf("DOMAIN_004 begins with %v, want %v", first, want)
	}
}

// TestExplainsIsAcyclic follows what explains what: a circle would leave a domain without a root cause.
func TestExplainsIsAcyclic(t *testing.T) {
	t.Parallel()
	const (
		walking = 1
		done    = 2
	)
	state := map[ID]int{}
	var walk func(c *Cause, path []string)
	walk = func(c *Cause, path []string) {
		path = append(path, string(c.ID))
		switch state[c.ID] {
		case done:
			return
		case walking:
			t.Fatalf("causes explain each other in a circle: %s", strings.Join(path, " -> "))
		}
		state[c.ID] = walking
		for _, next := range Causes() {
			if c.MayExplain(next) {
				walk(next, path)
			}
		}
		state[c.ID] = done
	}
	for _, c := range Causes() {
		walk(c, nil)
	}
}

func TestRecordLabel(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, zone, want string }{
		{"_verify.shop.example.com", "example.com", "_verify.shop"},
		{"Example.COM", "example.com", "@"},
		{"shop.EXAMPLE.com", "example.com", "shop"},
		{"shop.example.com", "", "shop.example.com"},
		{"badexample.com", "example.com", "badexample.com"},
		{"other.net", "example.com", "other.net"},
	} {
		if got := (Record{Name: tc.name, Zone: tc.zone}).Label(); got != tc.want {
			t.Errorf("%s in %s: label %q, want %q", tc.name, tc.zone, got, tc.want)
		}
	}
}

func TestRungsFollowTheContract(t *testing.T) {
	t.Parallel()
	var words []string
	for _, r := range Rungs() {
		words = append(words, r.String())
	}
	if got, want := strings.Join(words, " < "),
		"vantage < service < registration < delegation < dnssec < record < cache < certificate < cdn < route < http"; got != want {
		t.Errorf("the ladder is %s, want %s", got, want)
	}
}

// TestEveryDNSHostHasAPanel: a host that is told by its servers must have its own words, or at least a pace of its
// own.
func TestEveryDNSHostHasAPanel(t *testing.T) {
	t.Parallel()
	hosts := []string{"Route 53"}
	for _, h := range dnsHosts {
		hosts = append(hosts, h.name)
	}
	for _, h := range hosts {
		if p := PanelOf(h); p.Host != h || p.Where == "" && p.Publish == 0 || p.Name == "" || p.Value == "" ||
			p.Apex == "" {
			t.Errorf("%s has no panel, or one without a field", h)
		}
	}
	for h, p := range panels {
		if !slices.Contains(hosts, h) {
			t.Errorf("nobody is told to be at %s", h)
		}
		if p.Alias != "" && p.NoAlias {
			t.Errorf("%s has an alias and has none", h)
		}
	}
}

// TestDNSHostOf: the hosts of the customer's table, by the names of their servers; names that only end alike, and
// sets of several hosts, tell nothing.
func TestDNSHostOf(t *testing.T) {
	t.Parallel()
	for servers, want := range map[string]string{
		"ada.ns.cloudflare.com bob.ns.cloudflare.com.":                                         "Cloudflare",
		"ns-11.awsdns-01.com ns-1022.awsdns-02.net ns-1.awsdns-33.org ns-2048.awsdns-64.co.uk": "Route 53",
		"NS51.DOMAINCONTROL.COM": "GoDaddy", "dns1.registrar-servers.com": "Namecheap",
		"ns-cloud-a1.googledomains.com": "Google Cloud DNS", "dns1.p01.nsone.net": "NS1, Netlify or Squarespace",
		"ns1-01.azure-dns.com ns2-01.azure-dns.net": "Azure DNS", "ns1.dnsimple.com": "DNSimple",
		"ns1.digitalocean.com": "DigitalOcean", "ns1.linode.com": "Linode",
		"hydrogen.ns.hetzner.com oxygen.ns.hetzner.com": "Hetzner", "dns104.ovh.net ns104.ovh.net": "OVH",
		"dns200.anycast.me": "OVH", "ns-12-a.gandi.net": "Gandi", "ns1.name.com": "Name.com",
		"curitiba.ns.porkbun.com": "Porkbun", "ns1045.ui-dns.com ns1045.ui-dns.de": "IONOS",
		"ns0.transip.net ns1.transip.nl": "TransIP", "ns1.dns-parking.com": "Hostinger", "ns8.wixdns.net": "Wix",
		"ns1.vercel-dns.com": "Vercel", "ns1.dreamhost.com": "DreamHost", "ns57.worldnic.com": "Network Solutions",
		"ns1.reg.ru": "REG.RU", "a1-67.akam.net": "Akamai", "ns1.desec.io ns2.desec.org": "deSEC",
		"root-dns.netcup.net": "netcup", "ns.inwx.de ns2.inwx.de ns3.inwx.eu": "INWX",
		"ns.udag.de ns.udag.net ns.udag.org": "United Domains", "ns.wedos.com ns.wedos.net ns.wedos.cz": "WEDOS",
		"ns1.hyp.net": "Domeneshop", "pns41.cloudns.net": "ClouDNS", "ns1.simply.com": "Simply",

		"ns1.example.com": "", "notcloudflare.com": "", "ns1.fakedomaincontrol.com": "", "ns1.awsdns-xx.com": "",
		"ns1.awsdns-01.evil":                       "",
		"ada.ns.cloudflare.com ns1.hoster.example": "", "": "",
	} {
		if got := DNSHostOf(strings.Fields(servers)); got != want {
			t.Errorf("%s: %q, want %q", servers, got, want)
		}
	}
}

func TestAdviceSpeaksThePanelsWords(t *testing.T) {
	t.Parallel()
	record := func(host, rrtype, name, value string) Record {
		return Record{Role: Verification, Zone: "example.com", Name: name, Type: rrtype, Value: value, Host: host}
	}
	for _, tc := range []struct {
		name   string
		record Record
		want   []string
	}{
		{
			"a panel that appends the zone", record("GoDaddy", "TXT", "_verify.shop.example.com", "tok-1"),
			[]string{"Domain Portfolio > DNS", "Name _verify.shop,", `type only "_verify.shop" into "Name"`},
		},
		{
			"a panel that takes the whole name", record("Hurricane Electric", "TXT", "_verify.shop.example.com", "tok-1"),
			[]string{"Name _verify.shop.example.com"},
		},
		{
			"a panel that asks for quotation marks", record("Route 53", "TXT", "_verify.shop.example.com", "tok-1"),
			[]string{`Value "tok-1"`, "keep the quotation marks"},
		},
		{
			"a panel that asks for a final dot", record("OVH", "CNAME", "shop.example.com", "d1.cloudfront.net"),
			[]string{"Target or Value d1.cloudfront.net.,"},
		},
		{
			"a proxy switch", record("Cloudflare", "CNAME", "shop.example.com", "d1.cloudfront.net"),
			[]string{`"DNS only"`},
		},
		{
			"the zone itself with flattening", record("Cloudflare", "ALIAS", "example.com", "d1.cloudfront.net"),
			[]string{"a CNAME record at @: it is flattened"},
		},
		{
			"the zone itself without any alias", record("GoDaddy", "ALIAS", "example.com", "d1.cloudfront.net"),
			[]string{"offers no alias", "www.example.com"},
		},
		{"a floor for the TTL", record("deSEC", "TXT", "_verify.example.com", "tok-1"), []string{"TTL 3600"}},
		{
			"a target without its dot", record("GoDaddy", "CNAME", "shop.example.com", "d1.cloudfront.net"),
			[]string{"Value d1.cloudfront.net,", "without a dot at its end"},
		},
		{
			"a host that publishes in batches", record("Namecheap", "TXT", "_verify.shop.example.com", "tok-1"),
			[]string{"Namecheap publishes a change up to 60 minutes later"},
		},
		{
			"a host of which only the pace is known", record("netcup", "TXT", "_verify.shop.example.com", "tok-1"),
			[]string{"at netcup, in the DNS records of example.com", "name _verify.shop,", "up to 15 minutes later"},
		},
		{
			"the zone itself where it is not known whether there is an alias",
			record("NS1, Netlify or Squarespace", "ALIAS", "example.com", "d1.cloudfront.net"),
			[]string{"ALIAS, ANAME or flattened", "where the host has none"},
		},
		{
			"the zone itself, with aliases for the host's own names only",
			record("Azure DNS", "ALIAS", "example.com", "d1.cloudfront.net"),
			[]string{"Azure DNS offers no alias", "www.example.com"},
		},
		{
			"the authority's record",
			Record{
				Role: Certificate, Zone: "example.com", Name: "_3f.shop.example.com",
				Type: "CNAME", Value: "_9a.acm-validations.aws",
			},
			[]string{"may not begin with an underscore", "the name must keep its own"},
		},
		{
			"an unknown host", record("", "TXT", "_verify.shop.example.com", "tok-1"),
			[]string{"at your DNS host", `type only "_verify.shop" as the name where the panel adds example.com`},
		},
	} {
		text := strings.Join(publish(tc.record).Steps, "\n")
		for _, w := range tc.want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: the advice lacks %q:\n%s", tc.name, w, text)
			}
		}
	}
}
