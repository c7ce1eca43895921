// NameService: the DNS as the command line's options ask for it.
#ifndef POSTSEAL_CLI_NAME_SERVICE_H_
#define POSTSEAL_CLI_NAME_SERVICE_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "cli/options.h"
#include "dns/resolver.h"
#include "dns/unbound_resolver.h"
#include "dns/zone_resolver.h"

namespace postseal::cli {

// ReadTextFile returns the octets of |path|, at most |max_octets|; the error names it.
absl::StatusOr<std::string> ReadTextFile(const std::string& path, size_t max_octets);

// NameService answers a session's queries: from zone files when there are any,
// otherwise by libunbound. The resolver is made when it is first needed, so that
// a message without signatures needs no network.
class NameService {
 public:
  // Create reads the zone files of |options|, or checks the server's address. The
  // error names file, line and column.
  static absl::StatusOr<std::unique_ptr<NameService>> Create(const CommonOptions& options);

  // ForAnotherThread returns one that answers the same: it shares the zones, which are only
  // read, and has a resolver of its own. A NameService is for one thread at a time.
  std::unique_ptr<NameService> ForAnotherThread() const;

  // Run answers |session|'s queries until it asks for nothing more, or until the
  // timeout: what is left then is a temporary error.
  template <typename Session>
  absl::Status Run(const std::shared_ptr<Session>& session) {
    const dns::Deadline deadline = std::chrono::steady_clock::now() + timeout_;
    if (zone_ != nullptr) {
      dns::RunBlocking(session.get(), zone_.get(), deadline);
      return absl::OkStatus();
    }
    while (!session->done()) {
      if (absl::Status status = OpenUnbound(); !status.ok()) return status;
      dns::Pump(session, unbound_.get());
      if (!session->done() && !unbound_->Wait(deadline)) session->FailOutstanding();
    }
    return absl::OkStatus();
  }

 private:
  NameService() = default;
  absl::Status OpenUnbound();

  std::optional<std::string> server_;
  std::chrono::milliseconds timeout_{};
  std::shared_ptr<dns::ZoneResolver> zone_;
  std::unique_ptr<dns::UnboundResolver> unbound_;
};

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_NAME_SERVICE_H_
