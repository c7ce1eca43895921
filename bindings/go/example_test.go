package postseal_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"postseal.example/go/postseal"
)

func ExampleVerify() {
	zone, err := postseal.NewZone(`example.com. TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.example.com. TXT "v=DMARC1; p=reject"
`)
	if err != nil {
		panic(err)
	}
	mailFrom := "alice@example.com"
	message := strings.NewReader("From: alice@example.com\r\n\r\nHello.\r\n")
	report, err := postseal.Verify(context.Background(), message, postseal.Options{
		Envelope: postseal.Envelope{ClientIP: netip.MustParseAddr("192.0.2.1"), MailFrom: &mailFrom},
		Now:      time.Unix(1767225600, 0),
		Zone:     zone,
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(report.Result, report.SPF.Result, report.DMARC.Result, report.DMARC.Reason)
	// Output: pass pass pass aligned
}

func ExampleSigner_Sign() {
	pair, err := postseal.GenerateKey("ed25519", 0, "example.com", "s1")
	if err != nil {
		panic(err)
	}
	key, err := postseal.NewKey(pair.PrivatePEM)
	if err != nil {
		panic(err)
	}
	signer, err := postseal.NewSigner(postseal.SignatureRequest{Domain: "example.com", Selector: "s1", Key: key})
	if err != nil {
		panic(err)
	}
	const message = "From: alice@example.com\r\n\r\nHello.\r\n"
	now := time.Unix(1767225600, 0)
	fields, err := signer.Sign(context.Background(), strings.NewReader(message), now)
	if err != nil {
		panic(err)
	}
	zone, err := postseal.NewZone(pair.ZoneText)
	if err != nil {
		panic(err)
	}
	report, err := postseal.Verify(context.Background(), strings.NewReader(fields+message),
		postseal.Options{Now: now, Zone: zone})
	if err != nil {
		panic(err)
	}
	fmt.Println(report.DKIM[0].Result, report.DKIM[0].Algorithm)
	// Output: pass ed25519-sha256
}

func ExampleParseRecord() {
	report, err := postseal.ParseRecord("spf", "v=spf1 foo")
	if err != nil {
		panic(err)
	}
	fmt.Println(report.Valid, *report.Offset)
	// Output: false 7
}
