package postseal

// #include <stdlib.h>
// #include "postseal.h"
import "C"

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"unsafe"
)

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

// NetResolver resolves by package net. It cannot tell a name that does not exist from
// one without such records, so that np= of DMARC never applies, and knows no DNSSEC.
type NetResolver struct{ Resolver *net.Resolver }

// Lookup looks name up by the net.Resolver, or by the default one.
func (r NetResolver) Lookup(ctx context.Context, name string, kind Type) (Answer, error) {
	resolver := r.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	answer, err := lookup(ctx, resolver, name+".", kind)
	var dnsError *net.DNSError
	if errors.As(err, &dnsError) && dnsError.IsNotFound {
		return Answer{Outcome: NotFound}, nil
	}
	if err == nil && len(answer.RData) == 0 {
		answer.Outcome = NoData
	}
	return answer, err
}

func lookup(ctx context.Context, r *net.Resolver, name string, kind Type) (Answer, error) {
	answer := Answer{Outcome: Records}
	switch kind {
	case TypeTXT:
		texts, err := r.LookupTXT(ctx, name)
		return TXT(texts...), err
	case TypeA, TypeAAAA:
		network := map[Type]string{TypeA: "ip4", TypeAAAA: "ip6"}[kind]
		addresses, err := r.LookupNetIP(ctx, network, name)
		for _, address := range addresses {
			answer.RData = append(answer.RData, address.Unmap().AsSlice())
		}
		return answer, err
	case TypeMX:
		records, err := r.LookupMX(ctx, name)
		for _, mx := range records {
			rdata := []byte{byte(mx.Pref >> 8), byte(mx.Pref)}
			answer.RData = append(answer.RData, append(rdata, wireName(mx.Host)...))
		}
		return answer, err
	case TypePTR:
		address, ok := reverseAddress(name)
		if !ok {
			return Answer{Outcome: NoData}, nil
		}
		names, err := r.LookupAddr(ctx, address.String())
		for _, host := range names {
			answer.RData = append(answer.RData, wireName(host))
		}
		return answer, err
	}
	return Answer{Outcome: NoData}, nil
}

// wireName is a name in wire form.
func wireName(name string) []byte {
	var wire []byte
	for _, label := range strings.Split(strings.TrimSuffix(name, "."), ".") {
		if label != "" {
			wire = append(append(wire, byte(len(label))), label...)
		}
	}
	return append(wire, 0)
}

// reverseAddress is the address whose reverse name is name. RFC 1035 §3.5, RFC 3596 §2.5
func reverseAddress(name string) (netip.Addr, bool) {
	name = strings.TrimSuffix(name, ".")
	if rest, ok := strings.CutSuffix(name, ".in-addr.arpa"); ok {
		parts := strings.Split(rest, ".")
		for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
			parts[i], parts[j] = parts[j], parts[i]
		}
		address, err := netip.ParseAddr(strings.Join(parts, "."))
		return address, err == nil
	}
	rest, ok := strings.CutSuffix(name, ".ip6.arpa")
	digits := strings.Split(rest, ".")
	if !ok || len(digits) != 32 {
		return netip.Addr{}, false
	}
	var text strings.Builder
	for i := range digits {
		if i > 0 && i%4 == 0 {
			text.WriteByte(':')
		}
		text.WriteString(digits[len(digits)-1-i])
	}
	address, err := netip.ParseAddr(text.String())
	return address, err == nil
}

// Zone answers from zone text in memory (RFC 1035 §5), without network. It is no
// Resolver: it answers all of a session at once.
type Zone struct{ handle *C.postseal_zone }

// NewZone reads text; an error has its line and column.
func NewZone(text string) (*Zone, error) {
	z := &Zone{}
	if status := C.postseal_zone_new(&z.handle); status < 0 {
		return nil, newError(status, nil)
	}
	keep(z, (*Zone).Close)
	data, size := chars(text)
	name, nameSize := chars("zone")
	status := C.postseal_zone_add(z.handle, data, size, name, nameSize)
	err := check(status, func(b *C.postseal_bytes) { C.postseal_zone_error(z.handle, b) })
	if err != nil {
		z.Close()
		return nil, err
	}
	return z, nil
}

// Close frees z.
func (z *Zone) Close() {
	C.postseal_zone_free(z.handle)
	z.handle = nil
	runtime.SetFinalizer(z, nil)
}

// provide gives an answer to the exchange. The records are copied to C's memory for the
// call, because a slice of pointers to Go memory may not be passed.
func provide(exchange *C.postseal_exchange, id C.uint32_t, answer Answer) error {
	size := 0
	for _, data := range answer.RData {
		size += len(data)
	}
	var secure C.int32_t
	if answer.Secure {
		secure = 1
	}
	count := len(answer.RData)
	var records *C.postseal_bytes
	if count > 0 {
		views := C.size_t(count) * C.size_t(unsafe.Sizeof(C.postseal_bytes{}))
		memory := C.malloc(views + C.size_t(size))
		defer C.free(memory)
		records = (*C.postseal_bytes)(memory)
		list := unsafe.Slice(records, count)
		storage := unsafe.Slice((*byte)(unsafe.Add(memory, views)), size)
		for i, data := range answer.RData {
			n := copy(storage, data)
			list[i] = C.postseal_bytes{}
			if n > 0 {
				list[i].data = (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(storage)))
			}
			list[i].len = C.size_t(n)
			storage = storage[n:]
		}
	}
	return check(C.postseal_exchange_provide(exchange, id, C.int32_t(answer.Outcome), secure,
		C.uint32_t(answer.TTL), records, C.size_t(count)), nil)
}

// resolve answers every query of the exchange: by zone, or by resolver with one
// goroutine a query. When ctx ends, what is left is a temporary error and ctx's error
// is not one of ours: the report says what the deadline did.
func resolve(ctx context.Context, exchange *C.postseal_exchange, zone *Zone, resolver Resolver) error {
	if zone != nil {
		err := check(C.postseal_zone_answer(zone.handle, exchange), nil)
		runtime.KeepAlive(zone)
		if err != nil {
			return err
		}
		return expire(exchange)
	}
	if resolver == nil {
		resolver = NetResolver{}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		id     C.uint32_t
		answer Answer
	}
	results := make(chan result)
	for pending := 0; ; pending-- {
		for {
			id, name, kind, ok, err := nextQuery(exchange)
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			pending++
			go func() {
				answer, err := resolver.Lookup(ctx, name, kind)
				if err != nil {
					answer = Answer{Outcome: TempError}
				}
				select {
				case results <- result{id, answer}:
				case <-ctx.Done():
				}
			}()
		}
		if pending == 0 {
			return expire(exchange)
		}
		select {
		case got := <-results:
			if err := provide(exchange, got.id, got.answer); err != nil {
				return err
			}
		case <-ctx.Done():
			return expire(exchange)
		}
	}
}

func nextQuery(exchange *C.postseal_exchange) (C.uint32_t, string, Type, bool, error) {
	var id C.uint32_t
	var kind C.uint16_t
	var name C.postseal_bytes
	status := C.postseal_exchange_next_query(exchange, &id, &kind, &name)
	if status < 0 {
		return 0, "", 0, false, check(status, nil)
	}
	if status != C.POSTSEAL_MORE {
		return 0, "", 0, false, nil
	}
	return id, goString(name), Type(kind), true, nil
}

// expire ends the waiting, if there is any.
func expire(exchange *C.postseal_exchange) error {
	if C.postseal_exchange_is_done(exchange) == 1 {
		return nil
	}
	return check(C.postseal_exchange_expire(exchange), nil)
}
