//go:build packed

package sandbox

import (
	_ "embed"
	"io/fs"

	"domdoc/catalog/packed"
)

//go:embed scenarios.tar.gz
var scenarioFiles []byte

// embedded has the folder "scenarios".
func embedded() fs.FS { return packed.Files(scenarioFiles) }
