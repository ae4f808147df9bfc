// Package outputfile writes a file that is replaced in one step when it is complete.
package outputfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/natefinch/atomic"
)

// File is a new version of a file. It is written to a temporary file in the same directory, which has a name that no
// collector of "*.prom" reads. Call Commit or Discard in the end.
type File struct {
	*os.File
	target string
	mode   fs.FileMode
}

// Create begins a new version of a file, which need not exist. A symbolic link stays, and the file that it leads to is
// replaced. What is not a regular file, such as a device, is an error.
func Create(path string) (*File, error) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		target = path // does not exist; another error is that of CreateTemp
	}
	mode := fs.FileMode(0o644) // other users' programs read it
	if info, err := os.Stat(target); err == nil {
		if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s is not a regular file", path)
		}
		mode = info.Mode().Perm()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, unwritable(filepath.Dir(target), err)
	}
	f, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*.tmp")
	if err != nil {
		return nil, unwritable(filepath.Dir(target), err)
	}
	return &File{f, target, mode}, nil
}

// unwritable says why no file can be created in a directory.
func unwritable(dir string, err error) error {
	info, statErr := os.Stat(dir)
	switch {
	case errors.Is(statErr, fs.ErrNotExist):
		return fmt.Errorf("the directory %s does not exist", dir)
	case statErr == nil && !info.IsDir():
		return fmt.Errorf("%s is not a directory", dir)
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok { // it names the temporary file
		err = e.Err
	}
	return fmt.Errorf("cannot create a file in the directory %s: %w", dir, err)
}

// Name is a file's name without its directory and extension, by which reports in one directory differ.
func Name(path string) string {
	base := filepath.Base(path)
	if name := strings.TrimSuffix(base, filepath.Ext(base)); name != "" {
		return name
	}
	return base
}

// Commit replaces the file. On an error the old version stays.
func (f *File) Commit() error {
	err := errors.Join(f.Sync(), f.Close(), os.Chmod(f.File.Name(), f.mode))
	if err == nil {
		err = atomic.ReplaceFile(f.File.Name(), f.target)
	}
	if err != nil {
		_ = os.Remove(f.File.Name())
		return fmt.Errorf("replacing %s: %w", f.target, err)
	}
	return nil
}

// Discard leaves the old version as it is.
func (f *File) Discard() error { return errors.Join(f.Close(), os.Remove(f.File.Name())) }
