package postseal

// #include "postseal.h"
import "C"

import "runtime"

// Zone answers from zone text in memory (RFC 1035 §5), without network. It is no
// Resolver: it answers all of a session at once.
type Zone struct{ handle *C.postseal_zone }

// NewZone reads text; an error has its line and column. Lines $FAIL and $TIMEOUT, each with
// a name and perhaps a type, make that lookup a temporary error.
func NewZone(text string) (*Zone, error) {
	z := &Zone{}
	if status := C.postseal_zone_new(&z.handle); status < 0 {
		return nil, newError(status, nil)
	}
	keep(z, (*Zone).Close)
	defer runtime.KeepAlive(z)
	data, size := chars(text)
	name, nameSize := chars("zone")
	status := C.postseal_zone_add(z.handle, data, size, name, nameSize)
	err := check(status, func(b *C.postseal_bytes) { C.postseal_zone_error(z.handle, b) })
	if err != nil {
		z.Close()
		return nil, err
	}
	return z, nil
}

// Close frees z.
func (z *Zone) Close() {
	C.postseal_zone_free(z.handle)
	z.handle = nil
	runtime.SetFinalizer(z, nil)
}
