package postseal

import (
	"context"
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

func mustConfig(t *testing.T) *Config {
	t.Helper()
	config, err := NewConfig(nil)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func mustZone(t *testing.T, text string) *Zone {
	t.Helper()
	zone, err := NewZone(text)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestMisuseIsAnError(t *testing.T) {
	ctx := context.Background()
	closed, err := NewSession(Options{})
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	closed.Close()
	closedConfig, closedZone := mustConfig(t), mustZone(t, "")
	closedConfig.Close()
	closedZone.Close()
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
		{"closed session", StatusState, func() error { return closed.Resolve(ctx) }},
		{"closed session, fed", StatusState, func() error { _, err := closed.Write([]byte("x")); return err }},
		{"closed configuration", StatusState, func() error { _, err := NewSession(Options{Config: closedConfig}); return err }},
		{"closed configuration, set", StatusState, func() error { return closedConfig.SetPublicSuffixes("") }},
		{"closed zone", StatusState, func() error {
			_, err := Verify(ctx, strings.NewReader(message), Options{Zone: closedZone})
			return err
		}},
		{"no list", StatusState, func() error { _, err := OrgDomain(mustConfig(t), "example.com"); return err }},
		{"no configuration", StatusArgument, func() error { _, err := OrgDomain(nil, "example.com"); return err }},
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

// testResolver answers by TXT records; no other name exists.
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
