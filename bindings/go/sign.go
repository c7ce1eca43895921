package postseal

// #include "postseal.h"
import "C"

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"runtime"
	"strings"
	"time"
)

// SignatureRequest is what a signature is to say, and who makes it: Key, or Signer, a key
// elsewhere of RSA or Ed25519.
type SignatureRequest struct {
	Domain   string // d=
	Selector string // s=
	Key      *Key
	Signer   crypto.Signer
	// SimpleHeader and SimpleBody choose "simple" in c=; "relaxed" is the default.
	SimpleHeader, SimpleBody bool
	// Headers and Oversign replace the default lists of field names.
	Headers, Oversign []string
	Identity          string        // i=
	ExpiresIn         time.Duration // x=, whole seconds; 0 leaves it out
	CopyFields        bool          // z=
}

// Signer is a list of signatures to make, for any number of messages. It outlives the
// Keys that it was made with.
type Signer struct {
	handle  *C.postseal_signer
	signers []crypto.Signer // of the keys elsewhere, in the order of their digests
}

// NewSigner makes a list.
func NewSigner(requests ...SignatureRequest) (*Signer, error) {
	s := &Signer{}
	if status := C.postseal_signer_new(&s.handle); status < 0 {
		return nil, newError(status, nil)
	}
	keep(s, (*Signer).Close)
	for _, request := range requests {
		if err := s.add(request); err != nil {
			s.Close()
			return nil, err
		}
	}
	return s, nil
}

func (s *Signer) check(status C.postseal_status) error {
	defer runtime.KeepAlive(s)
	return check(status, func(b *C.postseal_bytes) { C.postseal_signer_error(s.handle, b) })
}

func (s *Signer) add(r SignatureRequest) error {
	domain, domainSize := chars(r.Domain)
	selector, selectorSize := chars(r.Selector)
	var status C.postseal_status
	if r.Key != nil {
		if r.Key.handle == nil {
			return closed("the key")
		}
		status = C.postseal_signer_add_key(s.handle, domain, domainSize, selector, selectorSize,
			r.Key.handle)
		runtime.KeepAlive(r.Key)
	} else {
		kind, ok := keyType(r.Signer)
		if !ok {
			return &Error{Status: StatusKey, Text: "a signature needs an RSA or Ed25519 key"}
		}
		status = C.postseal_signer_add_external(s.handle, domain, domainSize, selector, selectorSize,
			kind)
		s.signers = append(s.signers, r.Signer)
	}
	if err := s.check(status); err != nil {
		return err
	}
	return s.set(r)
}

func (s *Signer) set(r SignatureRequest) error {
	canon := func(simple bool) C.int32_t {
		if simple {
			return C.POSTSEAL_CANON_SIMPLE
		}
		return C.POSTSEAL_CANON_RELAXED
	}
	status := C.postseal_signer_set_canonicalization(s.handle, canon(r.SimpleHeader), canon(r.SimpleBody))
	if r.Headers != nil && status >= 0 {
		text, size := chars(strings.Join(r.Headers, ":"))
		status = C.postseal_signer_set_headers(s.handle, text, size)
	}
	if r.Oversign != nil && status >= 0 {
		text, size := chars(strings.Join(r.Oversign, ":"))
		status = C.postseal_signer_set_oversign(s.handle, text, size)
	}
	if r.Identity != "" && status >= 0 {
		text, size := chars(r.Identity)
		status = C.postseal_signer_set_identity(s.handle, text, size)
	}
	if r.ExpiresIn != 0 && status >= 0 {
		status = C.postseal_signer_set_expires_in(s.handle, C.int64_t(r.ExpiresIn/time.Second))
	}
	if r.CopyFields && status >= 0 {
		status = C.postseal_signer_set_copy_fields(s.handle, 1)
	}
	return s.check(status)
}

// keyType is the type of a key elsewhere.
func keyType(signer crypto.Signer) (C.int32_t, bool) {
	if signer == nil {
		return 0, false
	}
	switch signer.Public().(type) {
	case *rsa.PublicKey:
		return C.POSTSEAL_KEY_RSA, true
	case ed25519.PublicKey:
		return C.POSTSEAL_KEY_ED25519, true
	}
	return 0, false
}

// Close lets go of s.
func (s *Signer) Close() {
	C.postseal_signer_free(s.handle)
	s.handle = nil
	runtime.SetFinalizer(s, nil)
}

// Sign reads a message exactly as it will be sent and returns the DKIM-Signature fields
// to put before it. Keys elsewhere sign one after another, while ctx lasts. When one of
// them fails, the error says so, and the fields are those of the others: whether they are
// enough is for the caller to say.
func (s *Signer) Sign(ctx context.Context, message io.Reader, now time.Time) (string, error) {
	defer runtime.KeepAlive(s)
	if s.handle == nil {
		return "", closed("the signer")
	}
	if now.IsZero() {
		now = time.Now()
	}
	var handle *C.postseal_sign
	var cause *C.postseal_error
	if status := C.postseal_sign_new(s.handle, C.int64_t(now.Unix()), &handle, &cause); status < 0 {
		return "", newError(status, cause)
	}
	defer C.postseal_sign_free(handle)
	words := func(b *C.postseal_bytes) { C.postseal_sign_error(handle, b) }
	if err := readAll(message, func(piece []byte) error {
		data, size := octets(piece)
		return check(C.postseal_sign_feed(handle, data, size), words)
	}); err != nil {
		return "", err
	}
	if err := check(C.postseal_sign_end_of_message(handle), words); err != nil {
		return "", err
	}
	failure := s.signElsewhere(ctx, handle)
	var fields C.postseal_bytes
	if err := check(C.postseal_sign_fields(handle, &fields), words); err != nil {
		return "", errors.Join(failure, err)
	}
	return goString(fields), failure
}

// signElsewhere has the digests signed whose keys are elsewhere: they come in the order of
// s.signers.
func (s *Signer) signElsewhere(ctx context.Context, handle *C.postseal_sign) error {
	var failure error
	for _, signer := range s.signers {
		var id C.uint32_t
		var kind C.int32_t
		var digest C.postseal_bytes
		status := C.postseal_sign_next_signature(handle, &id, &kind, &digest)
		if status != C.POSTSEAL_MORE {
			return errors.Join(failure, check(status, nil))
		}
		signature, err := signDigest(ctx, signer, kind, goBytes(digest))
		if err == nil {
			data, size := octets(signature)
			err = check(C.postseal_sign_provide_signature(handle, id, data, size),
				func(b *C.postseal_bytes) { C.postseal_sign_error(handle, b) })
		}
		if err != nil {
			C.postseal_sign_fail_signature(handle, id)
			failure = errors.Join(failure, err)
		}
	}
	return failure
}

// signDigest signs as RFC 6376 §3.3.2 and RFC 8463 §3 have it.
func signDigest(ctx context.Context, signer crypto.Signer, kind C.int32_t, digest []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if kind == C.POSTSEAL_KEY_ED25519 {
		return signer.Sign(rand.Reader, digest, crypto.Hash(0))
	}
	return signer.Sign(rand.Reader, digest, crypto.SHA256)
}
