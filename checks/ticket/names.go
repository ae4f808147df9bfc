package ticket

import (
	"slices"
	"strings"
	"unicode"

	"domdoc/catalog/lazyregexp"
	"domdoc/catalog/order"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"

	"golang.org/x/net/publicsuffix"
)

var (
	ticketPath = lazyregexp.New(`/domains/v1/([A-Za-z0-9][A-Za-z0-9_.~-]*)`)
	// "domain id: d-17", "the domain with id d-17", "die Domain mit der ID d-17", "domaine avec l'id d-17"
	ticketID = lazyregexp.New(`(?i)(?:\bdomain|\bdomaine|\bdominio|ドメイン)(?:s|の)?["']?` +
		`(?:[ _-]?(?:with|having|by|mit|der|die|dem|avec|con|el|la|the|its|l'|d'))*[ ` +
		`_-]*\bid(?:entifier|entificador)?\b` +
		`[\\"']*\s*(?:[:=#：]|\bis\b|\bist\b|\best\b|\bes\b)?\s*[\\"']*([A-Za-z0-9][A-Za-z0-9_-]{1,63})`)
	ticketPrefixed = lazyregexp.New(`\bdom_[A-Za-z0-9]{4,60}\b`)
	ticketName     = lazyregexp.New(
		`[\pL\pN_*](?:[\pL\pN\pM\x{200c}\x{200d}_-]*[\pL\pN\pM_])?` +
			`(?:\.[\pL\pN\pM_](?:[\pL\pN\pM\x{200c}\x{200d}_-]*[\pL\pN\pM])?)+`)
	ticketHeader = lazyregexp.New(
		`(?im)^[ \t]*(?:from|to|cc|bcc|reply-to|sender|return-path|message-id|in-reply-to|references|received|` +
			`dkim-signature|authentication-results|list-[a-z]+|host|origin|referer|user-agent|server|via|x-cache|` +
			`x-amz-[a-z-]+|set-cookie|cookie|location|content-[a-z]+|von|an|de|para|à|差出人|宛先):.*$`)
	// Where a mail ends and its writer signs, to the end of the line.
	closing = lazyregexp.New(`(?im)^[ \t]*(?:--|sent from my [^\n]{1,40}|von meinem [^\n]{1,40} gesendet|` +
		`envoyé de(?:puis)? mon [^\n]{1,40}|enviado desde mi [^\n]{1,40}|(?:with )?(?:kind|best|warm|many)(?:est)? ` +
		`(?:regards|wishes|thanks)|regards|best|cheers|sincerely(?: yours)?|yours (?:sincerely|truly|faithfully)|` +
		`thanks(?: and regards| in advance)?|thank you(?: in advance)?|many thanks|mit (?:freundlichen|besten|vielen|` +
		`lieben) grü(?:ß|ss)en|(?:freundliche|viele|beste|liebe|schöne) grü(?:ß|ss)e|gru(?:ß|ss)|mfg|lg|vg|` +
		`(?:bien )?cordialement|(?:bien )?à vous|salutations(?: distinguées)?|bonne journée|merci(?: d'avance)?|` +
		`(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|gracias|un saludo|敬具|(?:以上、)?よろしくお願い(?:いた|致)?し` +
		`ます|宜しくお願い(?:いた|致)?します)[ \t]*[,.!。]?[ \t]*$`)
	// Where the text goes on after a signature: another message that is quoted.
	resumes = lazyregexp.New(`(?im)^[ \t]*(?:on .{5,80} wrote:|am .{5,80} schrieb .{2,80}:|le .{5,80} a écrit ?:|` +
		`el .{5,80} escribió:|[^\n]{2,60} wrote:|-{3,}.*|_{20,}|(?:from|von|de|subject|betreff|objet|asunto|件名):.*)$`)
	disclaimer = lazyregexp.New(`(?i)confidential|intended (?:recipient|solely|only)|unsubscribe|privileged|` +
		`vertraulich|abbestellen|geschäftsführer|handelsregister|confidentiel|destinataire|désabonner|confidencial|` +
		`destinatario|機密|配信停止`)
)

// pathWords are segments of the service's paths that are not ids.
var pathWords = []string{"domains", "transfers", "registrations", "quota", "health"}

// infrastructure are domains of providers and standards, which a ticket is not about.
var infrastructure = []string{
	"cloudfront.net", "amazonaws.com", "acm-validations.aws", "awsglobalaccelerator.com", "amazontrust.com",
	"letsencrypt.org", "cloudflare-dns.com", "dns.google", "quad9.net",
	"one.one.one.one", "nginx.org", "openresty.org", "w3.org", "schema.org", "schemas.microsoft.com", "curl.se",
	"curl.haxx.se",
}

// linked are sites that mails link to: networks, help centers, link shorteners, mail services.
var linked = []string{
	"facebook.com", "fb.com", "twitter.com", "x.com", "linkedin.com", "instagram.com", "youtube.com", "youtu.be",
	"xing.com", "tiktok.com", "pinterest.com", "threads.net", "mastodon.social", "bsky.app", "t.me", "wa.me",
	"whatsapp.com", "line.me", "github.com", "google.com", "goo.gl", "gmail.com", "googlemail.com", "outlook.com",
	"hotmail.com", "live.com", "microsoft.com", "office.com", "apple.com", "icloud.com", "yahoo.com", "gmx.de",
	"gmx.net",
	"web.de", "mozilla.org", "cloudflare.com", "amazon.com", "aws.amazon.com", "bit.ly", "t.co", "zoom.us",
	"calendly.com",
	"zendesk.com", "freshdesk.com", "intercom.io", "hubspot.com", "mailchimp.com", "atlassian.net", "stackoverflow.com",
	"imgur.com", "dropbox.com", "wetransfer.com", "downdetector.com", "whatsmydns.net", "dnschecker.org", "ssllabs.com",
}

// zoneOf returns the name under which a host was registered; names below a public suffix, private ones included,
// belong to different owners. It is empty for a name that is a suffix itself.
func zoneOf(host string) string {
	zone, err := publicsuffix.EffectiveTLDPlusOne(strings.TrimPrefix(host, "*."))
	if err != nil {
		return ""
	}
	return zone
}

// below reports whether a name is one of the zones or in it.
func below(name string, zones []string) bool {
	return slices.ContainsFunc(zones, func(zone string) bool {
		return name == zone || strings.HasSuffix(name, "."+zone)
	})
}

// nameReader collects the names and ids of a text.
type nameReader struct {
	ticket  *Ticket
	text    string
	support []string // zones of the support itself
	asides  [][2]int // signatures and disclaimers
	headers [][]int
	codes   []codeAt
	found   *finds
	out     []mention
}

// readMentions finds domain names and ids. Email addresses, file names, headers, the service's own address and
// infrastructure are not counted; leading underscore labels of record names are removed. Names in signatures,
// disclaimers and links are kept apart, unless a code stands next to them.
func (t *Ticket) readMentions(text string, support []string, codes []codeAt, found *finds) []mention {
	r := nameReader{
		ticket: t, text: text, support: support, asides: asides(text), headers: ticketHeader.FindAllStringIndex(text, -1),
		codes: codes, found: found,
	}
	r.ids()
	for _, m := range ticketName.FindAllStringIndex(text, 10*maxTicketMentions) {
		if len(r.out) >= maxTicketMentions {
			break
		}
		r.name(m[0], m[1])
	}
	r.wrapped()
	r.spaced()
	order.StableBy(r.out, func(a, b mention) int { return a.at - b.at })
	return r.out
}

// ids finds the ids of domains: in paths, after the words for it, and by the prefix of such ids.
func (r *nameReader) ids() {
	add := func(id string, at, end int) {
		if len(r.out) >= maxTicketMentions || slices.Contains(pathWords, id) ||
			slices.ContainsFunc(r.out, func(m mention) bool {
				return m.id == id && m.at < end && at < m.end
			}) {
			return
		}
		r.ticket.IDs = appendMissing(r.ticket.IDs, id)
		r.out = append(r.out, mention{at: at, end: end, id: id})
		r.found.add(at, "domain id "+id)
	}
	for _, m := range ticketPath.FindAllStringSubmatchIndex(r.text, maxTicketMentions) {
		add(strings.TrimRight(r.text[m[2]:m[3]], ".~-"), m[0], m[1])
	}
	for _, m := range ticketID.FindAllStringSubmatchIndex(r.text, maxTicketMentions) {
		id := r.text[m[2]:m[3]]
		before := strings.TrimRight(r.text[m[0]:m[2]], ` "'\`)
		keyed := strings.HasSuffix(before, "=") || strings.HasSuffix(before, ":")
		if (strings.ContainsAny(id, "0123456789") || keyed && strings.ContainsAny(id, "-_")) &&
			!strings.HasPrefix(r.text[m[3]:], ".") && !ticketCode.MatchString(id) {
			add(id, m[2], m[3])
		}
	}
	for _, m := range ticketPrefixed.FindAllStringIndex(r.text, maxTicketMentions) {
		if id := r.text[m[0]:m[1]]; strings.ContainsAny(id, "0123456789") && !strings.HasPrefix(r.text[m[1]:], ".") {
			add(id, m[0], m[1])
		}
	}
}

// idWord matches a word that may be the id of a domain.
var idWord = lazyregexp.New(`[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)+`)

// maxIDWords bounds the words that may be ids.
const maxIDWords = 500

// idWords returns the words of a text outside of names and ids that may be ids.
func idWords(text string, mentions []mention) []mention {
	var out []mention
	taken := func(at, end int) bool {
		return slices.ContainsFunc(mentions, func(m mention) bool { return m.at < end && at < m.end })
	}
	for _, m := range idWord.FindAllStringIndex(text, maxIDWords) {
		if !taken(m[0], m[1]) {
			out = append(out, mention{at: m[0], end: m[1], id: text[m[0]:m[1]]})
		}
	}
	return out
}

// name reads what looks like a domain name.
func (r *nameReader) name(at, end int) {
	text := r.text
	raw := text[at:end]
	if n := nameEnd(raw); n < len(raw) {
		raw, end = raw[:n], at+n
	}
	if at > 0 && text[at-1] == '@' || end < len(text) && text[end] == '@' || strings.HasPrefix(text[end:], "(") {
		return
	}
	if servicePath.MatchString(text[end:min(len(text), end+40)]) ||
		slices.ContainsFunc(r.headers, func(h []int) bool { return at >= h[0] && at < h[1] }) {
		return
	}
	if at > 1 && text[at-1] == '*' {
		raw = "*" + raw
	}
	for strings.HasPrefix(raw, "_") && strings.Count(raw, ".") > 1 {
		_, raw, _ = strings.Cut(raw, ".")
	}
	n, err := dnsname.Parse(raw)
	if err != nil || !plausible(n.ASCII) || slices.Contains(r.ticket.IDs, text[at:end]) ||
		below(n.ASCII, infrastructure) {
		return
	}
	if rest := latinTail(raw); rest != "" { // a word runs into the name, in a script without spaces
		if o, err := dnsname.Parse(rest); err == nil {
			r.ticket.spellings = append(r.ticket.spellings, spelling{o.ASCII, []string{n.ASCII}})
		}
	}
	line := lineAround(text, at, end)
	near := slices.ContainsFunc(r.codes, func(c codeAt) bool { return c.at >= line[0] && c.at < line[1] })
	aside := !near && slices.ContainsFunc(r.asides, func(a [2]int) bool { return at >= a[0] && at < a[1] })
	if aside || below(n.ASCII, linked) || below(n.ASCII, r.support) {
		r.ticket.addAside(n.ASCII)
		return
	}
	r.ticket.Names = appendMissing(r.ticket.Names, n.ASCII)
	r.out = append(r.out, mention{at: at, end: end, name: n.ASCII})
	r.found.add(at, n.ASCII)
}

// maxAside bounds the names that are kept apart.
const maxAside = 100

// addAside keeps a name that the text is probably not about.
func (t *Ticket) addAside(host string) {
	n, err := dnsname.Parse(host)
	if err != nil || !plausible(n.ASCII) || below(n.ASCII, infrastructure) || len(t.Aside) >= maxAside ||
		slices.ContainsFunc(t.Secrets, func(s string) bool {
			return len(s) >= minSecret && strings.Contains(strings.ToLower(host), strings.ToLower(s))
		}) {
		return
	}
	t.Aside = appendMissing(t.Aside, n.ASCII)
}

// nameEnd returns where a name ends in a text of a script without spaces, or before a compound ("a.example-Seite"):
// the last label of a name is of one script and has no hyphen (RFC 1123 2.1, ICANN's rules for top-level domains).
func nameEnd(raw string) int {
	last := strings.LastIndexByte(raw, '.') + 1
	tld := raw[last:]
	if strings.HasPrefix(strings.ToLower(tld), "xn--") || tld == "" || !asciiLetter(rune(tld[0])) {
		return len(raw)
	}
	i := strings.IndexFunc(tld, func(r rune) bool { return !asciiLetter(r) && (r < '0' || r > '9') })
	if i < 2 {
		return len(raw)
	}
	return last + i
}

func asciiLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// latinTail returns a name without the letters of a script without spaces before it; empty if there are none.
func latinTail(raw string) string {
	first, _, _ := strings.Cut(raw, ".")
	i := strings.LastIndexFunc(first, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Hangul)
	})
	if i < 0 {
		return ""
	}
	for j := range first {
		if j > i {
			return strings.TrimLeft(raw[j:], "-_")
		}
	}
	return ""
}

// maxWrapped bounds the line breaks at which names are joined.
const maxWrapped = 500

// wrapped joins what stands before and after a line break, in case it broke a name.
func (r *nameReader) wrapped() {
	word := func(c byte) bool {
		return asciiLetter(rune(c)) || c >= '0' && c <= '9' || c == '.' || c == '-'
	}
	text := r.text
	for n, at := range breaks(text, "\n") {
		if n >= maxWrapped {
			return
		}
		start, end := at, at+1
		for start > 0 && word(text[start-1]) && at-start < 253 {
			start--
		}
		for end < len(text) && word(text[end]) && end-at < 253 {
			end++
		}
		before, after := text[start:at], strings.TrimRight(text[at+1:end], ".")
		if before == "" || after == "" || !strings.Contains(before+after, ".") || start > 0 && text[start-1] == '@' {
			continue
		}
		n, err := dnsname.Parse(before + after)
		if err != nil || !plausible(n.ASCII) {
			continue
		}
		s := spelling{name: n.ASCII}
		for _, m := range r.out {
			if m.name != "" && (m.at >= start && m.end <= end) {
				s.instead = append(s.instead, m.name)
			}
		}
		r.ticket.spellings = append(r.ticket.spellings, s)
	}
}

// spacedName matches a name that text recognition took apart: "shop , example . com".
var spacedName = lazyregexp.New(`[a-z0-9-]+(?: ?[.,·] ?[a-z0-9-]+){1,5}`)

// spaced joins what has spaces around its dots, or commas in place of them, in case it is a name.
func (r *nameReader) spaced() {
	for _, m := range spacedName.FindAllStringIndex(strings.ToLower(r.text), maxWrapped) {
		if m[1] > len(r.text) {
			return
		}
		raw := r.text[m[0]:m[1]]
		if !strings.ContainsAny(raw, " ,·") {
			continue
		}
		n, err := dnsname.Parse(strings.NewReplacer(" ", "", ",", ".", "·", ".").Replace(raw))
		if err != nil || !plausible(n.ASCII) {
			continue
		}
		s := spelling{name: n.ASCII}
		for _, x := range r.out {
			if x.name != "" && x.at >= m[0] && x.end <= m[1] {
				s.instead = append(s.instead, x.name)
			}
		}
		r.ticket.spellings = append(r.ticket.spellings, s)
	}
}

// asides returns the signatures and disclaimers in a text.
func asides(text string) [][2]int {
	var out [][2]int
	for _, m := range closing.FindAllStringIndex(text, -1) {
		end := len(text)
		if r := resumes.FindStringIndex(text[m[1]:]); r != nil {
			end = m[1] + r[0]
		}
		if len(out) > 0 && m[0] < out[len(out)-1][1] {
			continue
		}
		out = append(out, [2]int{m[1], end})
	}
	at := 0
	for _, line := range strings.SplitAfter(text, "\n") {
		if len(line) > 20 && disclaimer.MatchString(line) {
			out = append(out, [2]int{at, at + len(line)})
		}
		at += len(line)
	}
	return out
}

// servicePath matches the path after the service's own address.
var servicePath = lazyregexp.New(`^(?::\d+)?/(?:[a-z]+/)?(?:domains|auth|wallet)/v1`)

// plausible reports whether a name is a domain rather than another word with dots, such as a version, file or method
// call.
func plausible(name string) bool {
	tld := name[strings.LastIndexByte(name, '.')+1:]
	if len(tld) < 2 || strings.ContainsAny(tld, "0123456789_") && !strings.HasPrefix(tld, "xn--") {
		return false
	}
	if slices.Contains([]string{
		"json", "js", "ts", "go", "py", "log", "txt", "html", "yaml", "yml", "md", "png", "csv",
		"pdf", "svc", "local", "internal",
	}, tld) && !dnsname.HasPublicSuffix(name) {
		return false
	}
	// country codes that are mostly file extensions in a ticket
	if slices.Contains([]string{"py", "md", "ts"}, tld) && strings.Count(name, ".") == 1 {
		return false
	}
	return probe.Registrable(name) != "" && (dnsname.HasPublicSuffix(name) ||
		slices.Contains([]string{"example", "test", "invalid", "localhost", "lan", "lab"}, tld) ||
		strings.Count(name, ".") >= 2)
}
