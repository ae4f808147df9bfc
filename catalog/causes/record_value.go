package causes

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/hosts"
)

// WrongValue is a record at the right name with another value: the arguments of the causes about what is wrong with
// it.
type WrongValue struct {
	Record catalog.Record `json:"record"`
	Seen   []string       `json:"seen"`             // the published values
	Detail string         `json:"detail,omitempty"` // the mistake ("a no-break space (U+00A0) at position 4")
	Kept   []string       `json:"kept,omitempty"`   // values of unrelated records at the name
	// NS are the servers of the zone, where the DNS host gives each zone of a name servers of its own.
	NS []string `json:"ns,omitempty"`
}

// replaceFix is the fix that replaces the published value.
func (a WrongValue) replaceFix(before ...string) catalog.Fix {
	f := catalog.Enter(a.Record)
	f.Exist = true
	if a.Record.Type != catalog.AliasType {
		p := hosts.PanelOf(a.Record.Host)
		which := p.Label(a.Record.Name, a.Record.Label())
		if len(a.Kept) > 0 {
			which += " that has " + catalog.Join(catalog.QuoteAll(a.Seen))
		}
		f.Steps[0] = fmt.Sprintf("%s, change the %s record %s: %s must be exactly %s", catalog.Where(a.Record),
			a.Record.Type, which, p.Value, p.FieldValue(a.Record.Type, a.Record.Value))
		if len(a.Kept) > 0 {
			f.Steps = append(f.Steps, catalog.DoNotChange(a.Record))
		}
		for _, v := range a.Seen {
			r := a.Record
			r.Value, r.TTL = v, 0
			f.Deletes = append(f.Deletes, r)
		}
	}
	f.Steps = append(before, f.Steps...)
	if len(a.NS) > 0 {
		f.Steps = append(f.Steps, catalog.Unseen{ID: catalog.UnseenOtherZone, Servers: a.NS}.Steps(a.Record)...)
	}
	return f
}

// described says which value is published, what is wrong with it and what is expected.
func (a WrongValue) described() string {
	return fmt.Sprintf("the value is %s: %s; expected: %s", catalog.Join(catalog.QuoteAll(a.Seen)), a.Detail,
		catalog.Quote(a.Record.Value))
}

// mistypedExplains is what follows from a mistyped value: if it is a CNAME target, the target does not exist.
var mistypedExplains = slices.Concat(sameName(RecordCNAMEDangling.ID), recordExplains)

// RecordValueDiffers is record.value-differs.
var RecordValueDiffers = catalog.Declare(catalog.Cause{
	ID: "record.value-differs", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 7,
	Title:     "the record has another value",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: recordExplains,
	Description: "The name and the type are correct, but the value is different: often the token of an earlier " +
		"attempt, or a former target.",
	Detection: "The authoritative servers return values, none of which is the expected one. Several TXT records at " +
		"one " +
		"name are compared one by one, each with its strings joined.",
	Confused: "cache.old-answer, where the authoritative servers already have the new value; " +
		"record.wildcard-answers, " +
		"where there is no record at the name itself.",
	Refs: []string{"RFC 1035 3.3.14"},
}, catalog.Text[WrongValue]{
	Summary: func(a WrongValue) string {
		return fmt.Sprintf("%s does not have the value that the service expects", catalog.Named(a.Record))
	},
	Why: func(a WrongValue) string {
		s := fmt.Sprintf("the value is %s; expected: %s", catalog.Join(catalog.QuoteAll(a.Seen)),
			catalog.Quote(a.Record.Value))
		if a.Detail != "" {
			s += "; " + a.Detail
		}
		return s
	},
	Fix:     func(a WrongValue) catalog.Fix { return a.replaceFix() },
	Example: WrongValue{Record: exampleVerification, Seen: []string{"tok-0"}},
})

// RecordValueQuoted is record.value-quoted.
var RecordValueQuoted = catalog.Declare(catalog.Cause{
	ID: "record.value-quoted", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 5,
	Title:     "the value contains quotation marks",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: mistypedExplains,
	Description: "The quotation marks around a TXT value in documentation were entered in the panel, which adds its " +
		"own. They are now part of the value.",
	Detection: "The value equals the expected one once the quotation marks around it (straight, escaped or " +
		"typographic) are removed.",
	Confused: "record.value-differs: here the text between the quotation marks is correct. The quotation marks that " +
		"dig prints around every TXT string are not part of the value.",
	Refs: []string{"RFC 1035 5.1"},
}, catalog.Text[WrongValue]{
	Summary: func(a WrongValue) string { return catalog.Named(a.Record) + " has quotation marks in its value" },
	Why: func(a WrongValue) string {
		return fmt.Sprintf("the value is %s, including the quotation marks (%s); expected: %s, without them",
			catalog.Join(a.Seen), a.Detail, a.Record.Value)
	},
	Fix: func(a WrongValue) catalog.Fix {
		return a.replaceFix("remove the quotation marks from the value: the panel adds any that are needed")
	},
	Example: WrongValue{
		Record: exampleVerification, Seen: []string{`"tok-1"`}, Detail: `a quotation mark (U+0022) at position 1`,
	},
})

// RecordValueWhitespace is record.value-whitespace.
var RecordValueWhitespace = catalog.Declare(catalog.Cause{
	ID: "record.value-whitespace", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 4,
	Title:  "the value contains stray or invisible whitespace",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: mistypedExplains,
	Description: "A space, no-break space, zero-width character or line break was copied along with the value.",
	Detection: "The value equals the expected one once whitespace and invisible characters are removed. The " +
		"character " +
		"and its position are reported.",
	Confused: "record.value-differs: here both values look the same on screen; record.value-quoted, where the extra " +
		"character is visible.",
	Refs: []string{"RFC 1035 3.3.14", "RFC 1035 5.1"},
}, catalog.Text[WrongValue]{
	Summary: func(a WrongValue) string { return catalog.Named(a.Record) + " has stray whitespace in its value" },
	Why:     WrongValue.described,
	Fix: func(a WrongValue) catalog.Fix {
		return a.replaceFix("delete the value and enter it again without whitespace before, after or inside it")
	},
	Example: WrongValue{
		Record: exampleVerification, Seen: []string{"tok-1 "}, Detail: "a space (U+0020) at position 6",
	},
})

// RecordValueTruncated is record.value-truncated.
var RecordValueTruncated = catalog.Declare(catalog.Cause{
	ID: "record.value-truncated", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the value is truncated",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: mistypedExplains,
	Description: "The value was copied from a display that shortens long values: only its beginning is published, " +
		"often followed by dots.",
	Detection: "The value ends in dots or an ellipsis, or is a prefix of the expected one.",
	Confused: "record.value-differs, such as the token of an earlier attempt. A TXT value split into several strings " +
		"is joined and is fine.",
	Refs: []string{"RFC 1035 3.3.14", "RFC 7208 3.3"},
}, catalog.Text[WrongValue]{
	Summary: func(a WrongValue) string { return catalog.Named(a.Record) + " has only part of its value" },
	Why:     WrongValue.described,
	Fix: func(a WrongValue) catalog.Fix {
		return a.replaceFix("copy the full value with the copy button, not from a shortened display")
	},
	Example: WrongValue{Record: catalog.Record{
		Role: catalog.Verification, Zone: "example.com", Name: "_verify.shop.example.com",
		Type: "TXT", Value: "tok-1f9c22aa",
	}, Seen: []string{"tok-1f9c..."}, Detail: "it ends in dots"},
})

// RecordValueUnquoted is record.value-unquoted.
var RecordValueUnquoted = catalog.Declare(catalog.Cause{
	ID: "record.value-unquoted", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 2,
	Title:     "the value lacks quotation marks in the zone file",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: mistypedExplains,
	Description: "In a zone file, a TXT value with spaces or a semicolon needs quotation marks. Without them, each " +
		"word becomes a separate string, the strings are joined without spaces, and a semicolon begins a comment.",
	Detection: "The value equals the expected one without its spaces, or ends where the expected one has its first " +
		"semicolon.",
	Confused: "record.value-whitespace, where characters were added to the value; record.value-truncated, where it " +
		"ends elsewhere; record.value-quoted, where quotation marks became part of the value.",
	Refs: []string{"RFC 1035 5.1", "RFC 1035 3.3.14"},
}, catalog.Text[WrongValue]{
	Summary: func(a WrongValue) string {
		return catalog.Named(a.Record) + " was published without quotation marks around its value"
	},
	Why: WrongValue.described,
	Fix: func(a WrongValue) catalog.Fix {
		return a.replaceFix("in a zone file, put the value in quotation marks: " + catalog.Quote(a.Record.Value) +
			"; in a panel, enter it with its spaces and semicolons")
	},
	Example: WrongValue{
		Record: catalog.Record{
			Role: catalog.Verification, Zone: "example.com", Name: "_verify.shop.example.com", Type: "TXT",
			Value: "tok one",
		},
		Seen: []string{"tokone"}, Detail: "all its spaces are missing",
	},
})

// RecordTargetZoneAppended is record.target-zone-appended.
var RecordTargetZoneAppended = catalog.Declare(catalog.Cause{
	ID: "record.target-zone-appended", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 5,
	Title:  "the zone name is appended to the CNAME target",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: mistypedExplains,
	Description: "The target was entered without a trailing dot in a panel that treats such names as relative to the " +
		"zone.",
	Detection: "The CNAME target is the expected one with the zone name appended.",
	Confused: "record.value-differs: here the beginning of the target is correct; record.name-doubled, where the " +
		"zone " +
		"name is appended twice to the record name; record.cname-dangling, which is how resolvers see it.",
	Refs: []string{"RFC 1035 5.1"},
}, catalog.Text[WrongValue]{
	Summary: func(a WrongValue) string {
		return catalog.Named(a.Record) + " points to a name with the zone name appended"
	},
	Why: func(a WrongValue) string {
		return fmt.Sprintf("it points to %s instead of %s: the panel treated the target as relative and appended %s",
			catalog.Join(a.Seen), a.Record.Value, a.Record.Zone)
	},
	Fix: func(a WrongValue) catalog.Fix {
		return a.replaceFix(fmt.Sprintf("end the target with a dot: %s.", strings.TrimSuffix(a.Record.Value, ".")))
	},
	Example: WrongValue{Record: exampleRouting, Seen: []string{"d111111abcdef8.cloudfront.net.example.com"}},
})

// RecordTargetIsURL is record.target-is-url.
var RecordTargetIsURL = catalog.Declare(catalog.Cause{
	ID: "record.target-is-url", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "the CNAME target contains a scheme, port or path",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: mistypedExplains,
	Description: "A URL was pasted where a bare host name is needed.",
	Detection:   "The CNAME target contains \"http\", a colon or a slash around the expected host name.",
	Confused: "record.value-differs: here the host name in the URL is correct; record.cname-dangling, which is how " +
		"resolvers see it.",
	Refs: []string{"RFC 1035 3.3.1"},
}, catalog.Text[WrongValue]{
	Summary: func(a WrongValue) string { return catalog.Named(a.Record) + " points to a URL instead of a host name" },
	Why: func(a WrongValue) string {
		return fmt.Sprintf("the target is %s; a CNAME needs a bare host name: %s", catalog.Join(catalog.QuoteAll(a.Seen)),
			a.Record.Value)
	},
	Fix:     func(a WrongValue) catalog.Fix { return a.replaceFix() },
	Example: WrongValue{Record: exampleRouting, Seen: []string{"https://d111111abcdef8.cloudfront.net/"}},
})
