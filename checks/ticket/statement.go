package ticket

import "domdoc/catalog/lazyregexp"

// The words with which people say that a domain works, that it does not, and that something is not so.
var (
	worksWords = lazyregexp.New(`(?i)\b(?:works?|working|worked|fine|ok|okay|verified|healthy|solved|resolved|fixed|` +
		`funktioniert|funktionieren|geht|läuft|laufen|gelöst|behoben|fonctionnent?|marchent?|résolu|réglé|` +
		`funcionan?|resuelto|va bien|funzionano?|risolto|resolvido|werkt|werken|opgelost|działa|fungerar|virker)\b|` +
		`работает|正常|動いて|動作して|問題ありません|使えます|정상|작동합니다`)
	failsWords = lazyregexp.New(`(?i)\b(?:down|broken|offline|unreachable|fails?|failed|failing|failure|faulty|errors?|` +
		`timeouts?|stopped|stuck|pending|warning|invalid|expired|(?:doesn|don|isn|can|won|didn|couldn)'?t|cannot|` +
		`same (?:problem|issue|here|thing)|defekt|kaputt|fehler\w*|fehlgeschlagen|gestört|ausgefallen|unerreichbar|` +
		`erreur|(?:en )?panne|injoignable|caíd[oa]s?|falla\w*|fallo|inaccesible|errore|guasto|` +
		`irraggiungibile|erro|falha\w*|fora do ar|kapot|storing|onbereikbaar)\b|échou|не работает|не открывается|ошибк|` +
		`エラー|落ちて|停止|失敗|つなが(?:らない|りません)|表示され(?:ない|ません)|动不了|打不开|无法|失败|错误|오류|안 ?됩니다|안 ?돼`)
	notWords = lazyregexp.New(`(?i)\b(?:not|no longer|never|neither|nor|without|stopped|(?:doesn|don|isn|can|won|didn|` +
		`couldn)'?t|cannot|nicht|nie|kein\w*|weder|ne|n'\w+|pas|plus|jamais|no|nunca|tampoco|non|mai|não|nem|niet|geen|` +
		`nie|inte|ikke)\b|(?:^|\s)не\s|ません|ない|不|没|안 |않`)
)

// verbs are what a domain does not do.
var verbs = lazyregexp.New(`(?i)\b(?:work|load|open|resolv|verif|reach|respond|connect|start|com(?:e|ing) up|` +
	`erreich|lad|lädt|bestätig|verifizier|antwort|charg|ouvr|vérifi|répond|access|carga|abre|verific|responde|` +
	`carica|apre|rispond|carreg|laad|bereik)|öffn`)

// readStatements notes which names the text says to work, and which not to.
func (t *Ticket) readStatements(text string, codes []codeAt, mentions []mention) {
	t.works, t.fails = map[string]bool{}, map[string][]string{}
	paragraphs := breaks(text, "\n\n")
	names := namesOf(mentions)
	for _, m := range names {
		section := around(paragraphs, m.at, m.end, len(text))
		if cell(text, m) {
			section = lineAround(text, m.at, m.end)
		}
		span := statement(text, m, section)
		said := ticketName.ReplaceAllString(text[span[0]:span[1]], "") // a name is no statement: "ok.example"
		if notWords.MatchString(said) && (worksWords.MatchString(said) || verbs.MatchString(said)) ||
			failsWords.MatchString(said) {
			if _, known := t.fails[m.name]; known || len(codesIn(codes, span)) > 0 {
				continue
			}
			t.fails[m.name] = []string{}
			for _, o := range within(names, span) {
				if o.name != m.name && !isListed(text[min(o.end, m.end):max(o.at, m.at)]) {
					t.fails[m.name] = appendMissing(t.fails[m.name], o.name)
				}
			}
			continue
		}
		// The lines of a list or log are about a domain each.
		own := statement(text, m, lineAround(text, m.at, m.end))
		if worksWords.MatchString(ticketName.ReplaceAllString(text[own[0]:own[1]], "")) {
			t.works[m.name] = true
		}
	}
	for name := range t.fails {
		delete(t.works, name)
	}
}

// maxStatement bounds the text of a statement before and after a name, in octets.
const maxStatement = 500

// statement returns where the statement of a section of the text is that has a name.
func statement(text string, m mention, section [2]int) [2]int {
	section = [2]int{max(section[0], m.at-maxStatement), min(section[1], m.end+maxStatement)}
	span := section
	for _, end := range clauseEnd.FindAllStringIndex(text[section[0]:section[1]], -1) {
		switch {
		case section[0]+end[1] <= m.at:
			span[0] = section[0] + end[1]
		case section[0]+end[0] >= m.end:
			span[1] = section[0] + end[0]
			return span
		}
	}
	return span
}

// worksAll reports whether the text says of a domain, by any of its names, that it works, and by none that it does
// not.
func (t *Ticket) worksAll(names []string) bool {
	works := false
	for _, n := range names {
		if _, fails := t.fails[n]; fails {
			return false
		}
		works = works || t.works[n]
	}
	return works
}
