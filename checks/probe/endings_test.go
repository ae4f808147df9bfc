package probe

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"domdoc/checks/probe/registration"

	"golang.org/x/net/publicsuffix"
)

// TestRegistryOf finds the registry of names: its ending, and the server if it is another's than the top-level
// domain's.
func TestRegistryOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, ending, whois string
		own                 bool
	}{
		{"shop.quillwort.ac.uk", "ac.uk", "whois.nic.ac.uk", true},
		{"shop.quillwort.gov.uk", "gov.uk", "whois.gov.uk", true},
		{"shop.quillwort.nhs.uk", "nhs.uk", "", true},
		{"shop.quillwort.police.uk", "police.uk", "", true},
		{"shop.quillwort.co.uk", "uk", "", false},
		{"shop.quillwort.org.uk", "uk", "", false},
		{"shop.quillwort.uk", "uk", "", false},
		{"shop.quillwort.gov.za", "gov.za", "whois.gov.za", true},
		{"shop.quillwort.org.za", "org.za", "org-whois.registry.net.za", true},
		{"shop.quillwort.edu.za", "edu.za", "", true},
		{"shop.quillwort.in.ua", "in.ua", "", true},
		{"shop.quillwort.net.ua", "net.ua", "", true},
		{"shop.quillwort.com.ua", "ua", "", false},
		{"shop.quillwort.ua", "ua", "", false},
		{"shop.quillwort.edu.cn", "edu.cn", "whois.edu.cn", true},
		{"shop.quillwort.com.cn", "cn", "", false},
		{"shop.quillwort.gov.ph", "gov.ph", "", true},
		{"shop.quillwort.gub.uy", "gub.uy", "", true},
		{"shop.quillwort.com.uy", "uy", "", false},
		{"shop.quillwort.go.kr", "kr", "", false},
		{"shop.quillwort.com.au", "au", "", false},
		{"shop.quillwort.govt.nz", "nz", "", false},
		{"shop.quillwort.waw.pl", "pl", "", false},
		// sold below a name of the private section
		{"shop.quillwort.uk.com", "uk.com", "whois.centralnic.com", true},
		{"shop.quillwort.jp.net", "jp.net", "whois.centralnic.com", true},
		{"shop.quillwort.in.net", "in.net", "whois.centralnic.com", true},
		{"shop.quillwort.co.pl", "co.pl", "whois.co.pl", true},
		{"shop.quillwort.co.ca", "co.ca", "whois.co.ca", true},
		{"shop.quillwort.co.ua", "co.ua", "whois.co.ua", true},
		{"shop.quillwort.org.ru", "org.ru", "whois.nic.net.ru", true},
		{"shop.quillwort.com.ru", "com.ru", "whois.flexireg.net", true},
		{"shop.quillwort.msk.su", "msk.su", "whois.flexireg.net", true},
		{"shop.quillwort.priv.at", "priv.at", "whois.nic.priv.at", true},
		{"shop.quillwort.eu.org", "eu.org", "whois.eu.org", true},
		{"shop.quillwort.de.eu.org", "de.eu.org", "whois.eu.org", true},
		{"shop.quillwort.za.net", "za.net", "whois.za.net", true},
		// hosts that register nothing: the name above them is somebody's
		{"shop.quillwort.github.io", "io", "", false},
		{"shop.quillwort.herokuapp.com", "com", "", false},
		{"shop.education.gov.scot", "scot", "", false},
		{"www.parliament.uk", "uk", "", false},
		// the suffixes themselves are registered with the registry above
		{"uk.com", "com", "", false},
		{"co.pl", "pl", "", false},
		{"eu.org", "org", "", false},
	} {
		ending, whois, own := registryOf(Registrable(tt.name))
		if ending != tt.ending || whois != tt.whois || own != tt.own {
			t.Errorf("%s: the registry of .%s at %q, own %v; want .%s at %q, %v", tt.name, ending, whois, own, tt.ending,
				tt.whois, tt.own)
		}
	}
}

// TestEndingsAreSuffixes: an ending that the Public Suffix List has only in its private section belongs among those
// that are sold below, or no name is ever looked up there.
func TestEndingsAreSuffixes(t *testing.T) {
	t.Parallel()
	for suffix, host := range endings {
		if got, icann := publicsuffix.PublicSuffix("x." + suffix); got != suffix || !icann {
			t.Errorf("%s is no public suffix of the ICANN section", suffix)
		}
		if host != "" && !isHostName(host) {
			t.Errorf("%s has the server %q", suffix, host)
		}
	}
	for suffix, host := range soldBelow {
		if got, icann := publicsuffix.PublicSuffix("x." + suffix); got != suffix || icann {
			t.Errorf("%s is not in the private section", suffix)
		}
		if !isHostName(host) {
			t.Errorf("%s has the server %q", suffix, host)
		}
	}
}

// TestEndingWithoutRegistry: the server of an ending's registry that does not exist any more is as good as none.
func TestEndingWithoutRegistry(t *testing.T) {
	t.Parallel()
	w := newRegistryWorld(t, web(200, "application/json", list), nil, ianaWHOIS, taken)
	s := w.session(t, Options{})
	for name, want := range map[string]string{
		"shop.gov.za": "gov.za", "shop.nhs.uk": "nhs.uk", "shop.example": "",
	} {
		if got := s.Registration(t.Context(), name); got.Ending != want {
			t.Errorf("%s: the ending without a registry is %q, want %q (%s)", name, got.Ending, want, got.Reason)
		}
	}
}

// TestOutdatedRDAP compares domdoc's own list of RDAP servers with IANA's, which goes first.
func TestOutdatedRDAP(t *testing.T) {
	t.Parallel()
	listing := func(url string) string {
		return fmt.Sprintf(`{"version":"1.0","publication":"2026-01-01T00:00:00Z","services":[[["de"],[%q]]]}`, url)
	}
	const other = "https://rdap.registry.example/v1/"
	document := strings.ReplaceAll(takenRDAP, "shop.example", "shop.de")
	for _, tt := range []struct {
		name, list string
		status     int
		body       string
		want       registration.State
		outdated   bool // OutdatedRDAP says so
		said       bool // the reason says so
	}{
		{"IANA lists another server", listing(other), 200, document, registration.Registered, true, false},
		{"IANA lists another server, which fails", listing(other), 503, "", registration.Unknown, true, true},
		{
			"IANA lists the same server", listing("https://rdap.denic.de/"), 200, document, registration.Registered, false,
			false,
		},
		{
			"the same without the last slash", listing("https://rdap.denic.de"), 200, document, registration.Registered,
			false, false,
		},
		{"the same server, which fails", listing("https://rdap.denic.de/"), 503, "", registration.Unknown, false, false},
		{
			"the same server, which does not know the name", listing("https://rdap.denic.de/"), 404, `{"errorCode":404}`,
			registration.NotRegistered, false, false,
		},
		{"IANA lists none", list, 200, document, registration.Registered, false, false},
		{"no list", "", 200, document, registration.Registered, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newRegistryWorld(t, web(200, "application/json", tt.list),
				web(tt.status, "application/rdap+json", tt.body), "", "")
			s := w.session(t, Options{})
			got := s.Registration(t.Context(), "shop.de")
			if got.State != tt.want {
				t.Errorf("%s: %s, want %s", got.State, got.Reason, tt.want)
			}
			const words = "the RDAP server of .de is https://rdap.registry.example/v1/ in IANA's list, which is used, " +
				"and " +
				"https://rdap.denic.de/ in domdoc's own"
			if said := strings.Contains(got.Reason, words); said != tt.said {
				t.Errorf("the reason is %q", got.Reason)
			}
			if out := s.OutdatedRDAP(t.Context()); slices.Contains(out, words) != tt.outdated || len(out) > 1 {
				t.Errorf("outdated: %q", out)
			}
		})
	}
}
