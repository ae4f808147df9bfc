package probe

import "strings"

// soldBelow are the names of the private section of the Public Suffix List that a registry registers names below,
// with the registry's WHOIS server; empty if none is known. Sources: https://centralnicregistry.com (2026-11) for the
// first, and tld_serv_list of github.com/rfc1036/whois (2026-02-16) for the others.
var soldBelow = func() map[string]string {
	out := map[string]string{}
	for host, suffixes := range map[string][]string{
		"whois.centralnic.com": {
			"ae.org", "br.com", "cn.com", "com.de", "com.se", "de.com", "eu.com", "gb.net", "gr.com", "hu.net", "in.net",
			"jp.net", "jpn.com", "mex.com", "ru.com", "sa.com", "se.net", "uk.com", "uk.net", "us.com", "us.org", "za.bz",
			"za.com",
		},
		"whois.flexireg.net": {"com.ru", "msk.ru", "nov.ru", "spb.ru", "msk.su", "nov.su", "spb.su"},
		"whois.nic.net.ru":   {"net.ru", "org.ru", "pp.ru"},
		"whois.free.net":     {"ac.ru"}, "whois.informika.ru": {"edu.ru"},
		"whois.biz.ua": {"biz.ua"}, "whois.co.ua": {"co.ua"}, "whois.pp.ua": {"pp.ua"},
		"whois.eu.org": {"eu.org"}, "whois.za.net": {"za.net"}, "whois.za.org": {"za.org"},
		"whois.co.ca": {"co.ca"}, "whois.co.pl": {"co.pl"}, "whois.nic.priv.at": {"priv.at"},
	} {
		for _, suffix := range suffixes {
			out[suffix] = host
		}
	}
	return out
}()

// sold returns the WHOIS server of the registry that registers names below a suffix of the private section. EU.org
// has the suffixes of its list below its own ("de.eu.org").
func sold(suffix string) (whois string, ok bool) {
	if strings.HasSuffix(suffix, ".eu.org") {
		suffix = "eu.org"
	}
	whois, ok = soldBelow[suffix]
	return whois, ok
}

// isSold is sold without the server.
func isSold(suffix string) bool {
	_, ok := sold(suffix)
	return ok
}
