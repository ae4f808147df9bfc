package causes

import (
	"reflect"
	"strings"
	"testing"

	"domdoc/catalog"
)

// TestFixesAreQuoted: names come from zones that anybody may have written; no command of any cause runs what stands
// in them.
func TestFixesAreQuoted(t *testing.T) {
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
		t.Errorf("only %d commands name what the domain's owner wrote", seen)
	}
}

// spoil writes a text into every string of arguments, however deep; types with a meaning of their own (a role) keep
// theirs.
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

// unquoted is what of a command stands outside single quotation marks.
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
