package causes

import (
	"fmt"
	"strings"

	"domdoc/catalog"
)

// QuotaArgs are the arguments of the causes about the tenant's quota.
type QuotaArgs struct {
	Used  int    `json:"used"`
	Limit int    `json:"limit"`
	Tier  string `json:"tier,omitempty"`
	Idle  int    `json:"idle,omitempty"` // domains that were never verified
}

// ServiceQuotaReached is service.quota-reached.
var ServiceQuotaReached = catalog.Declare(catalog.Cause{
	ID: "service.quota-reached", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the plan's number of domains is used up",
	Codes:     []string{"DOMAIN_006"}, Explains: []catalog.Link{{To: "service.quota-near"}},
	Description: "The tenant's plan allows a number of domains, and that many are attached. The next one is refused.",
	Detection:   "The service's quota says used >= limit.",
	Confused: "service.funds-low, where money is missing, not room; service.rate-limited, which counts requests and " +
		"ends within a minute.",
	Refs: []string{"Domains Service, error code DOMAIN_006"},
}, catalog.Text[QuotaArgs]{
	Summary: func(a QuotaArgs) string { return fmt.Sprintf("all %d domains of the plan are used", a.Limit) },
	Why: func(a QuotaArgs) string {
		s := fmt.Sprintf("%d of %d domains are attached", a.Used, a.Limit)
		if a.Tier != "" {
			s += " (plan " + a.Tier + ")"
		}
		if a.Idle > 0 {
			s += fmt.Sprintf("; %d of them were never verified", a.Idle)
		}
		return s
	},
	Fix: func(QuotaArgs) catalog.Fix {
		return catalog.Fix{
			Steps:    []string{"upgrade the plan, or delete domains that are no longer used"},
			Commands: []string{"domdoc domains"},
		}
	},
	Example: QuotaArgs{Used: 10, Limit: 10, Tier: "free", Idle: 2},
})

// ServiceQuotaNear is service.quota-near.
var ServiceQuotaNear = catalog.Declare(catalog.Cause{
	ID: "service.quota-near", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency:   2,
	Title:       "the plan's number of domains is almost used up",
	Codes:       []string{"DOMAIN_006"},
	Description: "At least nine tenths of the plan's domains are attached.",
	Detection:   "The service's quota says used >= 90 % of the limit.",
	Confused:    "service.quota-reached, where the next domain is already refused.",
	Refs:        []string{"Domains Service, error code DOMAIN_006"},
}, catalog.Text[QuotaArgs]{
	Summary: func(a QuotaArgs) string {
		return fmt.Sprintf("%d of the plan's %d domains are used", a.Used, a.Limit)
	},
	Why: func(a QuotaArgs) string {
		return fmt.Sprintf("%s can still be attached", catalog.Plural(a.Limit-a.Used, "domain"))
	},
	Fix: func(QuotaArgs) catalog.Fix {
		return catalog.Steps("upgrade the plan before the next domains are added, or delete unused ones")
	},
	Example: QuotaArgs{Used: 9, Limit: 10, Tier: "free"},
})

// FundsArgs are the arguments of service.funds-low. Amounts are decimal strings.
type FundsArgs struct {
	Balance  string `json:"balance"`
	Currency string `json:"currency,omitempty"`
	Price    string `json:"price,omitempty"` // the price asked for, where it is known
	Status   string `json:"status,omitempty"`
}

// ServiceFundsLow is service.funds-low.
var ServiceFundsLow = catalog.Declare(catalog.Cause{
	ID: "service.funds-low", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the wallet cannot pay",
	Codes:     []string{"DOMAIN_007"},
	Description: "Registrations, renewals and transfers are paid from the tenant's wallet. It is empty, too low for " +
		"the price, or not active.",
	Detection: "The wallet's balance is at or below zero or below the price that was asked for, or its status is not " +
		"active.",
	Confused: "service.quota-reached, where the plan is full and paying in does not help.",
	Refs:     []string{"Domains Service, error code DOMAIN_007", "Domains Service API, GET /wallet/v1/balance"},
}, catalog.Text[FundsArgs]{
	Summary: func(a FundsArgs) string {
		if a.Status != "" && !strings.EqualFold(a.Status, "ACTIVE") {
			return "the wallet is " + a.Status + ", so nothing can be paid"
		}
		if a.Price != "" {
			return fmt.Sprintf("the wallet holds %s %s, less than the price of %s", a.Balance, a.Currency, a.Price)
		}
		return fmt.Sprintf("the wallet holds %s %s, so nothing can be paid", a.Balance, a.Currency)
	},
	Why: func(a FundsArgs) string {
		return "the service refuses what costs money with DOMAIN_007 until the wallet can pay; renewals that fail now " +
			"become outages later"
	},
	Fix:     func(FundsArgs) catalog.Fix { return catalog.Steps("top up the wallet, then repeat the operation") },
	Example: FundsArgs{Balance: "0.00", Currency: "USD", Status: "ACTIVE"},
})
