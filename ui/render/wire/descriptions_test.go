package wire

import (
	"reflect"
	"strings"
	"testing"
)

// TestDescriptions compares the keys of descriptions and enumerations with the properties of the schemas: every key
// belongs to a property.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	properties := map[string]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice:
			walk(typ.Elem())
		case reflect.Struct:
			for i := range typ.NumField() {
				f := typ.Field(i)
				tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				key := defName(typ) + "." + tag
				if tag == "" || properties[key] {
					continue
				}
				properties[key] = true
				walk(f.Type)
			}
		}
	}
	for _, d := range Documents() {
		for _, v := range append(d.Document, d.Line...) {
			walk(reflect.TypeOf(v))
		}
	}
	if len(properties) < 100 {
		t.Fatalf("only %d properties", len(properties))
	}
	for key, text := range descriptions {
		if !properties[key] {
			t.Errorf("no property %s", key)
		}
		if text == "" {
			t.Errorf("%s has no description", key)
		}
	}
	for key, values := range enumerations {
		if !properties[key] || len(values) == 0 {
			t.Errorf("no property %s, or no values", key)
		}
	}
}
