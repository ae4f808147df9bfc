package catalog

// codes is the customer's table. TestCodesMatchTheDocument compares it with the document.
var codes = [...]Code{
	{
		"DOMAIN_001", 404, "DOMAIN_NOT_FOUND", "Domain not found",
		"Verify the domain ID is correct and belongs to your tenant", "Domain Lifecycle",
	},
	{
		"DOMAIN_002", 409, "DOMAIN_ALREADY_EXISTS", "Domain already registered",
		"Check if the domain belongs to your tenant. Use the transfer API if needed.", "Domain Lifecycle",
	},
	{
		"DOMAIN_003", 400, "DOMAIN_UNAVAILABLE", "Domain unavailable for registration",
		"Verify domain availability with a WHOIS lookup. Try an alternative TLD.", "Domain Lifecycle",
	},
	{
		"DOMAIN_004", 422, "DOMAIN_VERIFICATION_FAILED", "Domain verification failed",
		"Ensure TXT or CNAME record is correctly configured. Allow up to 5 minutes for propagation.", "Domain Lifecycle",
	},
	{
		"DOMAIN_005", 400, "DOMAIN_UPDATE_FAILED", "Domain update failed",
		"Confirm the domain is in VERIFIED or PENDING status. Check the update DTO schema.", "Domain Lifecycle",
	},
	{
		"DOMAIN_006", 403, "QUOTA_EXCEEDED", "Domain quota exceeded for subscription tier",
		"Upgrade the subscription tier or delete unused domains", "Quota & Payment",
	},
	{
		"DOMAIN_007", 402, "INSUFFICIENT_FUNDS", "Insufficient wallet balance",
		"Top up the wallet via wallet-svc. Check balance with GET /wallet/v1/balance.", "Quota & Payment",
	},
	{
		"DOMAIN_008", 422, "DNS_CONFIGURATION_FAILED", "DNS configuration failed",
		"Check DNS validation rules: TTL must be 60-86400s, CNAME cannot coexist with other types.", "Quota & Payment",
	},
	{
		"DOMAIN_009", 404, "DNS_RECORD_NOT_FOUND", "DNS record not found",
		"List DNS records with GET /domains/v1/:id/dns to find valid record IDs", "DNS & SSL & CDN",
	},
	{
		"DOMAIN_010", 408, "DNS_PROPAGATION_TIMEOUT", "DNS propagation timeout",
		"DNS propagation can take up to 48 hours. Retry later. Check with 8.8.8.8, 1.1.1.1.", "DNS & SSL & CDN",
	},
	{
		"DOMAIN_011", 503, "SSL_ISSUANCE_FAILED", "SSL certificate issuance failed",
		"Retry after a few minutes. Check AWS ACM service status.", "DNS & SSL & CDN",
	},
	{
		"DOMAIN_012", 404, "SSL_CERTIFICATE_NOT_FOUND", "SSL certificate not found",
		"Issue a certificate first via POST /domains/v1/:id/ssl", "DNS & SSL & CDN",
	},
	{
		"DOMAIN_013", 503, "CDN_PROVISIONING_FAILED", "CDN provisioning failed",
		"Retry after a few minutes. Check AWS CloudFront service status and account limits.", "DNS & SSL & CDN",
	},
	{
		"DOMAIN_014", 404, "ROUTE_NOT_FOUND", "Route not found",
		"List routes with GET /domains/v1/:id/routes to find valid route IDs", "Routes & Transfers",
	},
	{
		"DOMAIN_015", 409, "ROUTE_CONFLICT", "Route path already exists for domain",
		"Modify the conflicting route or use a different path", "Routes & Transfers",
	},
	{
		"DOMAIN_016", 503, "TRANSFER_FAILED", "Domain transfer failed",
		"Retry after a few minutes. Verify registrar API credentials.", "Routes & Transfers",
	},
	{
		"DOMAIN_017", 404, "TRANSFER_NOT_FOUND", "Domain transfer not found",
		"List transfers with GET /domains/v1/transfers to find valid IDs", "Routes & Transfers",
	},
	{
		"DOMAIN_018", 400, "INVALID_AUTH_CODE", "Invalid authorization code",
		"Verify the auth code from the current registrar is correct and unexpired", "Routes & Transfers",
	},
	{
		"DOMAIN_019", 500, "HEALTH_CHECK_FAILED", "Domain health check failed",
		"Check domain configuration and DNS resolution", "Health & Integrations",
	},
	{
		"DOMAIN_020", 503, "INTEGRATION_REGISTRAR_FAILED", "Integration with registrar failed",
		"Check registrar status page. Verify API credentials. Retry with backoff.", "Health & Integrations",
	},
	{
		"DOMAIN_021", 503, "INTEGRATION_CDN_FAILED", "CDN integration failed",
		"Check AWS CloudFront service health. Verify IAM permissions.", "Health & Integrations",
	},
	{
		"DOMAIN_022", 503, "INTEGRATION_DNS_FAILED", "DNS integration failed",
		"Check DNS provider service health. Verify API credentials.", "Health & Integrations",
	},
	{
		"DOMAIN_023", 503, "INTEGRATION_SSL_FAILED", "SSL integration failed",
		"Check SSL provider service health. Verify ACM permissions and quotas.", "Health & Integrations",
	},
}

// Integration returns the integration of the platform that the code is about: "registrar", "CDN", "DNS" or "SSL";
// empty for any other code.
func (c Code) Integration() string {
	return map[string]string{
		"DOMAIN_020": "registrar", "DOMAIN_021": "CDN", "DOMAIN_022": "DNS", "DOMAIN_023": "SSL",
	}[c.ID]
}
