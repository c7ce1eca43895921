package postseal

// #include "postseal.h"
import "C"

import "context"

// Type is a DNS record type by its number.
type Type uint16

// The types that are asked for.
const (
	TypeA    Type = 1
	TypePTR  Type = 12
	TypeMX   Type = 15
	TypeTXT  Type = 16
	TypeAAAA Type = 28
)

// Outcome is what a lookup can say.
type Outcome int32

// Outcomes. NotFound is NoData or NXDomain, from a resolver that cannot say which.
const (
	Records   Outcome = C.POSTSEAL_DNS_RECORDS
	NoData    Outcome = C.POSTSEAL_DNS_NO_DATA
	NXDomain  Outcome = C.POSTSEAL_DNS_NX_DOMAIN
	NotFound  Outcome = C.POSTSEAL_DNS_NOT_FOUND
	TempError Outcome = C.POSTSEAL_DNS_TEMP_ERROR
)

// Answer is what came of a lookup. RData is in wire form without compression, of the
// type that was asked for.
type Answer struct {
	Outcome Outcome
	RData   [][]byte
	Secure  bool // validated by DNSSEC
	TTL     uint32
}

// TXT is an answer of TXT records; none are NoData.
func TXT(texts ...string) Answer {
	if len(texts) == 0 {
		return Answer{Outcome: NoData}
	}
	answer := Answer{Outcome: Records}
	for _, text := range texts {
		var rdata []byte
		for {
			n := min(len(text), 255)
			rdata = append(append(rdata, byte(n)), text[:n]...)
			if text = text[n:]; text == "" {
				break
			}
		}
		answer.RData = append(answer.RData, rdata)
	}
	return answer
}

// Resolver looks names up. Lookup is called from several goroutines at once; an error
// is a temporary error, whatever it is.
type Resolver interface {
	Lookup(ctx context.Context, name string, kind Type) (Answer, error)
}

// ResolverFunc is a function as a Resolver.
type ResolverFunc func(ctx context.Context, name string, kind Type) (Answer, error)

// Lookup calls f.
func (f ResolverFunc) Lookup(ctx context.Context, name string, kind Type) (Answer, error) {
	return f(ctx, name, kind)
}
