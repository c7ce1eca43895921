// postseal_unbound.hpp: postseal_unbound.h for C++17. Link with libpostseal-unbound too.
#ifndef POSTSEAL_UNBOUND_HPP_
#define POSTSEAL_UNBOUND_HPP_

#include <cstdint>
#include <string_view>

#include "postseal_base.hpp"
#include "postseal_unbound.h"

namespace postseal {

// Unbound is the DNS by libunbound, with its cache. It and the exchanges given to it are
// for one thread at a time.
class Unbound {
 public:
  // Unbound asks |server|, "ADDRESS", "ADDRESS:PORT" or "[ADDRESS]:PORT"; empty are the
  // servers of /etc/resolv.conf. |trust_anchor_file| has answers validated by DNSSEC. A
  // lookup without an answer after |timeout_ms| milliseconds is a temporary error.
  explicit Unbound(std::string_view server = {}, std::int32_t timeout_ms = 5000,
                   std::string_view trust_anchor_file = {}) {
    postseal_unbound* unbound = nullptr;
    postseal_error* error = nullptr;
    internal::CheckNew(postseal_unbound_new(server.data(), server.size(), trust_anchor_file.data(),
                                            trust_anchor_file.size(), timeout_ms, &unbound, &error),
                       error);
    handle_.reset(unbound);
  }

  // Run answers all queries of |exchange|, also those that answers lead to. After
  // |timeout_ms| milliseconds what is left is a temporary error.
  void Run(Exchange exchange, std::int32_t timeout_ms = 20000) {
    internal::Check(postseal_unbound_run(get(), exchange.get(), timeout_ms));
  }
  // Start starts looking up what |exchange| asks, and goes on with what answers lead to.
  // Call it again when the session was fed. The session may go at any time.
  void Start(Exchange exchange) { internal::Check(postseal_unbound_start(get(), exchange.get())); }
  // fd becomes readable when there are answers to process.
  std::int32_t fd() const noexcept { return postseal_unbound_fd(get()); }
  // timeout is when Process is due at the latest: milliseconds from now, -1 for never.
  std::int32_t timeout() const noexcept { return postseal_unbound_timeout(get()); }
  // Process hands out all answers there are, without waiting.
  void Process() { internal::Check(postseal_unbound_process(get())); }

  // get is the handle, for the C functions. It stays this object's.
  postseal_unbound* get() const noexcept { return handle_.get(); }

 private:
  internal::Handle<postseal_unbound, postseal_unbound_free> handle_;
};

}  // namespace postseal

#endif  // POSTSEAL_UNBOUND_HPP_
