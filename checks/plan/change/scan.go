package change

import "strings"

// entry is one entry of a zone file: a record or a directive (RFC 1035 5.1).
type entry struct {
	offset int // of the text in the file
	// text is the entry with a space in the place of each parenthesis, line break and character of a comment.
	text    string
	comment string // the last comment
	cut     bool   // a comment begins directly after a character of a value
	blank   bool   // it begins with white space: the owner is that of the entry before
}

// entries splits a zone file and calls use for each entry, until it returns false. fail is called for what has no
// end.
func entries(data string, use func(entry) bool, fail func(offset int, problem string)) {
	for at := 0; at < len(data); {
		e, next, wrong, problem := scan(data, at)
		if problem != "" {
			fail(wrong, problem)
		} else if strings.TrimSpace(e.text) == "" {
			at = next
			continue
		}
		if problem == "" && !use(e) {
			return
		}
		at = next
	}
}

// scan reads one entry and returns where the next begins. With a problem, the next begins on the next line.
func scan(data string, begin int) (e entry, next, wrong int, problem string) {
	e = entry{offset: begin, blank: data[begin] == ' ' || data[begin] == '\t'}
	var clean []byte // a copy, made once something is to be replaced
	hide := func(i int) {
		if clean == nil {
			clean = append(clean, data[begin:i]...)
		}
		clean = append(clean, ' ')
	}
	open, quoted := []int(nil), -1
	i := begin
	for ; i < len(data); i++ {
		c := data[i]
		switch {
		case c == '\\' && i+1 < len(data) && data[i+1] != '\n':
			if clean != nil {
				clean = append(clean, c, data[i+1])
			}
			i++
			continue
		case c == '\n' && quoted >= 0:
			return e, i + 1, quoted, "the quotation mark has no second one on its line"
		case c == '"':
			if quoted >= 0 {
				quoted = -1
			} else {
				quoted = i
			}
		case quoted >= 0:
		case c == ';':
			end := len(data)
			if n := strings.IndexByte(data[i:], '\n'); n >= 0 {
				end = i + n
			}
			if i > begin && !strings.ContainsRune(" \t\n()\"", rune(data[i-1])) {
				e.cut = true
			}
			e.comment = data[i:end]
			for ; i < end; i++ {
				hide(i)
			}
			i--
			continue
		case c == '(':
			open = append(open, i)
			hide(i)
			continue
		case c == ')' && len(open) == 0:
			return e, nextLine(data, i), i, "the parenthesis closes none"
		case c == ')':
			open = open[:len(open)-1]
			hide(i)
			continue
		case c == '\n' && len(open) > 0:
			hide(i)
			continue
		case c == '\n':
			e.text = cleaned(clean, data[begin:i])
			return e, i + 1, 0, ""
		}
		if clean != nil {
			clean = append(clean, c)
		}
	}
	switch {
	case quoted >= 0:
		return e, nextLine(data, quoted), quoted, "the quotation mark has no second one on its line"
	case len(open) > 0:
		return e, nextLine(data, open[0]), open[0], "the parenthesis is not closed"
	}
	e.text = cleaned(clean, data[begin:])
	return e, len(data), 0, ""
}

func cleaned(clean []byte, raw string) string {
	if clean == nil {
		return raw
	}
	return string(clean)
}

func nextLine(data string, i int) int {
	if n := strings.IndexByte(data[i:], '\n'); n >= 0 {
		return i + n + 1
	}
	return len(data)
}

// cursor reads the words of a line. A word ends at white space that no backslash takes the meaning of.
type cursor struct {
	text string
	at   int
}

// word returns the next word and its offset; it is empty at the end.
func (c *cursor) word() (string, int) {
	for c.at < len(c.text) && isSpace(c.text[c.at]) {
		c.at++
	}
	begin := c.at
	for ; c.at < len(c.text) && !isSpace(c.text[c.at]); c.at++ {
		if c.text[c.at] == '\\' && c.at+1 < len(c.text) {
			c.at++
		}
	}
	return c.text[begin:c.at], begin
}

// rest returns what follows and its offset.
func (c *cursor) rest() (string, int) {
	begin := c.at
	for begin < len(c.text) && isSpace(c.text[begin]) {
		begin++
	}
	return strings.TrimRight(c.text[begin:], " \t\n"), begin
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' }
