package namelist

import (
	"bufio"
	"errors"
	"io"
	"iter"
	"strings"
)

// maxLine bounds a line of input, in bytes.
const maxLine = 64 << 10

// Lines yields the lines of in, trimmed, without empty lines and comments (#). An error ends it.
func Lines(in io.Reader) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		sc := bufio.NewScanner(in)
		sc.Buffer(make([]byte, 0, maxLine), maxLine)
		for sc.Scan() {
			line := strings.TrimSpace(strings.TrimPrefix(sc.Text(), "\ufeff")) // a byte order mark of an editor
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			if !yield(line, nil) {
				return
			}
		}
		if err := sc.Err(); err != nil {
			if errors.Is(err, bufio.ErrTooLong) {
				err = errors.New("a line is longer than 64 KiB")
			}
			yield("", err)
		}
	}
}
