package catalog

import (
	"slices"
	"strings"
)

// providerPages identifies the pages that providers show for unknown or parked names. A status of 0 matches any; all
// texts must be present.
var providerPages = []struct {
	provider string
	status   int
	server   string
	texts    []string
}{
	{"GitHub Pages", 404, "", []string{"There isn't a GitHub Pages site here"}},
	{"Heroku", 404, "", []string{"no-such-app"}},
	{"Heroku", 404, "", []string{"No such app"}},
	{"Netlify", 404, "Netlify", []string{"Not Found"}},
	{"Vercel", 404, "Vercel", []string{"DEPLOYMENT_NOT_FOUND"}},
	{"Shopify", 0, "", []string{"Sorry, this shop is currently unavailable"}},
	{"Shopify", 0, "", []string{"Only one step left!", "Shopify"}},
	{"Squarespace", 0, "", []string{"Website Expired", "squarespace"}},
	{"Squarespace", 404, "", []string{"No Such Account", "squarespace"}},
	{"Wix", 404, "", []string{"Looks Like This Domain Isn't Connected To A Website Yet"}},
	{"Fastly", 500, "", []string{"Fastly error: unknown domain"}},
	{"Amazon S3", 404, "AmazonS3", []string{"NoSuchBucket"}},
	{"Azure", 404, "", []string{"404 Web Site not found"}},
	{"Tumblr", 404, "", []string{"Whatever you were looking for doesn't currently exist at this address"}},
	{"WordPress.com", 0, "", []string{"Do you want to register", "wordpress.com"}},
	{"Ghost", 404, "", []string{"The thing you were looking for is no longer here", "ghost"}},
	{"Webflow", 404, "", []string{"The page you are looking for doesn't exist or has been moved", "webflow"}},
	{"Sedo (parking)", 0, "", []string{"sedoparking.com"}},
	{"GoDaddy (parking)", 0, "", []string{"parking-lander"}},
	{"GoDaddy (parking)", 0, "", []string{"/lander", "window.onload"}},
	{"Namecheap (parking)", 0, "", []string{"parkingcrew.net"}},
	{"a parking page", 0, "", []string{"This domain is parked"}},
	{"a parking page", 0, "", []string{"This domain is for sale", "buy this domain"}},
	{"a parking page", 0, "", []string{"This domain may be for sale"}},
	{"a parking page", 0, "", []string{"This domain name is parked"}},
	{"a parking page", 0, "", []string{"This web page is parked"}},
	{"a parking page", 0, "", []string{"This page is parked"}},
	{"a parking page", 0, "", []string{"parked free", "courtesy of"}},
	{"a parking page", 0, "", []string{"<title>Parked Domain"}},
	{"a parking page", 0, "", []string{"<title>Domain parking"}},
	{"a parking page", 0, "", []string{"This domain has expired", "renew"}},
	{"a parking page", 0, "", []string{"This domain has recently been registered"}},
	{"a parking page", 0, "", []string{"This domain was recently registered"}},
	{"a parking page", 0, "", []string{"Future home of something quite cool"}},
	{"Bodis (parking)", 0, "", []string{"bodis.com"}},
	{"Hostinger (parking)", 0, "", []string{"Parked Domain name on Hostinger"}},
	{"Porkbun (parking)", 0, "", []string{"parked on the bun"}},
	{"Gandi (parking)", 0, "", []string{"This domain name has been registered with Gandi.net"}},
	{"Plesk", 0, "", []string{"Domain Default page", "Plesk"}},
	{"cPanel", 0, "", []string{"Default Web Site Page", "cPanel"}},
	{"nginx", 200, "", []string{"Welcome to nginx!"}},
	{"Apache", 200, "", []string{"Apache2", "Default Page", "It works!"}},
}

// blockPages are texts of the pages that firewalls and bot checks show instead of the site. All texts of one must be
// present. Sources, read in November 2026: the error pages of CloudFront and of AWS WAF
// (docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html,
// docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge.html), and the pages of Cloudflare, Akamai,
// Imperva, Sucuri, DataDome and HUMAN as visitors see them.
var blockPages = [][]string{
	{"request blocked"},
	{"configured to block access from your country"},
	{"awswafcookiedomainlist"},
	{"aws-waf-token"},
	{"awswaf.com"},
	{"gokuprops"},
	{"human verification"},
	{"verify you are human"},
	{"verify that you are human"},
	{"are you a robot"},
	{"checking your browser"},
	{"just a moment", "challenge"},
	{"attention required", "cloudflare"},
	{"captcha"},
	{"enable javascript and cookies to continue"},
	{"javascript is disabled", "verify"},
	{"access denied", "reference #"},
	{"access denied", "errors.edgesuite.net"},
	{"incapsula incident id"},
	{"sucuri website firewall"},
	{"web application firewall"},
	{"datadome"},
	{"px-captcha"},
	{"automated requests"},
	{"unusual traffic"},
	{"bot detection"},
	{"not allowed from your ip"},
}

// BlockPage reports whether the page is that of a firewall or a bot check.
func BlockPage(body string) bool {
	lower := strings.ToLower(body)
	return slices.ContainsFunc(blockPages, func(texts []string) bool {
		return !slices.ContainsFunc(texts, func(t string) bool { return !strings.Contains(lower, t) })
	})
}

// ProviderPage returns the provider whose default page the answer is; empty for any other page.
func ProviderPage(status int, server, body string) string {
	lower := strings.ToLower(body)
	for _, p := range providerPages {
		if p.status != 0 && p.status != status || p.server != "" && !strings.EqualFold(p.server, server) {
			continue
		}
		all := true
		for _, t := range p.texts {
			all = all && strings.Contains(lower, strings.ToLower(t))
		}
		if all {
			return p.provider
		}
	}
	return ""
}
