// Package dark keeps Bubble Tea from questioning the terminal while the program is still being loaded.
//
// Bubble Tea v1 asks the terminal for its background color in a package init, in every program that links it: on a
// terminal that does not answer (a relayed pty, a CI runner with one, a screen reader) each command, `domdoc version`
// too, stands still for 5 seconds and writes escape bytes. Lip Gloss does not ask once it has been told. Since Go
// 1.21 packages are initialized in the order of their import paths as soon as what they import is ready (language
// specification, "Package initialization"), so this init runs first if and only if this package imports nothing
// besides Lip Gloss and its path sorts before github.com/charmbracelet/bubbletea. That is why the module is called
// domdoc. A PTY test holds it.
//
// What is said here changes no color: the theme uses the terminal's own 16 and has no light and dark variants.
package dark

import "github.com/charmbracelet/lipgloss"

func init() { lipgloss.SetHasDarkBackground(true) }
