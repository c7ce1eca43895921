package postseal

// #include "postseal.h"
import "C"

import (
	"encoding/json"
	"runtime"
)

// ResultsField is an Authentication-Results field that was read; when it is not Valid,
// Error says why. RFC 8601 §2.2
type ResultsField struct {
	Valid      bool           `json:"valid"`
	AuthservID string         `json:"authserv_id"`
	Version    *int           `json:"version"`
	Results    []MethodResult `json:"results"`
	Error      string         `json:"error"`
}

// MethodResult is one method's result, in words of the field that may be unknown here.
type MethodResult struct {
	Method        string     `json:"method"`
	MethodVersion *int       `json:"method_version"`
	Result        Result     `json:"result"`
	Reason        string     `json:"reason"`
	Comment       string     `json:"comment"`
	Properties    []Property `json:"properties"`
}

// Property is "type.name=value".
type Property struct {
	Type  string `json:"type"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ParseAuthenticationResults reads one field, with or without its name. A field that is
// malformed is no error.
func ParseAuthenticationResults(field string) (*ResultsField, error) {
	text, size := chars(field)
	var out *C.postseal_text
	if status := C.postseal_authres_parse(text, size, &out); status < 0 {
		return nil, newError(status, nil)
	}
	parsed := &ResultsField{}
	return parsed, json.Unmarshal(takeText(out), parsed)
}

// RecordReport is what the text of a record says: Record is its normal form when it is
// Valid, else Error says what is wrong, at the octet Offset when that is known.
type RecordReport struct {
	Valid    bool     `json:"valid"`
	Error    string   `json:"error"`
	Offset   *int     `json:"offset"`
	Record   string   `json:"record"`
	Warnings []string `json:"warnings"`
}

// ParseRecord reads the text of an "spf", "dkim" (key) or "dmarc" record.
func ParseRecord(method, record string) (*RecordReport, error) {
	number, ok := map[string]C.int32_t{
		"spf": C.POSTSEAL_METHOD_SPF, "dkim": C.POSTSEAL_METHOD_DKIM, "dmarc": C.POSTSEAL_METHOD_DMARC,
	}[method]
	if !ok {
		return nil, &Error{Status: StatusArgument, Text: "no method " + method}
	}
	text, size := chars(record)
	var out *C.postseal_text
	if status := C.postseal_record_parse(number, text, size, &out); status < 0 {
		return nil, newError(status, nil)
	}
	report := &RecordReport{}
	return report, json.Unmarshal(takeText(out), report)
}

// OrgDomain is the organizational domain by the public suffix list of config. RFC 7489 §3.2
func OrgDomain(config *Config, domain string) (string, error) {
	raw, err := config.raw()
	if err != nil {
		return "", err
	}
	name, size := chars(domain)
	var out *C.postseal_text
	status := C.postseal_org_domain(raw, name, size, &out)
	runtime.KeepAlive(config)
	if status < 0 {
		return "", newError(status, nil)
	}
	return string(takeText(out)), nil
}
