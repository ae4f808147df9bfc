// Package mail splits a text into the messages that it contains (an mbox, mails one after the other, forwarded mails)
// and decodes them: MIME parts, quoted-printable, base64, character sets, HTML.
package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"slices"
	"strings"

	"domdoc/catalog/lazyregexp"
)

// Message is one message as plain text.
type Message struct {
	Subject string
	From    string   // the address of the sender, or empty
	To      []string // the addresses of the recipients
	Text    string   // the decoded text, lines end in \n
	Links   []string // host names of the links in HTML
	// Cover means that the message introduces those after it, which it forwards.
	Cover bool
	// Decoded means that the text was not readable as it stood.
	Decoded bool
}

// The limits for a text: messages, parts of one message, and levels of parts within parts.
const (
	maxMessages = 200
	maxParts    = 100
	maxDepth    = 8
)

var (
	// The line before a message in an mbox (RFC 4155).
	fromLine = lazyregexp.New(`^From \S+ +\S.*\d\d?:\d\d.*\b(?:19|20)\d\d\b`)
	field    = lazyregexp.New(`^([A-Za-z][A-Za-z0-9-]{1,40}):(?:[ \t]|$)`)
	boundary = lazyregexp.New(`(?i)\bboundary="?([^"\s;]+)"?`)
	escaped  = lazyregexp.New(`(?m)^>(>*From )`)
	// original introduces the message that is answered, forwarded one that is passed on.
	original = lazyregexp.New(
		`(?i)^[ >]*(?:-+ ?(?:original message|ursprüngliche nachricht|message d'origine|mensaje ` +
			`original|元のメッセージ)|_{20,})`)
	forwarded = lazyregexp.New(
		`(?im)^[ \t]*(?:-{3,} ?(?:forwarded message|weitergeleitete nachricht|message transféré|` +
			`message transfere|mensaje reenviado|転送メッセージ)[^\n]*|begin forwarded message:|anfang der weitergeleiteten ` +
			`nachricht:|` +
			`début du message (?:réexpédié|transféré)\s*:|inicio del mensaje reenviado:)[ \t]*$`)
	reply = lazyregexp.New(`(?i)^(?:(?:re|aw|fwd?|wg|tr|rv|res|antw|sv)(?:\[\d+\])?\s*:\s*)+`)
)

// messageFields are the fields that begin a message among others. Subject may stand alone.
var messageFields = []string{
	"subject", "from", "to", "date", "message-id", "received", "return-path", "mime-version", "content-type",
	"delivered-to", "reply-to", "cc", "sent", "x-mailer", "in-reply-to", "references", "importance",
	"content-transfer-encoding",
}

// Split returns the messages in a text; a text that is no mail is one message.
func Split(text string) []Message {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var out []Message
	for _, raw := range pieces(text) {
		for _, m := range parse(raw, 0).unforward() {
			if len(out) < maxMessages {
				out = append(out, m)
			}
		}
	}
	return out
}

// piece is the text of one message, and whether it begins with its fields.
type piece struct {
	text string
	mail bool
}

// pieces cuts a text where a message begins.
func pieces(text string) []piece {
	lines := strings.SplitAfter(text, "\n")
	var out []piece
	var b strings.Builder
	mail, mbox, answer := false, false, false
	subject, closing := "", "" // of the message being read
	flush := func() {
		if strings.TrimSpace(b.String()) != "" {
			t := b.String()
			if mbox {
				t = escaped.ReplaceAllString(t, "$1")
			}
			out = append(out, piece{t, mail})
		}
		b.Reset()
	}
	blank, quoting := true, false
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], "\n")
		switch {
		case blank && fromLine.MatchString(line):
			flush()
			mail, mbox, answer, subject, closing = false, true, false, "", ""
			continue // the next line begins the fields
		case closing != "" && strings.HasPrefix(line, closing):
			closing = ""
		// in an mbox, only the line before counts
		case closing == "" && (blank || b.Len() == 0) && (!mbox || b.Len() == 0):
			fields, n, ok := fieldsAt(lines[i:])
			if !ok {
				break
			}
			base := baseSubject(fields["subject"])
			if quoting || answer && base == subject && b.Len() > 0 || forwardedAbove(b.String()) {
				break // the message that is answered or forwarded
			}
			flush()
			mail, subject, answer = true, base, reply.MatchString(strings.TrimSpace(fields["subject"]))
			if m := boundary.FindStringSubmatch(fields["content-type"]); m != nil {
				closing = "--" + m[1] + "--"
			}
			for range n {
				b.WriteString(lines[i])
				i++
			}
			i--
			blank = false
			continue
		}
		switch {
		case original.MatchString(line):
			quoting = true
		case strings.TrimSpace(line) != "":
			quoting = false
		}
		blank = strings.TrimSpace(line) == "" || quoting
		b.WriteString(lines[i])
	}
	flush()
	return out
}

// forwardedAbove reports whether a text ends in the line that introduces a forwarded message.
func forwardedAbove(text string) bool {
	text = strings.TrimRight(text, " \t\n")
	return forwarded.MatchString(text[strings.LastIndexByte(text, '\n')+1:])
}

func baseSubject(s string) string {
	return strings.ToLower(strings.TrimSpace(reply.ReplaceAllString(strings.TrimSpace(s), "")))
}

// fieldsAt returns the fields of a message that begin with the first line, and how many lines they take with the
// empty line after them.
func fieldsAt(lines []string) (fields map[string]string, n int, ok bool) {
	fields = map[string]string{}
	last := ""
	for n < len(lines) {
		line := strings.TrimRight(lines[n], "\n")
		if strings.TrimSpace(line) == "" {
			n++
			break
		}
		switch m := field.FindStringSubmatch(line); {
		case m != nil:
			last = strings.ToLower(m[1])
			if n == 0 && !slices.Contains(messageFields, last) && !strings.HasPrefix(last, "x-") &&
				!strings.Contains(last, "-") {
				return nil, 0, false
			}
			if _, twice := fields[last]; !twice {
				fields[last] = strings.TrimSpace(line[len(m[1])+1:])
			}
		case last != "" && (line[0] == ' ' || line[0] == '\t'):
			fields[last] += " " + strings.TrimSpace(line)
		default: // text follows the fields without an empty line
			return fields, n, false
		}
		n++
	}
	_, subject := fields["subject"]
	_, from := fields["from"]
	return fields, n, subject || from && len(fields) > 1
}

// parse decodes one message.
func parse(p piece, depth int) Message {
	if !p.mail {
		return Message{Text: p.text}
	}
	m, err := mail.ReadMessage(strings.NewReader(p.text))
	if err != nil {
		return Message{Text: p.text}
	}
	out := Message{
		Subject: header(m.Header.Get("Subject")), From: address(m.Header.Get("From")),
		Cover: m.Header.Get(coverField) != "",
	}
	for _, name := range []string{"To", "Cc", "Reply-To", "Delivered-To"} {
		for _, v := range m.Header[name] {
			for _, a := range strings.Split(v, ",") {
				if a = address(a); a != "" {
					out.To = append(out.To, a)
				}
			}
		}
	}
	body, _ := io.ReadAll(m.Body)
	parts := 0
	d := decoder{parts: &parts}
	d.part(textproto.MIMEHeader(m.Header), body, depth)
	out.Text, out.Links, out.Decoded = strings.Trim(d.text.String(), "\n"), d.links, d.decoded
	if out.Text != "" {
		out.Text += "\n"
	}
	return out
}

// words decodes encoded words (RFC 2047) of any character set.
var words = mime.WordDecoder{CharsetReader: func(label string, in io.Reader) (io.Reader, error) {
	b, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	text, ok := toUTF8(label, b)
	if !ok {
		return nil, fmt.Errorf("unknown character set %q", label)
	}
	return strings.NewReader(text), nil
}}

func header(s string) string {
	if d, err := words.DecodeHeader(s); err == nil {
		return d
	}
	return s
}

// address returns the bare address of a field, or "" if there is none.
func address(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.LastIndexByte(s, '<'); i >= 0 {
		s, _, _ = strings.Cut(s[i+1:], ">")
	}
	if !strings.Contains(s, "@") || strings.ContainsAny(s, " \t") {
		return ""
	}
	return strings.ToLower(s)
}

// decoder collects the text of a message's parts.
type decoder struct {
	text    strings.Builder
	links   []string
	decoded bool
	parts   *int
}

// part adds a part and those within it.
func (d *decoder) part(h textproto.MIMEHeader, body []byte, depth int) {
	if *d.parts++; *d.parts > maxParts || depth > maxDepth {
		return
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil && kind == "" {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" {
		d.multipart(kind, params["boundary"], body, depth)
		return
	}
	body, changed := transfer(h.Get("Content-Transfer-Encoding"), body)
	switch {
	case kind == "message/rfc822":
		inner := parse(piece{string(body), true}, depth+1)
		d.decoded = d.decoded || changed || inner.Decoded
		d.add("---------- Forwarded message ---------\nSubject: " + inner.Subject + "\n\n" + inner.Text)
		d.links = append(d.links, inner.Links...)
	case strings.HasPrefix(kind, "text/"), kind == "application/json":
		text := decodeCharset(params["charset"], body)
		if kind == "text/html" {
			var links []string
			text, links = HTML(text)
			d.links, changed = append(d.links, links...), true
		}
		d.decoded = d.decoded || changed || text != string(body)
		d.add(text)
	}
}

func (d *decoder) add(text string) {
	if text = strings.ReplaceAll(text, "\r\n", "\n"); strings.TrimSpace(text) == "" {
		return
	}
	if d.text.Len() > 0 {
		d.text.WriteString("\n\n")
	}
	d.text.WriteString(strings.TrimRight(text, "\n") + "\n")
}

// multipart adds the parts of a body; of alternatives it adds the first one that has text.
func (d *decoder) multipart(kind, boundary string, body []byte, depth int) {
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	d.decoded = true
	for {
		p, err := r.NextRawPart() // the error of a message that was cut, too
		if err != nil {
			return
		}
		raw, err := io.ReadAll(p)
		before := d.text.Len()
		d.part(p.Header, raw, depth+1)
		if err != nil || *d.parts > maxParts || kind == "multipart/alternative" && d.text.Len() > before {
			return
		}
	}
}

// transfer undoes a transfer encoding. What cannot be decoded stays as it is.
func transfer(encoding string, body []byte) (out []byte, changed bool) {
	var r io.Reader
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		r = quotedprintable.NewReader(bytes.NewReader(body))
	case "base64":
		clean := bytes.Map(func(r rune) rune {
			if r == '\n' || r == '\r' || r == ' ' || r == '\t' {
				return -1
			}
			return r
		}, body)
		r = base64.NewDecoder(base64.StdEncoding, bytes.NewReader(clean))
	default:
		return body, false
	}
	out, err := io.ReadAll(r)
	if err != nil && len(out) < len(body)/2 {
		return body, false
	}
	return out, true
}

// decodeCharset returns a text in UTF-8.
func decodeCharset(label string, body []byte) string {
	if label == "" || strings.EqualFold(label, "utf-8") || strings.EqualFold(label, "us-ascii") {
		return string(body)
	}
	if text, ok := toUTF8(label, body); ok {
		return text
	}
	return string(body)
}

// unforward cuts a message that forwards several others into these. A message that forwards one is about it.
func (m Message) unforward() []Message {
	at := forwarded.FindAllStringIndex(m.Text, -1)
	if len(at) < 2 {
		return []Message{m}
	}
	cover := m
	cover.Text, cover.Cover = m.Text[:at[0][0]], true
	out := []Message{cover}
	for i, span := range at {
		end := len(m.Text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		inner := Message{To: m.To, Decoded: m.Decoded}
		text := strings.TrimLeft(m.Text[span[1]:end], "\n")
		lines := strings.SplitAfter(text, "\n")
		if fields, n, ok := fieldsAt(lines); ok {
			inner.Subject, inner.From = header(fields["subject"]), address(fields["from"])
			text = strings.Join(lines[n:], "")
		}
		inner.Text = text
		out = append(out, inner)
	}
	return out
}

// coverField marks the text of Message.Cover.
const coverField = "X-Domdoc-Cover"

// Format writes messages as Split reads them, decoded.
func Format(list []Message) string {
	var b strings.Builder
	for _, m := range list {
		b.WriteString("From domdoc Thu Jan  1 00:00:00 1970\n")
		if m.From != "" {
			b.WriteString("From: " + m.From + "\n")
		}
		if len(m.To) > 0 {
			b.WriteString("To: " + strings.Join(m.To, ", ") + "\n")
		}
		if m.Cover {
			b.WriteString(coverField + ": yes\n")
		}
		b.WriteString("Subject: " + strings.Join(strings.Fields(m.Subject), " ") + "\n\n")
		b.WriteString(fromInText.ReplaceAllString(strings.Trim(m.Text, "\n"), ">$1") + "\n")
		if len(m.Links) > 0 {
			b.WriteString("\n-- \n" + strings.Join(m.Links, "\n") + "\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// fromInText matches lines that a reader of an mbox takes for the beginning of a message.
var fromInText = lazyregexp.New(`(?m)^(>*From )`)
