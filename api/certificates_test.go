package api

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const fullCertificate = `{"status":"PENDING_VALIDATION","names":["shop.example.com"],
"requestedAt":"2026-02-01T00:00:00Z","issuedAt":null,"expiresAt":null,"failureReason":null,
	"validationRecords":[{"type":"CNAME","name":"_3f.shop.example.com","value":"_9a.acm-validations.aws"}]}`

func TestCertificate(t *testing.T) {
	t.Parallel()
	want := Certificate{
		Status: "PENDING_VALIDATION", Names: []string{"shop.example.com"}, RequestedAt: day(2026, 2, 1),
		ValidationRecords: []Record{{Type: "CNAME", Name: "_3f.shop.example.com", Value: "_9a.acm-validations.aws"}},
	}
	ignore := cmp.Options{cmpopts.IgnoreFields(Certificate{}, "Raw"), cmpopts.IgnoreFields(Record{}, "Raw")}
	for name, body := range map[string]string{
		"bare": fullCertificate, "data": `{"data":` + fullCertificate + `}`, "snake case": snake(fullCertificate),
		"a list of one":             `{"data":[` + fullCertificate + `]}`,
		"one record without a list": strings.NewReplacer("[{", "{", "}]", "}").Replace(fullCertificate),
		"one name without a list": strings.NewReplacer(`["shop.example.com"]`,
			`"shop.example.com"`).Replace(fullCertificate),
	} {
		got, found, err := asking(t, answers(200, body)).Certificate(t.Context(), "d-1")
		if err != nil || !found {
			t.Errorf("%s: found %v, %v", name, found, err)
			continue
		}
		if diff := cmp.Diff(want, got, ignore); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	two := `[{"status":"ISSUED","issuedAt":"2026-02-03T00:00:00Z","requestedAt":"2026-02-02T00:00:00Z"},` +
		fullCertificate + `]`
	got, found, err := asking(t, answers(200, two)).Certificate(t.Context(), "d-1")
	if err != nil || !found || got.Status != "ISSUED" || len(got.Problems) != 1 {
		t.Errorf("two: %+v, %v, %v", got, found, err)
	}
	odd := decodeCertificate(
		[]byte(`{"status":"ISSUED","expiresAt":"soon","validationRecords":[{"type":"CNAME","ttl":"x"},7]}`))
	wantProblems := []string{
		`expiresAt: wanted a time, got "soon"`,
		`validationRecords.ttl: wanted a whole number, got "x"`, "validationRecords.record: wanted an object, got 7",
	}
	if diff := cmp.Diff(wantProblems, odd.Problems); diff != "" || odd.Status != "ISSUED" ||
		len(odd.ValidationRecords) != 2 {
		t.Errorf("odd: %+v %s", odd, diff)
	}
}

func TestNoCertificate(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		kind   Kind // empty: a fact, and no error
	}{
		"DOMAIN_012": {
			404, `{"statusCode":404,"message":"SSL certificate not found","errorCode":"DOMAIN_012"}`,
			"",
		},
		"null":           {200, `null`, ""},
		"data null":      {200, `{"data":null}`, ""},
		"an empty list":  {200, `{"data":[]}`, ""},
		"no such domain": {404, `{"errorCode":"DOMAIN_001","message":"m"}`, KindNotFound},
		"no such path": {
			404, `{"message":"Cannot GET /domains/v1/d-1/ssl","error":"Not Found","statusCode":404}`,
			KindWrongEndpoint,
		},
		"something else":       {200, `{"used":1}`, KindMalformed},
		"empty":                {200, ``, KindMalformed},
		"012 with a wrong 400": {400, `{"errorCode":"DOMAIN_012","message":"m"}`, KindService},
	} {
		_, found, err := asking(t, answers(tt.status, tt.body)).Certificate(t.Context(), "d-1")
		if found {
			t.Errorf("%s: found", name)
		}
		if KindOf(err) != tt.kind || tt.kind == "" && err != nil {
			t.Errorf("%s: error = %v, want kind %q", name, err, tt.kind)
		}
	}
}

func TestIssueCertificate(t *testing.T) {
	t.Parallel()
	got, err := asking(t, answers(202, `{"data":`+fullCertificate+`}`)).IssueCertificate(t.Context(), "d-1")
	if err != nil || got.HTTPStatus != 202 || got.Certificate == nil ||
		got.Certificate.Status != "PENDING_VALIDATION" || got.Domain != nil {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = asking(t, answers(202, ``)).IssueCertificate(t.Context(), "d-1")
	if err != nil || got.Certificate != nil || got.RequestID == "" {
		t.Errorf("without a body: %+v, %v", got, err)
	}
	_, err = asking(t,
		answers(503,
			`{"statusCode":503,"message":"SSL certificate issuance failed","errorCode":"DOMAIN_011"}`)).IssueCertificate(
		t.Context(), "d-1")
	if e := failure(t, err, KindService); e.Code != "DOMAIN_011" {
		t.Errorf("error = %v", e)
	}
}
