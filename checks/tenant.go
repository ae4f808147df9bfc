package checks

import (
	"context"
	"errors"
	"math/big"
	"strings"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/probe"
)

// Tenant examines what concerns the tenant as a whole, once a run: token, quota, wallet. Its findings do not affect
// the verdict of a domain. It returns nil without a service, and once ctx has ended.
func (d *Doctor) Tenant(ctx context.Context) *TenantReport {
	if d.Service == nil {
		return nil
	}
	r, _ := d.tenant.Do(ctx, struct{}{}, func() *TenantReport {
		r := d.examineTenant(ctx)
		if ctx.Err() != nil { // cut short: the next caller tries again
			d.tenant.Forget(struct{}{})
		}
		return r
	})
	return r
}

func (d *Doctor) examineTenant(ctx context.Context) *TenantReport {
	s := d.Session.Fork()
	ctx = probe.NewContext(ctx, s)
	r := &TenantReport{ID: d.Service.Tenant}
	add := func(i catalog.Instance) {
		r.Findings = append(r.Findings, &finding.Finding{
			Instance: i, Check: "tenant", Verdict: i.Cause.Verdict,
			Certainty: finding.Conclusive,
		})
	}
	if claims, err := d.Service.Client.Claims(); err == nil {
		r.Claims = &claims
		r.PlanTier = sanitize.Text(claims.PlanTier, 60)
		if r.ID == "" {
			r.ID = claims.TenantID
		} else if claims.TenantID != "" && r.ID != claims.TenantID {
			add(causes.ServiceTenantMismatch.With(causes.ServiceTenantMismatchArgs{
				Tenant: sanitize.Text(r.ID, 60),
				Claim:  sanitize.Text(claims.TenantID, 60),
			}))
		}
	}
	r.ID = sanitize.Text(r.ID, 80)
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
	// Errors of the quota are the service's own. The wallet is another service, whose errors say nothing about this one
	// or the token.
	if i, ok := serviceFailure(quotaErr); ok && i.ID != causes.ServiceWrongEndpoint.ID && d.Ended == nil {
		add(i)
	}
	for _, f := range r.Findings {
		path := "/quota"
		if f.ID == causes.ServiceFundsLow.ID {
			path = "/balance"
		}
		for _, x := range s.Ledger().Exchanges() {
			if strings.HasSuffix(x.Asked, path) && f.ID != causes.ServiceTenantMismatch.ID {
				f.Evidence = append(f.Evidence, x)
			}
		}
	}
	r.Findings = finding.Fold(r.Findings)
	return r
}

func judgeQuota(q api.Quota, add func(catalog.Instance)) {
	args := causes.QuotaUse{Used: *q.Used, Limit: *q.Limit, Tier: sanitize.Text(q.Tier, 60)}
	switch {
	case *q.Limit <= 0: // no limit, or an invalid one
	case *q.Used >= *q.Limit:
		add(causes.ServiceQuotaReached.With(args))
	case *q.Used*10 >= *q.Limit*9:
		add(causes.ServiceQuotaNear.With(args))
	}
}

func judgeWallet(w api.Wallet, add func(catalog.Instance)) {
	args := causes.FundsArgs{
		Balance: sanitize.Text(w.Balance, 40), Currency: sanitize.Text(w.Currency, 12),
		Status: sanitize.Text(w.Status, 40),
	}
	amount, ok := w.Amount()
	inactive := w.Status != "" && !strings.EqualFold(w.Status, "ACTIVE") && !strings.EqualFold(w.Status, "OK") &&
		!strings.EqualFold(w.Status, "ENABLED")
	if inactive || ok && amount.Cmp(new(big.Rat)) <= 0 {
		add(causes.ServiceFundsLow.With(args))
	}
}

// Unusable reports whether an error means that the service cannot be used in this run: a rejected token, or an
// outage.
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

// TenantReport is what concerns the tenant as a whole.
type TenantReport struct {
	ID       string
	PlanTier string
	Quota    *api.Quota
	Wallet   *api.Wallet
	Claims   *api.Claims
	Findings []*finding.Finding
}

// serviceFailure converts an error of the service to a finding, unless it means "not found".
func serviceFailure(err error) (catalog.Instance, bool) {
	var e *api.Error
	if !errors.As(err, &e) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return catalog.Instance{}, false // or this run ended, which says nothing about the service
	}
	args := causes.ServiceAnswer{
		URL: e.Method + " " + e.Path, Status: e.HTTPStatus, Message: e.Message,
		RequestID: e.RequestID, After: e.RetryAfter,
	}
	switch e.Kind {
	case api.KindUnauthorized, api.KindForbidden, api.KindMFARequired:
		return causes.ServiceUnauthorized.With(args), true
	case api.KindWrongEndpoint:
		return causes.ServiceWrongEndpoint.With(args), true
	case api.KindRateLimited:
		return causes.ServiceRateLimited.With(args), true
	case api.KindUnavailable, api.KindMalformed:
		return causes.ServiceUnreachable.With(args), true
	case api.KindService, api.KindNotFound:
		return catalog.Instance{}, false
	}
	return causes.ServiceUnreachable.With(args), true
}
