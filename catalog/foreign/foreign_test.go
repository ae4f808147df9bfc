package foreign_test

import (
	"slices"
	"strings"
	"testing"

	"domdoc/catalog"
	_ "domdoc/catalog/causes"
	"domdoc/catalog/foreign"
)

// TestMessages: each message is complete, its causes exist, and it is found by its own name.
func TestMessages(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, m := range foreign.All() {
		if seen[m.Name] {
			t.Errorf("%s is there twice", m.Name)
		}
		seen[m.Name] = true
		if m.Name == "" || m.Product == "" || m.Meaning == "" || m.Source == "" || strings.HasSuffix(m.Meaning, ".") {
			t.Errorf("%q is incomplete: %+v", m.Name, m)
		}
		for _, id := range m.Causes {
			if _, ok := catalog.FindCause(string(id)); !ok {
				t.Errorf("%s: there is no cause %s", m.Name, id)
			}
		}
		if strings.Contains(m.Name, "*") {
			continue
		}
		found := foreign.Explain(m.Name)
		if !slices.ContainsFunc(found, func(f foreign.Match) bool { return f.Message == m }) {
			t.Errorf("%q finds %v", m.Name, names(found))
		}
	}
}

func names(found []foreign.Match) []string {
	out := []string{}
	for _, m := range found {
		out = append(out, m.Name)
	}
	return out
}

// TestFind finds messages as they are pasted, and nothing in texts that only look like one.
func TestFind(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"NET::ERR_CERT_COMMON_NAME_INVALID", []string{"NET::ERR_CERT_COMMON_NAME_INVALID"}},
		{"net::ERR_CERT_WEAK_KEY", []string{"NET::ERR_CERT_WEAK_KEY"}},
		{"Error 526", []string{"Cloudflare 526"}},
		{"HTTP/2 522\nserver: cloudflare", []string{"Cloudflare 522"}},
		{"error code: 1014", []string{"Cloudflare 1014"}},
		{"526: Invalid SSL certificate", []string{"Cloudflare 526"}},
		{"Fehler 1016: Origin DNS error", []string{"Cloudflare 1016"}},
		{"Erreur n° 522", nil},
		{"エラー 1020", []string{"Cloudflare 1020"}},
		{"cURL error 60: SSL certificate problem: unable to get local issuer certificate", []string{"curl (60)"}},
		{"CURLE_COULDNT_RESOLVE_HOST", []string{"curl (6)"}},
		{"503 ERROR\nThe request could not be satisfied.", []string{"CloudFront 503"}},
		{"The request could not be\nsatisfied", []string{"The request could not be satisfied"}},
		{"x-cache: Error from cloudfront", []string{"X-Cache: Error from cloudfront"}},
		{"Safari can’t establish a secure connection to the server “a.example”", []string{
			"Safari can't establish a secure connection to the server",
		}},
		{"** server can't find shop.a.example: NXDOMAIN", []string{"NXDOMAIN"}},
		{"x509: certificate signed by unknown authority", []string{"x509: certificate signed by unknown authority"}},
		{"x509: certificate is not authorized to sign other certificates", []string{
			"X509: CERTIFICATE IS NOT AUTHORIZED TO SIGN OTHER CERTIFICATES",
		}},
		{"CNAMEAlreadyExists", []string{"CNAMEAlreadyExists"}},

		{"call 1014 or room 526", nil},
		{"ERROR 1016 (HY000): Can't open file", nil},
		{"error: 530 ms", nil},
		{"530 5.7.1 authentication required; status 530 5.7.1", nil},
		{"figure (6), curl", nil},
		{"error 1999", nil},
		{"HTTP/1.1 500", nil},
		{"we refused to connect the two, and the certificate is fine", nil},
	} {
		got := names(foreign.Find(tt.text))
		if !slices.Equal(got, tt.want) && len(got)+len(tt.want) > 0 {
			t.Errorf("%q: found %q, want %q", tt.text, got, tt.want)
		}
	}
}

// TestExplain takes what somebody types to look a message up.
// TestFindAsWritten: an error is called what the text calls it, and each occurrence has its place.
func TestFindAsWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"DNS_PROBE_FINISHED_BAD_CONFIG":                         "DNS_PROBE_FINISHED_BAD_CONFIG",
		"dns_probe_finished_no_internet":                        "DNS_PROBE_FINISHED_NO_INTERNET",
		"net::ERR_CONNECTION_ABORTED":                           "NET::ERR_CONNECTION_ABORTED",
		"ERR_CERT_DATE_INVALID":                                 "NET::ERR_CERT_DATE_INVALID",
		"SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE":                  "SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE",
		"Hmm. We're having trouble finding that site.":          "NS_ERROR_UNKNOWN_HOST",
		"a.example ERR_TIMED_OUT\nERR_TIMED_OUT at b.example":   "ERR_TIMED_OUT",
		"ERR_CONNECTION_REFUSED here, err_connection_reset too": "ERR_CONNECTION_REFUSED ERR_CONNECTION_RESET",
	} {
		var got []string
		for _, m := range foreign.Find(text) {
			got = append(got, m.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if all := foreign.FindEach("a.example ERR_TIMED_OUT\nERR_TIMED_OUT at b.example"); len(all) != 2 ||
		all[0].Start != 10 || all[1].Start != 24 {
		t.Errorf("the same error twice: %v", all)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"526": "Cloudflare 526", "1014": "Cloudflare 1014", "error 1016": "Cloudflare 1016",
		"cloudflare 520": "Cloudflare 520", "curl 60": "curl (60)", "CloudFront 403": "CloudFront 403",
		"ERR_CERT_DATE_INVALID": "NET::ERR_CERT_DATE_INVALID", "dns_probe_started": "DNS_PROBE_STARTED",
		"nxdomain": "NXDOMAIN", "no such host": "no such host", "404": "", "certificate": "", "error": "", "": "",
	} {
		got := names(foreign.Explain(query))
		if want == "" && len(got) > 0 || want != "" && !slices.Equal(got, []string{want}) {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
}

// TestHints: no message has to be searched for in every text.
func TestHints(t *testing.T) {
	t.Parallel()
	for _, m := range foreign.All() {
		if len(m.Hints()) == 0 {
			t.Errorf("%s has no hints", m.Name)
		}
	}
}
