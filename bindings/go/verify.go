package postseal

// #include "postseal.h"
import "C"

import (
	"context"
	"encoding/json"
	"io"
	"runtime"
	"time"
)

// chunk is how much of a message is read at a time: large enough that the calls into C
// cost nothing.
const chunk = 64 << 10

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

// Verify reads a message, with CRLF line ends and not dot-stuffed, and verifies it. When
// ctx ends before all is looked up, what is left is a temporary error.
func Verify(ctx context.Context, message io.Reader, options Options) (*Report, error) {
	session, err := NewSession(options)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	if _, err := io.CopyBuffer(session, message, make([]byte, chunk)); err != nil {
		return nil, err
	}
	if err := session.EndOfMessage(); err != nil {
		return nil, err
	}
	return session.Report(ctx)
}

// Session verifies one message that comes in pieces. It is an io.Writer of the
// message's octets; or Header, EndOfHeaders and Body take it as a milter has it.
type Session struct {
	handle  *C.postseal_verify
	options Options
}

// NewSession starts a session.
func NewSession(options Options) (*Session, error) {
	envelope, err := options.Envelope.handle()
	if err != nil {
		return nil, err
	}
	defer C.postseal_envelope_free(envelope)
	s := &Session{options: options}
	var cause *C.postseal_error
	status := C.postseal_verify_new(options.Config.raw(), envelope, options.now(), &s.handle, &cause)
	runtime.KeepAlive(options.Config)
	if status < 0 {
		return nil, newError(status, cause)
	}
	keep(s, (*Session).Close)
	return s, nil
}

func (s *Session) check(status C.postseal_status) error {
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
func (s *Session) EndOfMessage() error { return s.check(C.postseal_verify_end_of_message(s.handle)) }

// Resolve looks up what the session asks for. It may be called when the envelope is
// known, at the end of the header and at the end of the message, for answers to be
// there early; Report does the rest.
func (s *Session) Resolve(ctx context.Context) error {
	if s.handle == nil {
		return closed("the session")
	}
	return resolve(ctx, C.postseal_verify_exchange(s.handle), s.options.Zone, s.options.Resolver)
}

// Result answers what is still asked and returns what the message comes to, after
// EndOfMessage. It is much quicker than a Report.
func (s *Session) Result(ctx context.Context) (Result, error) {
	if err := s.Resolve(ctx); err != nil {
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
	if err := s.Resolve(ctx); err != nil {
		return nil, err
	}
	return s.report()
}

func (s *Session) report() (*Report, error) {
	result, err := s.result()
	if err != nil {
		return nil, err
	}
	id := s.options.AuthservID
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
	report.DMARC.flatten()
	var evidence C.postseal_bytes
	if C.postseal_verify_evidence(s.handle, name, size, &evidence) >= 0 {
		report.Evidence = goString(evidence)
	}
	return report, nil
}

// Removal is one field to delete: Position counts all fields from 0, Occurrence those
// of its name from 1, as milters do.
type Removal struct{ Position, Occurrence int }

// ForgedFields are the Authentication-Results fields that claim to be by authservID, the
// last first: to be deleted before your own is added. RFC 8601 §5
func (s *Session) ForgedFields(authservID string) ([]Removal, error) {
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
	s := &Session{options: Options{AuthservID: authservID}}
	if status := C.postseal_evidence_verify(recorded, &s.handle, &cause); status < 0 {
		return nil, newError(status, cause)
	}
	keep(s, (*Session).Close)
	defer s.Close()
	if _, err := io.CopyBuffer(s, message, make([]byte, chunk)); err != nil {
		return nil, err
	}
	if err := s.EndOfMessage(); err != nil {
		return nil, err
	}
	status := C.postseal_evidence_answer(recorded, C.postseal_verify_exchange(s.handle))
	if err := check(status, nil); err != nil {
		return nil, err
	}
	return s.report()
}
