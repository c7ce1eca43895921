// Package postseal says who really sent a message: it verifies and signs DKIM,
// evaluates SPF and DMARC, and writes Authentication-Results, by the same library as
// the command line and the milter (libpostseal, found by pkg-config).
//
//	report, err := postseal.Verify(ctx, message, postseal.Options{
//		Envelope:   postseal.Envelope{ClientIP: ip, MailFrom: &reversePath},
//		AuthservID: "mx.example.net",
//	})
//
// What a message or the DNS says is in the Report. An error is misuse, the context's
// end, or a reader's.
//
// A Config, a Zone, a Key and a Signer may be used by several goroutines at once; a
// Session is for one at a time, any one. Nothing calls back from C into Go.
package postseal

// #cgo pkg-config: postseal
// #include <stdlib.h>
// #include "postseal.h"
import "C"
