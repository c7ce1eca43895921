package postseal

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
)

// NetResolver resolves by package net, which reads the hosts file too. It cannot tell a
// name that does not exist from one without such records, so that np= of DMARC never
// applies, and knows neither DNSSEC nor how long an answer is good for.
type NetResolver struct{ Resolver *net.Resolver }

// Lookup looks name up by the net.Resolver, or by the default one.
func (r NetResolver) Lookup(ctx context.Context, name string, kind Type) (Answer, error) {
	resolver := r.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	answer, err := ask(ctx, resolver, name+".", kind)
	if len(answer.RData) > 0 {
		// With an error, some records had names that no lookup can be made for: package
		// net leaves these out.
		return answer, nil
	}
	var dnsError *net.DNSError
	if err == nil || errors.As(err, &dnsError) && dnsError.IsNotFound {
		return Answer{Outcome: NotFound}, nil
	}
	return Answer{Outcome: TempError}, err
}

// ask asks r for name, which ends in a dot so that no search list applies.
func ask(ctx context.Context, r *net.Resolver, name string, kind Type) (Answer, error) {
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
	return Answer{Outcome: TempError}, errors.New("package net does not ask for this type")
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
