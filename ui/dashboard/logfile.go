package dashboard

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	logName    = "dashboard.log"
	maxLog     = 1 << 20 // bytes, after which the next start begins a new file
	maxSession = 4 << 20 // bytes that one run of the program may write
)

// logFile is where everything goes that must not reach the screen: what the standard library and others log, and the
// stack of a fault of ours. The file is made when there is something to write; a program that has nothing to complain
// about leaves none.
type logFile struct {
	dir string // empty: there is no place for a log

	mu   sync.Mutex // guards following
	file *os.File
	left int
}

func newLogFile(dir string) *logFile { return &logFile{dir: dir, left: maxSession} }

func (l *logFile) path() string {
	if l.dir == "" {
		return ""
	}
	return filepath.Join(l.dir, logName)
}

// Write takes what somebody logs.
func (l *logFile) Write(p []byte) (int, error) {
	l.write(p)
	return len(p), nil // whoever logs has nobody else to tell
}

// write appends to the file, and reports whether it could.
func (l *logFile) write(p []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dir == "" || len(p) > l.left {
		return false
	}
	if l.file == nil {
		file, err := openLog(l.path())
		if err != nil {
			l.left = 0
			return false
		}
		l.file = file
	}
	n, err := l.file.Write(p)
	l.left -= n
	return err == nil
}

func openLog(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		_ = os.Rename(path, path+".old")
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
}

// fault notes a fault of ours with its stack, and reports whether it could.
func (l *logFile) fault(at time.Time, version string, value any, stack []byte) bool {
	return l.write(fmt.Appendf(nil, "%s domdoc %s: panic: %v\n%s\n", at.UTC().Format(time.RFC3339), version, value,
		stack))
}

func (l *logFile) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		_ = l.file.Close()
		l.file, l.left = nil, 0
	}
}

// takeLogs sends what the process logs to the file, until the function that it returns is called: a line on stderr
// would land in the middle of the screen.
func (l *logFile) takeLogs() (release func()) {
	before := log.Writer()
	log.SetOutput(l)
	return func() { log.SetOutput(before) }
}
