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

// Limits for a report that is read back, which may come from anywhere.
const (
	maxReadDomain  = 16 << 20  // bytes of one domain, or of the rest of a document
	maxReadDomains = 1_000_000 // domains of one report
	maxReadText    = 4096      // characters of one string
)

// ErrEmpty is the error of an empty file.
var ErrEmpty = errors.New("not a domdoc report: it is empty; use the output of -o json or -o jsonl")

// ErrCut is the error of JSON lines without their last line, or with fewer lines than that one says. [ReadDomains]
// returns it with the report.
var ErrCut = errors.New("the report is cut off")

// ReadDomains is [ReadRuns] for a file of one report. Of several, it returns the last one.
func ReadDomains(r io.Reader, each func(*Domain) error) (*Report, error) {
	runs, err := ReadRuns(r, each)
	switch {
	case err != nil && !errors.Is(err, ErrCut):
		return nil, err
	case len(runs) == 0:
		return &Report{SchemaVersion: SchemaVersion, Domains: []Domain{}}, err
	}
	return runs[len(runs)-1], err
}

// ReadRuns reads reports one after the other, in JSON or JSON lines, and calls each for every domain; it stops at the
// first error. It returns the rest of each report, which for JSON lines is in the last line. Unknown names are ignored,
// so that later versions can add some. All text is sanitized, as in a new report.
func ReadRuns(r io.Reader, each func(*Domain) error) ([]*Report, error) {
	rd := &reader{in: &meter{r: r}, each: each}
	rd.dec = json.NewDecoder(bufio.NewReaderSize(rd.in, 64<<10))
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
			return nil, fmt.Errorf("not a domdoc report: it starts with %s; use the output of -o json or -o jsonl",
				sanitize.Text(fmt.Sprint(token), 40))
		}
		if err := rd.object(); err != nil {
			return nil, rd.wrong(err)
		}
	}
	if rd.objects == 0 {
		return nil, ErrEmpty
	}
	switch {
	case rd.missing > 0:
		return rd.runs, fmt.Errorf("%w: it has %d fewer domains than its last line says", ErrCut, rd.missing)
	case rd.lines > 0, rd.endless > 0:
		return rd.runs, fmt.Errorf("%w: its last line, which says how many domains there are, is missing", ErrCut)
	}
	return rd.runs, nil
}

// reader reads a sequence of objects, which are documents or lines.
type reader struct {
	in      *meter
	dec     *json.Decoder
	each    func(*Domain) error
	runs    []*Report // without their domains
	objects int
	domains int
	lines   int // domains in lines since the last line that ends a report
	missing int // lines that such lines announce, and that are not there
	endless int // lines before them that belong to a report without a last line
}

// wrong adds the position to an error.
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

// eachError is an error of the callback.
type eachError struct{ err error }

func (e *eachError) Error() string { return e.err.Error() }

// object reads one object after its opening brace: a document, whose domains are passed on one by one, or a line.
func (r *reader) object() error {
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
			rest[name] = json.RawMessage("[]") // they are not kept
			if err := otherOutput(rest); err != nil {
				return err
			}
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
	if err := otherOutput(rest); err != nil {
		return err
	}
	if rest["schemaVersion"] == nil && !document {
		r.lines++
		return r.line(rest)
	}
	report, err := readDocument(rest)
	if err != nil {
		return err
	}
	r.runs = append(r.runs, report)
	if document {
		return nil
	}
	r.missing += max(0, report.Summary.Domains-r.lines)
	r.endless += max(0, r.lines-report.Summary.Domains)
	r.lines = 0
	return nil
}

// list reads the domains of a document.
func (r *reader) list() error {
	token, err := r.dec.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('[') {
		return errors.New("domains is not a list")
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

// line decodes a domain from the fields of a line.
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
		return fmt.Errorf("more than %d domains", maxReadDomains)
	}
	if !slices.Contains([]catalog.Verdict{catalog.Pass, catalog.Warn, catalog.Fail, catalog.Inconclusive},
		ParseVerdict(d.Verdict)) {
		return fmt.Errorf(
			"invalid verdict %q of %s: not a domdoc report, or one of a later version",
			sanitize.Text(d.Verdict, 40), sanitize.Text(d.Domain, 80))
	}
	tidy(reflect.ValueOf(d))
	if err := r.each(d); err != nil {
		return &eachError{err}
	}
	return nil
}

// readDocument decodes the fields of a document except its domains.
func readDocument(parts map[string]json.RawMessage) (*Report, error) {
	raw, err := Marshal(parts)
	if err != nil {
		return nil, err
	}
	report := &Report{}
	if err := json.Unmarshal(raw, report); err != nil {
		return nil, err
	}
	if report.SchemaVersion != SchemaVersion {
		return nil, fmt.Errorf("version %d of the format is not supported; this domdoc reads version %d",
			report.SchemaVersion, SchemaVersion)
	}
	if parts["complete"] == nil { // of an earlier version
		report.Complete = report.Incomplete == ""
	}
	tidy(reflect.ValueOf(report))
	return report, nil
}

// meter limits the number of bytes read until left is set again.
type meter struct {
	r    io.Reader
	left int
}

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, fmt.Errorf("one part is larger than %d MiB", maxReadDomain>>20)
	}
	n, err := m.r.Read(p[:min(len(p), m.left)])
	m.left -= n
	return n, err
}

// tidy sanitizes the text of a report, truncates it, and makes missing lists empty.
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

// tidyRaw leaves raw JSON as it is, since it is escaped when shown, and sets missing values to null.
func tidyRaw(v reflect.Value) {
	if raw := bytes.TrimSpace(v.Bytes()); len(raw) == 0 {
		v.SetBytes([]byte("null"))
	}
}
