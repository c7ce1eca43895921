package postseal

import (
	"context"
	"net/netip"
	"testing"
)

func TestSPFAlone(t *testing.T) {
	zone := mustZone(t, `example.com. TXT "v=spf1 ip4:192.0.2.1 -all"
mail.example.com. TXT "v=spf1 ip4:192.0.2.2 ~all"
$TIMEOUT slow.example.com TXT
`)
	for _, c := range []struct {
		client, helo string
		mailFrom     *string
		result       Result
		scope        string
		why          string
	}{
		{"192.0.2.1", "", path("a@example.com"), Pass, "mfrom", "RFC 7208 §2.6.3"},
		{"192.0.2.2", "mail.example.com", path("a@example.com"), Fail, "mfrom", "the reverse-path comes first"},
		{"192.0.2.2", "mail.example.com", path(""), Pass, "mfrom", "RFC 7208 §2.4: postmaster at HELO"},
		{"192.0.2.2", "mail.example.com", nil, Pass, "helo", "no reverse-path is known"},
		{"192.0.2.1", "mail.example.com", nil, SoftFail, "helo", ""},
		{"192.0.2.1", "", path("a@nowhere.example"), None, "mfrom", "RFC 7208 §2.6.1"},
		{"192.0.2.1", "", path("a@slow.example.com"), TempErr, "mfrom", "the deadline"},
	} {
		result, err := SPF(context.Background(), Options{
			Envelope: Envelope{ClientIP: netip.MustParseAddr(c.client), HELO: c.helo, MailFrom: c.mailFrom},
			Now:      now, Zone: zone})
		if err != nil || result.Result != c.result || result.Scope != c.scope || len(result.DNS) != 1 {
			t.Errorf("%+v: got %+v %v", c, result, err)
		}
	}
}

func TestDMARCAlone(t *testing.T) {
	zone := mustZone(t, `_dmarc.example.com. TXT "v=DMARC1; p=reject; np=quarantine; aspf=s"
news.example.com. A 192.0.2.1
`)
	for _, c := range []struct {
		from        string
		spf, dkim   []Identifier
		result      Result
		disposition string
		why         string
	}{
		{"example.com", nil, []Identifier{{"mail.example.com", Pass}}, Pass, "none", "relaxed is the default"},
		{"example.com", []Identifier{{"mail.example.com", Pass}}, nil, Fail, "reject", "aspf=s"},
		{"example.com", []Identifier{{"example.com", SoftFail}}, []Identifier{{"example.com", Fail}}, Fail, "reject", "nothing passed"},
		{"news.example.com", nil, nil, Fail, "reject", "RFC 9989 §4.7: sp= is p= when absent"},
		{"gone.example.com", nil, nil, Fail, "quarantine", "RFC 9989 §4.7: np= for a name that does not exist"},
		{"example.org", []Identifier{{"example.org", Pass}}, nil, None, "none", "no policy"},
	} {
		result, err := DMARC(context.Background(), c.from, c.spf, c.dkim, Options{Zone: zone})
		if err != nil || result.Result != c.result || result.Disposition != c.disposition || len(result.DNS) == 0 {
			t.Errorf("%+v: got %+v %v", c, result, err)
		}
	}
}
