package exchange

import (
	"net/url"
	"strings"
)

func URLScheme(rawURL string) string {
	scheme, _, _ := strings.Cut(rawURL, ":")
	return strings.ToLower(scheme)
}

func URLHost(rawURL string) string {
	host, _ := URLHostPort(rawURL)
	return host
}

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
