//go:build !packed

package sandbox

import (
	"embed"
	"io/fs"
)

//go:embed scenarios/*.txtar scenarios/*/*.txtar
var scenarioFiles embed.FS

// embedded has the folder "scenarios".
func embedded() fs.FS { return scenarioFiles }
