package postseal

import "encoding/json"

// Result is a result word of RFC 8601 §2.7.
type Result string

// The results.
const (
	None      Result = "none"
	Pass      Result = "pass"
	Fail      Result = "fail"
	SoftFail  Result = "softfail"
	Policy    Result = "policy"
	Neutral   Result = "neutral"
	TempErr   Result = "temperror"
	PermError Result = "permerror"
)

// Report is all that verifying a message found. JSON has the rest, as `postseal verify
// --json` prints it.
type Report struct {
	// Result is what the message comes to: see postseal_verify_result.
	Result Result `json:"-"`
	// SPF and SPFHelo are nil when the envelope did not allow a check.
	SPF     *SPFResult    `json:"spf"`
	SPFHelo *SPFResult    `json:"spf_helo"`
	DKIM    []Signature   `json:"dkim"`
	DMARC   *DMARCResult  `json:"dmarc"`
	DNS     []LookupEntry `json:"dns"`
	Notes   []string      `json:"notes"`
	// AuthenticationResults is the whole header field, with CRLF.
	AuthenticationResults string `json:"-"`
	// Explanation is a tree for people.
	Explanation string          `json:"-"`
	JSON        json.RawMessage `json:"-"`
	// Evidence is there with the option record_message.
	Evidence string `json:"-"`
}

// SPFResult is what SPF says of one identity. RFC 7208
type SPFResult struct {
	Result      Result  `json:"result"`
	Scope       string  `json:"scope"`
	Domain      string  `json:"domain"`
	Reason      string  `json:"reason"`
	Clause      string  `json:"clause"`
	Mechanism   *string `json:"mechanism"`
	Explanation *string `json:"explanation"`
}

// Signature is what became of one DKIM signature. RFC 6376
type Signature struct {
	Result    Result `json:"result"`
	Domain    string `json:"domain"`
	Selector  string `json:"selector"`
	Identity  string `json:"identity"`
	Algorithm string `json:"algorithm"`
	KeyBits   int    `json:"key_bits"`
	Reason    string `json:"reason"`
	Clause    string `json:"clause"`
	Detail    string `json:"detail"`
}

// DMARCResult is what DMARC says. RFC 9989
type DMARCResult struct {
	Result       Result  `json:"result"`
	FromDomain   string  `json:"from_domain"`
	PolicyDomain *string `json:"policy_domain"`
	OrgDomain    *string `json:"org_domain"`
	Policy       *string `json:"policy"`
	// Disposition is what the policy asks for this message: none on a pass.
	Disposition string `json:"disposition"`
	Aligned     struct {
		SPF  bool `json:"spf"`
		DKIM bool `json:"dkim"`
	} `json:"aligned"`
	Reason string `json:"reason"`
	Clause string `json:"clause"`
	// RFC9989 and RFC7489 are there with the option compare_rfc7489, and then the members
	// above are those of RFC 9989.
	RFC9989 *DMARCResult `json:"rfc9989"`
	RFC7489 *DMARCResult `json:"rfc7489"`
}

// LookupEntry is one DNS query with what came of it.
type LookupEntry struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Outcome string `json:"outcome"`
	Secure  bool   `json:"secure"`
}

// flatten puts the members of RFC 9989 in their place.
func (d *DMARCResult) flatten() {
	if d == nil || d.RFC9989 == nil {
		return
	}
	first, second := d.RFC9989, d.RFC7489
	*d = *first
	d.RFC9989, d.RFC7489 = first, second
}
