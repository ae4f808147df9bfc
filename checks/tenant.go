package checks

import (
	"context"
	"errors"
	"math/big"
	"strings"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks/probe"
)

// Tenant looks at what concerns the tenant as a whole, once: token, quota, wallet. Its findings never turn a domain
// red. Nil without a service.
func (d *Doctor) Tenant(ctx context.Context) *TenantReport {
	if d.Service == nil {
		return nil
	}
	return d.tenant.get(ctx, func() *TenantReport { return d.lookAtTenant(ctx) })
}

func (d *Doctor) lookAtTenant(ctx context.Context) *TenantReport {
	s := d.Session.Fork()
	ctx = probe.NewContext(ctx, s)
	r := &TenantReport{ID: d.Service.Tenant}
	add := func(i catalog.Instance) {
		r.Findings = append(r.Findings, &Finding{
			Instance: i, Check: "tenant", Verdict: i.Cause.Verdict,
			Certainty: Conclusive,
		})
	}
	if claims, err := d.Service.Client.Claims(); err == nil {
		r.Claims = &claims
		r.PlanTier = catalog.Printable(claims.PlanTier, 60)
		if r.ID == "" {
			r.ID = claims.TenantID
		} else if claims.TenantID != "" && r.ID != claims.TenantID {
			add(catalog.ServiceTenantMismatch.With(catalog.ServiceArgs{
				Tenant: catalog.Printable(r.ID, 60),
				Claim:  catalog.Printable(claims.TenantID, 60),
			}))
		}
	}
	r.ID = catalog.Printable(r.ID, 80)
	var quota api.Quota
	var wallet api.Wallet
	var quotaErr, walletErr error
	var wg probe.Group
	wg.Go(func() { quota, quotaErr = d.Service.Quota(ctx) })
	wg.Go(func() { wallet, walletErr = d.Service.Wallet(ctx) })
	wg.Wait()
	if quotaErr == nil && quota.Used != nil && quota.Limit != nil {
		r.Quota = &quota
		judgeQuota(quota, add)
	}
	if walletErr == nil {
		r.Wallet = &wallet
		judgeWallet(wallet, add)
	}
	// The quota is the service's own. What the wallet, another service, refuses or fails at says nothing about this
	// one, nor about the token.
	if i, ok := serviceFailure(quotaErr); ok && i.ID != catalog.ServiceWrongEndpoint.ID {
		add(i)
	}
	r.Findings = Fold(r.Findings)
	return r
}

func judgeQuota(q api.Quota, add func(catalog.Instance)) {
	args := catalog.QuotaArgs{Used: *q.Used, Limit: *q.Limit, Tier: catalog.Printable(q.Tier, 60)}
	switch {
	case *q.Limit <= 0: // no limit, or a number that means nothing
	case *q.Used >= *q.Limit:
		add(catalog.ServiceQuotaReached.With(args))
	case *q.Used*10 >= *q.Limit*9:
		add(catalog.ServiceQuotaNear.With(args))
	}
}

func judgeWallet(w api.Wallet, add func(catalog.Instance)) {
	args := catalog.FundsArgs{
		Balance: catalog.Printable(w.Balance, 40), Currency: catalog.Printable(w.Currency, 12),
		Status: catalog.Printable(w.Status, 40),
	}
	amount, ok := w.Amount()
	inactive := w.Status != "" && !strings.EqualFold(w.Status, "ACTIVE") && !strings.EqualFold(w.Status, "OK") &&
		!strings.EqualFold(w.Status, "ENABLED")
	if inactive || ok && amount.Cmp(new(big.Rat)) <= 0 {
		add(catalog.ServiceFundsLow.With(args))
	}
}

// Unusable tells an error of the service that ends a run which needs it: a refused token, or a service that is down.
func Unusable(err error) bool {
	var e *api.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Kind {
	case api.KindUnauthorized, api.KindForbidden, api.KindMFARequired, api.KindUnavailable, api.KindWrongEndpoint,
		api.KindMalformed, api.KindRateLimited:
		return true
	case api.KindNotFound, api.KindService:
	}
	return false
}
