package postseal

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

const message = "From: a@example.com\r\nSubject: x\r\n\r\nHello.\r\n"

var now = time.Unix(1767225600, 0)

// root is the tree's.
func root() string {
	if folder := os.Getenv("POSTSEAL_ROOT"); folder != "" {
		return folder
	}
	return "../.."
}

func path(s string) *string { return &s }

func TestMisuseIsAnError(t *testing.T) {
	ctx := context.Background()
	closed, err := NewSession(Options{})
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	closed.Close()
	cases := []struct {
		name   string
		status Status
		call   func() error
	}{
		{"option", StatusArgument, func() error { _, err := NewConfig(map[string]int64{"no": 1}); return err }},
		{"range", StatusArgument, func() error { _, err := NewConfig(map[string]int64{"check_dmarc": 2}); return err }},
		{"zone", StatusArgument, func() error { _, err := NewZone("example.com. TXT"); return err }},
		{"key", StatusKey, func() error { _, err := NewKey([]byte("no key")); return err }},
		{"no key", StatusKey, func() error { _, err := NewSigner(SignatureRequest{Domain: "a.example", Selector: "s"}); return err }},
		{"before 1970", StatusArgument, func() error { _, err := NewSession(Options{Now: time.Unix(-1, 0)}); return err }},
		{"closed", StatusState, func() error { return closed.Resolve(ctx) }},
		{"author", StatusArgument, func() error { _, err := DMARC(ctx, "a..b", nil, nil, Options{}); return err }},
		{"result", StatusArgument, func() error {
			_, err := DMARC(ctx, "example.com", []Identifier{{"example.com", "good"}}, nil, Options{})
			return err
		}},
		{"client", StatusArgument, func() error { _, err := SPF(ctx, Options{}); return err }},
		{"method", StatusArgument, func() error { _, err := ParseRecord("spam", ""); return err }},
		{"helo", StatusTooLarge, func() error {
			_, err := NewSession(Options{Envelope: Envelope{HELO: strings.Repeat("x", 4097)}})
			return err
		}},
	}
	for _, c := range cases {
		var e *Error
		if err := c.call(); !errors.As(err, &e) || e.Status != c.status || e.Error() == "" {
			t.Errorf("%s: want status %d, got %v", c.name, c.status, err)
		}
	}
}

// testZone answers for example.com by function.
func testResolver(records map[string]string) ResolverFunc {
	return func(_ context.Context, name string, kind Type) (Answer, error) {
		if text, ok := records[name]; ok && kind == TypeTXT {
			return TXT(text), nil
		}
		return Answer{Outcome: NXDomain}, nil
	}
}

var policies = map[string]string{
	"example.com":        "v=spf1 ip4:192.0.2.1 -all",
	"_dmarc.example.com": "v=DMARC1; p=reject",
}

func envelope() Envelope {
	return Envelope{ClientIP: netip.MustParseAddr("192.0.2.1"), MailFrom: path("a@example.com")}
}

func TestResolversGiveOneReport(t *testing.T) {
	zone, err := NewZone("example.com. TXT \"" + policies["example.com"] + "\"\n_dmarc.example.com. TXT \"" +
		policies["_dmarc.example.com"] + "\"\n")
	if err != nil {
		t.Fatal(err)
	}
	byZone, err := Verify(context.Background(), strings.NewReader(message), Options{Envelope: envelope(), Now: now, Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	byFunction, err := Verify(context.Background(), strings.NewReader(message), Options{Envelope: envelope(), Now: now, Resolver: testResolver(policies)})
	if err != nil {
		t.Fatal(err)
	}
	if byZone.Result != Pass || byFunction.Result != Pass {
		t.Errorf("want pass: %s %s", byZone.Explanation, byFunction.Explanation)
	}
	if byZone.AuthenticationResults != byFunction.AuthenticationResults {
		t.Errorf("%s differs from %s", byZone.AuthenticationResults, byFunction.AuthenticationResults)
	}
}

func TestTroubleIsATemporaryError(t *testing.T) {
	never := ResolverFunc(func(ctx context.Context, _ string, _ Type) (Answer, error) {
		<-ctx.Done()
		return Answer{}, ctx.Err()
	})
	over, cancel := context.WithCancel(context.Background())
	cancel()
	broken := ResolverFunc(func(context.Context, string, Type) (Answer, error) { return Answer{}, errors.New("no network") })
	for _, c := range []struct {
		name     string
		ctx      context.Context
		resolver Resolver
	}{{"deadline", over, never}, {"error", context.Background(), broken}} {
		report, err := Verify(c.ctx, strings.NewReader(message), Options{Envelope: envelope(), Now: now, Resolver: c.resolver})
		if err != nil || report.Result != TempErr {
			t.Errorf("%s: want temperror, got %v %v", c.name, report, err)
		}
	}
}

func TestFieldsOfAMilter(t *testing.T) {
	s, err := NewSession(Options{Envelope: envelope(), Now: now, Resolver: testResolver(policies)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	steps := []error{
		s.Header("Authentication-Results", " mx.example; spf=pass"),
		s.Header("From", " a@example.com"), s.Header("Subject", " x\n y"), s.EndOfHeaders(),
		s.Resolve(context.Background()), s.Body([]byte("Hello.\r\n")), s.EndOfMessage(),
	}
	if err := errors.Join(steps...); err != nil {
		t.Fatal(err)
	}
	report, err := s.Report(context.Background())
	if err != nil || report.Result != Pass {
		t.Errorf("want pass, got %v %v", report, err)
	}
	forged, err := s.ForgedFields("mx.example")
	if err != nil || len(forged) != 1 || forged[0] != (Removal{0, 1}) {
		t.Errorf("want the first field, got %v %v", forged, err)
	}
	if err := s.Header("To", " b"); err == nil {
		t.Error("a field after the body is taken")
	}
}

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

func TestGoroutinesShareWhatIsShared(t *testing.T) {
	pair, err := GenerateKey("ed25519", 0, "example.com", "s1")
	if err != nil {
		t.Fatal(err)
	}
	key, err := NewKey(pair.PrivatePEM)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := NewSigner(SignatureRequest{Domain: "example.com", Selector: "s1", Key: key})
	if err != nil {
		t.Fatal(err)
	}
	zone, err := NewZone(pair.ZoneText)
	if err != nil {
		t.Fatal(err)
	}
	config, err := NewConfig(map[string]int64{"cached_keys": 10})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := 0; i < 8; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for j := 0; j < 20; j++ {
				fields, err := signer.Sign(context.Background(), strings.NewReader(message), now)
				if err != nil {
					t.Error(err)
					return
				}
				report, err := Verify(context.Background(), strings.NewReader(fields+message), Options{Now: now, Zone: zone, Config: config})
				if err != nil || report.Result != Pass {
					t.Errorf("want pass: %v %v", report, err)
				}
			}
		}()
	}
	all.Wait()
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
