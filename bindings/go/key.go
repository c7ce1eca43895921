package postseal

// #include "postseal.h"
import "C"

import (
	"runtime"
	"unsafe"
)

// Key is a private key in memory. Its octets cannot be read back, and are zeroed when
// the last user is gone.
type Key struct{ handle *C.postseal_key }

// NewKey reads a key in PEM.
func NewKey(pem []byte) (*Key, error) {
	k := &Key{}
	data, size := octets(pem)
	var cause *C.postseal_error
	if status := C.postseal_key_new((*C.char)(unsafe.Pointer(data)), size, &k.handle, &cause); status < 0 {
		return nil, newError(status, cause)
	}
	keep(k, (*Key).Close)
	return k, nil
}

// Bits is the size of the modulus, 256 for Ed25519; 0 when k is closed.
func (k *Key) Bits() int {
	defer runtime.KeepAlive(k)
	return int(C.postseal_key_bits(k.handle))
}

// Close lets go of k; signers that have it go on.
func (k *Key) Close() {
	C.postseal_key_free(k.handle)
	k.handle = nil
	runtime.SetFinalizer(k, nil)
}

// KeyPair is a new key in the forms in which it is stored and published.
type KeyPair struct {
	PrivatePEM []byte // yours to zero
	Record     string // the TXT record
	ZoneText   string // the same for a zone file
}

// GenerateKey makes a key of the type "rsa", with bits (0: 2048), or "ed25519", for a
// domain and a selector, which appear in ZoneText alone.
func GenerateKey(kind string, bits int, domain, selector string) (*KeyPair, error) {
	number := C.int32_t(-1)
	switch kind {
	case "rsa":
		number = C.POSTSEAL_KEY_RSA
	case "ed25519":
		number = C.POSTSEAL_KEY_ED25519
	}
	var handle *C.postseal_keypair
	var cause *C.postseal_error
	if status := C.postseal_keypair_new(number, C.int32_t(bits), &handle, &cause); status < 0 {
		return nil, newError(status, cause)
	}
	defer C.postseal_keypair_free(handle)
	var pem, record, zone C.postseal_bytes
	C.postseal_keypair_private_pem(handle, &pem)
	C.postseal_keypair_record(handle, &record)
	d, dSize := chars(domain)
	s, sSize := chars(selector)
	if status := C.postseal_keypair_zone_text(handle, d, dSize, s, sSize, &zone); status < 0 {
		return nil, &Error{Status: Status(status), Text: "domain and selector must be names"}
	}
	return &KeyPair{PrivatePEM: goBytes(pem), Record: goString(record), ZoneText: goString(zone)}, nil
}
