//go:build !race

package sandboxtest

// Race reports whether the race detector is on.
const Race = false
