package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// errNoReport is the error of a document that is no report.
var errNoReport = errors.New(
	"not a domdoc report: it has neither domains nor a summary; use the output of domdoc check -o json or -o jsonl")

// outputType is the JSON of a command that writes no reports.
type outputType struct {
	command string
	names   []string // that it always has
}

// otherOutputs returns the outputs of the commands that write no reports.
var otherOutputs = sync.OnceValue(func() (out []outputType) {
	for _, d := range Documents() {
		command := "domdoc " + d.Command
		switch d.Command {
		case "check":
			continue
		case "watch":
			command = "domdoc check --watch"
		}
		for _, v := range slices.Concat(d.Document, d.Line) {
			out = append(out, outputType{command, alwaysThere(reflect.TypeOf(v))})
		}
	}
	return out
})

// alwaysThere returns the names of a type's JSON that are never absent.
func alwaysThere(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		name, opts, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" && !strings.Contains(opts, "omitempty") {
			names = append(names, name)
		}
	}
	return names
}

// otherOutput returns an error if an object, of which the names are given, is the output of a command that writes no
// reports. The domains of a document may still follow.
func otherOutput(object map[string]json.RawMessage) error {
	has := func(name string) bool { return object[name] != nil }
	if has("summary") || has("tenant") {
		return nil
	}
	for _, o := range otherOutputs() {
		if has("domain") != slices.Contains(o.names, "domain") {
			continue
		}
		if !slices.ContainsFunc(o.names, func(name string) bool { return !has(name) }) {
			return fmt.Errorf("not a domdoc report: it is the output of %s; use that of domdoc check -o json or -o jsonl",
				o.command)
		}
	}
	if has("schemaVersion") && !has("domains") {
		return errNoReport
	}
	return nil
}
