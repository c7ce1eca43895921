package postseal

// #include "postseal.h"
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"
)

// Status is the number of an error, as postseal.h has it.
type Status int32

// What an Error may be about.
const (
	StatusArgument    Status = C.POSTSEAL_E_ARGUMENT
	StatusState       Status = C.POSTSEAL_E_STATE
	StatusTooLarge    Status = C.POSTSEAL_E_TOO_LARGE
	StatusUnknown     Status = C.POSTSEAL_E_UNKNOWN_QUERY
	StatusKey         Status = C.POSTSEAL_E_KEY
	StatusNoMemory    Status = C.POSTSEAL_E_NO_MEMORY
	StatusNotFound    Status = C.POSTSEAL_E_NOT_FOUND
	StatusEnvironment Status = C.POSTSEAL_E_ENVIRONMENT
	StatusInternal    Status = C.POSTSEAL_E_INTERNAL
)

// Error says what was wrong with a call. It is never about what a message or the DNS
// says.
type Error struct {
	Status Status
	Text   string
}

func (e *Error) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("postseal: status %d", e.Status)
	}
	return "postseal: " + e.Text
}

// goBytes copies what a handle has lent.
func goBytes(b C.postseal_bytes) []byte {
	return C.GoBytes(unsafe.Pointer(b.data), C.int(b.len))
}

func goString(b C.postseal_bytes) string { return string(goBytes(b)) }

// octets lends the octets of b for one call; C keeps no pointer to them.
func octets(b []byte) (*C.uint8_t, C.size_t) {
	return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(b))), C.size_t(len(b))
}

// chars lends the octets of s for one call.
func chars(s string) (*C.char, C.size_t) {
	return (*C.char)(unsafe.Pointer(unsafe.StringData(s))), C.size_t(len(s))
}

// newError is the error of a constructor; it frees cause, which may be nil.
func newError(status C.postseal_status, cause *C.postseal_error) error {
	e := &Error{Status: Status(status)}
	if cause != nil {
		var text C.postseal_bytes
		C.postseal_error_text(cause, &text)
		e.Text = goString(text)
		C.postseal_error_free(cause)
	}
	return e
}

// check is nil for a status that is no error; words gives the text of one.
func check(status C.postseal_status, words func(*C.postseal_bytes)) error {
	if status >= 0 {
		return nil
	}
	e := &Error{Status: Status(status)}
	if words != nil {
		var text C.postseal_bytes
		words(&text)
		e.Text = goString(text)
	}
	return e
}

// closed is what a handle that was closed says.
func closed(what string) error {
	return &Error{Status: StatusState, Text: what + " is closed"}
}

// takeText is the text of t, which it frees.
func takeText(t *C.postseal_text) []byte {
	var b C.postseal_bytes
	C.postseal_text_bytes(t, &b)
	text := goBytes(b)
	C.postseal_text_free(t)
	return text
}

// keep has owner's Close called when nothing refers to it any more, for those who
// forget to.
func keep[T any](owner *T, close func(*T)) { runtime.SetFinalizer(owner, close) }
