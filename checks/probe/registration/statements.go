package registration

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"domdoc/catalog/lazyregexp"
)

// freeStatements are the statements by which registries say that a name is not registered.
//
// A line is first normalised: lower case, without punctuation, comment marks and error numbers, with {d} for the
// domain that was queried, {o} for another domain and {u} for an address. So `% No match for "EXAMPLE.COM".` becomes
// "no match for {d}". The whole line must match: "not found" inside another sentence does not count.
var freeStatements = compileStatements(
	// What there is none of: "no match", "no entries found in the afnic database", "no data was found to match the
	// request criteria".
	`no (?:matching |such |exact |valid `+
		`)?(?:match|matches|data|entry|entries|record|records|object|objects|domain|domains|domain names?|domain `+
		`records?|results?|whois (?:information|record|data)|information)(?: (?:was|were|is|are))? `+
		`(?:found|exists?|matched|located|returned)(?: <about>)?(?: {d})?`,
	`no (?:matches|match|match record|matching `+
		`(?:record|records|entry|entries|object|objects|domain|domains)|match(?:es)? record found|match found|record `+
		`found|found|such domain(?: name)?|such object|domain found|object found)(?: <about>)?(?: {d})?`,
	`no (?:records?|entries|objects?) matching {d}(?: found)?`,
	`no information(?: is)? available (?:about|for|on)(?: the)?(?: domain| domain name)? {d}(?: <in>)?`,
	`no information (?:was )?found(?: <about>)?`,
	`nothing found(?: for (?:this query|{d}|your query))?`,
	`(?:this |the )?query returned (?:0|no|zero) (?:objects?|results?|entries|records?)`,
	`you queried for {d} but this server does not have`,
	`we do not have an entry in our database matching your(?: query)?`,
	// What is not there: "domain not found", "the queried object does not exist", "{d} is not registered".
	`<thing> (?:<was> )?<absent>(?: {d})?(?: <in>)?`,
	`<absent>(?: {d})?`,
	`<absent> <in>`,
	`the queried object does not exist (?:domain not found|no matching objects found|{d}|not found)`,
	`(?:the )?(?:requested |queried )?(?:domain|domain name|object|name) unknown`,
	`invalid query or domain name not known(?: <in>)?`,
	`data not found this domain is available for registration`,
	`object not found`,
	// What can be had: "{d} is free", "domain {d} is available for registration".
	`(?:the )?(?:domain |domain name )?{d} (?:is )?(?:still )?(?:free|available|unregistered)(?: <toregister>)?`,
	`(?:the |this )?(?:requested )?domain(?: name)? (?:is )?(?:available|free)(?: <toregister>)?`,
	`(?:\d+ )?(?:this |the )?domain name can be registered`,
	`free {d}`,
	`not registered the domain you have requested {d} is not a registered \S+ domain name`,
	`(?:domain )?status (?:available|free) no match for (?:domain )?{d}`,
	// The same in other languages.
	`(?:el |o |le |il )?(?:dominio|domínio|domaine|objeto|nombre de dominio|nom de domaine)?(?: ?{d})? ?(?:no `+
		`existe|no encontrado|no fue encontrado|no registrado|no se encuentra registrado|no está registrado|não `+
		`existe|não encontrado|não registrado|n'existe pas|non trouvé|introuvable|non trovato|non registrato)(?: en `+
		`nic argentina| en la base de datos)?`,
	`(?:dominio |domínio |domaine |domain |domena |doména |домен )?{d} (?:está |est |è |ist |jest |je `+
		`)?(?:disponible|disponível|libre|livre|libero|frei|wolna|volná|свободен)`,
	`no se encontr(?:o|ó) el objeto(?: object not found)?`,
	`(?:aucun (?:résultat|enregistrement|objet)(?: trouvé)?|pas de correspondance)(?: pour {d})?`,
	`(?:domain |die domain )?(?:{d} )?(?:ist )?(?:nicht gefunden|nicht registriert|nicht vergeben)`,
	`nincs tal[aá]lat(?: no match)?`,
	`(?:домен |объект )?(?:{d} )?(?:не найдено?|не зарегистрирован)`,
	`(?:domena |doména )?(?:{d} )?(?:nie znaleziono|nie jest zarejestrowana|nenalezena?|není `+
		`registrována|bulunamadı|kayıtlı değil)`,
	`상기 도메인이름은 등록되어 있지 않습니다|該当するデータがありません|(?:该|此)?域名(?:尚)?未(?:被)?注册|没有找到(?:匹配的记录)?|未找到匹配的?记录|یافت نشد`,
)

// statementParts are the names in angle brackets above.
var statementParts = strings.NewReplacer(
	`<about>`, `(?:(?:for|to match|about|matching|in|on|with)(?: `+
		`(?:the|this|that|your|our|query|request|criteria|selected|source|source\(s|sources|database|registry|domain|`+
		`name|search|whois|server|nic|afnic|nask|krnic|\.?[a-z]{2,12}|{d})){1,8})`,
	`<in>`, `(?:in|to|on|within|from)(?: [\pL\d.'’()-]+){1,10}`,
	`<was>`, `(?:is|was|were|has|have|could|can|does|do|did)`,
	`<absent>`, `(?:not found|not be found|cannot be found|can't be found|not been found|not located|does not `+
		`exist|doesn't exist|do not exist|did not exist|not exist|does not exists|not exists|not registered|not yet `+
		`registered|not been registered|not been registered yet|not yet been registered|not currently registered|not `+
		`presently registered|not in database|not known|no existe|no match|nothing found|nonexistent|non existent)`,
	`<thing>`, `(?:(?:(?:the|this|above|that|your|requested|queried|query|searched|specified|given|selected) `+
		`){0,3}(?:domain name|domain|object|name|record|entry|data|host|key|domain object)(?: {d})?|{d}(?: domain(?: `+
		`name)?)?)`,
	`<toregister>`, `(?:for|to) (?:registration|purchase|register|be registered|buy)`,
)

func compileStatements(sources ...string) []*lazyregexp.Regexp {
	var out []*lazyregexp.Regexp
	for _, s := range sources {
		s = strings.ReplaceAll(statementParts.Replace(s), "{d}", `\{d\}`)
		out = append(out, lazyregexp.New(`^(?:`+s+`)$`))
	}
	return out
}

// notHere matches statements of registrars about their own customers, which say nothing about the registry, and
// statements with a reservation.
var notHere = lazyregexp.New(
	`\b(?:here|with us|by us|our customers?|this registrar|this reseller|through|any registrar|zone file|or ` +
		`reserved|reserved|blocked|restricted|premium|stop list|yet available|` +
		`cache|cached|mirror|snapshot|replica|partial|partially|seconds?|minutes?|session|shards?)\b|\{[ou]\}`)

var errorNumber = lazyregexp.New(`^(?:err|error)?[:#\d]*\d*$`)

// statementShape normalises a line in lower case; it returns "" if the line cannot be a statement.
func statementShape(n domainNames, text string) string {
	if len(text) > 400 {
		return ""
	}
	var words []string
	for raw := range strings.FieldsSeq(text) {
		w := strings.Trim(raw, wordMarks+"%#/\\=~+-–—_…")
		switch {
		case w == "":
			continue
		case n.is(w) || (w == n.label && len(words) > 0 && words[len(words)-1] == "for"):
			// Tonic's "No match for example" leaves the ending out.
			w = "{d}"
		case strings.HasSuffix(w, "not") && (w[:len(w)-3] == n.label || n.is(w[:len(w)-3])):
			// The .sn registry's "EXAMPLENOT FOUND" leaves the space out.
			words = append(words, "{d}")
			w = "not"
		case strings.Contains(w, "://") || strings.Contains(w, "@") || strings.HasPrefix(w, "www."):
			w = "{u}"
		case domainLike(w):
			w = "{o}"
		default:
			w = strings.NewReplacer("_", " ", "/", " ").Replace(w)
		}
		if len(words) == 0 && w != "{d}" && (errorNumber.MatchString(w) || w == "sorry" || w == "but" || w == "info" ||
			w == "warning" || w == "notice") {
			// "%ERROR:101: no entries found", "Sorry, but domain ..."
			continue
		}
		words = append(words, w)
		if len(words) > 26 {
			return ""
		}
	}
	return strings.Join(words, " ")
}

// statesFree looks for a statement that the domain is not registered. aboutOther is set if there is one only about
// another name.
func statesFree(n domainNames, lines []whoisLine, rec whoisRecord) (free, aboutOther bool) {
	for _, s := range rec.rawStatus {
		if classifyStatus(s) == statusOfFree && rec.named {
			return true, false
		}
	}
	for _, m := range rec.messages {
		if freeStatuses[compact(m)] && rec.named {
			return true, false
		}
	}
	for i, l := range lines {
		if l.text == "" {
			continue
		}
		shape := statementShape(n, l.low)
		if shape == "" {
			continue
		}
		if shape == "available" && rec.named {
			// The .za registries: "Available", then "Domain: example.co.za".
			return true, false
		}
		if strings.Contains(shape, "{o}") && isFreeStatement(strings.ReplaceAll(shape, "{o}", "{d}")) {
			aboutOther = true
			continue
		}
		if !isFreeStatement(shape) {
			continue
		}
		// Without the name it must stand by itself: in a paragraph of prose it is a part of a sentence.
		if !strings.Contains(shape, "{d}") && inProse(lines, i) {
			continue
		}
		free = true
	}
	return free && !aboutOther, aboutOther
}

func isFreeStatement(shape string) bool {
	if shape == "" || notHere.MatchString(shape) {
		return false
	}
	if matchesFree(shape) {
		return true
	}
	// Two statements in one line, or one behind what it is about: "The queried object does not exist: No Object Found",
	// "example.lu: no entries found".
	for i, c := range shape {
		if c != ' ' {
			continue
		}
		if head := shape[:i]; (head == "{d}" || lineHeads[head] || matchesFree(head)) && matchesFree(shape[i+1:]) {
			return true
		}
	}
	return false
}

// lineHeads are words before a statement that say only what it is about.
var lineHeads = map[string]bool{
	"domain": true, "result": true, "results": true, "status": true, "answer": true, "query": true, "response": true,
	"message": true, "domain {d}": true, "domain name": true, "domain name {d}": true, "object": true,
	"the queried object does not exist": true, "query {d}": true, "domain status": true, "whois": true,
}

func matchesFree(shape string) bool {
	return slices.ContainsFunc(freeStatements, func(re *lazyregexp.Regexp) bool { return re.MatchString(shape) })
}

// inProse reports whether the line continues the sentence above it, or is continued below it.
func inProse(lines []whoisLine, i int) bool {
	if i > 0 {
		above := lines[i-1]
		if !above.blank() && above.comment == lines[i].comment && wordCount(above.text) >= 5 &&
			!endsSentence(above.text) && !strings.Contains(above.text, "://") {
			return true
		}
	}
	if i+1 < len(lines) && !endsSentence(lines[i].text) {
		below := lines[i+1]
		first := strings.TrimLeft(below.text, "%#;* \t")
		r, _ := utf8.DecodeRuneInString(first)
		if !below.blank() && below.comment == lines[i].comment && unicode.IsLower(r) && wordCount(below.text) >= 3 &&
			!strings.Contains(below.text, ":") {
			return true
		}
	}
	return false
}

func wordCount(s string) int { return len(strings.Fields(s)) }

func endsSentence(s string) bool {
	s = strings.TrimRight(s, " \"'”’)")
	last, _ := utf8.DecodeLastRuneInString(s)
	return s != "" && strings.ContainsRune(".!?:;。", last)
}

// reservedStatement matches a statement that the name is not available.
var reservedStatement = lazyregexp.New(
	`^reserved by |^(?:the |this )?(?:domain |name |domain name )(?:is )?not available$|^(?:the )?(?:domain |name ` +
		`|domain name )?\{d\} (?:is |was |has been |is on the ` +
		`)?(?:reserved|blocked|restricted|prohibited|forbidden|banned|excluded|withheld|withdrawn|not allowed|not ` +
		`available)(?: |$)`)

// reservedSentence matches the same with words in between: "the domain you want to register is reserved".
var reservedSentence = lazyregexp.New(
	`\b(?:domain|name|domain name|label|string)(?: (?:you|that|which|we|to|for|in|your|the|want|wants|wanted|wish|` +
		`tried|trying|try|are|have|asked|requested|query|looking|queried|entered|searched|chosen|selected|register|` +
		`registering|registration|question|\x{25a1})){0,7} (?:is|are|was|were|has been|have been) ` +
		`(?:currently |permanently |temporarily |already )?(?:reserved|blocked|restricted|prohibited|forbidden|banned|` +
		`excluded|withheld|withdrawn)\b`)

// statesReserved reports whether there is such a line, or such a sentence in the text.
func statesReserved(n domainNames, lines []whoisLine, flat string) bool {
	for _, at := range reservedSentence.FindAllStringIndex(flat, 20) {
		if !conditional.MatchString(flat[sentenceStart(flat[:at[0]]):at[1]]) {
			return true
		}
	}
	for _, l := range lines {
		if reservedStatement.MatchString(statementShape(n, l.low)) {
			return true
		}
	}
	return false
}

// takenStatement matches a statement that the name is registered.
var takenStatement = lazyregexp.New(
	`^(?:the )?(?:requested )?(?:domain |name |domain name )?\{d\} (?:is |has been |was )?(?:already |currently ` +
		`)?(?:registered|taken|in use|active|busy|delegated|connected)(?: by somebody| by another party)?$`)

// statesTaken reports whether there is such a line.
func statesTaken(n domainNames, lines []whoisLine) bool {
	for _, l := range lines {
		if takenStatement.MatchString(statementShape(n, l.low)) {
			return true
		}
	}
	return false
}

// hedged reports whether a short paragraph of the reply casts doubt on the name being free.
func hedged(lines []whoisLine) bool {
	var par []string
	count := 0
	check := func() bool {
		defer func() { par, count = par[:0], 0 }()
		if len(par) == 0 || len(par) > 4 || count > 28 {
			return false
		}
		text := strings.Join(par, " ")
		for _, e := range hedgeExceptions {
			text = strings.ReplaceAll(text, e, "")
		}
		return !containsAny(text, legalese) && slices.ContainsFunc(hedges, func(h string) bool {
			return unconditional(text, h)
		})
	}
	for _, l := range lines {
		if l.comment || l.blank() {
			if check() {
				return true
			}
			continue
		}
		par = append(par, l.low)
		count += wordCount(l.text)
	}
	return check()
}
