package postseal

import (
	"context"
	"errors"
	"runtime"
	"testing"
)

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

// What is looked up early must leave what is asked later alone.
func TestLookupsWhileTheMessageComes(t *testing.T) {
	ctx := context.Background()
	zone := mustZone(t, "example.com. TXT \""+policies["example.com"]+"\"\n_dmarc.example.com. TXT \""+policies["_dmarc.example.com"]+"\"\n")
	for _, c := range []struct {
		name    string
		options Options
		early   func(*Session) error
	}{
		{"resolver, waiting", Options{Resolver: testResolver(policies)}, func(s *Session) error { return s.Resolve(ctx) }},
		{"resolver, not waiting", Options{Resolver: testResolver(policies)}, func(s *Session) error { return s.Poll(ctx) }},
		{"zone, waiting", Options{Zone: zone}, func(s *Session) error { return s.Resolve(ctx) }},
		{"zone, not waiting", Options{Zone: zone}, func(s *Session) error { return s.Poll(ctx) }},
	} {
		c.options.Envelope, c.options.Now = envelope(), now
		s, err := NewSession(c.options)
		if err != nil {
			t.Fatal(err)
		}
		for _, octet := range []byte(message) {
			if err := c.early(s); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if _, err := s.Write([]byte{octet}); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
		// Asked too early, which must not end the waiting either.
		var misuse *Error
		if _, err := s.Report(ctx); !errors.As(err, &misuse) || misuse.Status != StatusState {
			t.Errorf("%s: a report before the message's end: %v", c.name, err)
		}
		if err := s.EndOfMessage(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if result, err := s.Result(ctx); err != nil || result != Pass {
			t.Errorf("%s: want pass, got %v %v", c.name, result, err)
		}
		s.Close()
	}
}

// untilCancelled is a resolver that never answers, and says when its lookup is cancelled.
func untilCancelled(begun, cancelled chan<- struct{}) Resolver {
	return ResolverFunc(func(ctx context.Context, _ string, _ Type) (Answer, error) {
		begun <- struct{}{}
		<-ctx.Done()
		cancelled <- struct{}{}
		return Answer{}, ctx.Err()
	})
}

func TestAForgottenSessionCancelsItsLookups(t *testing.T) {
	begun, cancelled := make(chan struct{}), make(chan struct{})
	func() {
		s, err := NewSession(Options{Envelope: envelope(), Now: now, Resolver: untilCancelled(begun, cancelled)})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Poll(context.Background()); err != nil {
			t.Fatal(err)
		}
		<-begun
	}()
	for {
		runtime.GC()
		select {
		case <-cancelled:
			return
		default:
			runtime.Gosched()
		}
	}
}

func TestClosingCancelsLookups(t *testing.T) {
	begun, cancelled := make(chan struct{}), make(chan struct{})
	s, err := NewSession(Options{Envelope: envelope(), Now: now, Resolver: untilCancelled(begun, cancelled)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Poll(context.Background()); err != nil {
		t.Fatal(err)
	}
	<-begun
	s.Close()
	<-cancelled
}
