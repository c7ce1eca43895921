package postseal

import "encoding/json"

// Result is a result word of RFC 8601 §2.7.
type Result string

// The results.
const (
	None      Result = "none"
	Pass      Result = "pass"
	Fail      Result = "fail"
	SoftFail  Result = "softfail" // SPF alone
	Policy    Result = "policy"   // valid, and refused here
	Neutral   Result = "neutral"
	TempErr   Result = "temperror"
	PermError Result = "permerror"
)

// Report is all that verifying a message found. A pointer is nil, and a text empty, where
// there is no such thing. Text of senders in it is not escaped,
// except in AuthenticationResults, Explanation and JSON. Decide by results: reasons are
// for logs.
type Report struct {
	// Result is what the message comes to: DMARC's result where a policy or the From
	// field decides; else Pass when a signature or the reverse-path passes, TempErr when
	// one may yet, Fail otherwise.
	Result Result `json:"-"`
	// SPF is about the reverse-path, SPFHelo about HELO; nil when the envelope did not
	// allow a check.
	SPF     *SPFResult `json:"spf"`
	SPFHelo *SPFResult `json:"spf_helo"`
	// IPRev is there with the option check_iprev.
	IPRev *IPRevResult `json:"iprev"`
	// DKIM has the signatures from the top of the header down.
	DKIM []Signature `json:"dkim"`
	// UncoveredFields are names of which the message has more fields than any signature
	// that passes covers: somebody may have added them. Nil when no signature passes.
	UncoveredFields []string     `json:"uncovered_fields"`
	DMARC           *DMARCResult `json:"dmarc"`
	// HeaderFault is the limit that kept part of the header from being seen, such as
	// "header-too-long"; mostly empty.
	HeaderFault string `json:"header_fault"`
	// Notes name what is odd in the message, such as a bare line feed.
	Notes []string `json:"notes"`
	DNS   []Query  `json:"dns"`
	Spent Spent    `json:"spent"`
	// AuthenticationResults is the whole header field, with CRLF.
	AuthenticationResults string `json:"-"`
	// Explanation is a tree for people.
	Explanation string `json:"-"`
	// JSON is the report as `postseal verify --json` prints it.
	JSON json.RawMessage `json:"-"`
	// Evidence is there with the option record_message, for Replay.
	Evidence string `json:"-"`
}

// SPFResult is what SPF says of one identity. RFC 7208
type SPFResult struct {
	Result Result `json:"result"`
	Scope  string `json:"scope"` // "mfrom" or "helo"
	Domain string `json:"domain"`
	Reason string `json:"reason"`
	Clause string `json:"clause"`
	// Mechanism is what decided; Explanation is the domain's own, on Fail.
	Mechanism   string `json:"mechanism"`
	Explanation string `json:"explanation"`
	// RecordDomain, Record and Offset, in octets, are where in which record it stands.
	RecordDomain string   `json:"record_domain"`
	Record       string   `json:"record"`
	Offset       *int     `json:"offset"`
	Spent        SPFSpent `json:"spent"`
	// DNS is empty within a Report, which has one for all.
	DNS []Query `json:"dns"`
}

// SPFSpent counts for the limits of RFC 7208 §4.6.4.
type SPFSpent struct {
	Terms       int `json:"terms"`
	VoidLookups int `json:"void_lookups"`
	DNSQueries  int `json:"dns_queries"`
}

// IPRevResult is what the names of the client's address say. RFC 8601 §3
type IPRevResult struct {
	Result   Result `json:"result"`
	ClientIP string `json:"client_ip"`
	Name     string `json:"name"`
}

// Signature is what became of one DKIM signature. RFC 6376
type Signature struct {
	Result           Result `json:"result"`
	Domain           string `json:"domain"`
	Selector         string `json:"selector"`
	Identity         string `json:"identity"`
	Algorithm        string `json:"algorithm"`
	Canonicalization string `json:"canonicalization"`
	KeyBits          int    `json:"key_bits"` // 0 without a key
	Reason           string `json:"reason"`
	Clause           string `json:"clause"`
	Detail           string `json:"detail"`
	Testing          bool   `json:"testing"`    // t=y of the key
	KeySecure        bool   `json:"key_secure"` // by DNSSEC
	// Timestamp and Expiration are in Unix seconds, BodyLength (l=) and
	// CanonicalBodyOctets in octets.
	Timestamp           *int64  `json:"timestamp"`
	Expiration          *int64  `json:"expiration"`
	BodyLength          *uint64 `json:"body_length"`
	CanonicalBodyOctets *uint64 `json:"canonical_body_octets"`
	// UncoveredFields are names of which the message has more fields than this signature
	// covers: somebody may have added them.
	UncoveredFields []string `json:"uncovered_fields"`
	// Hints say why a hash differs; with the option dkim_diagnose.
	Hints []Hint `json:"hints"`
}

// Hint is a guess at what changed a message.
type Hint struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// DMARCResult is what DMARC says. RFC 9989
type DMARCResult struct {
	Result     Result `json:"result"`
	FromDomain string `json:"from_domain"`
	// PolicyDomain is where Record was found, which says Policy by PolicyTag: "p", "sp"
	// or "np". EffectivePolicy is that less what t= takes off.
	PolicyDomain    string `json:"policy_domain"`
	OrgDomain       string `json:"org_domain"`
	Policy          string `json:"policy"`
	PolicyTag       string `json:"policy_tag"`
	EffectivePolicy string `json:"effective_policy"`
	// Disposition is what the policy asks for this message: "none" on a pass.
	Disposition string `json:"disposition"`
	Aligned     struct {
		SPF  bool `json:"spf"`
		DKIM bool `json:"dkim"`
	} `json:"aligned"`
	Discovery   string            `json:"discovery"` // "treewalk" or "psl"
	Reason      string            `json:"reason"`
	Clause      string            `json:"clause"`
	Testing     bool              `json:"testing"`
	Record      string            `json:"record"`
	Warnings    []DMARCWarning    `json:"warnings"`
	Identifiers []DMARCIdentifier `json:"identifiers"`
	// Authors are the verdicts of each domain when From names several.
	Authors []DMARCResult `json:"authors"`
	// With the option compare_rfc7489: the result by each edition, of which the members
	// above are those of RFC 9989, and what differs.
	RFC9989 *DMARCResult      `json:"rfc9989"`
	RFC7489 *DMARCResult      `json:"rfc7489"`
	Differs []DMARCDifference `json:"differs"`
	// DNS is empty within a Report, which has one for all.
	DNS []Query `json:"dns"`
}

// DMARCWarning is about a tag of the record; Offset is in octets.
type DMARCWarning struct {
	Text   string `json:"text"`
	Tag    string `json:"tag"`
	Offset int    `json:"offset"`
}

// DMARCIdentifier is a domain that SPF or DKIM spoke of, and how it aligns with From.
type DMARCIdentifier struct {
	Method    string `json:"method"` // "spf" or "dkim"
	Domain    string `json:"domain"`
	Passed    bool   `json:"passed"`
	Alignment string `json:"alignment"`
}

// DMARCDifference is a member that the two editions of DMARC have otherwise.
type DMARCDifference struct {
	Name    string `json:"name"`
	RFC9989 string `json:"rfc9989"`
	RFC7489 string `json:"rfc7489"`
	Why     string `json:"why"`
}

// Query is one DNS query with what came of it: an Outcome's word, or "unused" for what
// was asked ahead and not needed.
type Query struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Outcome string `json:"outcome"`
	Secure  bool   `json:"secure"`
	TTL     uint32 `json:"ttl"` // seconds
}

// Spent is what a message took of the limits.
type Spent struct {
	DNSQueries          int    `json:"dns_queries"`
	Signatures          int    `json:"signatures"`
	PublicKeyOperations int    `json:"public_key_operations"`
	HeaderBytes         uint64 `json:"header_bytes"`
	BodyBytesHashed     uint64 `json:"body_bytes_hashed"`
}
