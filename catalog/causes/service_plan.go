package causes

import (
	"fmt"
	"strings"

	"domdoc/catalog"
)

// QuotaUse is the tenant's use of its quota: the arguments of service.quota-reached and service.quota-near.
type QuotaUse struct {
	Used  int    `json:"used"`
	Limit int    `json:"limit"`
	Tier  string `json:"tier,omitempty"`
	Idle  int    `json:"idle,omitempty"` // domains that were never verified
}

var quotaCode = []string{"DOMAIN_006"}

// ServiceQuotaReached is service.quota-reached.
var ServiceQuotaReached = catalog.Declare(catalog.Cause{
	ID: "service.quota-reached", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the plan's domain quota is used up",
	Codes:     quotaCode, Explains: links(ServiceQuotaNear.ID),
	Description: "The tenant has attached as many domains as its plan allows. The next one is rejected.",
	Detection:   "The service reports that the quota is used up (used >= limit).",
	Confused: "service.funds-low, where the balance is too low; service.rate-limited, which counts requests and ends " +
		"within a minute.",
	Refs: []string{"Domains Service, error code DOMAIN_006"},
}, catalog.Text[QuotaUse]{
	Summary: func(a QuotaUse) string { return fmt.Sprintf("all %d domains of the plan are used", a.Limit) },
	Why: func(a QuotaUse) string {
		s := fmt.Sprintf("%d of %d domains are attached", a.Used, a.Limit)
		if a.Tier != "" {
			s += " (plan " + a.Tier + ")"
		}
		if a.Idle > 0 {
			s += fmt.Sprintf("; %d of them were never verified", a.Idle)
		}
		return s
	},
	Fix: func(QuotaUse) catalog.Fix {
		return catalog.Fix{
			Steps:    []string{"upgrade the plan, or delete domains that are no longer used"},
			Commands: []string{"domdoc domains"},
		}
	},
	Example: QuotaUse{Used: 10, Limit: 10, Tier: "free", Idle: 2},
})

// ServiceQuotaNear is service.quota-near.
var ServiceQuotaNear = catalog.Declare(catalog.Cause{
	ID: "service.quota-near", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency:   2,
	Title:       "the plan's domain quota is almost used up",
	Codes:       quotaCode,
	Description: "At least 90 % of the plan's domains are attached.",
	Detection:   "The service reports that at least 90 % of the quota is used.",
	Confused:    "service.quota-reached, where the next domain is already rejected.",
	Refs:        []string{"Domains Service, error code DOMAIN_006"},
}, catalog.Text[QuotaUse]{
	Summary: func(a QuotaUse) string {
		return fmt.Sprintf("%d of the plan's %d domains are used", a.Used, a.Limit)
	},
	Why: func(a QuotaUse) string {
		return fmt.Sprintf("%s can still be attached", catalog.Plural(a.Limit-a.Used, "domain"))
	},
	Fix: func(QuotaUse) catalog.Fix {
		return catalog.Steps("upgrade the plan before more domains are added, or delete unused ones")
	},
	Example: QuotaUse{Used: 9, Limit: 10, Tier: "free"},
})

// FundsArgs are the arguments of service.funds-low. Amounts are decimal strings.
type FundsArgs struct {
	Balance  string `json:"balance"`
	Currency string `json:"currency,omitempty"`
	Price    string `json:"price,omitempty"` // the price of the operation, if known
	Status   string `json:"status,omitempty"`
}

// ServiceFundsLow is service.funds-low.
var ServiceFundsLow = catalog.Declare(catalog.Cause{
	ID: "service.funds-low", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the wallet balance is too low",
	Codes:     []string{"DOMAIN_007"},
	Description: "Registrations, renewals and transfers are paid from the tenant's wallet. It is empty, has less " +
		"than " +
		"the price, or is not active.",
	Detection: "The wallet's balance is zero, negative or below the price of the operation, or its status is not " +
		"active.",
	Confused: "service.quota-reached, where the plan is full and topping up does not help.",
	Refs:     []string{"Domains Service, error code DOMAIN_007", "Domains Service API, GET /wallet/v1/balance"},
}, catalog.Text[FundsArgs]{
	Summary: func(a FundsArgs) string {
		if a.Status != "" && !strings.EqualFold(a.Status, "ACTIVE") {
			return "the wallet is " + a.Status + ", so payments fail"
		}
		if a.Price != "" {
			return fmt.Sprintf("the wallet has %s %s, less than the price of %s", a.Balance, a.Currency, a.Price)
		}
		return fmt.Sprintf("the wallet has %s %s, so payments fail", a.Balance, a.Currency)
	},
	Why: func(FundsArgs) string {
		return "the service rejects paid operations with DOMAIN_007 until the wallet is topped up; renewals that fail " +
			"now " +
			"cause outages later"
	},
	Fix:     func(FundsArgs) catalog.Fix { return catalog.Steps("top up the wallet, then repeat the operation") },
	Example: FundsArgs{Balance: "0.00", Currency: "USD", Status: "ACTIVE"},
})
