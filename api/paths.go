package api

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Operation is an operation of the service; it is the key of [Config.Paths].
type Operation string

// The operations. All but the last four only read.
const (
	OpDomains          Operation = "domains"
	OpDomain           Operation = "domain"
	OpRecords          Operation = "records"
	OpCertificate      Operation = "certificate"
	OpRoutes           Operation = "routes"
	OpTransfers        Operation = "transfers"
	OpDomainHealth     Operation = "domainHealth"
	OpQuota            Operation = "quota"
	OpWallet           Operation = "wallet"
	OpHealth           Operation = "health"
	OpVerify           Operation = "verify"
	OpIssueCertificate Operation = "issueCertificate"
	OpLogin            Operation = "login"
	OpRefresh          Operation = "refresh"
)

// operation holds the fixed properties of an Operation; only its path can be overridden.
type operation struct {
	method  string
	path    string
	service string // the service that answers; each has its own rate limit
	open    bool   // without a token
}

func operationOf(op Operation) (operation, bool) {
	switch op {
	case OpDomains:
		return operation{http.MethodGet, "/domains/v1/domains", "domains", false}, true
	case OpDomain:
		return operation{http.MethodGet, "/domains/v1/{id}", "domains", false}, true
	case OpRecords:
		return operation{http.MethodGet, "/domains/v1/{id}/dns", "domains", false}, true
	case OpCertificate:
		return operation{http.MethodGet, "/domains/v1/{id}/ssl", "domains", false}, true
	case OpRoutes:
		return operation{http.MethodGet, "/domains/v1/{id}/routes", "domains", false}, true
	case OpTransfers:
		return operation{http.MethodGet, "/domains/v1/transfers", "domains", false}, true
	case OpDomainHealth:
		return operation{http.MethodGet, "/domains/v1/{id}/health", "domains", false}, true
	case OpQuota:
		return operation{http.MethodGet, "/domains/v1/quota", "domains", false}, true
	case OpWallet:
		return operation{http.MethodGet, "/wallet/v1/balance", "wallet", false}, true
	case OpHealth:
		return operation{http.MethodGet, "/domains/v1/health", "domains", true}, true
	case OpVerify:
		return operation{http.MethodPost, "/domains/v1/{id}/verify", "domains", false}, true
	case OpIssueCertificate:
		return operation{http.MethodPost, "/domains/v1/{id}/ssl", "domains", false}, true
	case OpLogin:
		return operation{http.MethodPost, "/auth/v1/login", "auth", true}, true
	case OpRefresh:
		return operation{http.MethodPost, "/auth/v1/refresh", "auth", true}, true
	}
	return operation{}, false
}

// Operations returns all operations, reads first.
func Operations() []Operation {
	return []Operation{
		OpDomains, OpDomain, OpRecords, OpCertificate, OpRoutes, OpTransfers, OpDomainHealth, OpQuota, OpWallet, OpHealth,
		OpVerify, OpIssueCertificate, OpLogin, OpRefresh,
	}
}

// DefaultPaths returns the path of every operation below the base URL. "{id}" is replaced by the domain's id.
func DefaultPaths() map[Operation]string {
	out := map[Operation]string{}
	for _, op := range Operations() {
		o, _ := operationOf(op)
		out[op] = o.path
	}
	return out
}

func mergePaths(overrides map[Operation]string) (map[Operation]string, error) {
	paths := DefaultPaths()
	for _, op := range slices.Sorted(maps.Keys(overrides)) {
		def, known := paths[op]
		if !known {
			return nil, fmt.Errorf("paths: unknown operation %q: use one of %s", clean(string(op), 40),
				joinOperations())
		}
		path := overrides[op]
		if err := checkPath(path, strings.Contains(def, "{id}")); err != nil {
			return nil, fmt.Errorf("paths.%s %q %w: give one like %s", op, clean(path, 200), err, def)
		}
		paths[op] = path
	}
	return paths, nil
}

// CheckPath checks the path of an operation.
func CheckPath(op Operation, path string) error {
	_, err := mergePaths(map[Operation]string{op: path})
	return err
}

func joinOperations() string {
	var names []string
	for _, op := range Operations() {
		names = append(names, string(op))
	}
	return strings.Join(names, ", ")
}

func checkPath(path string, wantsID bool) error {
	u, err := url.Parse(strings.ReplaceAll(path, "{id}", "x"))
	switch {
	case err != nil || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//"):
		return fmt.Errorf("must begin with exactly one /")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return fmt.Errorf("must not contain a query or a fragment")
	case slices.Contains(strings.Split(u.Path, "/"), ".."):
		return fmt.Errorf("must not contain \"..\" as a segment")
	case wantsID && strings.Count(path, "{id}") != 1:
		return fmt.Errorf("must contain {id} once")
	case !wantsID && strings.ContainsAny(path, "{}"):
		return fmt.Errorf("must not contain a placeholder")
	}
	return nil
}

// target returns the URL of a call. An id never reaches another path: it is escaped as one segment, and the segments
// "." and ".." are rejected.
func (c *Client) target(op Operation, id string, query url.Values) (*url.URL, error) {
	path := c.paths[op]
	if strings.Contains(path, "{id}") {
		if id == "" || id == "." || id == ".." {
			return nil, &Error{
				Kind: KindMalformed, Operation: op, Path: path,
				Message: fmt.Sprintf("invalid id %q", id),
			}
		}
		path = strings.ReplaceAll(path, "{id}", url.PathEscape(id))
	}
	u, err := url.Parse(c.base.String() + path)
	if err != nil {
		return nil, &Error{
			Kind: KindMalformed, Operation: op, Path: clean(path, 200),
			Message: "the path does not form a valid url",
		}
	}
	u.RawQuery = query.Encode()
	return u, nil
}
