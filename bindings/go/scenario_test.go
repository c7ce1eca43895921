package postseal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"
)

// scenario is a file of testdata/scenarios or testdata/attacks; README.md of the former has the
// format.
type scenario struct {
	zone     string
	options  Options
	config   map[string]int64
	suffixes bool
	expect   map[string]any
	queries  map[string]bool
	message  []byte
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

// recorded answers as a zone did before, by its evidence, each answer after other
// goroutines had a number of turns.
type recorded struct {
	answers map[string]Answer
	mutex   sync.Mutex
	random  *rand.Rand
}

// newRecorded reads evidence; auth/evidence_json.cc has its form.
func newRecorded(t *testing.T, evidence string, seed int64) *recorded {
	t.Helper()
	var document struct {
		DNS []struct {
			Name      string
			Type      Type
			Outcome   string
			Secure    bool
			TTL       uint32
			Oversized bool
			RData     [][]byte
		}
	}
	if err := json.Unmarshal([]byte(evidence), &document); err != nil {
		t.Fatal(err)
	}
	outcomes := map[string]Outcome{"records": Records, "nodata": NoData, "nxdomain": NXDomain, "notfound": NotFound, "temperror": TempError}
	r := &recorded{answers: map[string]Answer{}, random: rand.New(rand.NewSource(seed))}
	for _, lookup := range document.DNS {
		outcome, ok := outcomes[lookup.Outcome]
		if !ok {
			t.Fatalf("no outcome %q", lookup.Outcome)
		}
		answer := Answer{Outcome: outcome, RData: lookup.RData, Secure: lookup.Secure, TTL: lookup.TTL}
		if lookup.Oversized {
			answer.RData = [][]byte{make([]byte, 1<<16+1)} // one octet more than is taken
		}
		r.answers[fmt.Sprint(lookup.Name, " ", lookup.Type)] = answer
	}
	return r
}

func (r *recorded) Lookup(_ context.Context, name string, kind Type) (Answer, error) {
	r.mutex.Lock()
	turns := r.random.Intn(20)
	r.mutex.Unlock()
	for ; turns > 0; turns-- {
		runtime.Gosched()
	}
	answer, ok := r.answers[fmt.Sprint(name, " ", kind)]
	if !ok {
		return Answer{}, errors.New("the zone was not asked for this")
	}
	return answer, nil
}

// decodeStrictly is an error when text has members that value does not have.
func decodeStrictly(text []byte, value any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(value)
}

func TestEveryScenario(t *testing.T) {
	var paths []string
	for _, folder := range []string{"attacks", "scenarios"} {
		found, err := filepath.Glob(filepath.Join(root(), "testdata", folder, "*.case"))
		if err != nil || len(found) == 0 {
			t.Fatal("no scenarios", folder, err)
		}
		paths = append(paths, found...)
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
	checkExpectations(t, s, report)
	again, err := Replay(report.Evidence, bytes.NewReader(s.message), s.options.AuthservID)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again.JSON, report.JSON) {
		t.Errorf("the replay differs:\n%s\n%s", again.JSON, report.JSON)
	}
	for seed := int64(1); seed <= 3; seed++ {
		s.options.Zone, s.options.Resolver = nil, newRecorded(t, report.Evidence, seed)
		// One octet at a time: lookups come and go while the message is read.
		other, err := Verify(context.Background(), iotest.OneByteReader(bytes.NewReader(s.message)), s.options)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(other.JSON, report.JSON) {
			t.Errorf("seed %d, by a resolver:\n%s\n%s", seed, other.JSON, report.JSON)
		}
	}
}

// checkExpectations compares the report, and that every member of the JSON has a place in
// Report.
func checkExpectations(t *testing.T, s scenario, report *Report) {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal(report.JSON, &document); err != nil {
		t.Fatal(err)
	}
	for path, want := range s.expect {
		if got := at(document, path); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: want %v, got %v", path, want, got)
		}
	}
	asked := map[string]bool{}
	for _, query := range report.DNS {
		asked[query.Type+" "+query.Name] = true
	}
	if !reflect.DeepEqual(asked, s.queries) {
		t.Errorf("queries: want %v, got %v", s.queries, asked)
	}
	delete(document, "authentication_results") // a text of its own in Report
	members, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	if err := decodeStrictly(members, &Report{}); err != nil {
		t.Error(err)
	}
}
