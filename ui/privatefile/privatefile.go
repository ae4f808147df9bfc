// Package privatefile writes files that only the user can read.
package privatefile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/natefinch/atomic"
)

// Write replaces a file in one step: a reader sees the old content or the new, never a part. The file gets mode 0600;
// missing directories are created with mode 0700.
func Write(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	// The library keeps the mode of a file that exists and creates others with mode 0600.
	if err := os.Chmod(file, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return atomic.WriteFile(file, bytes.NewReader(content))
}
