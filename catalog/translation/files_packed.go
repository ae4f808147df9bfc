//go:build packed

package translation

import (
	_ "embed"
	"io/fs"
	"sync"

	"domdoc/catalog/packed"
)

//go:embed texts.tar.gz
var texts []byte

// files has a file for each language.
var files = sync.OnceValue(func() fs.FS { return packed.Files(texts) })
