// Worker: one thread that serves many connections of MTAs. Lookups of all their
// messages are in flight together; none waits for another.
#ifndef POSTSEAL_MILTER_WORKER_H_
#define POSTSEAL_MILTER_WORKER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dns/resolver.h"
#include "milter/connection.h"
#include "milter/log.h"
#include "milter/loop_resolver.h"
#include "milter/metrics.h"
#include "milter/session.h"
#include "milter/setup.h"
#include "milter/shared_zone.h"

namespace postseal::milter {

// kDrainIdleSeconds is how long Drain leaves connections without a message open: closing
// one makes the MTA refuse what its client is about to send.
inline constexpr int kDrainIdleSeconds = 5;
// kDrainSeconds is how long Drain leaves any connection open; a message's lookups
// take less.
inline constexpr int kDrainSeconds = 25;

// Shared is what all workers use; it outlives them. The members are safe to use from
// several threads.
struct Shared {
  std::function<std::shared_ptr<const Setup>()> current_setup;
  Log* log = nullptr;
  Metrics* metrics = nullptr;
};

class Worker final : private ConnectionOwner {
 public:
  // Start makes the thread. The error names what the system refused, or a name server
  // of the configuration that is none.
  static absl::StatusOr<std::unique_ptr<Worker>> Start(const Shared* shared);

  // The destructor closes all connections and ends the thread.
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Serve hands over a connected socket that does not block. Any thread may call it,
  // and the next two.
  void Serve(int fd);

  // Reload tells the worker that the current setup is another: its name servers may be.
  void Reload();

  // Drain closes connections as they become idle, after kDrainIdleSeconds, and all
  // after kDrainSeconds. connections() says when it is done.
  void Drain();

  // connections counts those that are open, and those handed over and not opened yet.
  size_t connections() const { return connection_count_.load(std::memory_order_relaxed); }

 private:
  // What the other threads ask of this one, as the octets of its pipe.
  struct Command {
    enum class Kind : uint8_t { kServe, kReload, kDrain, kStop };
    Kind kind = Kind::kStop;
    int fd = -1;
  };

  explicit Worker(const Shared* shared) : shared_(shared) {}

  absl::Status Prepare();
  // OpenResolver makes the resolver that |setup| asks for, if it is another one.
  absl::Status OpenResolver(std::shared_ptr<const Setup> setup);
  // FreeRetired frees the resolvers of earlier setups that have nothing to answer any more.
  void FreeRetired();
  void Send(const Command& command);
  void DrainOnce();

  static void OnCommand(int fd, short events, void* self);
  static void OnDrainTick(int fd, short events, void* self);
  void Obey(const Command& command);

  // ConnectionOwner.
  event_base* base() override { return base_; }
  dns::AsyncResolver* resolver() override { return resolver_; }
  Now CurrentTime() override;
  std::string* ReadBuffer() override { return &read_buffer_; }
  void OnExpiry() override { shared_->metrics->CountExpiry(); }
  void OnClosed(Connection* connection) override;
  std::shared_ptr<const Setup> CurrentSetup() override { return shared_->current_setup(); }
  void OnMessage(const MessageRecord& record) override;
  void OnFault(std::string_view text) override;

  const Shared* const shared_;
  event_base* base_ = nullptr;
  event* command_event_ = nullptr;
  event* drain_event_ = nullptr;
  int command_pipe_[2] = {-1, -1};
  std::shared_ptr<const Setup> resolver_setup_;  // the one that resolver_ was made for
  std::unique_ptr<SharedZone> zone_;
  std::unique_ptr<LoopResolver> unbound_;
  // Those before unbound_, until what they were asked is answered.
  std::vector<std::unique_ptr<LoopResolver>> retired_;
  dns::AsyncResolver* resolver_ = nullptr;
  std::string read_buffer_;
  absl::flat_hash_map<Connection*, std::shared_ptr<Connection>> open_;
  int drain_seconds_ = -1;  // since Drain; -1: not draining
  std::atomic<size_t> connection_count_{0};
  std::thread thread_;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_WORKER_H_
