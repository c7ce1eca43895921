/* postseal_unbound: the DNS by libunbound, for the sessions of postseal.h.
 *
 * A library of its own, libpostseal-unbound.so.0, so that a host with a resolver needs
 * no other. It caches, validates, retries over TCP and asks many questions at once, from
 * one thread that libunbound starts; answers are handed out inside calls of yours only.
 * The conventions are those of postseal.h. A postseal_unbound is for one thread at a
 * time, and so are the exchanges given to it.
 *
 * Blocking:       postseal_unbound_run(unbound, exchange, 20000);
 * In an event loop: postseal_unbound_start(unbound, exchange); when postseal_unbound_fd
 *                 is readable, or after postseal_unbound_timeout milliseconds, call
 *                 postseal_unbound_process, and look which exchanges are done. */
#ifndef POSTSEAL_UNBOUND_H_
#define POSTSEAL_UNBOUND_H_

#include <stddef.h>
#include <stdint.h>

#include "postseal.h"

#ifdef __cplusplus
extern "C" {
#endif

/* postseal_unbound is a resolver with its cache. */
typedef struct postseal_unbound postseal_unbound;

/* postseal_unbound_new makes a resolver. |server|, "ADDRESS", "ADDRESS:PORT" or
 * "[ADDRESS]:PORT", is asked for everything; no octets are the servers of
 * /etc/resolv.conf. |trust_anchor_file|, with DS or DNSKEY records, has answers validated
 * by DNSSEC; no octets are no validation. A lookup without an answer after |timeout_ms|
 * milliseconds, above 0, is a temporary error. |out_error| may be NULL. */
POSTSEAL_EXPORT postseal_status postseal_unbound_new(const char* server, size_t server_len,
                                                     const char* trust_anchor_file,
                                                     size_t trust_anchor_file_len,
                                                     int32_t timeout_ms,
                                                     postseal_unbound** out_unbound,
                                                     postseal_error** out_error);
/* postseal_unbound_run answers all queries of |exchange|, also those that answers lead
 * to. After |timeout_ms| milliseconds what is left is a temporary error. */
POSTSEAL_EXPORT postseal_status postseal_unbound_run(postseal_unbound* unbound,
                                                     postseal_exchange* exchange,
                                                     int32_t timeout_ms);
/* postseal_unbound_start starts looking up what |exchange| asks, and goes on with what
 * answers lead to. Call it again when the session was fed and may ask for more. It takes
 * postseal_exchange_on_close for itself: a session may be freed at any time. */
POSTSEAL_EXPORT postseal_status postseal_unbound_start(postseal_unbound* unbound,
                                                       postseal_exchange* exchange);
/* postseal_unbound_fd becomes readable when there are answers to process. It stays the
 * same; -1 for NULL. */
POSTSEAL_EXPORT int32_t postseal_unbound_fd(const postseal_unbound* unbound);
/* postseal_unbound_timeout is when postseal_unbound_process is due although the fd may
 * not be readable: milliseconds from now, 0 when it is due, -1 when nothing is under
 * way, and for NULL. */
POSTSEAL_EXPORT int32_t postseal_unbound_timeout(const postseal_unbound* unbound);
/* postseal_unbound_process hands out all answers there are, without waiting. */
POSTSEAL_EXPORT postseal_status postseal_unbound_process(postseal_unbound* unbound);
/* postseal_unbound_free frees |unbound| and drops what is under way; NULL is allowed. */
POSTSEAL_EXPORT void postseal_unbound_free(postseal_unbound* unbound);

#ifdef __cplusplus
}
#endif

#endif /* POSTSEAL_UNBOUND_H_ */
