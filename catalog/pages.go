package catalog

import (
	"slices"
	"strings"
)

// providerPages identifies the pages that providers show for unknown or parked names. All texts must be present. A
// status of 0 matches any status if the page has little other text: articles and lists also name providers.
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
	{"HugeDomains (parking)", 0, "", []string{"hugedomains", "for sale"}},
	{"Dan.com (parking)", 0, "", []string{"dan.com", "for sale"}},
	{"Afternic (parking)", 0, "", []string{"afternic.com/forsale"}},
	{"Dynadot (parking)", 0, "", []string{"dynadot.com", "coming soon"}},
	{"Dynadot (parking)", 0, "", []string{"dynadot.com", "parked"}},
	{"Namecheap (parking)", 0, "", []string{"registered at namecheap"}},
	{"IONOS (parking)", 0, "", []string{"domain has just been registered", "IONOS"}},
	{"IONOS (parking)", 0, "", []string{"domain wurde soeben", "IONOS"}},
	{"STRATO (parking)", 0, "", []string{"wurde erfolgreich eingerichtet", "STRATO"}},
	{"OVHcloud (parking)", 0, "", []string{"Congratulations", "installed", "OVHcloud"}},
	{"OVHcloud (parking)", 0, "", []string{"votre domaine a bien été", "OVHcloud"}},
	{"united-domains (parking)", 0, "", []string{"registriert bei united-domains"}},
	{"Squarespace (parking)", 0, "", []string{"Squarespace", "Claim This Domain"}},
	{"Firebase Hosting", 404, "", []string{"Site Not Found", "Firebase"}},
	{"Cloudflare (error 1000)", 403, "cloudflare", []string{"error code: 1000"}},
	{"Cloudflare (error 1001)", 409, "cloudflare", []string{"error code: 1001"}},
	{"Cloudflare (error 1014)", 403, "cloudflare", []string{"error code: 1014"}},
	{"Cloudflare (error 1014)", 403, "cloudflare", []string{"CNAME Cross-User Banned"}},
	{"Cloudflare (error 1018)", 409, "cloudflare", []string{"error code: 1018"}},
	{"IIS", 200, "", []string{"<title>IIS Windows", "iisstart"}},
	{"Plesk", 0, "", []string{"Domain Default page", "Plesk"}},
	{"cPanel", 0, "", []string{"Default Web Site Page", "cPanel"}},
	{"nginx", 200, "", []string{"Welcome to nginx!"}},
	{"Apache", 200, "", []string{"Apache2", "Default Page", "It works!"}},
}

type blockPage struct {
	with  blockStatus
	texts []string
}

// blockStatus is the statuses with which a text identifies the page of a firewall. With a status other than 403, the
// page must also be short.
type blockStatus uint8

const (
	with403   blockStatus = iota
	withError             // 400 and higher
	withAny
)

// blockPages are texts of the pages that firewalls and bot checks show instead of the site. All texts of one must be
// present. Sources, read in November 2026: the error pages of CloudFront and of AWS WAF
// (docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html,
// docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge.html), those collected by
// github.com/EnableSecurity/wafw00f and github.com/0xInfection/Awesome-WAF, and the pages of Cloudflare, Akamai,
// Imperva, Sucuri, DataDome and HUMAN as visitors see them.
var blockPages = []blockPage{
	{with403, []string{"request blocked"}},
	{with403, []string{"request is blocked"}},
	{with403, []string{"configured to block access from your country"}},
	{with403, []string{"awswafcookiedomainlist"}},
	{with403, []string{"aws-waf-token"}},
	{with403, []string{"awswaf.com"}},
	{withAny, []string{"gokuprops"}},
	{withError, []string{"human verification"}},
	{withError, []string{"verify you are human"}},
	{withError, []string{"verify that you are human"}},
	{withError, []string{"are you a robot"}},
	{withError, []string{"checking your browser"}},
	{withAny, []string{"just a moment", "challenge-"}},
	{withError, []string{"attention required", "cloudflare"}},
	{with403, []string{"captcha"}},
	{withAny, []string{"captcha-delivery.com"}},
	{withError, []string{"enable javascript and cookies to continue"}},
	{withError, []string{"javascript is disabled", "verify"}},
	{with403, []string{"access denied", "reference #"}},
	{withError, []string{"access denied", "errors.edgesuite.net"}},
	{withAny, []string{"incapsula incident id"}},
	{withAny, []string{"_incapsula_resource", "<iframe"}},
	{withAny, []string{"pardon our interruption"}},
	{withAny, []string{"sucuri website firewall"}},
	{with403, []string{"web application firewall"}},
	{with403, []string{"datadome"}},
	{withAny, []string{"px-captcha"}},
	{with403, []string{"automated requests"}},
	{with403, []string{"unusual traffic"}},
	{with403, []string{"bot detection"}},
	{with403, []string{"not allowed from your ip"}},
	{withAny, []string{"requested url was rejected", "support id"}},
	{withAny, []string{"generated by mod_security"}},
	{withAny, []string{"generated by wordfence"}},
	{withError, []string{"has been limited by the site owner"}},
	{withAny, []string{"web page blocked", "attack id"}},
	{withAny, []string{"unauthorized request blocked"}},
	{withAny, []string{"vercel security checkpoint"}},
}

// The longest pages of providers and firewalls, in visible characters. The limit for parking pages of unknown
// providers is low, because their words are common.
const (
	maxNotice  = 2500
	maxGeneric = 1000
	maxSuccess = 700 // of a bot check with a status below 400
)

// BlockPage reports whether the page is that of a firewall or a bot check.
func BlockPage(status int, body string) bool {
	lower := strings.ToLower(body)
	most := maxNotice
	if status < 400 {
		most = maxSuccess
	}
	short := len(visible(lower)) <= most
	return slices.ContainsFunc(blockPages, func(p blockPage) bool {
		may := status == 403 || short && (p.with == withAny || p.with == withError && status >= 400)
		return may &&
			!slices.ContainsFunc(p.texts, func(t string) bool { return !strings.Contains(lower, t) })
	})
}

// ProviderPage returns the provider whose default page the answer is; empty for any other page.
func ProviderPage(status int, server, body string) string {
	lower := strings.ToLower(body)
	size := len(visible(lower))
	for _, p := range providerPages {
		most := maxNotice
		if strings.HasPrefix(p.provider, "a ") {
			most = maxGeneric
		}
		if p.status != 0 && p.status != status || p.status == 0 && size > most ||
			p.server != "" && !strings.EqualFold(p.server, server) {
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

// visible returns the text of a page in lower case, without scripts, styles, tags and repeated spaces.
func visible(page string) string {
	var b strings.Builder
	for rest := page; rest != ""; {
		text, after, tagged := strings.Cut(rest, "<")
		b.WriteString(text)
		if !tagged {
			break
		}
		b.WriteByte(' ')
		for _, hidden := range []string{"script", "style"} {
			if strings.HasPrefix(after, hidden) {
				_, after, _ = strings.Cut(after, "</"+hidden)
			}
		}
		_, rest, _ = strings.Cut(after, ">")
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
