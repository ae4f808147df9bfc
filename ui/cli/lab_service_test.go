package cli_test

import "time"

// Parts of the domains in the service.
const (
	heldCDN      = `"cdn":{"target":"` + labTarget + `","status":"DEPLOYED"}`
	heldToken    = `"verification":{"method":"TXT","name":"_verify.@","value":"tok-7f3a91c2",`
	heldVerified = `"status":"VERIFIED",` + heldToken + `"status":"VERIFIED"},` + heldCDN
	heldPending  = `"status":"PENDING",` + heldToken + `"status":"PENDING"},` + heldCDN
	heldRouting  = `{"id":"r-1","type":"CNAME","name":"@","value":"` + labTarget + `","ttl":300}`
	heldRoute    = `{"id":"rt-1","host":"@","path":"/","target":"event:42","priority":10}`
	heldIssued   = `{"status":"ISSUED","names":["@"],"validationRecords":[]}`
	verified     = routed + "_verify.shop TXT \"tok-7f3a91c2\"\n"
)

// labServiceCases are domains of the Domains Service.
var labServiceCases = []labCase{
	{
		name: "healthy in the service", domain: "shop.svc-healthy.com", zone: verified,
		service: &labEntry{heldVerified, heldRouting, heldIssued, heldRoute},
	},
	{
		name: "verification failed, and why", domain: "shop.svc-missing.com", zone: routed,
		service: &labEntry{heldPending +
			`,"lastError":{"errorCode":"DOMAIN_004","message":"Domain verification ` +
			`failed","timestamp":"2026-01-01T00:00:00Z"}`, heldRouting, "", ""},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.missing verification"},
			codes: []string{"DOMAIN_004 explained"},
		},
	},
	{
		name: "verification failed, and has been put right since", domain: "shop.svc-mended.com", zone: verified,
		service: &labEntry{heldPending +
			`,"lastError":{"errorCode":"DOMAIN_004","message":"Domain verification ` +
			`failed","timestamp":"2026-01-01T00:00:00Z"}`, heldRouting, "", ""},
		want: labWant{codes: []string{"DOMAIN_004 reported"}},
	},
	{
		name: "a certificate that CAA forbids", domain: "shop.svc-caa.com",
		zone: verified + "@ CAA 0 issue \"letsencrypt.org\"\n", web: []labSite{},
		service: &labEntry{
			heldPending +
				`,"lastError":{"errorCode":"DOMAIN_011","message":"SSL issuance failed","timestamp":"2026-01-01T00:00:00Z"}`,
			heldRouting,
			`{"status":"FAILED","names":["@"],"requestedAt":"2026-01-01T00:00:00Z","failureReason":"CAA_ERROR",` +
				`"validationRecords":[]}`,
			heldRoute,
		},
		want: labWant{
			verdict: "fail", roots: []string{"fail caa.forbids"},
			codes: []string{"DOMAIN_011 explained", "DOMAIN_023 predicted"},
		},
	},
	{
		name: "a certificate that waits for its record", domain: "shop.svc-ssl.com", zone: verified, web: []labSite{},
		service: &labEntry{
			heldPending, heldRouting,
			`{"status":"PENDING_VALIDATION","names":["@"],"validationRecords":[{"type":"CNAME","name":"_3f2a.@",` +
				`"value":"_9a8b.x.acm-validations.aws"}]}`,
			heldRoute,
		},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.missing certificate"},
			codes: []string{"DOMAIN_011 predicted", "DOMAIN_023 predicted"},
		},
	},
	{
		name: "a record that the service refuses", domain: "shop.svc-ttl.com", zone: verified,
		service: &labEntry{
			heldVerified, `{"id":"r-1","type":"CNAME","name":"@","value":"` + labTarget + `","ttl":30}`,
			heldIssued, heldRoute,
		},
		want: labWant{
			verdict: "fail", roots: []string{"fail service.record-ttl-out-of-range routing"},
			codes: []string{"DOMAIN_008 predicted"},
		},
	},
	{
		name: "no route in the service", domain: "shop.svc-route.com", zone: verified,
		service: &labEntry{heldVerified, heldRouting, heldIssued, ""},
		web:     []labSite{{Page: "proxy_pass http://" + labPages + "/404/; proxy_pass_header Server;"}},
		want: labWant{
			verdict: "fail", roots: []string{"fail service.route-missing"},
			codes: []string{"DOMAIN_014 predicted"},
		},
	},
	{
		name: "live, and routed to another provider", domain: "shop.svc-moved.com",
		zone:    "shop CNAME shop.elsewhere.net.\n_verify.shop TXT \"tok-7f3a91c2\"\n",
		service: &labEntry{heldVerified, heldRouting, heldIssued, heldRoute},
		web:     []labSite{{At: []string{labWeb}, Certificate: "other-name"}},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.cname-wrong-target routing"},
			codes: []string{"DOMAIN_010 predicted", "DOMAIN_019 predicted"},
		},
	},
	{
		name: "not the tenant's", domain: "shop.not-listed.org", zone: routed, service: &labEntry{},
		want: labWant{
			verdict: "fail", roots: []string{"fail service.domain-elsewhere"},
			codes: []string{"DOMAIN_001 predicted", "DOMAIN_002 predicted"},
		},
	},
	{
		name: "the token is refused, and the rest is judged", domain: "shop.svc-token.com", zone: routed,
		service: &labEntry{}, token: "another-token", expect: []string{expectRouting},
		want: labWant{verdict: "inconclusive", exit: 4, roots: []string{"inconclusive service.unauthorized"}},
	},
	{
		name: "the service is down, and the rest is judged", domain: "shop.svc-down.com", zone: routed,
		service: &labEntry{}, api: "127.0.0.1:9", expect: []string{expectToken},
		want: labWant{verdict: "fail", roots: []string{
			"fail record.missing verification",
			"inconclusive service.unreachable",
		}, codes: []string{"DOMAIN_004 predicted"}, within: 20 * time.Second},
	},
}
