package postseal

// #include "postseal.h"
import "C"

import (
	"context"
	"encoding/json"
	"runtime"
)

// SPF checks the reverse-path of options.Envelope, or HELO when there is none. RFC 7208
func SPF(ctx context.Context, options Options) (*SPFResult, error) {
	envelope, err := options.Envelope.handle()
	if err != nil {
		return nil, err
	}
	defer C.postseal_envelope_free(envelope)
	if envelope == nil {
		return nil, &Error{Status: StatusArgument, Text: "the client's address is not known"}
	}
	identity := C.int32_t(C.POSTSEAL_SPF_MAIL_FROM)
	if options.Envelope.MailFrom == nil {
		identity = C.POSTSEAL_SPF_HELO
	}
	var handle *C.postseal_spf
	var cause *C.postseal_error
	status := C.postseal_spf_new(options.Config.raw(), envelope, identity, options.now(), &handle, &cause)
	runtime.KeepAlive(options.Config)
	if status < 0 {
		return nil, newError(status, cause)
	}
	defer C.postseal_spf_free(handle)
	if err := resolve(ctx, C.postseal_spf_exchange(handle), options.Zone, options.Resolver); err != nil {
		return nil, err
	}
	var text C.postseal_bytes
	if err := check(C.postseal_spf_json(handle, &text), nil); err != nil {
		return nil, err
	}
	result := &SPFResult{}
	return result, json.Unmarshal(goBytes(text), result)
}

// LintSPF looks for mistakes in a domain's SPF record; the JSON is that of `postseal spf
// --lint --json`.
func LintSPF(ctx context.Context, domain string, options Options) (json.RawMessage, error) {
	name, size := chars(domain)
	var handle *C.postseal_lint
	var cause *C.postseal_error
	if status := C.postseal_lint_new(name, size, &handle, &cause); status < 0 {
		return nil, newError(status, cause)
	}
	defer C.postseal_lint_free(handle)
	if err := resolve(ctx, C.postseal_lint_exchange(handle), options.Zone, options.Resolver); err != nil {
		return nil, err
	}
	var text C.postseal_bytes
	if err := check(C.postseal_lint_json(handle, &text), nil); err != nil {
		return nil, err
	}
	return goBytes(text), nil
}

// Identifier is a domain with what SPF (the MAIL FROM identity) or DKIM (d=) says of it.
type Identifier struct {
	Domain string
	Result Result
}

// DMARC evaluates mail from the author domain from, given what spf and dkim say.
// RFC 9989
func DMARC(ctx context.Context, from string, spf, dkim []Identifier, options Options) (*DMARCResult, error) {
	name, size := chars(from)
	var handle *C.postseal_dmarc
	var cause *C.postseal_error
	status := C.postseal_dmarc_new(options.Config.raw(), name, size, &handle, &cause)
	runtime.KeepAlive(options.Config)
	if status < 0 {
		return nil, newError(status, cause)
	}
	defer C.postseal_dmarc_free(handle)
	words := func(b *C.postseal_bytes) { C.postseal_dmarc_error(handle, b) }
	for method, identifiers := range map[C.int32_t][]Identifier{
		C.POSTSEAL_METHOD_SPF: spf, C.POSTSEAL_METHOD_DKIM: dkim,
	} {
		for _, identifier := range identifiers {
			domain, domainSize := chars(identifier.Domain)
			status := C.postseal_dmarc_add(handle, method, domain, domainSize, resultNumber(identifier.Result))
			if err := check(status, words); err != nil {
				return nil, err
			}
		}
	}
	if err := check(C.postseal_dmarc_start(handle), words); err != nil {
		return nil, err
	}
	if err := resolve(ctx, C.postseal_dmarc_exchange(handle), options.Zone, options.Resolver); err != nil {
		return nil, err
	}
	var text C.postseal_bytes
	if err := check(C.postseal_dmarc_json(handle, &text), words); err != nil {
		return nil, err
	}
	result := &DMARCResult{}
	return result, json.Unmarshal(goBytes(text), result)
}

// resultNumber is the number of a result word, -1 for another word.
func resultNumber(result Result) C.int32_t {
	for number := C.int32_t(0); ; number++ {
		name := C.postseal_result_name(number)
		if name == nil {
			return -1
		}
		if C.GoString(name) == string(result) {
			return number
		}
	}
}

// ParseAuthenticationResults reads one field, with or without its name, into the JSON of
// `postseal authres parse`.
func ParseAuthenticationResults(field string) (json.RawMessage, error) {
	text, size := chars(field)
	var out *C.postseal_text
	if status := C.postseal_authres_parse(text, size, &out); status < 0 {
		return nil, newError(status, nil)
	}
	return takeText(out), nil
}

// RecordReport is what the text of a record says.
type RecordReport struct {
	Valid    bool     `json:"valid"`
	Error    *string  `json:"error"`
	Offset   *int     `json:"offset"`
	Record   *string  `json:"record"`
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
	name, size := chars(domain)
	var out *C.postseal_text
	status := C.postseal_org_domain(config.raw(), name, size, &out)
	runtime.KeepAlive(config)
	if status < 0 {
		return "", newError(status, nil)
	}
	return string(takeText(out)), nil
}
