package wire

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
)

// Bounds of a report that is read back: it may come from anywhere.
const (
	maxReadDomain  = 16 << 20  // bytes of one domain, or of what a document has beside its domains
	maxReadDomains = 1_000_000 // domains of one report
	maxReadText    = 4096      // characters of one string
)

// ReadDomains reads a report back and hands out each domain as it comes; the first error of each ends it. It returns
// what the report has beside its domains: of JSON lines, that is next to nothing. Text of the report is as safe to
// show as a fresh one's.
func ReadDomains(r io.Reader, each func(*Domain) error) (*Report, error) {
	rd := &reader{in: &meter{r: r}, each: each}
	rd.dec = json.NewDecoder(bufio.NewReaderSize(rd.in, 64<<10))
	report := &Report{SchemaVersion: SchemaVersion, Domains: []Domain{}}
	for {
		rd.in.left = maxReadDomain
		token, err := rd.dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, rd.wrong(err)
		}
		if token != json.Delim('{') {
			return nil, fmt.Errorf("this is no report of domdoc: it begins with %s; use what -o json or -o jsonl wrote",
				sanitize.Text(fmt.Sprint(token), 40))
		}
		if err := rd.object(report); err != nil {
			return nil, rd.wrong(err)
		}
	}
	if rd.objects == 0 {
		return nil, errors.New("this is no report of domdoc: it is empty; use what -o json or -o jsonl wrote")
	}
	tidy(reflect.ValueOf(report))
	return report, nil
}

// reader reads objects: documents and lines.
type reader struct {
	in      *meter
	dec     *json.Decoder
	each    func(*Domain) error
	objects int
	domains int
}

// wrong names the place of a mistake.
func (r *reader) wrong(err error) error {
	var handed *eachError
	if errors.As(err, &handed) {
		return handed.err
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("reading the report, at byte %d: %w", r.dec.InputOffset(), err)
}

// eachError is an error of whoever takes the domains.
type eachError struct{ err error }

func (e *eachError) Error() string { return e.err.Error() }

// object reads one object, whose opening brace is read already: a document, whose domains are handed out one by one,
// or a line.
func (r *reader) object(report *Report) error {
	r.objects++
	rest := map[string]json.RawMessage{}
	document := false
	for r.dec.More() {
		token, err := r.dec.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		if name == "domains" {
			document = true
			if err := r.list(); err != nil {
				return err
			}
			r.in.left = maxReadDomain
			continue
		}
		var raw json.RawMessage
		if err := r.dec.Decode(&raw); err != nil {
			return err
		}
		rest[name] = raw
	}
	if _, err := r.dec.Token(); err != nil { // the closing brace
		return err
	}
	if document || rest["schemaVersion"] != nil {
		return readDocument(rest, report)
	}
	return r.line(rest)
}

// list reads the domains of a document.
func (r *reader) list() error {
	token, err := r.dec.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('[') {
		return errors.New("domains is no list")
	}
	for r.dec.More() {
		r.in.left = maxReadDomain
		var d Domain
		if err := r.dec.Decode(&d); err != nil {
			return err
		}
		if err := r.give(&d); err != nil {
			return err
		}
	}
	_, err = r.dec.Token()
	return err
}

// line reads a domain from the parts of a line.
func (r *reader) line(parts map[string]json.RawMessage) error {
	raw, err := Marshal(parts)
	if err != nil {
		return err
	}
	var d Domain
	if err := json.Unmarshal(raw, &d); err != nil {
		return err
	}
	return r.give(&d)
}

func (r *reader) give(d *Domain) error {
	if r.domains++; r.domains > maxReadDomains {
		return fmt.Errorf("it has more than %d domains", maxReadDomains)
	}
	if !slices.Contains([]catalog.Verdict{catalog.Pass, catalog.Warn, catalog.Fail, catalog.Inconclusive},
		ParseVerdict(d.Verdict)) {
		return fmt.Errorf(
			"the verdict %q of %s is none that a domain can have: this is no report of domdoc, or one of a later version",
			sanitize.Text(d.Verdict, 40), sanitize.Text(d.Domain, 80))
	}
	tidy(reflect.ValueOf(d))
	if err := r.each(d); err != nil {
		return &eachError{err}
	}
	return nil
}

// readDocument reads what a document has beside its domains.
func readDocument(parts map[string]json.RawMessage, into *Report) error {
	raw, err := Marshal(parts)
	if err != nil {
		return err
	}
	report := Report{}
	if err := json.Unmarshal(raw, &report); err != nil {
		return err
	}
	if report.SchemaVersion != SchemaVersion {
		return fmt.Errorf("it is in version %d of the format, and this domdoc reads version %d", report.SchemaVersion,
			SchemaVersion)
	}
	*into = report
	return nil
}

// meter bounds what may be read before somebody sets its mark anew.
type meter struct {
	r    io.Reader
	left int
}

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, fmt.Errorf("one part of it is larger than %d MiB", maxReadDomain>>20)
	}
	n, err := m.r.Read(p[:min(len(p), m.left)])
	m.left -= n
	return n, err
}

// tidy makes what was read as good as new: text is cut and stripped of what a terminal would obey, and lists that
// were missing are empty.
func tidy(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			tidy(v.Elem())
		}
	case reflect.String:
		v.SetString(sanitize.Text(v.String(), maxReadText))
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			tidyRaw(v)
			return
		}
		for i := range v.Len() {
			tidy(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() || f.Type.PkgPath() == "time" {
				continue
			}
			part := v.Field(i)
			tidy(part)
			if part.Kind() == reflect.Slice && part.IsNil() && f.Tag.Get("nullable") == "" {
				part.Set(reflect.MakeSlice(f.Type, 0, 0))
			}
		}
	}
}

// tidyRaw keeps JSON as it came: whoever shows it escapes it. What is missing is null.
func tidyRaw(v reflect.Value) {
	if raw := bytes.TrimSpace(v.Bytes()); len(raw) == 0 {
		v.SetBytes([]byte("null"))
	}
}
