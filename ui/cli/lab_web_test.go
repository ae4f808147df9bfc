package cli_test

import (
	"testing"
	"time"
)

// labWebCases are CAA records, certificates and web servers.
var labWebCases = []labCase{
	{
		name: "CAA forbids", domain: "shop.caa.com", zone: routed + `@ CAA 0 issue "letsencrypt.org"`,
		want: labWant{
			verdict: "fail", roots: []string{"fail caa.forbids"},
			codes: []string{"DOMAIN_011 predicted", "DOMAIN_023 predicted"},
		},
	},
	{
		name: "CAA allows", domain: "shop.caa-allows.com",
		zone: routed + "@ CAA 0 issue \"letsencrypt.org\"\n@ CAA 0 issue \"amazontrust.com\"\n",
	},
	{
		name: "CAA of the CNAME's target forbids", domain: "shop.caa-target.com",
		zone: "shop CNAME caa.elsewhere.net.\n@ CAA 0 issue \"amazon.com\"\n",
		want: labWant{
			verdict: "fail", roots: []string{"fail caa.from-target"},
			codes: []string{"DOMAIN_011 predicted", "DOMAIN_023 predicted"},
		},
	},
	{
		name: "CAA forbids for the wildcard", domain: "*.caa-wildcard.com",
		zone: "* CNAME " + labTarget + ".\n@ CAA 0 issue \"amazon.com\"\n@ CAA 0 issuewild \"letsencrypt.org\"\n",
		want: labWant{
			verdict: "fail", roots: []string{"fail caa.forbids-wildcard"},
			codes: []string{"DOMAIN_011 predicted", "DOMAIN_023 predicted"},
		},
	},
	{
		name: "CAA with a critical tag that nobody knows", domain: "shop.caa-critical.com",
		zone: routed + "@ CAA 0 issue \"amazon.com\"\n@ CAA 128 tbs \"unknown\"\n",
		want: labWant{
			verdict: "fail", roots: []string{"fail caa.critical-unknown"},
			codes: []string{"DOMAIN_011 predicted", "DOMAIN_023 predicted"},
		},
	},
	{
		name: "the server fails on CAA", domain: "caa-fails.com", ns: "odd.elsewhere.net",
		zone: "@ A 13.32.10.1\n@ TXT \"fails CAA\"\n",
		want: labWant{
			verdict: "fail", roots: []string{"fail caa.lookup-fails"},
			codes: []string{"DOMAIN_011 predicted", "DOMAIN_023 predicted"},
		},
	},
	{
		name: "certificate of another name", domain: "shop.cert-name.com", zone: routed,
		web: []labSite{{Certificate: "other-name"}},
		want: labWant{
			verdict: "fail", roots: []string{"fail certificate.name-mismatch"},
			codes: []string{"DOMAIN_012 predicted"},
		},
	},
	{
		name: "certificate expired", domain: "shop.cert-expired.com", zone: routed,
		web: []labSite{{Certificate: "expired"}},
		want: labWant{
			verdict: "fail", roots: []string{"fail certificate.expired"},
			codes: []string{"DOMAIN_012 predicted", "DOMAIN_019 predicted"},
		},
	},
	{
		name: "certificate not valid yet", domain: "shop.cert-early.com", zone: routed,
		web: []labSite{{Certificate: "not-yet"}},
		want: labWant{
			verdict: "fail", roots: []string{"fail certificate.not-yet-valid"},
			codes: []string{"DOMAIN_012 predicted", "DOMAIN_019 predicted"},
		},
	},
	{
		name: "certificate ends soon", domain: "shop.cert-soon.com", zone: routed, web: []labSite{{Certificate: "soon"}},
		want: labWant{
			verdict: "warn", roots: []string{"warn certificate.expires-soon"},
			codes: []string{"DOMAIN_012 predicted", "DOMAIN_019 predicted"},
		},
	},
	{
		name: "certificate signed by itself", domain: "shop.cert-self.com", zone: routed,
		web: []labSite{{Certificate: "self-signed"}},
		want: labWant{
			verdict: "fail", roots: []string{"fail certificate.untrusted"},
			codes: []string{"DOMAIN_012 predicted"},
		},
	},
	{
		name: "certificate of an unknown root", domain: "shop.cert-unknown.com", zone: routed,
		web: []labSite{{Certificate: "unknown-root"}},
		want: labWant{
			verdict: "fail", roots: []string{"fail certificate.untrusted"},
			codes: []string{"DOMAIN_012 predicted"},
		},
	},
	{
		name: "intermediate certificate not sent", domain: "shop.cert-chain.com", zone: routed,
		web: []labSite{{Certificate: "no-intermediate"}},
		want: labWant{
			verdict: "fail", roots: []string{"fail certificate.untrusted"},
			codes: []string{"DOMAIN_012 predicted"},
		},
	},
	{
		name: "the edge does not know the name", domain: "shop.cert-default.com", zone: routed, web: []labSite{},
		want: labWant{
			verdict: "fail", roots: []string{"fail certificate.default-served"},
			codes: []string{"DOMAIN_012 predicted", "DOMAIN_013 predicted"},
		},
	},
	{
		name: "the handshake is refused", domain: "shop.cert-rejects.com", zone: routed,
		web: []labSite{{Certificate: "rejects"}},
		want: labWant{
			verdict: "fail", roots: []string{"fail certificate.handshake-fails"},
			codes: []string{"DOMAIN_011 predicted", "DOMAIN_012 predicted", "DOMAIN_019 predicted"},
		},
	},
	{
		name: "nobody listens at the address", domain: "web-closed.com", zone: "@ A " + labClosed + "\n",
		web:  []labSite{},
		want: labWant{verdict: "fail", roots: []string{"fail http.unreachable"}, codes: []string{"DOMAIN_019 predicted"}},
	},
	{
		name: "the address swallows every packet", domain: "web-silent.com", zone: "@ A " + labSilent + "\n",
		web: []labSite{},
		want: labWant{
			verdict: "fail", roots: []string{"fail http.unreachable"}, codes: []string{"DOMAIN_019 predicted"},
			within: 20 * time.Second,
		},
	},
	{
		name: "one address works, another does not", domain: "web-half.com",
		zone: "@ A 13.32.10.1\n@ A " + labClosed + "\n",
		want: labWant{
			verdict: "fail", roots: []string{"fail http.address-fails"},
			codes: []string{"DOMAIN_019 predicted"},
		},
	},
	{
		name: "the application fails", domain: "shop.http-500.com", zone: routed,
		web: []labSite{{Page: "return 503 down;"}},
		want: labWant{
			verdict: "fail", roots: []string{"fail http.server-error"}, codes: []string{"DOMAIN_019 predicted"},
			and: func(t *testing.T, d *labDomain) {
				if d.Facts.HTTP == nil || d.Facts.HTTP.Status != 503 {
					t.Errorf("facts.http is %+v", d.Facts.HTTP)
				}
			},
		},
	},
	{
		name: "the edge cannot reach the origin", domain: "shop.http-502.com", zone: routed,
		web: []labSite{{Page: "proxy_pass http://" + labPages + "/via/502/; proxy_pass_header Server;"}},
		want: labWant{
			verdict: "fail", roots: []string{"fail http.origin-unreachable"},
			codes: []string{"DOMAIN_019 predicted", "DOMAIN_021 predicted"},
		},
	},
	{
		name: "the edge has a certificate and no distribution for the name", domain: "shop.http-403.com", zone: routed,
		web: []labSite{{Page: "proxy_pass http://" + labPages + "/403/; proxy_pass_header Server;"}},
		want: labWant{
			verdict: "fail", roots: []string{"fail cdn.not-attached"},
			codes: []string{"DOMAIN_013 predicted", "DOMAIN_021 predicted"},
		},
	},
	{
		name: "no route", domain: "shop.http-404.com", zone: routed,
		web:  []labSite{{Page: "proxy_pass http://" + labPages + "/404/; proxy_pass_header Server;"}},
		want: labWant{verdict: "fail", roots: []string{"fail http.not-routed"}, codes: []string{"DOMAIN_014 predicted"}},
	},
	{
		name: "redirects in a circle", domain: "shop.http-loop.com", zone: routed,
		web: []labSite{{Page: "return 302 https://$host$request_uri;"}},
		want: labWant{
			verdict: "fail", roots: []string{"fail http.redirect-loop"},
			codes: []string{"DOMAIN_019 predicted"},
		},
	},
	{
		name: "a firewall's challenge", domain: "shop.http-waf.com", zone: routed,
		web:  []labSite{{Page: "proxy_pass http://" + labPages + "/waf/403/; proxy_pass_header Server;"}},
		want: labWant{verdict: "warn", roots: []string{"warn http.blocked"}, codes: []string{"DOMAIN_019 predicted"}},
	},
	{
		name: "the edge takes the request and never answers", domain: "shop.http-hangs.com", zone: routed,
		web: []labSite{{Page: "proxy_pass http://" + labPages + "/hang/; proxy_read_timeout 300;"}},
		want: labWant{
			verdict: "fail", roots: []string{"fail http.no-answer"}, codes: []string{"DOMAIN_019 predicted"},
			within: 40 * time.Second,
		},
	},
	{
		name: "a page behind a password", domain: "shop.http-401.com", zone: routed,
		web:  []labSite{{Page: "return 401;"}},
		want: labWant{verdict: "warn", roots: []string{"warn http.blocked"}, codes: []string{"DOMAIN_019 predicted"}},
	},
	{
		name: "healthy, redirected to its www", domain: "http-www.com",
		zone: "@ A 13.32.10.1\nwww CNAME " + labTarget + ".\n",
		web:  []labSite{{Page: "return 301 https://www.http-www.com/;"}, {Host: "www.http-www.com"}},
		want: labWant{and: func(t *testing.T, d *labDomain) {
			if d.Facts.HTTP == nil || d.Facts.HTTP.Status != 200 || d.Facts.HTTP.Hops != 2 {
				t.Errorf("facts.http is %+v", d.Facts.HTTP)
			}
		}},
	},
}
