package wire

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Schema is a JSON Schema (draft 2020-12), generated from the types that the JSON is encoded from, so that the two
// cannot drift apart. It allows additional properties, which a later version may add.
//
// The generator is our own because the schema is an API. invopop/jsonschema does not describe pointers as nullable,
// cannot add null to an enum, and names definitions after Go types, so its output would not be compatible.
type Schema struct {
	Schema      string `json:"$schema,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Ref         string `json:"$ref,omitempty"`
	Type        any    `json:"type,omitempty"` // a string, or a list of strings
	Format      string `json:"format,omitempty"`
	Enum        []any  `json:"enum,omitempty"`
	Const       any    `json:"const,omitempty"`
	Minimum     *int   `json:"minimum,omitempty"`

	AnyOf      []*Schema         `json:"anyOf,omitempty"`
	Items      *Schema           `json:"items,omitempty"`
	Properties schemaProperties  `json:"properties,omitempty"`
	Required   []string          `json:"required,omitempty"`
	Defs       schemaDefinitions `json:"$defs,omitempty"`
}

// schemaProperties keep the order of the JSON.
type schemaProperties []schemaProperty

type schemaProperty struct {
	Name   string
	Schema *Schema
}

// MarshalJSON writes the properties in their order.
func (p schemaProperties) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, x := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		value, err := Marshal(x.Schema)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%s:%s", Raw(x.Name), value)
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

type schemaDefinitions map[string]*Schema

const dialect = "https://json-schema.org/draft/2020-12/schema"

// SchemaOf returns the schema of the output of a command: a value of any of the given values' types.
func SchemaOf(title, description string, values ...any) *Schema {
	b := &schemaBuilder{defs: schemaDefinitions{}, names: map[reflect.Type]string{}}
	var list []*Schema
	for _, v := range values {
		list = append(list, b.of(reflect.TypeOf(v)))
	}
	s := &Schema{AnyOf: list}
	if len(list) == 1 { // the type itself is at the top
		s = list[0]
		if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok && !b.recursive(name) {
			s = b.defs[name]
			delete(b.defs, name)
		}
	}
	s.Schema, s.Title, s.Description, s.Defs = dialect, title, description, b.defs
	return s
}

// MarshalIndent returns the schema as indented JSON.
func (s *Schema) MarshalIndent() ([]byte, error) { return MarshalIndent(s, "") }

type schemaBuilder struct {
	defs  schemaDefinitions
	names map[reflect.Type]string
}

// recursive reports whether a definition refers to itself and therefore cannot be at the top.
func (b *schemaBuilder) recursive(name string) bool {
	text := string(Raw(b.defs))
	return strings.Contains(text, `"#/$defs/`+name+`"`)
}

// of returns the schema of a type.
func (b *schemaBuilder) of(t reflect.Type) *Schema {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return &Schema{Type: "string", Format: "date-time"}
	case t == reflect.TypeFor[json.RawMessage]():
		return &Schema{}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return orNullSchema(b.of(t.Elem()))
	case reflect.String:
		return &Schema{Type: "string"}
	case reflect.Bool:
		return &Schema{Type: "boolean"}
	case reflect.Int, reflect.Int64:
		return &Schema{Type: "integer"}
	case reflect.Uint32:
		zero := 0
		return &Schema{Type: "integer", Minimum: &zero}
	case reflect.Float64:
		return &Schema{Type: "number"}
	case reflect.Slice:
		return &Schema{Type: "array", Items: b.of(t.Elem())}
	case reflect.Struct:
		return b.object(t)
	}
	return &Schema{} // any
}

// object returns the schema of a struct, as a definition if it has a name.
func (b *schemaBuilder) object(t reflect.Type) *Schema {
	if name, ok := b.names[t]; ok {
		return &Schema{Ref: "#/$defs/" + name}
	}
	name := defName(t)
	if name != "" {
		b.names[t] = name
	}
	s := &Schema{Type: "object"}
	for i := range t.NumField() {
		f := t.Field(i)
		tag, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || tag == "-" || tag == "" {
			continue
		}
		s.Properties = append(s.Properties, schemaProperty{tag, b.field(f, opts, name+"."+tag)})
		if !strings.Contains(opts, "omitempty") {
			s.Required = append(s.Required, tag)
		}
	}
	if name == "" {
		return s
	}
	b.defs[name] = s
	return &Schema{Ref: "#/$defs/" + name}
}

// field returns the schema of a field; property is its key in descriptions and enumerations.
func (b *schemaBuilder) field(f reflect.StructField, opts, property string) *Schema {
	t := f.Type
	if t.Kind() == reflect.Pointer && strings.Contains(opts, "omitempty") {
		t = t.Elem() // absent, never null
	}
	s := b.of(t)
	if f.Tag.Get("nullable") != "" {
		s = orNullSchema(s)
	}
	values := enumerations[property]
	if list := f.Tag.Get("enum"); list != "" {
		values = strings.Split(list, ",")
	}
	if len(values) > 0 {
		for _, v := range values {
			s.Enum = append(s.Enum, v)
		}
		if t.Kind() == reflect.Pointer {
			s.Enum = append(s.Enum, nil)
		}
	}
	if version := f.Tag.Get("const"); version != "" {
		s.Const = json.RawMessage(version)
	}
	s.Description = cmp.Or(f.Tag.Get("doc"), descriptions[property])
	return s
}

// orNullSchema returns a schema that also allows null.
func orNullSchema(s *Schema) *Schema {
	if word, ok := s.Type.(string); ok && s.Ref == "" {
		s.Type = []string{word, "null"}
		return s
	}
	return &Schema{AnyOf: []*Schema{s, {Type: "null"}}}
}

// defName names a type's definition: Finding is "finding".
func defName(t reflect.Type) string {
	name := strings.TrimPrefix(strings.TrimPrefix(t.Name(), "JSON"), "json")
	if name == "" {
		return ""
	}
	if name == strings.ToUpper(name) {
		return strings.ToLower(name)
	}
	return strings.ToLower(name[:1]) + name[1:]
}
