//go:build !packed

package mail

import (
	"bytes"
	"io"

	"golang.org/x/net/html/charset"
)

// toUTF8 returns a text of a character set in UTF-8; ok is false if there is no such character set.
func toUTF8(label string, b []byte) (text string, ok bool) {
	r, err := charset.NewReaderLabel(label, bytes.NewReader(b))
	if err != nil {
		return "", false
	}
	out, err := io.ReadAll(r)
	return string(out), err == nil
}
