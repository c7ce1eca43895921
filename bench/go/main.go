// verify_benchmark: postseal for Go and go-msgauth verify and sign the same message.
//
// A 10 KB message, one RSA-2048 signature, the key from memory; every verdict is
// checked. Runs of both alternate; the figures are medians of the time of one message.
// bench/go/run builds and runs it.
package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"sort"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"postseal.example/go/postseal"
)

const (
	rounds = 15
	count  = 200
)

var (
	ctx = context.Background()
	now = time.Unix(1767225600, 0)
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func makeMessage() string {
	var m strings.Builder
	m.WriteString("From: alice@example.com\r\nTo: bob@example.org\r\nSubject: Hello\r\n")
	for i := 0; i < 27; i++ {
		fmt.Fprintf(&m, "X-Field-%d: value %d of a header field\r\n", i, i)
	}
	m.WriteString("\r\n")
	for i := 0; i < 165; i++ {
		fmt.Fprintf(&m, "%04d the quick brown fox jumps over the lazy dog, again\r\n", i)
	}
	return m.String()
}

// median is the median time of one call of each function, in turns.
func median(calls ...func()) []time.Duration {
	times := make([][]time.Duration, len(calls))
	for round := 0; round < rounds; round++ {
		for i, call := range calls {
			begin := time.Now()
			for n := 0; n < count; n++ {
				call()
			}
			times[i] = append(times[i], time.Since(begin)/count)
		}
	}
	medians := make([]time.Duration, len(calls))
	for i := range times {
		sort.Slice(times[i], func(a, b int) bool { return times[i][a] < times[i][b] })
		medians[i] = times[i][rounds/2]
	}
	return medians
}

func row(name string, ours, theirs func()) {
	t := median(ours, theirs)
	fmt.Printf("| %s | %.0f | %.0f | %.1f |\n", name, float64(t[0].Nanoseconds())/1e3,
		float64(t[1].Nanoseconds())/1e3, float64(t[1])/float64(t[0]))
}

func main() {
	pair, err := postseal.GenerateKey("rsa", 2048, "example.com", "s1")
	must(err)
	key, err := postseal.NewKey(pair.PrivatePEM)
	must(err)
	block, _ := pem.Decode(pair.PrivatePEM)
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	must(err)
	message := makeMessage()
	signer, err := postseal.NewSigner(postseal.SignatureRequest{Domain: "example.com", Selector: "s1", Key: key})
	must(err)
	fields, err := signer.Sign(ctx, strings.NewReader(message), now)
	must(err)
	signed := []byte(fields + message)
	zone, err := postseal.NewZone(pair.ZoneText + "example.com. TXT \"v=spf1 -all\"\n")
	must(err)
	config, err := postseal.NewConfig(map[string]int64{"cached_keys": 16, "check_dmarc": 0})
	must(err)

	verify := func() {
		s, err := postseal.NewSession(postseal.Options{Now: now, Zone: zone, Config: config})
		must(err)
		_, err = s.Write(signed)
		must(err)
		must(s.EndOfMessage())
		result, err := s.Result(ctx)
		must(err)
		if result != postseal.Pass {
			log.Fatal("postseal: the message does not pass")
		}
		s.Close()
	}
	report := func() {
		r, err := postseal.Verify(ctx, bytes.NewReader(signed), postseal.Options{Now: now, Zone: zone, Config: config})
		must(err)
		if r.DKIM[0].Result != postseal.Pass {
			log.Fatal("postseal: the message does not pass")
		}
	}
	options := &dkim.VerifyOptions{LookupTXT: func(string) ([]string, error) { return []string{pair.Record}, nil }}
	theirs := func() {
		v, err := dkim.VerifyWithOptions(bytes.NewReader(signed), options)
		must(err)
		if len(v) != 1 || v[0].Err != nil {
			log.Fatal("go-msgauth: the message does not pass")
		}
	}
	signOptions := &dkim.SignOptions{Domain: "example.com", Selector: "s1", Signer: private.(crypto.Signer),
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed}

	fmt.Printf("%d octets; microseconds a message\n\n", len(signed))
	fmt.Println("| | postseal | go-msgauth | go-msgauth ÷ postseal |\n|---|---:|---:|---:|")
	row("DKIM verified", verify, theirs)
	row("DKIM verified, with the whole report", report, theirs)
	row("signed", func() {
		_, err := signer.Sign(ctx, strings.NewReader(message), now)
		must(err)
	}, func() { must(dkim.Sign(io.Discard, strings.NewReader(message), signOptions)) })
}
