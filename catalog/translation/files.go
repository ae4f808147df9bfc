//go:build !packed

package translation

import (
	"embed"
	"io/fs"
)

//go:embed *.txt
var texts embed.FS

// files has a file for each language.
func files() fs.FS { return texts }
