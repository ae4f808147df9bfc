package exchange

import (
	"net/url"
	"strings"
)

// URLScheme returns the scheme of a URL in lower case.
func URLScheme(rawURL string) string {
	scheme, _, _ := strings.Cut(rawURL, ":")
	return strings.ToLower(scheme)
}

// URLHost returns the host of a URL as Bare does; it is empty for an invalid URL.
func URLHost(rawURL string) string {
	host, _ := URLHostPort(rawURL)
	return host
}

// URLHostPort returns the host and port of a URL, the port by its scheme if it has none.
func URLHostPort(rawURL string) (host, port string) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "", ""
	}
	host, port = Bare(u.Hostname()), u.Port()
	if port == "" {
		port = "443"
		if u.Scheme == "http" {
			port = "80"
		}
	}
	return host, port
}
