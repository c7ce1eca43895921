package postseal

import (
	"context"
	"reflect"
	"testing"
)

func TestLint(t *testing.T) {
	zone := mustZone(t, `example.com. TXT "v=spf1 +all"`)
	report, err := LintSPF(context.Background(), "example.com", Options{Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	if report.Domain != "example.com" || len(report.Findings) == 0 || len(report.Records) != 1 || report.Records[0].Text != "v=spf1 +all" || len(report.DNS) != 1 {
		t.Errorf("%+v", report)
	}
}

// The field is that of RFC 8601 appendix B.6, shortened.
func TestParseAuthenticationResults(t *testing.T) {
	field := "Authentication-Results: example.com 1; dkim=pass reason=\"good signature\" header.i=@mail-router.example.net"
	parsed, err := ParseAuthenticationResults(field)
	if err != nil {
		t.Fatal(err)
	}
	version := 1
	want := &ResultsField{Valid: true, AuthservID: "example.com", Version: &version, Results: []MethodResult{{
		Method: "dkim", Result: Pass, Reason: "good signature",
		Properties: []Property{{"header", "i", "@mail-router.example.net"}},
	}}}
	if !reflect.DeepEqual(parsed, want) {
		t.Errorf("want %+v, got %+v", want, parsed)
	}
	if parsed, err := ParseAuthenticationResults(";"); err != nil || parsed.Valid || parsed.Error == "" {
		t.Errorf("a malformed field: %+v %v", parsed, err)
	}
}

func TestParseRecord(t *testing.T) {
	for _, c := range []struct {
		method, record string
		valid          bool
		warnings       int
		why            string
	}{
		{"spf", "v=spf1 -all", true, 0, "RFC 7208 §4.5"},
		{"spf", "v=spf1 foo", false, 0, "RFC 7208 §4.6: an unknown mechanism"},
		{"dkim", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", true, 0, "RFC 8463 appendix A.2"},
		{"dkim", "v=DKIM2; p=", false, 0, "RFC 6376 §3.6.1: v= must be DKIM1"},
		{"dmarc", "v=DMARC1; p=reject; adkim=x", true, 1, "RFC 9989 §4.8: an error costs its tag"},
		{"dmarc", "v=DMARC2; p=reject", false, 0, "RFC 9989 §4.8: not a DMARC record"},
	} {
		report, err := ParseRecord(c.method, c.record)
		if err != nil {
			t.Fatal(err)
		}
		if report.Valid != c.valid || len(report.Warnings) != c.warnings || (report.Error == "") != c.valid || (report.Record == "") == c.valid {
			t.Errorf("%s %q: %+v (%s)", c.method, c.record, report, c.why)
		}
	}
}

func TestOrgDomain(t *testing.T) {
	config := mustConfig(t)
	if err := config.SetPublicSuffixes("co.jp"); err != nil {
		t.Fatal(err)
	}
	if domain, err := OrgDomain(config, "a.b.example.co.jp"); err != nil || domain != "example.co.jp" {
		t.Errorf("%q %v", domain, err)
	}
}
