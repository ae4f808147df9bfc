package causes

import (
	"fmt"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/hosts"
)

// SeenArgs are the arguments of the causes that found another value at the right place.
type SeenArgs struct {
	Record catalog.Record `json:"record"`
	Seen   []string       `json:"seen"` // the values there
	// Detail names what is wrong with the value, where that can be told ("a no-break space (U+00A0) at position 4").
	Detail string `json:"detail,omitempty"`
	// Kept are further values at the name, which belong to other services.
	Kept []string `json:"kept,omitempty"`
}

func (a SeenArgs) replace() catalog.Fix {
	f := catalog.Publish(a.Record)
	if a.Record.Type == catalog.AliasType {
		return f
	}
	p := hosts.PanelOf(a.Record.Host)
	which := p.Label(a.Record.Name, a.Record.Label())
	if len(a.Kept) > 0 {
		which += " that holds " + catalog.Join(catalog.QuoteAll(a.Seen))
	}
	f.Steps[0] = fmt.Sprintf("%s, change the %s record %s: %s must be exactly %s", catalog.Where(a.Record),
		a.Record.Type, which,
		p.Value, p.FieldValue(a.Record.Type, a.Record.Value))
	if len(a.Kept) > 0 {
		f.Steps = append(f.Steps, catalog.DoNotChange(a.Record))
	}
	for _, v := range a.Seen {
		r := a.Record
		r.Value, r.TTL = v, 0
		f.Deletes = append(f.Deletes, r)
	}
	return f
}

var exampleSeen = SeenArgs{
	Record: catalog.Record{
		Role: catalog.Verification, Zone: "example.com", Name: "_verify.shop.example.com", Type: "TXT",
		Value: "tok-1",
	},
	Seen: []string{"tok-0"},
}

// RecordValueDiffers is record.value-differs.
var RecordValueDiffers = catalog.Declare(catalog.Cause{
	ID: "record.value-differs", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 7,
	Title:     "the record holds another value",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: recordExplains,
	Description: "The name and the type are right, and the value is another one: often the token of an earlier " +
		"attempt, or the target of an earlier set-up.",
	Detection: "The authoritative servers answer with values none of which is the wanted one. Several TXT records at " +
		"one name are compared one by one, each with its strings joined.",
	Confused: "cache.old-answer, where the servers at the source already have the new value; " +
		"record.wildcard-answers, where nothing stands at the name itself.",
	Refs: []string{"RFC 1035 3.3.14"},
}, catalog.Text[SeenArgs]{
	Summary: func(a SeenArgs) string {
		return fmt.Sprintf("%s holds another value than the service asks for", catalog.Named(a.Record))
	},
	Why: func(a SeenArgs) string {
		s := fmt.Sprintf("it holds %s; wanted is %s", catalog.Join(catalog.QuoteAll(a.Seen)),
			catalog.Quote(a.Record.Value))
		if a.Detail != "" {
			s += "; " + a.Detail
		}
		return s
	},
	Fix:     SeenArgs.replace,
	Example: exampleSeen,
})

// RecordValueQuoted is record.value-quoted.
var RecordValueQuoted = catalog.Declare(catalog.Cause{
	ID: "record.value-quoted", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 5,
	Title:     "quotation marks are part of the value",
	ByRole:    recordCodes, OnceLive: recordCodesLive,
	Explains: append([]catalog.Link{{To: "record.cname-dangling", Same: true}},
		recordExplains...),
	Description: "The quotation marks that frame a TXT value in documentation were typed into the panel, which added " +
		"its own: now they belong to the value.",
	Detection: "The value equals the wanted one once quotation marks (straight, escaped or typographic) around it " +
		"are removed.",
	Confused: "record.value-differs: the text between the marks is right. The marks that dig prints around every " +
		"TXT string are not part of it.",
	Refs: []string{"RFC 1035 5.1"},
}, catalog.Text[SeenArgs]{
	Summary: func(a SeenArgs) string { return catalog.Named(a.Record) + " has quotation marks inside its value" },
	Why: func(a SeenArgs) string {
		return fmt.Sprintf("the value is %s with the marks as part of it; wanted is %s without them: %s",
			catalog.Join(a.Seen),
			a.Record.Value, a.Detail)
	},
	Fix: func(a SeenArgs) catalog.Fix {
		f := a.replace()
		f.Steps = append([]string{"remove the quotation marks from the value: the panel adds those that are needed"},
			f.Steps...)
		return f
	},
	Example: SeenArgs{
		Record: exampleSeen.Record, Seen: []string{`"tok-1"`},
		Detail: `a quotation mark (U+0022) at position 1`,
	},
})

// RecordValueWhitespace is record.value-whitespace.
var RecordValueWhitespace = catalog.Declare(catalog.Cause{
	ID: "record.value-whitespace", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 4,
	Title:  "a stray or hidden space is in the value",
	ByRole: recordCodes, OnceLive: recordCodesLive,
	Explains: append([]catalog.Link{{To: "record.cname-dangling", Same: true}},
		recordExplains...),
	Description: "A space, a no-break space, a zero-width character or a line end came along when the value was " +
		"copied.",
	Detection: "The value equals the wanted one once white space and invisible characters are removed; the character " +
		"and its position are named.",
	Confused: "record.value-differs: the two values look the same on a screen; record.value-quoted, where the sign " +
		"too many can be seen.",
	Refs: []string{"RFC 1035 3.3.14", "RFC 1035 5.1"},
}, catalog.Text[SeenArgs]{
	Summary: func(a SeenArgs) string { return catalog.Named(a.Record) + " has a stray space in its value" },
	Why: func(a SeenArgs) string {
		return fmt.Sprintf("the value is %s: %s; wanted is %s", catalog.Join(catalog.QuoteAll(a.Seen)), a.Detail,
			catalog.Quote(a.Record.Value))
	},
	Fix: func(a SeenArgs) catalog.Fix {
		f := a.replace()
		f.Steps = append(
			[]string{"delete the value and type or paste it again without a space before, after or inside it"}, f.Steps...)
		return f
	},
	Example: SeenArgs{Record: exampleSeen.Record, Seen: []string{"tok-1 "}, Detail: "a space (U+0020) at position 6"},
})

// RecordValueTruncated is record.value-truncated.
var RecordValueTruncated = catalog.Declare(catalog.Cause{
	ID: "record.value-truncated", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the value was cut off",
	ByRole:    recordCodes, OnceLive: recordCodesLive,
	Explains: append([]catalog.Link{{To: "record.cname-dangling", Same: true}},
		recordExplains...),
	Description: "A screen that shortens long values was copied from: the published value is only the beginning of " +
		"the " +
		"wanted one, often with dots behind it.",
	Detection: "The value ends in dots or an ellipsis, or is a beginning of the wanted one.",
	Confused: "record.value-differs, as with the token of an earlier attempt. A TXT value split into several " +
		"strings is joined and is right.",
	Refs: []string{"RFC 1035 3.3.14", "RFC 7208 3.3"},
}, catalog.Text[SeenArgs]{
	Summary: func(a SeenArgs) string { return catalog.Named(a.Record) + " holds only a part of its value" },
	Why: func(a SeenArgs) string {
		return fmt.Sprintf("the value is %s: %s; wanted is %s", catalog.Join(catalog.QuoteAll(a.Seen)), a.Detail,
			catalog.Quote(a.Record.Value))
	},
	Fix: func(a SeenArgs) catalog.Fix {
		f := a.replace()
		f.Steps = append([]string{"copy the whole value with the copy button, not from a shortened display"}, f.Steps...)
		return f
	},
	Example: SeenArgs{Record: catalog.Record{
		Role: catalog.Verification, Zone: "example.com", Name: "_verify.shop.example.com",
		Type: "TXT", Value: "tok-1f9c22aa",
	}, Seen: []string{"tok-1f9c..."}, Detail: "it ends in dots"},
})

// RecordTargetZoneAppended is record.target-zone-appended.
var RecordTargetZoneAppended = catalog.Declare(catalog.Cause{
	ID: "record.target-zone-appended", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 5,
	Title:  "the zone was appended to the CNAME's target",
	ByRole: recordCodes, OnceLive: recordCodesLive,
	Explains: append([]catalog.Link{{To: "record.cname-dangling", Same: true}},
		recordExplains...),
	Description: "The target was typed without a dot at its end into a panel that takes such names as relative to " +
		"the " +
		"zone.",
	Detection: "The CNAME's target is the wanted one with the zone's own name behind it.",
	Confused: "record.value-differs: the target begins right; record.name-doubled, where the zone stands twice in " +
		"the record's name; record.cname-dangling, which is what resolvers see of it.",
	Refs: []string{"RFC 1035 5.1"},
}, catalog.Text[SeenArgs]{
	Summary: func(a SeenArgs) string { return catalog.Named(a.Record) + " points to a name with the zone appended" },
	Why: func(a SeenArgs) string {
		return fmt.Sprintf("it points to %s; wanted is %s: the panel took the target as relative and added %s",
			catalog.Join(a.Seen), a.Record.Value, a.Record.Zone)
	},
	Fix: func(a SeenArgs) catalog.Fix {
		f := a.replace()
		f.Steps = append([]string{fmt.Sprintf("end the target with a dot: %s.", strings.TrimSuffix(a.Record.Value, "."))},
			f.Steps...)
		return f
	},
	Example: SeenArgs{Record: catalog.Record{
		Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME",
		Value: "d111111abcdef8.cloudfront.net",
	}, Seen: []string{"d111111abcdef8.cloudfront.net.example.com"}},
})

// RecordTargetIsURL is record.target-is-url.
var RecordTargetIsURL = catalog.Declare(catalog.Cause{
	ID: "record.target-is-url", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "the CNAME's target holds a scheme, a port or a path",
	ByRole:    recordCodes, OnceLive: recordCodesLive,
	Explains: append([]catalog.Link{{To: "record.cname-dangling", Same: true}},
		recordExplains...),
	Description: "A web address was pasted where a bare host name belongs.",
	Detection:   "The CNAME's target holds \"http\", a colon or a slash around the wanted host name.",
	Confused: "record.value-differs: the host inside the address is right; record.cname-dangling, which is what " +
		"resolvers see of it.",
	Refs: []string{"RFC 1035 3.3.1"},
}, catalog.Text[SeenArgs]{
	Summary: func(a SeenArgs) string {
		return catalog.Named(a.Record) + " points to a web address instead of a host name"
	},
	Why: func(a SeenArgs) string {
		return fmt.Sprintf("its target is %s; a CNAME takes a bare host name: %s", catalog.Join(catalog.QuoteAll(a.Seen)),
			a.Record.Value)
	},
	Fix: SeenArgs.replace,
	Example: SeenArgs{Record: catalog.Record{
		Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME",
		Value: "d111111abcdef8.cloudfront.net",
	}, Seen: []string{"https://d111111abcdef8.cloudfront.net/"}},
})
