package postseal

// #include <stdlib.h>
// #include "postseal.h"
import "C"

import (
	"context"
	"runtime"
	"unsafe"
)

// exchange is the DNS side of one session: it hands queries out to goroutines of their own
// and takes their answers in. Its methods are for the session's goroutine, the only one
// that calls C; the others know two channels and nothing else.
type exchange struct {
	raw      *C.postseal_exchange
	zone     *Zone
	resolver Resolver

	found   chan lookup
	pending int
	// over is closed when no answer is wanted any more.
	over    context.Context
	finish  context.CancelFunc
	expired bool
}

// lookup is a query, or its answer.
type lookup struct {
	id     uint32
	name   string
	kind   Type
	answer Answer
}

func newExchange(raw *C.postseal_exchange, options Options) *exchange {
	e := &exchange{raw: raw, zone: options.Zone, resolver: options.Resolver}
	if e.zone == nil && e.resolver == nil {
		e.resolver = NetResolver{}
	}
	return e
}

// start has everything looked up that is asked and was not handed out yet, without
// waiting. A zone answers when somebody waits.
func (e *exchange) start(ctx context.Context) error {
	if e.zone != nil || e.expired {
		return nil
	}
	for {
		query, ok, err := e.next()
		if err != nil || !ok {
			return err
		}
		if e.over == nil {
			e.found = make(chan lookup)
			e.over, e.finish = context.WithCancel(context.Background())
		}
		e.pending++
		// Not e: a session that is forgotten must be found so.
		go look(ctx, e.over, e.resolver, query, e.found)
	}
}

// look answers one query, unless over ends first.
func look(ctx, over context.Context, resolver Resolver, query lookup, found chan<- lookup) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(over, cancel)()
	var err error
	if query.answer, err = resolver.Lookup(ctx, query.name, query.kind); err != nil {
		query.answer = Answer{Outcome: TempError}
	}
	select {
	case found <- query:
	case <-over.Done():
	}
}

// poll takes the answers that are there, and starts what they lead to.
func (e *exchange) poll(ctx context.Context) error {
	if err := e.start(ctx); err != nil {
		return err
	}
	for e.pending > 0 {
		select {
		case got := <-e.found:
			if err := e.take(ctx, got); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

// wait takes answers until nothing is asked. When ctx ends first, the waiting is over.
func (e *exchange) wait(ctx context.Context) error {
	if e.zone != nil {
		if e.zone.handle == nil {
			return closed("the zone")
		}
		err := check(C.postseal_zone_answer(e.zone.handle, e.raw), nil)
		runtime.KeepAlive(e.zone)
		return err
	}
	if err := e.start(ctx); err != nil {
		return err
	}
	for e.pending > 0 {
		select {
		case got := <-e.found:
			if err := e.take(ctx, got); err != nil {
				return err
			}
		case <-ctx.Done():
			return e.expire()
		}
	}
	return nil
}

// complete waits, and gives up what is left: what $TIMEOUT of a zone names.
func (e *exchange) complete(ctx context.Context) error {
	if err := e.wait(ctx); err != nil {
		return err
	}
	if C.postseal_exchange_is_done(e.raw) == 1 {
		return nil
	}
	return e.expire()
}

// expire ends the waiting: what is not answered is a temporary error.
func (e *exchange) expire() error {
	e.close()
	return check(C.postseal_exchange_expire(e.raw), nil)
}

// close ends the lookups under way.
func (e *exchange) close() {
	e.expired, e.pending = true, 0
	if e.finish != nil {
		e.finish()
	}
}

func (e *exchange) take(ctx context.Context, got lookup) error {
	e.pending--
	if err := e.provide(got.id, got.answer); err != nil {
		return err
	}
	return e.start(ctx)
}

// next is a query not yet handed out; false when nothing is asked now.
func (e *exchange) next() (lookup, bool, error) {
	var id C.uint32_t
	var kind C.uint16_t
	var name C.postseal_bytes
	status := C.postseal_exchange_next_query(e.raw, &id, &kind, &name)
	if status != C.POSTSEAL_MORE {
		return lookup{}, false, check(status, nil)
	}
	return lookup{id: uint32(id), name: goString(name), kind: Type(kind)}, true, nil
}

// provide answers query id. The records are copied to C's memory for the call, because
// memory with Go pointers in it may not be passed.
func (e *exchange) provide(id uint32, answer Answer) error {
	size := 0
	for _, data := range answer.RData {
		size += len(data)
	}
	var secure C.int32_t
	if answer.Secure {
		secure = 1
	}
	count := len(answer.RData)
	var records *C.postseal_bytes
	if count > 0 {
		views := uintptr(count) * unsafe.Sizeof(C.postseal_bytes{})
		memory := C.malloc(C.size_t(views) + C.size_t(size))
		defer C.free(memory)
		records = (*C.postseal_bytes)(memory)
		// The collector may look at what a pointer is written over.
		list := unsafe.Slice(records, count)
		clear(unsafe.Slice((*byte)(memory), views))
		storage := unsafe.Slice((*byte)(unsafe.Add(memory, views)), size)
		for i, data := range answer.RData {
			list[i].data = (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(storage)))
			list[i].len = C.size_t(copy(storage, data))
			storage = storage[len(data):]
		}
	}
	return check(C.postseal_exchange_provide(e.raw, C.uint32_t(id), C.int32_t(answer.Outcome), secure,
		C.uint32_t(answer.TTL), records, C.size_t(count)), nil)
}
