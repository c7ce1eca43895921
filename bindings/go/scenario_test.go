package postseal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// scenario is a file of testdata/scenarios; README.md there has the format.
type scenario struct {
	zone       string
	options    Options
	config     map[string]int64
	suffixes   bool
	expect     map[string]any
	queries    map[string]bool
	message    []byte
	hasTimeout bool
}

func readScenario(t *testing.T, path string) scenario {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := scenario{config: map[string]int64{"record_message": 1}, expect: map[string]any{}, queries: map[string]bool{}}
	s.options.AuthservID = "mx.example.net"
	s.options.Now = time.Unix(1767225600, 0)
	section := ""
	rest := string(text)
	for rest != "" {
		line, after, _ := strings.Cut(rest, "\n")
		rest = after
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			section = line
			if section == "[message]" {
				s.message = []byte(strings.ReplaceAll(rest, "\n", "\r\n"))
				return s
			}
			if section == "[message escaped]" {
				s.message = unescape(t, rest)
				return s
			}
			continue
		}
		if section == "[zone]" {
			s.zone += line + "\n"
			s.hasTimeout = s.hasTimeout || strings.HasPrefix(line, "$TIMEOUT")
			continue
		}
		if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#") {
			s.readLine(t, section, line)
		}
	}
	t.Fatalf("%s: no message", path)
	return s
}

func (s *scenario) readLine(t *testing.T, section, line string) {
	t.Helper()
	switch section {
	case "[envelope]":
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		e := &s.options.Envelope
		switch name {
		case "client_ip":
			e.ClientIP = netip.MustParseAddr(value)
		case "helo":
			e.HELO = value
		case "mail_from":
			e.MailFrom = &value
		case "receiver":
			e.Receiver = value
		case "smtputf8":
			e.SMTPUTF8 = value == "true"
		}
	case "[options]":
		name, value, _ := strings.Cut(line, ":")
		s.readOption(t, strings.TrimSpace(name), strings.TrimSpace(value))
	case "[expect]":
		path, value, _ := strings.Cut(line, "=")
		var want any
		if err := json.Unmarshal([]byte(value), &want); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		s.expect[strings.TrimSpace(path)] = want
	case "[queries]":
		words := strings.Fields(line)
		s.queries[words[1]+" "+words[2]] = true
	}
}

func (s *scenario) readOption(t *testing.T, name, value string) {
	t.Helper()
	switch {
	case name == "now":
		now, _ := strconv.ParseInt(value, 10, 64)
		s.options.Now = time.Unix(now, 0)
	case name == "authserv_id":
		s.options.AuthservID, _ = strconv.Unquote(value)
	case name == "suffixes":
		s.suffixes = value == "true"
	case value == "true":
		s.config[name] = 1
	case value == "false":
		s.config[name] = 0
	case value == "null":
		s.config[name] = -1
	default:
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s.config[name] = number
	}
}

// unescape decodes a message with escapes.
func unescape(t *testing.T, text string) []byte {
	t.Helper()
	var out []byte
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\n':
			out = append(out, "\r\n"...)
		case text[i] != '\\':
			out = append(out, text[i])
		default:
			i++
			if i == len(text) {
				return out // at the end of the file: no line end
			}
			switch text[i] {
			case '\n': // the line has no end
			case 'x':
				n, err := strconv.ParseUint(text[i+1:i+3], 16, 8)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, byte(n))
				i += 2
			default:
				at := strings.IndexByte(`\rnt0`, text[i])
				out = append(out, "\\\r\n\t\x00"[at])
			}
		}
	}
	return out
}

// at is what a path of [expect] leads to.
func at(report any, path string) any {
	for _, part := range strings.Split(path, ".") {
		switch value := report.(type) {
		case map[string]any:
			report = value[part]
		case []any:
			if part == "length" {
				report = float64(len(value))
				continue
			}
			index, err := strconv.Atoi(part)
			if err != nil || index >= len(value) {
				return fmt.Sprintf("no %q", part)
			}
			report = value[index]
		default:
			return fmt.Sprintf("no %q", part)
		}
	}
	return report
}

// shuffled answers by what a zone has told before, each answer after a random number of
// other goroutines had their turn.
type shuffled struct{ known map[string]Answer }

func (r shuffled) Lookup(_ context.Context, name string, kind Type) (Answer, error) {
	for n := rand.Intn(20); n > 0; n-- {
		runtime.Gosched()
	}
	return r.known[fmt.Sprint(name, " ", kind)], nil
}

func TestEveryScenario(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(root(), "testdata/scenarios/*.case"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no scenarios", err)
	}
	t.Logf("%d scenarios", len(paths))
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".case"), func(t *testing.T) {
			runScenario(t, readScenario(t, path))
		})
	}
}

func runScenario(t *testing.T, s scenario) {
	config, err := NewConfig(s.config)
	if err != nil {
		t.Fatal(err)
	}
	defer config.Close()
	if s.suffixes {
		if err := config.SetPublicSuffixes(""); err != nil {
			t.Fatal(err)
		}
	}
	zone, err := NewZone(s.zone)
	if err != nil {
		t.Fatal(err)
	}
	defer zone.Close()
	s.options.Config, s.options.Zone = config, zone
	report, err := Verify(context.Background(), bytes.NewReader(s.message), s.options)
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := json.Unmarshal(report.JSON, &document); err != nil {
		t.Fatal(err)
	}
	for path, want := range s.expect {
		if got := at(document, path); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: want %v, got %v", path, want, got)
		}
	}
	asked := map[string]bool{}
	for _, entry := range report.DNS {
		asked[entry.Type+" "+entry.Name] = true
	}
	if !reflect.DeepEqual(asked, s.queries) {
		t.Errorf("queries: want %v, got %v", s.queries, asked)
	}
	again, err := Replay(report.Evidence, bytes.NewReader(s.message), s.options.AuthservID)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again.JSON, report.JSON) {
		t.Errorf("the replay differs:\n%s\n%s", again.JSON, report.JSON)
	}
}
