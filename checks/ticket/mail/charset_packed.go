//go:build packed

package mail

import (
	_ "embed"
	"sync"

	"domdoc/catalog/packed"
)

//go:embed charsets.gz
var charsetsFile []byte

// known are read when a mail has a text of another character set.
var known = sync.OnceValue(func() *charsets {
	c, err := readCharsets(packed.Text(charsetsFile))
	if err != nil {
		panic("checks/ticket/mail: " + err.Error())
	}
	return c
})

// toUTF8 returns a text of a character set in UTF-8; ok is false if there is no such character set.
func toUTF8(label string, b []byte) (text string, ok bool) { return known().decode(label, b) }
