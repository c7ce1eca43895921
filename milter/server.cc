#include "milter/server.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
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
constexpr timeval kPublishedKeysInterval = {Server::kPublishedKeysSeconds, 0};

// kMaxHttpBodyOctets bounds what a request may send along: there is nothing to send.
constexpr int kMaxHttpBodyOctets = 1024;
constexpr int kMaxHttpHeaderOctets = 16 * 1024;
constexpr int kHttpTimeoutSeconds = 10;

void Answer(evhttp_request* request, int code, std::string_view type, std::string_view text) {
  evkeyvalq* const headers = evhttp_request_get_output_headers(request);
  evhttp_add_header(headers, "Content-Type", std::string(type).c_str());
  evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
  evbuffer* const body = evbuffer_new();
  if (body != nullptr) evbuffer_add(body, text.data(), text.size());
  evhttp_send_reply(request, code, nullptr, body);
  if (body != nullptr) evbuffer_free(body);
}

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
  http_ = evhttp_new(base_);
  if (http_ == nullptr) return absl::ResourceExhaustedError("the metrics' server cannot start");
  for (Listener& listener : *listeners) {
    if (evhttp_accept_socket(http_, listener.fd()) != 0) {
      return absl::ResourceExhaustedError("the metrics' server cannot start");
    }
    // It is libevent's now, which closes it.
    metrics_paths_.push_back(listener.Release());
  }
  evhttp_set_max_body_size(http_, kMaxHttpBodyOctets);
  evhttp_set_max_headers_size(http_, kMaxHttpHeaderOctets);
  evhttp_set_timeout(http_, kHttpTimeoutSeconds);
  evhttp_set_allowed_methods(http_, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
  evhttp_set_cb(http_, "/metrics", &OnMetrics, this);
  evhttp_set_cb(http_, "/health", &OnHealth, this);
  return absl::OkStatus();
}

Server::~Server() {
  workers_.clear();
  key_resolver_.reset();
  for (evconnlistener* const accepting : accepting_) evconnlistener_free(accepting);
  for (event* const made : events_) event_free(made);
  if (http_ != nullptr) evhttp_free(http_);
  for (const std::string& path : metrics_paths_) {
    if (!path.empty()) unlink(path.c_str());
  }
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

void Server::OnReloadSignal(int, short, void* self) { static_cast<Server*>(self)->Reload(); }

void Server::OnWatch(int, short, void* self) {
  auto* const server = static_cast<Server*>(self);
  if (!server->is_draining_ && server->options_.has_changed()) server->Reload();
}

void Server::Reload() {
  absl::StatusOr<std::shared_ptr<const Setup>> setup = options_.load();
  metrics_.CountReload(setup.ok());
  if (!setup.ok()) {
    log_->Write(LogLevel::kError, absl::StrCat("configuration not reloaded, the old one stays: ",
                                               setup.status().message()));
    return;
  }
  {
    const std::lock_guard lock(setup_mutex_);
    setup_ = *std::move(setup);
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

void Server::OnMetrics(evhttp_request* request, void* self) {
  auto* const server = static_cast<Server*>(self);
  if (server->options_.refresh) server->options_.refresh(&server->metrics_);
  Answer(request, HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", server->metrics_.Print());
}

void Server::OnHealth(evhttp_request* request, void* self) {
  const auto* const server = static_cast<Server*>(self);
  if (server->is_draining_) {
    return Answer(request, HTTP_SERVUNAVAIL, "text/plain", "draining\n");
  }
  const absl::Status status = server->options_.check ? server->options_.check() : absl::OkStatus();
  if (!status.ok()) {
    return Answer(request, HTTP_SERVUNAVAIL, "text/plain", absl::StrCat(status.message(), "\n"));
  }
  Answer(request, HTTP_OK, "text/plain", "ok\n");
}

}  // namespace postseal::milter
