package postseal

// #include "postseal.h"
import "C"

import (
	"context"
	"encoding/json"
	"runtime"
)

// SPF checks the reverse-path of options.Envelope, or HELO when that is not known, for the
// client's address, which must be. RFC 7208
func SPF(ctx context.Context, options Options) (*SPFResult, error) {
	envelope, err := options.Envelope.handle()
	if err != nil {
		return nil, err
	}
	defer C.postseal_envelope_free(envelope)
	if envelope == nil {
		return nil, &Error{Status: StatusArgument, Text: "the client's address is not known"}
	}
	config, err := options.Config.raw()
	if err != nil {
		return nil, err
	}
	identity := C.int32_t(C.POSTSEAL_SPF_MAIL_FROM)
	if options.Envelope.MailFrom == nil {
		identity = C.POSTSEAL_SPF_HELO
	}
	var handle *C.postseal_spf
	var cause *C.postseal_error
	status := C.postseal_spf_new(config, envelope, identity, options.now(), &handle, &cause)
	runtime.KeepAlive(options.Config)
	if status < 0 {
		return nil, newError(status, cause)
	}
	defer C.postseal_spf_free(handle)
	exchange := newExchange(C.postseal_spf_exchange(handle), options)
	defer exchange.close()
	if err := exchange.complete(ctx); err != nil {
		return nil, err
	}
	var text C.postseal_bytes
	if err := check(C.postseal_spf_json(handle, &text), nil); err != nil {
		return nil, err
	}
	result := &SPFResult{}
	return result, json.Unmarshal(goBytes(text), result)
}

// Identifier is a domain with what SPF (the MAIL FROM identity) or DKIM (d=) says of it.
type Identifier struct {
	Domain string
	Result Result
}

// DMARC evaluates mail from the author domain from, given what spf and dkim say.
// RFC 9989
func DMARC(ctx context.Context, from string, spf, dkim []Identifier, options Options) (*DMARCResult, error) {
	config, err := options.Config.raw()
	if err != nil {
		return nil, err
	}
	name, size := chars(from)
	var handle *C.postseal_dmarc
	var cause *C.postseal_error
	status := C.postseal_dmarc_new(config, name, size, &handle, &cause)
	runtime.KeepAlive(options.Config)
	if status < 0 {
		return nil, newError(status, cause)
	}
	defer C.postseal_dmarc_free(handle)
	words := func(b *C.postseal_bytes) { C.postseal_dmarc_error(handle, b) }
	add := func(method C.int32_t, identifiers []Identifier) error {
		for _, identifier := range identifiers {
			domain, size := chars(identifier.Domain)
			status := C.postseal_dmarc_add(handle, method, domain, size, resultNumber(identifier.Result))
			if err := check(status, words); err != nil {
				return err
			}
		}
		return nil
	}
	if err := add(C.POSTSEAL_METHOD_SPF, spf); err != nil {
		return nil, err
	}
	if err := add(C.POSTSEAL_METHOD_DKIM, dkim); err != nil {
		return nil, err
	}
	if err := check(C.postseal_dmarc_start(handle), words); err != nil {
		return nil, err
	}
	exchange := newExchange(C.postseal_dmarc_exchange(handle), options)
	defer exchange.close()
	if err := exchange.complete(ctx); err != nil {
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
