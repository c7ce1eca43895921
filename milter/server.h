// Server: the listening sockets, the workers behind them, signals, metrics and reloads.
#ifndef POSTSEAL_MILTER_SERVER_H_
#define POSTSEAL_MILTER_SERVER_H_

#include <signal.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "milter/http_server.h"
#include "milter/listener.h"
#include "milter/log.h"
#include "milter/loop_resolver.h"
#include "milter/metrics.h"
#include "milter/published_keys.h"
#include "milter/setup.h"
#include "milter/shared_zone.h"
#include "milter/trust_anchor_check.h"
#include "milter/worker.h"

struct event;
struct event_base;
struct evconnlistener;
struct sockaddr;

namespace postseal::milter {

// kMaxConnections bounds the connections of MTAs that are open at a time. What comes
// beyond is closed at once: the MTA does then what it does without a filter.
inline constexpr size_t kMaxConnections = 10000;

// ServerOptions is what the program around a server decides.
struct ServerOptions {
  // Makes the setup anew, for a reload; the error says why the old one stays.
  std::function<absl::StatusOr<std::shared_ptr<const Setup>>()> load;
  // Says whether a file of the configuration changed since |load| was called last; it
  // is asked every kWatchSeconds. May be null.
  std::function<bool()> has_changed;
  // Looked up at the start, after a reload and every kPublishedKeysSeconds, if the
  // configuration says so. May be null.
  PublishedKeys* published_keys = nullptr;
  // Says what is wrong with the store, if anything: then /health is no success. May be null.
  std::function<absl::Status()> check;
  // Called before metrics are printed, to bring them up to date. May be null.
  std::function<void(Metrics*)> refresh;
};

class Server {
 public:
  static constexpr int kWatchSeconds = 5;
  // What Run handles: the first two reload, the others end it. They may be blocked
  // until Create returns, which unblocks them.
  static constexpr int kSignals[] = {SIGHUP, SIGUSR1, SIGTERM, SIGINT};
  static constexpr int kPublishedKeysSeconds = 60;
  // How often TrustAnchorFile is tried until the name servers go with it.
  static constexpr int kTrustAnchorSeconds = 60;

  // Create takes over |listeners|, and makes the workers. |log| outlives the server.
  // Call it after privileges were dropped and after the last fork.
  static absl::StatusOr<std::unique_ptr<Server>> Create(std::shared_ptr<const Setup> setup,
                                                        std::vector<Listener> listeners,
                                                        ServerOptions options, Log* log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Run serves until SIGTERM or SIGINT, and then until messages under way are over.
  // SIGHUP and SIGUSR1 reload.
  void Run();

 private:
  Server(std::shared_ptr<const Setup> setup, std::vector<Listener> listeners, ServerOptions options,
         Log* log);

  absl::Status Prepare();
  absl::Status OpenMetrics();
  // CheckTrustAnchor sees whether the name servers go with TrustAnchorFile, and says so.
  void CheckTrustAnchor();
  void TakeTrustAnchor(TrustAnchorCheck::Result result, const Config& config);
  // AskForKeys looks published keys up, by a resolver that is made for it.
  void AskForKeys();
  void Reload();
  // Load makes the setup anew, if all of it can be used.
  absl::StatusOr<std::shared_ptr<const Setup>> Load();
  void Terminate();
  void Accept(int fd);

  static void OnAccept(evconnlistener* listener, int fd, sockaddr* address, int size, void* self);
  static void OnAcceptError(evconnlistener* listener, void* self);
  static void OnAcceptAgain(int fd, short events, void* self);
  static void OnReloadSignal(int fd, short events, void* self);
  static void OnTerminateSignal(int fd, short events, void* self);
  static void OnWatch(int fd, short events, void* self);
  static void OnKeysTick(int fd, short events, void* self);
  static void OnTrustAnchorTick(int fd, short events, void* self);
  static void OnDrainTick(int fd, short events, void* self);
  // Answer answers an HTTP request of |path|.
  std::optional<HttpServer::Reply> Answer(std::string_view path);
  HttpServer::Reply Health() const;

  std::shared_ptr<const Setup> CurrentSetup() const;
  event* AddEvent(event* made);

  mutable std::mutex setup_mutex_;
  std::shared_ptr<const Setup> setup_;
  std::vector<Listener> listeners_;
  const ServerOptions options_;
  Log* const log_;
  Metrics metrics_;
  Shared shared_;
  event_base* base_ = nullptr;
  std::vector<evconnlistener*> accepting_;
  std::vector<event*> events_;
  event* drain_tick_ = nullptr;
  event* accept_again_ = nullptr;
  std::unique_ptr<HttpServer> http_;
  // Why the last reload was refused; empty: it was not.
  std::string reload_fault_;
  std::unique_ptr<TrustAnchorCheck> trust_anchor_check_;
  // What was found last; absent: nothing, or there is no TrustAnchorFile.
  std::optional<TrustAnchorCheck::Result> trust_anchor_;
  std::unique_ptr<LoopResolver> key_resolver_;
  std::unique_ptr<SharedZone> key_zone_;
  std::vector<std::unique_ptr<Worker>> workers_;
  bool is_draining_ = false;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_SERVER_H_
