package registration

import (
	"strconv"
	"strings"

	"domdoc/catalog/lazyregexp"
)

// clockZone is the zone in which a registry writes its times.
type clockZone struct {
	tld    string
	off    int  // minutes from UTC; the westmost of a country
	known  bool // where the registry is
	stated bool // the reply says that its times are in this zone
}

// namedZones are the abbreviations that mean one zone, in minutes from UTC.
var namedZones = map[string]int{
	"utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 60, "cet": 60, "cest": 120, "met": 60, "mest": 120, "mez": 60,
	"mesz": 120, "eet": 120, "eest": 180, "msk": 180, "trt": 180, "sast": 120, "wat": 60, "eat": 180, "cat": 120,
	"irst": 210, "azt": 240, "uzt": 300, "pkt": 300, "npt": 345, "ict": 420, "wib": 420, "hkt": 480, "sgt": 480,
	"myt": 480, "pht": 480, "awst": 480, "jst": 540, "kst": 540, "acst": 570, "acdt": 630, "aest": 600, "aedt": 660,
	"nzst": 720, "nzdt": 780, "est": -300, "edt": -240, "cdt": -300, "mdt": -360, "pst": -480, "pdt": -420,
	"art": -180, "brt": -180, "brst": -120, "clt": -240, "clst": -180, "uyt": -180, "pet": -300, "cot": -300,
	"vet": -240, "bot": -240, "pyt": -240, "pyst": -180,
}

// ambiguousZones are those that mean another zone elsewhere: by country.
var ambiguousZones = map[string]map[string]int{
	"ist": {"in": 330, "ie": 60, "il": 120}, "cst": {"cn": 480, "tw": 480, "us": -360, "mx": -360},
	"bst": {"uk": 60, "gg": 60, "je": 60, "im": 60, "bd": 360}, "ast": {"sa": 180, "kw": 180, "iq": 180, "bm": -240},
	"mst": {"us": -420, "mm": 390}, "gst": {"ae": 240}, "amt": {"am": 240, "br": -240},
}

// countryZones has the westmost zone of the countries whose registries write days or local times, in minutes from
// UTC.
var countryZones = map[string]int{
	"jp": 540, "kr": 540, "cn": 480, "hk": 480, "tw": 480, "sg": 480, "my": 480, "ph": 480, "vn": 420, "th": 420,
	"in": 330, "lk": 330, "np": 345, "pk": 300, "uz": 300, "kz": 300, "ae": 240, "az": 240, "ir": 210, "tr": 180,
	"sa": 180,
	"ke": 180, "tz": 180, "ug": 180, "by": 180, "il": 120, "za": 120, "fi": 120, "ee": 120, "lv": 120, "lt": 120,
	"gr": 120, "ro": 120, "bg": 120, "ua": 120, "md": 120, "de": 60, "at": 60, "ch": 60, "li": 60, "nl": 60, "be": 60,
	"lu": 60, "dk": 60, "se": 60, "no": 60, "pl": 60, "cz": 60, "sk": 60, "hu": 60, "si": 60, "hr": 60, "rs": 60,
	"it": 60,
	"ng": 60, "tn": 60, "dz": 60, "uk": 0, "ie": 0, "is": 0, "gg": 0, "je": 0, "im": 0, "fr": 60, "ar": -180,
	"uy": -180,
	"cl": -360, "py": -240, "bo": -240, "ve": -240, "pe": -300, "co": -300, "nz": 720,
}

var (
	// "All times are in UTC+2", "Dates and times in this output are GMT".
	zonePlain = lazyregexp.New(
		`\b(?:times?|dates?|timestamps?|time ?zone)\b[^.]{0,80}[ (:](utc|gmt)(?: ?([+-]\d{1,2}):?(\d{2})?)?(?:[ .,;)]|$)`)
	zoneByName  = lazyregexp.New(`\b(?:times?|dates?|timestamps?|time ?zone)\b[^.]{0,80}`)
	zoneIsLocal = lazyregexp.New(`\b(?:times?|dates?|timestamps?)\b[^.]{0,60}\blocal(?: time)?\b|\blocal time\b|` +
		`\bhoras? (?:local|legal)\b|\bheures? locales?\b|\bortszeit\b|\bor[ae] locale\b|местное время|当地时间|現地時間`)
)

// zoneHints are in every line that the expressions above match.
var zoneHints = []string{
	"time", "date", "hora", "heure", "ortszeit", "ora locale", "ore locali", "ore locale", "местное время", "当地时间",
	"現地時間",
}

// zoneOf finds the zone of a reply's times: from a sentence in it, else where the registry is.
func zoneOf(n domainNames, lines []whoisLine) clockZone {
	z := clockZone{tld: n.ascii[strings.LastIndexByte(n.ascii, '.')+1:]}
	z.off, z.known = countryZones[z.tld]
	for _, l := range lines[:min(len(lines), 400)] {
		if len(l.text) > 300 || !containsAny(l.low, zoneHints) || !l.comment && whoisKeyOf(l) != keyNone {
			continue
		}
		if m := zonePlain.FindStringSubmatch(l.low); m != nil {
			h, _ := strconv.Atoi(m[2])
			mi, _ := strconv.Atoi(m[3])
			if h < 0 {
				mi = -mi
			}
			if off := h*60 + mi; off <= 14*60 && off >= -14*60 {
				z.off, z.known, z.stated = off, true, true
				return z
			}
		}
		if part := zoneByName.FindString(l.low); part != "" {
			named := false
			for w := range strings.FieldsFuncSeq(part, func(r rune) bool { return r == ' ' || r == '/' }) {
				if w = strings.Trim(w, wordMarks); len(w) < 3 {
					continue
				}
				// "met", "est" and "art" are words, too; of "CET/CEST", the westmost counts
				if off, ok := z.named(w); ok && strings.Contains(l.text, strings.ToUpper(w)) && (!named || off < z.off) {
					z.off, z.known, z.stated, named = off, true, true, true
				}
			}
			if named {
				return z
			}
		}
		if zoneIsLocal.MatchString(l.low) && z.known {
			z.stated = true
		}
	}
	return z
}

func whoisKeyOf(l whoisLine) whoisKey {
	key, _, _, ok := splitField(l.text)
	if !ok {
		return keyNone
	}
	return whoisKeys[key]
}

// named returns the offset of an abbreviation, if it means one zone here.
func (z clockZone) named(word string) (off int, ok bool) {
	word = strings.ToLower(word)
	if off, ok = namedZones[word]; ok {
		return off, true
	}
	off, ok = ambiguousZones[word][z.tld]
	return off, ok
}
