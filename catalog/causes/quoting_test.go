package causes

import (
	"reflect"
	"strings"
	"testing"

	"domdoc/catalog"
)

// TestCommandsAreQuoted puts shell syntax into all arguments, which come from untrusted zones: no command of any
// cause executes it.
func TestCommandsAreQuoted(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, c := range catalog.Causes() {
		args := reflect.New(reflect.TypeOf(c.Example().Args)).Elem()
		args.Set(reflect.ValueOf(c.Example().Args))
		spoil(args, "x`reboot`$(reboot);reboot.example")
		for _, cmd := range (catalog.Instance{Cause: c, Args: args.Interface()}).Fix().Commands {
			if !strings.Contains(cmd, "reboot") {
				continue
			}
			seen++
			if strings.ContainsAny(unquoted(cmd), "`$;") {
				t.Errorf("%s: %s", c.ID, cmd)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d commands contain an argument", seen)
	}
}

// spoil sets every string in the arguments, at any depth, except those of named types such as a role.
func spoil(v reflect.Value, bad string) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() {
			v.SetString(bad)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				spoil(v.Field(i), bad)
			}
		}
	case reflect.Slice:
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fresh, v)
		for i := range fresh.Len() {
			spoil(fresh.Index(i), bad)
		}
		v.Set(fresh)
	}
}

// unquoted returns the parts of a command outside single quotation marks.
func unquoted(cmd string) string {
	var out strings.Builder
	in := false
	for i := 0; i < len(cmd); i++ {
		switch {
		case cmd[i] == '\'':
			in = !in
		case in:
		case cmd[i] == '\\':
			i++
		default:
			out.WriteByte(cmd[i])
		}
	}
	return out.String()
}
