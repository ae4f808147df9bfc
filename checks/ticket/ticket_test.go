package ticket_test

import (
	"slices"
	"strings"
	"testing"

	"domdoc/catalog"
	"domdoc/checks/ticket"

	"github.com/google/go-cmp/cmp"
)

// ticketSays writes what a ticket says: a line a code, with the domains that it is about, then what else was read.
func ticketSays(t ticket.Ticket) []string {
	var out []string
	for _, r := range t.Reports {
		out = append(out, strings.TrimSpace(r.Code+" "+strings.Join(append(slices.Clone(r.IDs), r.Names[:r.Likely]...),
			" ")))
	}
	for _, id := range t.RequestIDs {
		out = append(out, "request "+id)
	}
	for _, e := range t.Refusals {
		out = append(out, "answer "+e.Message)
	}
	return out
}

// TestReadTicket reads texts as tenants, mail programs, ticket systems and shells write them.
func TestReadTicket(t *testing.T) {
	t.Parallel()
	const body = `{"statusCode":422,"timestamp":"2026-02-22T10:30:00.000Z","path":"/domains/v1/d-17/verify",` +
		`"method":"POST","message":"Domain verification failed","errorCode":"DOMAIN_004"}`
	tests := []struct {
		name, text string
		want       []string
	}{
		{"a code and a name", "DOMAIN_010 shop.fabrikam.example", []string{"DOMAIN_010 shop.fabrikam.example"}},
		{
			"a code and a name, as people type", "hi, domain-010 for Shop.Fabrikam.example pls help",
			[]string{"DOMAIN_010 shop.fabrikam.example"},
		},
		{
			"the name of a code", catalog.Codes()[10].Name + " on shop.fabrikam.example",
			[]string{catalog.Codes()[10].ID + " shop.fabrikam.example"},
		},
		{
			"a code beside its name", "shop.fabrikam.example: DOMAIN_004 (DOMAIN_VERIFICATION_FAILED)",
			[]string{"DOMAIN_004 shop.fabrikam.example"},
		},
		{"bare JSON", body, []string{"DOMAIN_004 d-17"}},
		{
			"JSON in prose", "Hello,\nfor shop.fabrikam.example we get\n\n" + body + "\n\nThanks",
			[]string{"DOMAIN_004 d-17"},
		},
		{
			"JSON in a code fence",
			"For `shop.fabrikam.example`:\n```json\n{\n  \"statusCode\": 408,\n  \"errorCode\": \"DOMAIN_010\",\n  " +
				"\"message\": \"DNS propagation timeout\"\n}\n```\n",
			[]string{"DOMAIN_010 shop.fabrikam.example"},
		},
		{
			"JSON with smart quotes", "shop.fabrikam.example: {“statusCode”: 422, “errorCode”: “DOMAIN_004”}",
			[]string{"DOMAIN_004 shop.fabrikam.example"},
		},
		{
			"JSON with its name inside",
			`{"errorCode":"DOMAIN_011","message":"Certificate request ` +
				`failed","domain":"shop.fabrikam.example","target":"d-1.cloudfront.net"} seen by ops.contoso.example`,
			[]string{"DOMAIN_011 shop.fabrikam.example"},
		},
		{
			"an array of errors",
			`[{"errorCode":"DOMAIN_004","domain":"shop.a.example"},{"errorCode":"DOMAIN_010","domain":"shop.b.example"}]`,
			[]string{"DOMAIN_004 shop.a.example", "DOMAIN_010 shop.b.example"},
		},
		{
			"errors inside an object",
			`{"errors":[{"errorCode":"DOMAIN_004","path":"/domains/v1/d-1/verify"},` +
				`{"errorCode":"DOMAIN_010","path":"/domains/v1/d-2/verify"}]}`,
			[]string{"DOMAIN_004 d-1", "DOMAIN_010 d-2"},
		},
		{
			"what a program prints",
			"Error: { statusCode: 422, errorCode: 'DOMAIN_004', domain: 'shop.fabrikam.example' }\n    at verify " +
				"(domains.js:10:5)",
			[]string{"DOMAIN_004 shop.fabrikam.example"},
		},
		{
			"a log line",
			`2026-02-22T10:31:00Z ERROR svc=domains request_id=req-12345678 domain=shop.fabrikam.example ` +
				`code=DOMAIN_004 took=120ms`,
			[]string{"DOMAIN_004 shop.fabrikam.example", "request req-12345678"},
		},
		{
			"a log line with escaped JSON",
			`time="2026-02-22T10:31:00Z" level=error ` +
				`msg="{\"statusCode\":422,\"path\":\"/domains/v1/d-17/verify\",\"message\":\"it said ` +
				`\\\"no\\\"\",\"errorCode\":\"DOMAIN_004\"}" v1.2.3`,
			[]string{"DOMAIN_004 d-17"},
		},
		{
			"log lines of several domains",
			"10:00:01 shop.a.example DOMAIN_004\n10:00:02 shop.b.example DOMAIN_010\n10:00:03 shop.a.example DOMAIN_011",
			[]string{"DOMAIN_004 shop.a.example", "DOMAIN_010 shop.b.example", "DOMAIN_011 shop.a.example"},
		},
		{
			"a log line said again and again", strings.Repeat("shop.a.example DOMAIN_004\n", 50),
			[]string{"DOMAIN_004 shop.a.example"},
		},
		{
			"the same code for two domains", "shop.a.example: DOMAIN_004\nshop.b.example: DOMAIN_004",
			[]string{"DOMAIN_004 shop.a.example", "DOMAIN_004 shop.b.example"},
		},
		{
			"several in a sentence", "DOMAIN_004 on shop.a.example and DOMAIN_010 on shop.b.example",
			[]string{"DOMAIN_004 shop.a.example", "DOMAIN_010 shop.b.example"},
		},
		{
			"names that are enumerated", "DOMAIN_010 for shop.a.example, shop.b.example and shop.c.example since today",
			[]string{"DOMAIN_010 shop.a.example shop.b.example shop.c.example"},
		},
		{
			"enumerated before the code",
			"Our domains shop.a.example and shop.b.example do not work.\n\nThe answer is DOMAIN_004.",
			[]string{"DOMAIN_004 shop.a.example shop.b.example"},
		},
		{
			"headings", "shop.a.example\n  - DOMAIN_004\n  - DOMAIN_011\n\nshop.b.example\n  - DOMAIN_010\n",
			[]string{"DOMAIN_004 shop.a.example", "DOMAIN_011 shop.a.example", "DOMAIN_010 shop.b.example"},
		},
		{
			"code first, name below", "DOMAIN_004\nshop.a.example\nDOMAIN_010\nshop.b.example",
			[]string{"DOMAIN_004 shop.a.example", "DOMAIN_010 shop.b.example"},
		},
		{
			"a table", "| domain | error |\n|---|---|\n| shop.a.example | DOMAIN_004 |\n| shop.b.example | DOMAIN_010 |",
			[]string{"DOMAIN_004 shop.a.example", "DOMAIN_010 shop.b.example"},
		},
		{
			"CSV", "domain,code\nshop.a.example,DOMAIN_004\nshop.b.example,DOMAIN_010\n",
			[]string{"DOMAIN_004 shop.a.example", "DOMAIN_010 shop.b.example"},
		},
		{
			"a subject and a quoted body",
			"From: Ann <ann@mail.contoso.example>\nSubject: shop.fabrikam.example does not verify\n\n> > " +
				"{\"statusCode\": 422,\n> >  \"errorCode\": \"DOMAIN_004\"}\n>\n> see above\n\nAnn\nann@contoso.example",
			[]string{"DOMAIN_004 shop.fabrikam.example"},
		},
		{
			"a quoted string that was wrapped",
			"> {\"errorCode\":\"DOMAIN_004\",\"domain\":\"shop.fabrikam.example\",\"message\":\"The verification\n> " +
				"record was not found\"}",
			[]string{"DOMAIN_004 shop.fabrikam.example"},
		},
		{
			"quoted-printable",
			"Content-Type: text/plain\n\nhttps://api.contoso.example/domains/v1/d-17/verify?dry=3Dfalse said " +
				"{\"errorCode\":\"DOMA=\nIN_004\",\"domain\":\"shop.fabri=\nkam.example\"} =E2=80=93 why?",
			[]string{"DOMAIN_004 shop.fabrikam.example"},
		},
		{
			"HTML entities",
			"<p>shop.fabrikam.example:<br>{&quot;statusCode&quot;:422,&quot;errorCode&quot;:&quot;DOMAIN_004&quot;}</p>",
			[]string{"DOMAIN_004 shop.fabrikam.example"},
		},
		{
			"HTML entities, twice", "shop.fabrikam.example {&amp;quot;errorCode&amp;quot;:&amp;quot;DOMAIN_004&amp;quot;}",
			[]string{"DOMAIN_004 shop.fabrikam.example"},
		},
		{
			"Windows line ends and invisible signs", "\ufeffshop.fabri\u00adkam.example\r\n\r\nDOMAIN\u200b_004\r\n",
			[]string{"DOMAIN_004 shop.fabrikam.example"},
		},
		{
			"a joiner that its script needs, and one that does not belong there",
			"\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com DOMAIN_004\nsho\u200dp.fabrikam.example DOMAIN_010",
			[]string{"DOMAIN_004 xn--mgba3gch31f060k.com", "DOMAIN_010 shop.fabrikam.example"},
		},
		{
			"curl -v", `* Host api.contoso.example:443 was resolved.
* Connected to api.contoso.example (192.0.2.1) port 443
* SSL connection using TLSv1.3 / TLS_AES_128_GCM_SHA256
*  subject: CN=edge.contoso.example
> POST /domains/v1/d-17/verify HTTP/2
> Host: api.contoso.example
> user-agent: curl/8.5.0
> authorization: Bearer eyJhbGciOiJub25lIn0.eyJ0ZW5hbnQiOiJ0In0.shop.net
>
< HTTP/2 422
< content-type: application/json
< x-request-id: 1f0e9d8c-aaaa-bbbb
<
{"statusCode":422,"message":"Domain verification failed","errorCode":"DOMAIN_004"}`,
			[]string{"DOMAIN_004 d-17", "request 1f0e9d8c-aaaa-bbbb"},
		},
		{
			"a gateway's JSON without a code", "shop.fabrikam.example\n" +
				`{"statusCode":504,"message":"Endpoint request timed out"}` + "\napigw-requestid: Abcdefg1234=",
			[]string{"request Abcdefg1234=", "answer Endpoint request timed out"},
		},
		{
			"a gateway's page without a code",
			"verify shop.fabrikam.example gave <html><head><title>502 Bad Gateway</title></head><body><center><h1>502 " +
				"Bad Gateway</h1></center><hr><center>nginx/1.25.3</center></body></html>",
			[]string{"shop.fabrikam.example"},
		},
		{
			"a record's name", "the TXT at _verify.shop.fabrikam.example is there, still DOMAIN_004",
			[]string{"DOMAIN_004 shop.fabrikam.example"},
		},
		{
			"a target beside the domain", "shop.fabrikam.example CNAME d111111abcdef8.cloudfront.net, DOMAIN_010",
			[]string{"DOMAIN_010 shop.fabrikam.example"},
		},
		{
			"dig's output",
			"; <<>> DiG 9.18 <<>> shop.fabrikam.example @8.8.8.8\nshop.fabrikam.example. 300 IN CNAME " +
				"d-1.cloudfront.net.\n\nthe service says DOMAIN_010",
			[]string{"DOMAIN_010 shop.fabrikam.example"},
		},
		{
			"files, versions and addresses",
			"main.go:12 v1.2.3 10.0.0.1 report.json mail ann@shop.contoso.example: DOMAIN_004 shop.fabrikam.example",
			[]string{"DOMAIN_004 shop.fabrikam.example"},
		},
		{
			"a signature",
			"DOMAIN_004 for shop.fabrikam.example\n\n-- \nAnn Other\nwww.contoso.example | ann@contoso.example",
			[]string{"DOMAIN_004 shop.fabrikam.example"},
		},
		{"letters of other alphabets", "DOMAIN_004: bücher.example", []string{"DOMAIN_004 xn--bcher-kva.example"}},
		{"a code that is none", "DOMAIN_099 shop.fabrikam.example DOMAIN_0041", nil},
		{"a code without a domain", "we get DOMAIN_004 all the time", []string{"DOMAIN_004"}},
		{
			"a status page's words", "trace id: 4bf92f3577b34da6a3ce929d0e0e4736\nDOMAIN_013 shop.fabrikam.example",
			[]string{"DOMAIN_013 shop.fabrikam.example", "request 4bf92f3577b34da6a3ce929d0e0e4736"},
		},
		{"nothing", "it does not work", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, ticketSays(ticket.Read(tt.text))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTicketTimes reads when a code was reported: from its JSON, or from the log line that it stands in.
func TestTicketTimes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"JSON", `{"errorCode":"DOMAIN_004","timestamp":"2026-02-22T10:30:00.000Z"}`, "2026-02-22T10:30:00Z"},
		{"a log line", "2026-02-22 11:31:00,250 +0100 ERROR x", "0001-01-01T00:00:00Z"},
		{
			"a log line with the code", "2026-02-22 11:31:00+0100 ERROR DOMAIN_004 shop.fabrikam.example",
			"2026-02-22T10:31:00Z",
		},
		{"two moments in a line", "2026-02-22T10:31:00Z to 2026-02-22T10:32:00Z DOMAIN_004", "0001-01-01T00:00:00Z"},
		{"a moment of nowhere", "2026-02-22 11:31:00 DOMAIN_004", "0001-01-01T00:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := "0001-01-01T00:00:00Z"
			if r := ticket.Read(tt.text).Reports; len(r) > 0 {
				got = r[0].At.UTC().Format("2006-01-02T15:04:05Z07:00")
			}
			if got != tt.want {
				t.Errorf("it was read as %s, want %s", got, tt.want)
			}
		})
	}
}

// secretsIn are ways in which a ticket shows an authorization code; SECRET stands for it.
var secretsIn = []string{
	`authCode: SECRET`, `"authCode":"SECRET"`,
	`{"domain":"shop.fabrikam.example","authCode":"SECRET","errorCode":"DOMAIN_018"}`,
	`msg="{\"authCode\":\"SECRET\",\"errorCode\":\"DOMAIN_018\"}"`,
	`auth code is SECRET`, `the EPP code was "SECRET", thanks`, `auth_info=SECRET`, `> authorization-code: 'SECRET'`,
	`{&quot;authCode&quot;:&quot;SECRET&quot;}`, `“authCode”: “SECRET”`,
	`authCode=3D"SECRET" and =3D`, `transfer code: SECRET`, "`authCode`: `SECRET`",
	"authCode: SECRET\nand once more SECRET", `authCode: first1!x authCode: SECRET`,
}

// TestTicketSecrets has an authorization code in nothing that is read of a ticket, however it is written.
func TestTicketSecrets(t *testing.T) {
	t.Parallel()
	for _, form := range secretsIn {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			for _, secret := range []string{"Ab3$xY-9z!Kq", "hidden1.code.example"} {
				text := "DOMAIN_018 shop.orchid.example " + strings.ReplaceAll(form, "SECRET", secret)
				ticket := ticket.Read(text)
				if ticket.AuthCode == nil {
					t.Fatalf("%s: no authorization code was found", text)
				}
				withoutSecret(t, ticket, secret)
			}
		})
	}
	for _, text := range []string{
		"the auth code is wrong: DOMAIN_018 shop.orchid.example",
		"authCode: , DOMAIN_018 shop.orchid.example",
	} {
		if got := ticketSays(ticket.Read(text)); !slices.Equal(got, []string{"DOMAIN_018 shop.orchid.example"}) {
			t.Errorf("%q was read as %q", text, got)
		}
	}
}

// withoutSecret wants a secret in nothing that is shown of a ticket.
func withoutSecret(t *testing.T, ticket ticket.Ticket, secret string) {
	t.Helper()
	shown := append(ticketSays(ticket), ticket.Names...)
	shown = append(shown, ticket.IDs...)
	for _, r := range ticket.Reports {
		shown = append(shown, r.Message, r.Path, r.RequestID)
		shown = append(shown, r.Names...)
	}
	for _, s := range shown {
		if strings.Contains(strings.ToLower(s), strings.ToLower(secret)) {
			t.Errorf("the authorization code is shown: %q", s)
		}
	}
}

// FuzzReadTicket reads whatever is pasted: it never fails, is bounded, and shows no authorization code.
func FuzzReadTicket(f *testing.F) {
	for i, form := range secretsIn {
		f.Add(form, uint8(i))
	}
	f.Add("> {\"errorCode\":\"DOMAIN_004\",\n> \"path\":\"/domains/v1/d-17\"}", uint8(3))
	f.Add("{\\\"a\\\":{\\\"errorCode\\\":\\\"DOMAIN_004\\\"}", uint8(0))
	f.Add("=3D=\n=E2=80&amp;quot;&#x41;<br>“", uint8(9))
	f.Fuzz(func(t *testing.T, text string, n uint8) {
		const secret = "Zq7!planted-9xKw"
		form := secretsIn[int(n)%len(secretsIn)]
		ticket := ticket.Read(text + "\n\n" + strings.ReplaceAll(form, "SECRET", secret))
		if len(ticket.Reports) > 100 || len(ticket.Names) > 2000 || len(ticket.RequestIDs) > 100 ||
			len(ticket.Refusals) > 100 {
			t.Errorf("a ticket of %d bytes has %d reports, %d names", len(text), len(ticket.Reports), len(ticket.Names))
		}
		for _, r := range ticket.Reports {
			if r.Likely > len(r.Names) {
				t.Fatalf("%d of %d names", r.Likely, len(r.Names))
			}
		}
		if !ticket.Cut {
			withoutSecret(t, ticket, secret)
		}
	})
}

// TestTicketNoBreakSpace: an editor's no-break space inside a name does not make another name of it; one before a new
// sentence parts as ever.
func TestTicketNoBreakSpace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"DOMAIN_010: shop\u00a0.fabrikam.example":                  "shop.fabrikam.example",
		"DOMAIN_010 at\u00a0shop.fabrikam.example.\u00a0Thank you": "shop.fabrikam.example",
		"DOMAIN_010: shop\u202f.fabrikam.example does not work":    "shop.fabrikam.example",
	} {
		if got := ticket.Read(text).Names; len(got) != 1 || got[0] != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
