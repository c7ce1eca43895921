#include "milter/server.h"

#include <event2/event.h>
#include <event2/listener.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace postseal::milter {
namespace {

constexpr timeval kSecond = {1, 0};
constexpr timeval kWatchInterval = {Server::kWatchSeconds, 0};
constexpr timeval kTrustAnchorInterval = {Server::kTrustAnchorSeconds, 0};
constexpr timeval kPublishedKeysInterval = {Server::kPublishedKeysSeconds, 0};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Create(std::shared_ptr<const Setup> setup,
                                                       std::vector<Listener> listeners,
                                                       ServerOptions options, Log* log) {
  std::unique_ptr<Server> server(
      new Server(std::move(setup), std::move(listeners), std::move(options), log));
  if (absl::Status status = server->Prepare(); !status.ok()) return status;
  return server;
}

Server::Server(std::shared_ptr<const Setup> setup, std::vector<Listener> listeners,
               ServerOptions options, Log* log)
    : setup_(std::move(setup)),
      listeners_(std::move(listeners)),
      options_(std::move(options)),
      log_(log) {
  shared_.current_setup = [this] { return CurrentSetup(); };
  shared_.log = log_;
  shared_.metrics = &metrics_;
}

absl::Status Server::Prepare() {
  base_ = event_base_new();
  if (base_ == nullptr) return absl::ResourceExhaustedError("no event loop");
  // An MTA that goes away is an error of write, not a signal.
  signal(SIGPIPE, SIG_IGN);
  for (const int number : kSignals) {
    const bool reloads = number == SIGHUP || number == SIGUSR1;
    event_add(
        AddEvent(evsignal_new(base_, number, reloads ? &OnReloadSignal : &OnTerminateSignal, this)),
        nullptr);
  }
  if (options_.has_changed) {
    event_add(AddEvent(event_new(base_, -1, EV_PERSIST, &OnWatch, this)), &kWatchInterval);
  }
  if (options_.published_keys != nullptr) {
    event_add(AddEvent(event_new(base_, -1, EV_PERSIST, &OnKeysTick, this)),
              &kPublishedKeysInterval);
    AskForKeys();
  }
  event_add(AddEvent(event_new(base_, -1, EV_PERSIST, &OnTrustAnchorTick, this)),
            &kTrustAnchorInterval);
  CheckTrustAnchor();
  accept_again_ = AddEvent(evtimer_new(base_, &OnAcceptAgain, this));
  drain_tick_ = AddEvent(event_new(base_, -1, EV_PERSIST, &OnDrainTick, this));
  for (const Listener& listener : listeners_) {
    evconnlistener* const accepting =
        evconnlistener_new(base_, &OnAccept, this, LEV_OPT_CLOSE_ON_EXEC, 0, listener.fd());
    if (accepting == nullptr) return absl::ResourceExhaustedError("no event loop");
    evconnlistener_set_error_cb(accepting, &OnAcceptError);
    accepting_.push_back(accepting);
  }
  if (absl::Status status = OpenMetrics(); !status.ok()) return status;
  const size_t threads = setup_->config.threads > 0
                             ? setup_->config.threads
                             : std::max(1U, std::thread::hardware_concurrency());
  for (size_t i = 0; i < threads; ++i) {
    absl::StatusOr<std::unique_ptr<Worker>> worker = Worker::Start(&shared_);
    if (!worker.ok()) return worker.status();
    workers_.push_back(*std::move(worker));
  }
  // Of this thread alone: the workers' keep them out.
  sigset_t handled;
  sigemptyset(&handled);
  for (const int number : kSignals) sigaddset(&handled, number);
  pthread_sigmask(SIG_UNBLOCK, &handled, nullptr);
  return absl::OkStatus();
}

absl::Status Server::OpenMetrics() {
  if (!setup_->config.metrics.has_value()) return absl::OkStatus();
  absl::StatusOr<std::vector<Listener>> listeners = Listener::Open(*setup_->config.metrics);
  if (!listeners.ok()) return listeners.status();
  auto http = HttpServer::Create(base_, *std::move(listeners),
                                 [this](std::string_view path) { return Answer(path); });
  if (!http.ok()) return http.status();
  http_ = *std::move(http);
  return absl::OkStatus();
}

Server::~Server() {
  workers_.clear();
  key_resolver_.reset();
  trust_anchor_check_.reset();
  for (evconnlistener* const accepting : accepting_) evconnlistener_free(accepting);
  for (event* const made : events_) event_free(made);
  http_.reset();
  if (base_ != nullptr) event_base_free(base_);
}

event* Server::AddEvent(event* made) {
  events_.push_back(made);
  return made;
}

void Server::Run() {
  event_base_dispatch(base_);
  workers_.clear();
}

std::shared_ptr<const Setup> Server::CurrentSetup() const {
  const std::lock_guard lock(setup_mutex_);
  return setup_;
}

void Server::OnAccept(evconnlistener*, int fd, sockaddr*, int, void* self) {
  static_cast<Server*>(self)->Accept(fd);
}

void Server::OnAcceptError(evconnlistener* listener, void* self) {
  auto* const server = static_cast<Server*>(self);
  // No descriptor is left, most likely: the socket stays readable, so a while without it.
  server->log_->Write(LogLevel::kError, absl::StrCat("a connection cannot be accepted: ",
                                                     std::strerror(EVUTIL_SOCKET_ERROR())));
  evconnlistener_disable(listener);
  event_add(server->accept_again_, &kSecond);
}

void Server::OnAcceptAgain(int, short, void* self) {
  for (evconnlistener* const accepting : static_cast<Server*>(self)->accepting_) {
    evconnlistener_enable(accepting);
  }
}

void Server::Accept(int fd) {
  size_t total = 0;
  Worker* least = workers_.front().get();
  for (const std::unique_ptr<Worker>& worker : workers_) {
    const size_t connections = worker->connections();
    total += connections;
    if (connections < least->connections()) least = worker.get();
  }
  if (total >= kMaxConnections) {
    log_->Write(LogLevel::kError, absl::StrCat("more than ", kMaxConnections, " connections"));
    close(fd);
    return;
  }
  evutil_make_socket_nonblocking(fd);
  least->Serve(fd);
}

void Server::OnKeysTick(int, short, void* self) { static_cast<Server*>(self)->AskForKeys(); }

void Server::AskForKeys() {
  const std::shared_ptr<const Setup> setup = CurrentSetup();
  if (!setup->config.check_published_keys || is_draining_) return;
  key_resolver_.reset();
  key_zone_.reset();
  if (setup->zone != nullptr) {
    key_zone_ = std::make_unique<SharedZone>(setup->zone);
    return options_.published_keys->Ask(setup->signing, key_zone_.get());
  }
  // A new one each time: what an old one has cached is what there was before.
  auto resolver = LoopResolver::Create(base_, ResolverOptions(setup->config));
  if (!resolver.ok()) {
    log_->Write(LogLevel::kError,
                absl::StrCat("published keys cannot be looked up: ", resolver.status().message()));
    return;
  }
  key_resolver_ = *std::move(resolver);
  options_.published_keys->Ask(setup->signing, key_resolver_.get());
}

void Server::OnTrustAnchorTick(int, short, void* self) {
  auto* const server = static_cast<Server*>(self);
  if (server->trust_anchor_ != TrustAnchorCheck::Result::kGood) server->CheckTrustAnchor();
}

void Server::CheckTrustAnchor() {
  const std::shared_ptr<const Setup> setup = CurrentSetup();
  trust_anchor_check_.reset();
  if (setup->config.trust_anchor_file.empty() || setup->zone != nullptr || is_draining_) {
    metrics_.ShowTrustAnchor(/*is_broken=*/false);
    return;
  }
  auto check = TrustAnchorCheck::Start(
      base_, setup->config,
      [this, setup](TrustAnchorCheck::Result result) { TakeTrustAnchor(result, setup->config); });
  // What keeps a resolver from being made keeps the workers from starting, and they say it.
  if (check.ok()) trust_anchor_check_ = *std::move(check);
}

void Server::TakeTrustAnchor(TrustAnchorCheck::Result result, const Config& config) {
  using Result = TrustAnchorCheck::Result;
  const std::optional<Result> before = std::exchange(trust_anchor_, result);
  metrics_.ShowTrustAnchor(result == Result::kBroken);
  if (before == result) return;
  if (result == Result::kGood) {
    log_->Write(LogLevel::kInfo, "TrustAnchorFile: the name servers' answers are validated");
    return;
  }
  log_->Write(result == Result::kBroken ? LogLevel::kError : LogLevel::kWarning,
              TrustAnchorCheck::Text(result, config));
}

void Server::OnReloadSignal(int, short, void* self) { static_cast<Server*>(self)->Reload(); }

void Server::OnWatch(int, short, void* self) {
  auto* const server = static_cast<Server*>(self);
  if (!server->is_draining_ && server->options_.has_changed()) server->Reload();
}

absl::StatusOr<std::shared_ptr<const Setup>> Server::Load() {
  absl::StatusOr<std::shared_ptr<const Setup>> setup = options_.load();
  if (!setup.ok() || (*setup)->zone != nullptr ||
      AsksSameServers((*setup)->config, CurrentSetup()->config)) {
    return setup;
  }
  // Each worker makes one of its own: here it is seen whether that can be done.
  auto resolver = LoopResolver::Create(base_, ResolverOptions((*setup)->config));
  if (!resolver.ok()) return resolver.status();
  return setup;
}

void Server::Reload() {
  absl::StatusOr<std::shared_ptr<const Setup>> setup = Load();
  metrics_.CountReload(setup.ok());
  if (!setup.ok()) {
    reload_fault_ = std::string(setup.status().message());
    log_->Write(LogLevel::kError,
                absl::StrCat("configuration not reloaded, the old one stays: ", reload_fault_));
    return;
  }
  reload_fault_.clear();
  const bool asks_others = !AsksSameServers((*setup)->config, CurrentSetup()->config);
  {
    const std::lock_guard lock(setup_mutex_);
    setup_ = *std::move(setup);
  }
  if (asks_others) {
    trust_anchor_.reset();
    CheckTrustAnchor();
  }
  for (const std::unique_ptr<Worker>& worker : workers_) worker->Reload();
  log_->Write(LogLevel::kInfo, "configuration reloaded");
  if (options_.published_keys != nullptr) AskForKeys();
}

void Server::OnTerminateSignal(int, short, void* self) { static_cast<Server*>(self)->Terminate(); }

void Server::Terminate() {
  if (is_draining_) {
    // Asked twice: now.
    event_base_loopbreak(base_);
    return;
  }
  is_draining_ = true;
  log_->Write(LogLevel::kInfo, "terminating: no new connections, messages under way go on");
  for (evconnlistener* const accepting : accepting_) evconnlistener_free(accepting);
  accepting_.clear();
  listeners_.clear();
  for (const std::unique_ptr<Worker>& worker : workers_) worker->Drain();
  event_add(drain_tick_, &kSecond);
  OnDrainTick(-1, 0, this);
}

void Server::OnDrainTick(int, short, void* self) {
  const auto* const server = static_cast<Server*>(self);
  const bool is_drained =
      std::all_of(server->workers_.begin(), server->workers_.end(),
                  [](const std::unique_ptr<Worker>& worker) { return worker->connections() == 0; });
  if (is_drained) event_base_loopbreak(server->base_);
}

std::optional<HttpServer::Reply> Server::Answer(std::string_view path) {
  if (path == "/health") return Health();
  if (path != "/metrics") return std::nullopt;
  if (options_.refresh) options_.refresh(&metrics_);
  HttpServer::Reply reply;
  reply.type = "text/plain; version=0.0.4; charset=utf-8";
  reply.body = metrics_.Print();
  return reply;
}

HttpServer::Reply Server::Health() const {
  HttpServer::Reply reply;
  const absl::Status status = options_.check ? options_.check() : absl::OkStatus();
  if (is_draining_ || !status.ok()) {
    reply.status = 503;
    reply.body = is_draining_ ? "draining\n" : absl::StrCat(status.message(), "\n");
    return reply;
  }
  if (trust_anchor_ == TrustAnchorCheck::Result::kBroken) {
    reply.status = 503;
    reply.body = absl::StrCat(TrustAnchorCheck::Text(*trust_anchor_, CurrentSetup()->config), "\n");
    return reply;
  }
  reply.body = "ok\n";
  // Mail is served as before: who restarted the process for it would make things worse.
  if (!reload_fault_.empty()) {
    absl::StrAppend(&reply.body, "the last reload failed, the configuration before it is in use: ",
                    reload_fault_, "\n");
  }
  return reply;
}

}  // namespace postseal::milter
