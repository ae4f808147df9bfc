package registration

import "strings"

// Span is a number of days that a registry grants, from the fewest to the most.
type Span struct{ Min, Max int }

// Rules are what a registry does with a name that is not renewed, and how long a young name cannot be transferred.
// All of it is policy: a registry can change it, and a registrar can be stricter. So dates that follow from it are
// estimates.
type Rules struct {
	Ending string // without a dot: "com", "uk"
	// Known means that the days below are known. Otherwise only dates that the registry itself gives are shown.
	Known bool
	// Grace is how long after its expiry a name can be renewed as usual. It counts only if GraceKnown: many registries
	// leave it to the registrar when a name is deleted, or have no expiry.
	Grace      Span
	GraceKnown bool
	Restore    int  // days after that, or after a deletion, in which it can be restored
	Drop       Span // days after that until anyone can register it
	// DeleteRestorable means that "pending delete" is shown while a name can still be restored, too.
	DeleteRestorable bool
	// TransferLock is how many days after its registration or last transfer a transfer may be refused; 0 if the
	// registry's rules are not known.
	TransferLock int
	// Restorer is who can restore a name: OfRecord or AnyRegistrar.
	Restorer Restorer
	Source   string // where the rules are published
}

// Restorer is whom a former registrant asks to restore a name.
type Restorer string

// The restorers.
const (
	OfRecord     Restorer = "registrar-of-record"
	AnyRegistrar Restorer = "any-registrar"
)

const (
	errp           = "https://www.icann.org/en/resources/registrars/consensus-policies/errp"
	transferPolicy = "https://www.icann.org/resources/pages/transfer-policy-2016-06-01-en"
)

// generic are the rules of the generic top-level domains: 45 days of auto-renew grace, 30 days of redemption, 5 days
// of pending delete (RFC 3915 3, ICANN's Expired Registration Recovery Policy 3.1 and registry agreements), and 60
// days without a transfer (ICANN's Transfer Policy I.A.3.7).
var generic = Rules{
	Known: true, Grace: Span{0, 45}, GraceKnown: true, Restore: 30, Drop: Span{5, 5}, TransferLock: 60,
	Restorer: OfRecord, Source: errp,
}

// countryRules are those of country-code top-level domains, read in 2026-11 on the pages of their sources.
var countryRules = func() map[string]Rules {
	fr := Rules{
		Restore: 30, Restorer: OfRecord,
		Source: "https://www.afnic.fr/fr/votre-nom-de-domaine/votre-nom-de-domaine-au-quotidien/" +
			"supprimez-votre-nom-de-domaine-7.html",
	}
	se := Rules{
		Grace: Span{10, 10}, GraceKnown: true, Restore: 60, Drop: Span{7, 7}, Restorer: OfRecord,
		Source: "https://internetstiftelsen.se/en/domains/how-to-register-a-domain-name/" +
			"se-and-nu-domains-that-may-soon-be-available/",
	}
	ru := Rules{ // not in the DNS after the expiry; a release on a holiday is postponed
		GraceKnown: true, Restore: 30, Drop: Span{0, 5}, Restorer: OfRecord,
		Source: "https://www.nic.ru/help/domain-deactivation-and-deletion-due-to-non-payment_5646.html",
	}
	out := map[string]Rules{
		"uk": {
			Grace: Span{30, 30}, GraceKnown: true, Restore: 60, Drop: Span{5, 5}, DeleteRestorable: true,
			Restorer: OfRecord,
			Source: "https://registrars.nominet.uk/uk-namespace/" +
				"new-domain-expiry-process-and-introduction-of-drop-lists-for-uk/",
		},
		"de": {
			Restore: 30, Restorer: AnyRegistrar,
			Source: "https://denic.de/en/domains/de-domains/domain-deletion/redemption-grace-period",
		},
		"nl": {
			Restore: 40, Restorer: AnyRegistrar,
			Source: "https://www.sidn.nl/a/nl-domain-name/undoing-the-cancellation-of-a-domain-name",
		},
		"be": {
			Restore: 40, Restorer: AnyRegistrar,
			Source: "https://docs.dnsbelgium.be/be/general/domainnamelifecycle.html",
		},
		"eu": {
			GraceKnown: true, Restore: 40, Restorer: AnyRegistrar,
			Source: "https://help.eurid.eu/hc/fr/articles/9731562911261",
		},
		"it": {
			Grace: Span{0, 15}, GraceKnown: true, Restore: 30, Drop: Span{1, 5}, Restorer: OfRecord,
			Source: "https://guide.hosting.aruba.it/rinnovare-un-dominio/avvisi-e-domini-scaduti/" +
				"stati-domini-it-mancato-rinnovo.aspx",
		},
		"ca": { // a weekly session follows the redemption
			Grace: Span{0, 45}, GraceKnown: true, Restore: 30, Drop: Span{2, 8}, Restorer: OfRecord,
			Source: "https://cira.ca/domain-name-life-cycle",
		},
		"pl": {
			GraceKnown: true, Restore: 30, Restorer: AnyRegistrar,
			Source: "https://www.domainmaker.pl/faq/domeny/polskie/pl-polska/",
		},
		"se": se, "nu": se, "ru": ru, "su": ru, "xn--p1ai": ru,
	}
	for _, tld := range []string{"fr", "re", "yt", "pm", "wf", "tf"} {
		out[tld] = fr
	}
	for tld, r := range out {
		r.Known = true
		out[tld] = r
	}
	return out
}()

// countryIDNs are the country-code top-level domains with internationalized names, in A-labels, from the Public
// Suffix List; the other "xn--" ones are generic.
var countryIDNs = func() map[string]bool {
	out := map[string]bool{}
	for label := range strings.FieldsSeq(`
		2scrj9c 3e0b707e 3hcrj9c 45br5cyl 45brj9c 4dbrk0ce 54b7fta0cc 80ao21a 90a3ac 90ae 90ais clchc0ea0b2g2a9gcd
		d1alf e1a4c fiqs8s fiqz9s fpcrj9c3d fzc2c9e2c gecrj9c h2breg3eve h2brj9c h2brj9c8c j1amh j6w193g kprw13d
		kpry57d l1acc lgbbat1ad8j mgb2ddes mgb9awbf mgba3a4f16a mgba3a4fra mgbaam7a8h mgbah1a3hjkrd mgbai9a5eva00b
		mgbai9azgqp6j mgbayh7gpa mgbbh1a mgbbh1a71e mgbc0a9azcg mgbcpq6gpa1a mgberp4a5d4a87g mgberp4a5d4ar mgbgu82a
		mgbpl2fh mgbqly7c0a67fbc mgbqly7cvafr mgbtf8fl mgbtx2b mgbx4cd0ab mix082f mix891f nnx388a node o3cw4h
		ogbpf8fl p1ai pgbs0dh q7ce6a qxa6a qxam rvc1e0am3e s9brj9c wgbh1c wgbl6a xkc2al3hye2a xkc2dl3a5ee0h y9a3aq
		yfro4i67o ygbi2ammx`) {
		out["xn--"+label] = true
	}
	return out
}()

// uncontracted are top-level domains of three and more letters to which ICANN's policies do not apply.
var uncontracted = map[string]bool{"arpa": true, "edu": true, "gov": true, "int": true, "mil": true}

// sponsored are the sponsored top-level domains, whose registries need not offer a redemption period (ICANN's Expired
// Registration Recovery Policy 3.1).
var sponsored = map[string]bool{
	"aero": true, "asia": true, "cat": true, "coop": true, "jobs": true, "mobi": true, "museum": true, "post": true,
	"tel": true, "travel": true, "xxx": true,
}

// RulesOf returns the rules for a registrable name (A-labels in lower case). own means that another registry than
// that of the top-level domain runs its ending; then nothing is known of its rules.
func RulesOf(domain string, own bool) Rules {
	tld := domain[strings.LastIndexByte(domain, '.')+1:]
	out := Rules{Ending: tld}
	if own {
		_, out.Ending, _ = strings.Cut(domain, ".")
		return out
	}
	if r, ok := countryRules[tld]; ok {
		r.Ending = tld
		return r
	}
	if len(tld) == 2 || countryIDNs[tld] || uncontracted[tld] {
		return out
	}
	if sponsored[tld] {
		out.TransferLock = generic.TransferLock
		return out
	}
	out = generic
	out.Ending = tld
	return out
}

// Generic reports whether ICANN's Transfer Policy applies to the ending.
func (r Rules) Generic() bool { return r.TransferLock > 0 }
