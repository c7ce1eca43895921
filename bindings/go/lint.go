package postseal

// #include "postseal.h"
import "C"

import (
	"context"
	"encoding/json"
)

// LintReport is what there is to say about a domain's SPF record and all that it includes.
type LintReport struct {
	Domain    string `json:"domain"`
	HasErrors bool   `json:"has_errors"`
	TempError bool   `json:"temp_error"` // a lookup failed: there may be more
	// Findings are in the order of the records; DroppedFindings are beyond the limit.
	Findings        []LintFinding `json:"findings"`
	DroppedFindings int           `json:"dropped_findings"`
	Records         []LintRecord  `json:"records"`
	// Terms and VoidLookups count for the limits of RFC 7208 §4.6.4.
	Terms       int `json:"terms"`
	VoidLookups int `json:"void_lookups"`
	// IPv4Addresses and IPv6Networks (/64) are how many may send.
	IPv4Addresses uint64  `json:"ipv4_addresses"`
	IPv6Networks  uint64  `json:"ipv6_networks"`
	DNS           []Query `json:"dns"`
}

// LintFinding is about Size octets from Offset of the record of Domain, or about all of it
// when Offset is nil.
type LintFinding struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Clause   string `json:"clause"`
	Domain   string `json:"domain"`
	Offset   *int   `json:"offset"`
	Size     int    `json:"size"`
	Text     string `json:"text"`
}

// LintRecord is a record that was read.
type LintRecord struct {
	Domain string `json:"domain"`
	Text   string `json:"text"`
}

// LintSPF looks for mistakes in a domain's SPF record. Of options, Zone or Resolver count.
func LintSPF(ctx context.Context, domain string, options Options) (*LintReport, error) {
	name, size := chars(domain)
	var handle *C.postseal_lint
	var cause *C.postseal_error
	if status := C.postseal_lint_new(name, size, &handle, &cause); status < 0 {
		return nil, newError(status, cause)
	}
	defer C.postseal_lint_free(handle)
	exchange := newExchange(C.postseal_lint_exchange(handle), options)
	defer exchange.close()
	if err := exchange.complete(ctx); err != nil {
		return nil, err
	}
	var text C.postseal_bytes
	if err := check(C.postseal_lint_json(handle, &text), nil); err != nil {
		return nil, err
	}
	report := &LintReport{}
	return report, json.Unmarshal(goBytes(text), report)
}
