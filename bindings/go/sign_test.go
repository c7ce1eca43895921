package postseal

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestKeysElsewhereSign(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := NewSigner(
		SignatureRequest{Domain: "example.com", Selector: "r", Signer: rsaKey, Identity: "a@example.com", ExpiresIn: time.Hour},
		SignatureRequest{Domain: "example.com", Selector: "e", Signer: edKey, SimpleHeader: true, Headers: []string{"Subject"}})
	if err != nil {
		t.Fatal(err)
	}
	defer signer.Close()
	fields, err := signer.Sign(context.Background(), strings.NewReader(message), now)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(rsaKey.Public())
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.StdEncoding.EncodeToString
	resolver := testResolver(map[string]string{
		"r._domainkey.example.com": "v=DKIM1; k=rsa; p=" + b64(der),
		"e._domainkey.example.com": "v=DKIM1; k=ed25519; p=" + b64(edKey.Public().(ed25519.PublicKey)),
	})
	report, err := Verify(context.Background(), strings.NewReader(fields+message), Options{Now: now, Resolver: resolver})
	if err != nil {
		t.Fatal(err)
	}
	for i := range report.DKIM {
		if report.DKIM[i].Result != Pass {
			t.Errorf("signature %d: %s", i, report.Explanation)
		}
	}
	if len(report.DKIM) != 2 || report.DKIM[0].Identity != "a@example.com" {
		t.Errorf("want two signatures, got %+v", report.DKIM)
	}
}

// brokenSigner has a public key alone.
type brokenSigner struct{ public crypto.PublicKey }

var errBroken = errors.New("the token is not plugged in")

func (b brokenSigner) Public() crypto.PublicKey { return b.public }
func (b brokenSigner) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errBroken
}

func TestAKeyThatFailsCostsItsSignatureAlone(t *testing.T) {
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	broken := SignatureRequest{Domain: "example.com", Selector: "broken", Signer: brokenSigner{edKey.Public()}}
	whole := SignatureRequest{Domain: "example.com", Selector: "whole", Signer: edKey}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		name     string
		ctx      context.Context
		requests []SignatureRequest
		want     error
		fields   int
	}{
		{"first of two", context.Background(), []SignatureRequest{broken, whole}, errBroken, 1},
		{"second of two", context.Background(), []SignatureRequest{whole, broken}, errBroken, 1},
		{"the only one", context.Background(), []SignatureRequest{broken}, errBroken, 0},
		{"no time left", ended, []SignatureRequest{whole}, context.Canceled, 0},
	} {
		signer, err := NewSigner(c.requests...)
		if err != nil {
			t.Fatal(err)
		}
		fields, err := signer.Sign(c.ctx, strings.NewReader(message), now)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: want %v, got %v", c.name, c.want, err)
		}
		if n := strings.Count(fields, "DKIM-Signature:"); n != c.fields || strings.Contains(fields, "s=broken") {
			t.Errorf("%s: want %d signatures, got %q", c.name, c.fields, fields)
		}
		signer.Close()
	}
}

func TestMessagesThatCannotBeSigned(t *testing.T) {
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := NewSigner(SignatureRequest{Domain: "example.com", Selector: "s", Signer: edKey})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"no From":   "Subject: x\r\n\r\n",
		"two Froms": "From: a@example.com\r\nFrom: b@example.com\r\n\r\n",
	} {
		var misuse *Error
		if fields, err := signer.Sign(context.Background(), strings.NewReader(text), now); fields != "" || !errors.As(err, &misuse) {
			t.Errorf("%s: %q %v", name, fields, err)
		}
	}
	signer.Close()
	var misuse *Error
	if _, err := signer.Sign(context.Background(), strings.NewReader(message), now); !errors.As(err, &misuse) || misuse.Status != StatusState {
		t.Errorf("a closed signer: %v", err)
	}
}
