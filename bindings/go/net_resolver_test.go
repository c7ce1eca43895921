package postseal

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"reflect"
	"strings"
	"testing"
)

// nameServer answers on loopback until the test ends: records has rdata by "name type", and
// rcode the codes of names. RFC 1035 §4.1
func nameServer(t *testing.T, records map[string][]string, rcode map[string]byte) *net.Resolver {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	go func() {
		packet := make([]byte, 1500)
		for {
			n, client, err := socket.ReadFrom(packet)
			if err != nil {
				return
			}
			socket.WriteTo(respond(packet[:n], records, rcode), client)
		}
	}()
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", socket.LocalAddr().String())
	}
	return &net.Resolver{PreferGo: true, Dial: dial}
}

// respond is the answer to a query of one question.
func respond(query []byte, records map[string][]string, rcode map[string]byte) []byte {
	var labels []string
	at := 12
	for ; query[at] != 0; at += 1 + int(query[at]) {
		labels = append(labels, string(query[at+1:at+1+int(query[at])]))
	}
	name := strings.ToLower(strings.Join(labels, "."))
	kind := binary.BigEndian.Uint16(query[at+1:])
	code, refused := rcode[name]
	found := records[name+" "+Type(kind).word()]
	if !refused {
		code = 3 // NXDOMAIN, unless the name has something
		for key := range records {
			if strings.HasPrefix(key, name+" ") {
				code = 0
			}
		}
	}
	header := []byte{query[0], query[1], 0x81, 0x80 | code, 0, 1, 0, byte(len(found)), 0, 0, 0, 0}
	response := append(header, query[12:at+5]...)
	for _, rdata := range found {
		response = append(response, 0xc0, 12, byte(kind>>8), byte(kind), 0, 1, 0, 0, 0, 60)
		response = binary.BigEndian.AppendUint16(response, uint16(len(rdata)))
		response = append(response, rdata...)
	}
	return response
}

// word is the type's name, for the keys of these tests.
func (k Type) word() string {
	return map[Type]string{TypeA: "A", TypeAAAA: "AAAA", TypeMX: "MX", TypePTR: "PTR", TypeTXT: "TXT"}[k]
}

func TestNetResolver(t *testing.T) {
	server := nameServer(t, map[string][]string{
		"example.com TXT":              {"\x03v=s\x03pf1", "\x01x"},
		"example.com A":                {"\xc0\x00\x02\x01"},
		"example.com AAAA":             {"\x20\x01\x0d\xb8" + strings.Repeat("\x00", 11) + "\x01"},
		"example.com MX":               {"\x00\x0a\x04mail\x07example\x00"},
		"1.2.0.192.in-addr.arpa PTR":   {"\x04mail\x07example\x00"},
		"null-mx.example MX":           {"\x00\x00\x00"}, // RFC 7505
		"one-good-mx.example MX":       {"\x00\x0a\x01 \x00", "\x00\x0a\x01m\x00"},
		"no-records.of-this-kind.test": {},
	}, map[string]byte{"broken.example": 2})
	for _, c := range []struct {
		name string
		kind Type
		want Answer
		why  string
	}{
		{"example.com", TypeTXT, Answer{Outcome: Records, RData: [][]byte{[]byte("\x06v=spf1"), []byte("\x01x")}}, "strings of a record are joined"},
		{"example.com", TypeA, Answer{Outcome: Records, RData: [][]byte{{192, 0, 2, 1}}}, ""},
		{"example.com", TypeAAAA, Answer{Outcome: Records, RData: [][]byte{[]byte("\x20\x01\x0d\xb8" + strings.Repeat("\x00", 11) + "\x01")}}, ""},
		{"example.com", TypeMX, Answer{Outcome: Records, RData: [][]byte{[]byte("\x00\x0a\x04mail\x07example\x00")}}, ""},
		{"1.2.0.192.in-addr.arpa", TypePTR, Answer{Outcome: Records, RData: [][]byte{[]byte("\x04mail\x07example\x00")}}, ""},
		{"null-mx.example", TypeMX, Answer{Outcome: Records, RData: [][]byte{{0, 0, 0}}}, "the root is a name"},
		{"one-good-mx.example", TypeMX, Answer{Outcome: Records, RData: [][]byte{[]byte("\x00\x0a\x01m\x00")}}, "a bad name costs its record alone"},
		{"nowhere.example", TypeTXT, Answer{Outcome: NotFound}, "NXDOMAIN looks like no data"},
		{"null-mx.example", TypeTXT, Answer{Outcome: NotFound}, "no data looks like NXDOMAIN"},
		{"broken.example", TypeTXT, Answer{Outcome: TempError}, "SERVFAIL"},
		{"example.com", Type(99), Answer{Outcome: TempError}, "package net has no such call"},
	} {
		got, err := NetResolver{server}.Lookup(context.Background(), c.name, c.kind)
		if !reflect.DeepEqual(got, c.want) || (err != nil) != (c.want.Outcome == TempError) {
			t.Errorf("%s %d: want %v, got %v %v (%s)", c.name, c.kind, c.want, got, err, c.why)
		}
	}
}

// The forms are those of RFC 1035 §3.3 and RFC 3596.
func TestWireForms(t *testing.T) {
	if got := wireName("mail.example."); !bytes.Equal(got, []byte("\x04mail\x07example\x00")) {
		t.Errorf("name: %q", got)
	}
	long := strings.Repeat("k", 300)
	if got := TXT(long).RData[0]; len(got) != 302 || got[0] != 255 || got[256] != 45 {
		t.Errorf("TXT: %q", got)
	}
	if got := TXT("").RData[0]; !bytes.Equal(got, []byte{0}) {
		t.Errorf("empty TXT: %q", got)
	}
	for name, want := range map[string]string{
		"1.2.0.192.in-addr.arpa.": "192.0.2.1",
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa": "2001:db8::1",
	} {
		if got, ok := reverseAddress(name); !ok || got.String() != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, name := range []string{"example.com", "1.2.ip6.arpa", "x.2.0.192.in-addr.arpa"} {
		if got, ok := reverseAddress(name); ok {
			t.Errorf("%s: %v", name, got)
		}
	}
}
