// What the two faces of libunbound share: its settings, and how it is given names.
#ifndef POSTSEAL_DNS_UNBOUND_CONTEXT_H_
#define POSTSEAL_DNS_UNBOUND_CONTEXT_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dns/name.h"

// Of <unbound.h>, which users of this header need not see.
struct ub_ctx;

namespace postseal::dns {

// kMaxLookupTimeout bounds UnboundOptions::lookup_timeout.
inline constexpr std::chrono::hours kMaxLookupTimeout{24};

struct UnboundOptions {
  // Forward all queries to one of these servers: "ADDRESS", "ADDRESS:PORT" or, for
  // IPv6 with a port, "[ADDRESS]:PORT". Default: the servers of /etc/resolv.conf. The
  // hosts file is not read.
  std::vector<std::string> forward_servers;
  // File with trust anchors, DS or DNSKEY records: answers are validated with
  // DNSSEC. Default: no validation, and Answer::dnssec_secure is never set.
  std::optional<std::string> trust_anchor_file;
  // A lookup without an answer after this time is a temporary error. Above 0, at
  // most kMaxLookupTimeout.
  std::chrono::milliseconds lookup_timeout{20000};
};

namespace internal {

struct DeleteUnboundContext {
  void operator()(ub_ctx* context) const;
};
using UnboundContext = std::unique_ptr<ub_ctx, DeleteUnboundContext>;

// MakeUnboundContext sets the context that |create| makes up as |options| say. The
// error is as UnboundResolver::Create's.
absl::StatusOr<UnboundContext> MakeUnboundContext(const UnboundOptions& options,
                                                  absl::FunctionRef<ub_ctx*()> create);

// PresentationText is |name| as master-file text, which libunbound takes names in.
std::string PresentationText(const Name& name);

}  // namespace internal
}  // namespace postseal::dns

#endif  // POSTSEAL_DNS_UNBOUND_CONTEXT_H_
