// Package packed opens the texts that a release has in compressed form (.packaging/pack, build tag "packed").
package packed

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing/fstest"
)

// Files returns the files of a compressed tar archive. It panics on an archive that cannot be read: it is part of the
// program.
func Files(archive []byte) fs.FS {
	files, err := read(archive)
	if err != nil {
		panic(fmt.Sprintf("packed: %v; run .packaging/pack before the build", err))
	}
	return &files
}

// Text returns a compressed text. It panics on one that cannot be read: it is part of the program.
func Text(compressed []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(compressed))
	if err == nil {
		var text []byte
		if text, err = io.ReadAll(z); err == nil {
			return text
		}
	}
	panic(fmt.Sprintf("packed: %v; run .packaging/pack before the build", err))
}

func read(archive []byte) (fstest.MapFS, error) {
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	files := fstest.MapFS{}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		text, err := io.ReadAll(t)
		if err != nil {
			return nil, err
		}
		files[h.Name] = &fstest.MapFile{Data: text, Mode: 0o444}
	}
}
