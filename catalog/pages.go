package catalog

import "strings"

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
	{"Plesk", 0, "", []string{"Domain Default page", "Plesk"}},
	{"cPanel", 0, "", []string{"Default Web Site Page", "cPanel"}},
	{"nginx", 200, "", []string{"Welcome to nginx!"}},
	{"Apache", 200, "", []string{"Apache2", "Default Page", "It works!"}},
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
