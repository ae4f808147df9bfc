package terminal

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"
)

const (
	LogName    = "dashboard.log"
	maxLog     = 1 << 20 // bytes, after which the next start begins a new file
	MaxSession = 4 << 20 // bytes that one run of the program may write
)

// LogFile is the destination of everything that must not reach the screen: log output of the standard library and
// others, and the stack of a crash. The file is created with the first message.
type LogFile struct {
	dir string // empty: there is no directory for a log

	mu   sync.Mutex // guards following
	file *os.File
	left int
}

// NewLogFile makes a log in a directory; an empty one has no log.
func NewLogFile(dir string) *LogFile { return &LogFile{dir: dir, left: MaxSession} }

// Path returns the path of the log; empty if there is none.
func (l *LogFile) Path() string {
	if l.dir == "" {
		return ""
	}
	return filepath.Join(l.dir, LogName)
}

// Write appends log output.
func (l *LogFile) Write(p []byte) (int, error) {
	l.append(p)
	return len(p), nil // the caller has no other place to report it
}

// append writes to the file and reports whether it could.
func (l *LogFile) append(p []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dir == "" || len(p) > l.left {
		return false
	}
	if l.file == nil {
		file, err := openLog(l.Path())
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

// Fault logs a bug in domdoc with its stack, and reports whether it could.
func (l *LogFile) Fault(at time.Time, version string, value any, stack []byte) bool {
	return l.append(fmt.Appendf(nil, "%s domdoc %s: panic: %v\n%s\n", at.UTC().Format(time.RFC3339), version, value,
		stack))
}

// Close closes the file.
func (l *LogFile) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		_ = l.file.Close()
		l.file, l.left = nil, 0
	}
}

// TakeLogs sends the process's log output to the file, until the returned function is called: a line on stderr would
// appear in the middle of the screen.
func (l *LogFile) TakeLogs() (release func()) {
	before := log.Writer()
	log.SetOutput(l)
	return func() { log.SetOutput(before) }
}

// LogFault logs a bug that does not end the program, with its stack.
func LogFault(value any) { log.Printf("panic: %v\n%s", value, debug.Stack()) }
