package recording

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"domdoc/catalog/lazyregexp"
	"domdoc/checks/probe/exchange"
)

// Secrets redacts tokens and codes: those it was given, and whatever looks like one. A nil *Secrets was given none.
type Secrets struct{ known []string }

// minSecret is the shortest secret that is searched for: a shorter one would match everywhere.
const minSecret = 6

// Add adds secrets, in every encoding in which they may appear.
func (s *Secrets) Add(list ...string) {
	for _, secret := range list {
		secret = strings.TrimSpace(secret)
		if len(secret) < minSecret {
			continue
		}
		quoted, _ := json.Marshal(secret)
		for _, form := range []string{
			secret, strings.Trim(string(quoted), `"`), url.QueryEscape(secret), url.PathEscape(secret),
			base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
		} {
			if !slices.Contains(s.known, form) {
				s.known = append(s.known, form)
			}
		}
	}
	// the longest first: one may be part of another
	slices.SortFunc(s.known, func(a, b string) int { return len(b) - len(a) })
}

const removed = "[removed]"

var (
	// emailAddress is an email address, as WHOIS, RDAP and the service show them; RFC 5322's unusual forms are not worth
	// a missed line.
	emailAddress = lazyregexp.New(
		`[\p{L}\p{N}.!#$%&'*+/=?^_{|}~-]{1,128}@[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62}\.)+[\p{L}\p{N}-]{2,63}`)
	// jsonWebToken is a JWT: three words of base64url, the first of which is a JSON object.
	jsonWebToken = lazyregexp.New(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*`)
	// bearer is the value after an authorization scheme.
	bearer = lazyregexp.New(`(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}`)
	// secretParam is a parameter of a URL, or a header's, that is named for a secret.
	secretParam = lazyregexp.New(
		`(?i)([?&;]\s*(?:access_?token|refresh_?token|id_?token|token|auth_?code|auth_?info|code|key|api_?key|secret|` +
			`password|signature|sig)=)[^&;\s"'<>]+`)
	// secretName is a key of JSON whose value is a secret.
	secretName = lazyregexp.New(
		`(?i)(token|secret|passw|auth_?code|auth_?info|epp_?code|authorization|api_?key|private_?key|credential|cookie)`)
	// publicName is a key whose value is not a secret: the record that proves a domain is public by its nature.
	publicName = lazyregexp.New(`(?i)^(verification|validation|records?$|dns)`)
)

// Redact removes secrets from a text.
func (s *Secrets) Redact(text string) string {
	if text == "" {
		return ""
	}
	if s != nil {
		for _, k := range s.known {
			text = strings.ReplaceAll(text, k, removed)
		}
	}
	text = jsonWebToken.ReplaceAllString(text, removed)
	text = bearer.ReplaceAllString(text, "$1 "+removed)
	return secretParam.ReplaceAllString(text, "${1}"+removed)
}

// overwrite overwrites known secrets without changing the length.
func (s *Secrets) overwrite(b []byte) []byte {
	if s == nil {
		return b
	}
	for _, k := range s.known {
		if bytes.Contains(b, []byte(k)) {
			b = bytes.ReplaceAll(b, []byte(k), bytes.Repeat([]byte{'x'}, len(k)))
		}
	}
	return b
}

// mailRemoved replaces a mail address. It is an address itself, so that parsers read the text the same way.
const mailRemoved = "mail@mail.example"

// WHOIS removes secrets and mail addresses from a WHOIS reply.
func (s *Secrets) WHOIS(text []byte) []byte {
	return emailAddress.ReplaceAll(s.overwrite(text), []byte(mailRemoved))
}

// keptHeaders are the response headers that the checks read or show.
var keptHeaders = []string{
	"Server", "Location", "Content-Type", "Content-Length", "X-Cache", "Via", "Retry-After", "Date", "X-Amz-Cf-Id",
	"X-Amz-Cf-Pop", "X-Powered-By", "Cf-Ray", "Cf-Mitigated",
	"Www-Authenticate", "Strict-Transport-Security", "Age", "X-Vercel-Id", "X-Github-Request-Id", "X-Served-By",
	"X-Amzn-Waf-Action", "Link", "Alt-Svc", "Content-Encoding",
}

// header keeps headers that describe the server, and none that identify the client.
func (s *Secrets) header(h http.Header) http.Header {
	out := http.Header{}
	for name, values := range h {
		if !slices.Contains(keptHeaders, http.CanonicalHeaderKey(name)) &&
			!strings.HasPrefix(strings.ToLower(name), "x-domains-") {
			continue
		}
		for _, v := range values {
			out.Add(name, emailAddress.ReplaceAllString(s.Redact(v), mailRemoved))
		}
	}
	return out
}

// body removes secrets and mail addresses from a body; in JSON also the values of keys that name a secret.
func (s *Secrets) body(kind exchange.Kind, h http.Header, b []byte) []byte {
	if len(b) == 0 {
		return b
	}
	if kind == exchange.KindRDAP || kind == exchange.KindService ||
		strings.Contains(strings.ToLower(h.Get("Content-Type")), "json") {
		return s.JSON(b)
	}
	return []byte(emailAddress.ReplaceAllString(s.Redact(string(b)), mailRemoved))
}

// JSON removes secrets and mail addresses from a JSON document. Anything else is redacted as text.
func (s *Secrets) JSON(b []byte) []byte {
	text := emailAddress.ReplaceAllString(s.Redact(string(b)), mailRemoved)
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil || dec.More() {
		return []byte(text)
	}
	if !namesSecret(v) {
		return []byte(text)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(withoutSecrets(v)); err != nil {
		return []byte(text)
	}
	return bytes.TrimSpace(out.Bytes())
}

// namesSecret reports whether any key in a value names a secret.
func namesSecret(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if publicName.MatchString(k) {
				continue
			}
			if isSecret(k, x) || namesSecret(x) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, namesSecret)
	}
	return false
}

func isSecret(key string, v any) bool {
	text, isText := v.(string)
	return isText && text != "" && text != removed && secretName.MatchString(key)
}

// withoutSecrets returns the value with the values of such keys removed.
func withoutSecrets(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			switch {
			case publicName.MatchString(k):
			case isSecret(k, x):
				v[k] = removed
			default:
				v[k] = withoutSecrets(x)
			}
		}
	case []any:
		for i, x := range v {
			v[i] = withoutSecrets(x)
		}
	}
	return v
}
