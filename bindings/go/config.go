package postseal

// #include "postseal.h"
import "C"

import (
	"net/netip"
	"runtime"
)

// Config is what the host may choose; nil is every default, which are the safe ones.
type Config struct{ handle *C.postseal_config }

// NewConfig makes a Config with the options of postseal_config_set, by name. Switches
// are 0 or 1.
func NewConfig(options map[string]int64) (*Config, error) {
	c := &Config{}
	if status := C.postseal_config_new(&c.handle); status < 0 {
		return nil, newError(status, nil)
	}
	keep(c, (*Config).Close)
	for name, value := range options {
		text, size := chars(name)
		if err := c.check(C.postseal_config_set(c.handle, text, size, C.int64_t(value))); err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

// SetPublicSuffixes brings the list that RFC 7489 needs: its text, or none for
// libpsl's. Not once a session was made with c.
func (c *Config) SetPublicSuffixes(list string) error {
	text, size := chars(list)
	return c.check(C.postseal_config_set_public_suffixes(c.handle, text, size))
}

func (c *Config) check(status C.postseal_status) error {
	defer runtime.KeepAlive(c)
	if c.handle == nil {
		return closed("the configuration")
	}
	return check(status, func(b *C.postseal_bytes) { C.postseal_config_error(c.handle, b) })
}

// raw is the handle for a call, nil for a nil Config.
func (c *Config) raw() (*C.postseal_config, error) {
	if c == nil {
		return nil, nil
	}
	if c.handle == nil {
		// Not the defaults, which are others than were asked for.
		return nil, closed("the configuration")
	}
	return c.handle, nil
}

// Close frees c; what was made with it goes on.
func (c *Config) Close() {
	C.postseal_config_free(c.handle)
	c.handle = nil
	runtime.SetFinalizer(c, nil)
}

// Envelope is what the SMTP server knows. What is not set is not known, and what
// depends on it is not evaluated.
type Envelope struct {
	// ClientIP is left out for mail of your own and of authenticated clients.
	ClientIP netip.Addr
	HELO     string
	// MailFrom is the reverse-path: nil is not known, "" the null one of a bounce.
	MailFrom *string
	// Receiver is the name of this host.
	Receiver string
	SMTPUTF8 bool
}

// handle makes the C form, which the caller frees; nil when nothing is known.
func (e Envelope) handle() (*C.postseal_envelope, error) {
	if e == (Envelope{}) {
		return nil, nil
	}
	var envelope *C.postseal_envelope
	if status := C.postseal_envelope_new(&envelope); status < 0 {
		return nil, newError(status, nil)
	}
	status := C.postseal_status(C.POSTSEAL_OK)
	if e.ClientIP.IsValid() {
		address, size := octets(e.ClientIP.Unmap().AsSlice())
		status = C.postseal_envelope_set_client_ip(envelope, address, size)
	}
	if e.HELO != "" && status >= 0 {
		text, size := chars(e.HELO)
		status = C.postseal_envelope_set_helo(envelope, text, size)
	}
	if e.MailFrom != nil && status >= 0 {
		text, size := chars(*e.MailFrom)
		status = C.postseal_envelope_set_mail_from(envelope, text, size)
	}
	if e.Receiver != "" && status >= 0 {
		text, size := chars(e.Receiver)
		status = C.postseal_envelope_set_receiver(envelope, text, size)
	}
	if e.SMTPUTF8 && status >= 0 {
		status = C.postseal_envelope_set_smtputf8(envelope, 1)
	}
	if status < 0 {
		C.postseal_envelope_free(envelope)
		return nil, &Error{Status: Status(status), Text: "the envelope is not as described"}
	}
	return envelope, nil
}
