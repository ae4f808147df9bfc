package catalog

import (
	"slices"
	"strings"
)

// providerPages identifies the pages that providers show for unknown or parked names. A status of 0 matches any, if the
// page has little text besides: articles and lists name providers, too. All texts must be present.
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
	any   bool // the page is one with any status, if it has little text besides; otherwise only with 403
	texts []string
}

// blockPages are texts of the pages that firewalls and bot checks show instead of the site. All texts of one must be
// present. Sources, read in November 2026: the error pages of CloudFront and of AWS WAF
// (docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html,
// docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge.html), those collected by
// github.com/EnableSecurity/wafw00f and github.com/0xInfection/Awesome-WAF, and the pages of Cloudflare, Akamai,
// Imperva, Sucuri, DataDome and HUMAN as visitors see them.
var blockPages = []blockPage{
	{false, []string{"request blocked"}},
	{false, []string{"request is blocked"}},
	{false, []string{"configured to block access from your country"}},
	{false, []string{"awswafcookiedomainlist"}},
	{false, []string{"aws-waf-token"}},
	{false, []string{"awswaf.com"}},
	{true, []string{"gokuprops"}},
	{true, []string{"human verification"}},
	{true, []string{"verify you are human"}},
	{true, []string{"verify that you are human"}},
	{true, []string{"are you a robot"}},
	{true, []string{"checking your browser"}},
	{true, []string{"just a moment", "challenge"}},
	{true, []string{"attention required", "cloudflare"}},
	{false, []string{"captcha"}},
	{true, []string{"captcha-delivery.com"}},
	{true, []string{"enable javascript and cookies to continue"}},
	{true, []string{"javascript is disabled", "verify"}},
	{false, []string{"access denied", "reference #"}},
	{true, []string{"access denied", "errors.edgesuite.net"}},
	{true, []string{"incapsula incident id"}},
	{true, []string{"_incapsula_resource", "<iframe"}},
	{true, []string{"pardon our interruption"}},
	{true, []string{"sucuri website firewall"}},
	{false, []string{"web application firewall"}},
	{false, []string{"datadome"}},
	{true, []string{"px-captcha"}},
	{false, []string{"automated requests"}},
	{false, []string{"unusual traffic"}},
	{false, []string{"bot detection"}},
	{false, []string{"not allowed from your ip"}},
	{true, []string{"requested url was rejected", "support id"}},
	{true, []string{"generated by mod_security"}},
	{true, []string{"generated by wordfence"}},
	{true, []string{"has been limited by the site owner"}},
	{true, []string{"web page blocked", "attack id"}},
	{true, []string{"unauthorized request blocked"}},
	{true, []string{"vercel security checkpoint"}},
}

// Visible characters that the pages of providers and firewalls have at most. A parking page of nobody in particular has
// few: its words are common.
const (
	maxNotice  = 2500
	maxGeneric = 1000
	maxSuccess = 700 // of a check that answers as if all were well
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
		return (status == 403 || p.any && short) &&
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
