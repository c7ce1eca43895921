package postseal

// #include "postseal.h"
import "C"

import (
	"context"
	"encoding/json"
	"io"
	"runtime"
	"sync"
	"time"
)

// chunk is how much of a message is read at a time: large enough that the calls into C
// cost nothing.
const chunk = 64 << 10

// buffers hold a chunk each: a new one would cost as much as verifying a small message.
var buffers = sync.Pool{New: func() any { return new([chunk]byte) }}

// Options of Verify, SPF and DMARC.
type Options struct {
	Envelope Envelope
	// Now is the clock; the zero Time is the real one.
	Now time.Time
	// AuthservID is this host's name in Authentication-Results; "localhost" when empty.
	AuthservID string
	// Zone answers in place of Resolver; without both, a NetResolver does.
	Zone     *Zone
	Resolver Resolver
	Config   *Config
}

func (o Options) now() C.int64_t {
	if o.Now.IsZero() {
		return C.int64_t(time.Now().Unix())
	}
	return C.int64_t(o.Now.Unix())
}

// Verify reads a message, with CRLF line ends and not dot-stuffed, and verifies it. What is
// known to be needed is looked up while the rest is read. When ctx ends before all is
// looked up, what is left is a temporary error.
func Verify(ctx context.Context, message io.Reader, options Options) (*Report, error) {
	session, err := NewSession(options)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	if err := readAll(message, func(data []byte) error {
		if _, err := session.Write(data); err != nil {
			return err
		}
		return session.Poll(ctx)
	}); err != nil {
		return nil, err
	}
	if err := session.EndOfMessage(); err != nil {
		return nil, err
	}
	return session.Report(ctx)
}

// readAll calls take with all that source holds, a piece at a time.
func readAll(source io.Reader, take func([]byte) error) error {
	buffer := buffers.Get().(*[chunk]byte)
	defer buffers.Put(buffer)
	for {
		n, err := source.Read(buffer[:])
		if n > 0 {
			if err := take(buffer[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Session verifies one message that comes in pieces. It is an io.Writer of the
// message's octets; or Header, EndOfHeaders and Body take it as a milter has it.
type Session struct {
	handle     *C.postseal_verify
	exchange   *exchange
	authservID string
	ended      bool
}

// NewSession starts a session.
func NewSession(options Options) (*Session, error) {
	envelope, err := options.Envelope.handle()
	if err != nil {
		return nil, err
	}
	defer C.postseal_envelope_free(envelope)
	config, err := options.Config.raw()
	if err != nil {
		return nil, err
	}
	s := &Session{authservID: options.AuthservID}
	var cause *C.postseal_error
	status := C.postseal_verify_new(config, envelope, options.now(), &s.handle, &cause)
	runtime.KeepAlive(options.Config)
	if status < 0 {
		return nil, newError(status, cause)
	}
	s.exchange = newExchange(C.postseal_verify_exchange(s.handle), options)
	keep(s, (*Session).Close)
	return s, nil
}

// check is the error of status, in the session's words. It is called after every use of the
// handle, which so outlives the call.
func (s *Session) check(status C.postseal_status) error {
	defer runtime.KeepAlive(s)
	if s.handle == nil {
		return closed("the session")
	}
	return check(status, func(b *C.postseal_bytes) { C.postseal_verify_error(s.handle, b) })
}

// Write takes the next octets of the message, cut anywhere.
func (s *Session) Write(data []byte) (int, error) {
	p, size := octets(data)
	if err := s.check(C.postseal_verify_feed(s.handle, p, size)); err != nil {
		return 0, err
	}
	return len(data), nil
}

// Header takes a field: value is all after the colon, with LF or CRLF in folds.
func (s *Session) Header(name, value string) error {
	n, nameSize := chars(name)
	v, valueSize := chars(value)
	return s.check(C.postseal_verify_header(s.handle, n, nameSize, v, valueSize))
}

// EndOfHeaders ends the fields.
func (s *Session) EndOfHeaders() error { return s.check(C.postseal_verify_end_of_headers(s.handle)) }

// Body takes the next octets of the body.
func (s *Session) Body(data []byte) error {
	p, size := octets(data)
	return s.check(C.postseal_verify_body(s.handle, p, size))
}

// EndOfMessage ends the message.
func (s *Session) EndOfMessage() error {
	err := s.check(C.postseal_verify_end_of_message(s.handle))
	s.ended = s.ended || err == nil
	return err
}

// Poll starts to look up what is asked by now, and takes the answers that are there,
// without waiting. Called when the envelope is known, after the header and then now and
// again, it has lookups made while the message comes in.
func (s *Session) Poll(ctx context.Context) error {
	if s.handle == nil {
		return closed("the session")
	}
	defer runtime.KeepAlive(s)
	return s.exchange.poll(ctx)
}

// Resolve looks up what is asked by now, and waits for it. When ctx ends first, what is
// not answered, and what would be asked from then on, is a temporary error.
func (s *Session) Resolve(ctx context.Context) error {
	if s.handle == nil {
		return closed("the session")
	}
	defer runtime.KeepAlive(s)
	return s.exchange.wait(ctx)
}

// complete answers all that the verdict needs.
func (s *Session) complete(ctx context.Context) error {
	if s.handle == nil {
		return closed("the session")
	}
	if !s.ended {
		return &Error{Status: StatusState, Text: "the message has not ended"}
	}
	defer runtime.KeepAlive(s)
	return s.exchange.complete(ctx)
}

// Result answers what is still asked and returns what the message comes to, after
// EndOfMessage. It is much quicker than a Report.
func (s *Session) Result(ctx context.Context) (Result, error) {
	if err := s.complete(ctx); err != nil {
		return "", err
	}
	return s.result()
}

func (s *Session) result() (Result, error) {
	var result C.int32_t
	if err := s.check(C.postseal_verify_result(s.handle, &result)); err != nil {
		return "", err
	}
	return Result(C.GoString(C.postseal_result_name(result))), nil
}

// Report answers what is still asked and returns the report, after EndOfMessage.
func (s *Session) Report(ctx context.Context) (*Report, error) {
	if err := s.complete(ctx); err != nil {
		return nil, err
	}
	return s.report()
}

func (s *Session) report() (*Report, error) {
	defer runtime.KeepAlive(s)
	result, err := s.result()
	if err != nil {
		return nil, err
	}
	id := s.authservID
	if id == "" {
		id = "localhost"
	}
	name, size := chars(id)
	var field, text, document C.postseal_bytes
	status := C.postseal_verify_authentication_results(s.handle, name, size, &field)
	if status >= 0 {
		status = C.postseal_verify_json(s.handle, name, size, &document)
	}
	if status >= 0 {
		status = C.postseal_verify_explanation(s.handle, &text)
	}
	if err := s.check(status); err != nil {
		return nil, err
	}
	report := &Report{
		Result:                result,
		AuthenticationResults: goString(field),
		Explanation:           goString(text),
		JSON:                  goBytes(document),
	}
	if err := json.Unmarshal(report.JSON, report); err != nil {
		return nil, &Error{Status: StatusInternal, Text: err.Error()}
	}
	var evidence C.postseal_bytes
	if C.postseal_verify_evidence(s.handle, name, size, &evidence) >= 0 {
		report.Evidence = goString(evidence)
	}
	return report, nil
}

// Removal is one field to delete: Position counts all fields from 0, Occurrence those
// named Authentication-Results from 1, as milters do. Occurrence is 0 for a field of
// another name that some reader takes for one: delete what is at Position, or refuse the
// message.
type Removal struct{ Position, Occurrence int }

// ForgedFields are the Authentication-Results fields that claim to be by authservID, the
// last first: to be deleted before your own is added. RFC 8601 §5
func (s *Session) ForgedFields(authservID string) ([]Removal, error) {
	defer runtime.KeepAlive(s)
	name, size := chars(authservID)
	var found []Removal
	for {
		var position, occurrence C.size_t
		status := C.postseal_verify_plan_removal(s.handle, name, size, C.size_t(len(found)), &position,
			&occurrence)
		if status != C.POSTSEAL_MORE {
			return found, s.check(status)
		}
		found = append(found, Removal{int(position), int(occurrence)})
	}
}

// Close frees s. A Session that is not closed is freed when nothing refers to it.
func (s *Session) Close() {
	if s.exchange != nil {
		s.exchange.close()
	}
	C.postseal_verify_free(s.handle)
	s.handle = nil
	runtime.SetFinalizer(s, nil)
}

// Replay verifies message again from recorded evidence, offline.
func Replay(evidence string, message io.Reader, authservID string) (*Report, error) {
	text, size := chars(evidence)
	var recorded *C.postseal_evidence
	var cause *C.postseal_error
	if status := C.postseal_evidence_new(text, size, &recorded, &cause); status < 0 {
		return nil, newError(status, cause)
	}
	defer C.postseal_evidence_free(recorded)
	s := &Session{authservID: authservID}
	if status := C.postseal_evidence_verify(recorded, &s.handle, &cause); status < 0 {
		return nil, newError(status, cause)
	}
	s.exchange = newExchange(C.postseal_verify_exchange(s.handle), Options{})
	defer s.Close()
	if err := readAll(message, func(data []byte) error {
		_, err := s.Write(data)
		return err
	}); err != nil {
		return nil, err
	}
	if err := s.EndOfMessage(); err != nil {
		return nil, err
	}
	if err := check(C.postseal_evidence_answer(recorded, s.exchange.raw), nil); err != nil {
		return nil, err
	}
	return s.report()
}
