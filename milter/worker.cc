#include "milter/worker.h"

#include <event2/event.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "milter/log_line.h"

namespace postseal::milter {
namespace {

// kReadBufferOctets is the most that one read takes, in octets: MTAs send bodies in
// chunks of 64 KiB.
constexpr size_t kReadBufferOctets = 128 * 1024;

}  // namespace

absl::StatusOr<std::unique_ptr<Worker>> Worker::Start(const Shared* shared) {
  std::unique_ptr<Worker> worker(new Worker(shared));
  if (absl::Status status = worker->Prepare(); !status.ok()) return status;
  try {
    worker->thread_ = std::thread([loop = worker->base_] { event_base_dispatch(loop); });
  } catch (const std::system_error& error) {
    return absl::ResourceExhaustedError(absl::StrCat("no thread: ", error.what()));
  }
  return worker;
}

absl::Status Worker::Prepare() {
  base_ = event_base_new();
  if (base_ == nullptr || pipe2(command_pipe_, O_CLOEXEC) != 0) {
    return absl::ResourceExhaustedError(absl::StrCat("no event loop: ", std::strerror(errno)));
  }
  read_buffer_.resize(kReadBufferOctets);
  command_event_ =
      event_new(base_, command_pipe_[0], EV_READ | EV_PERSIST, &Worker::OnCommand, this);
  drain_event_ = event_new(base_, -1, EV_PERSIST, &Worker::OnDrainTick, this);
  if (command_event_ == nullptr || drain_event_ == nullptr) {
    return absl::ResourceExhaustedError("no event loop: out of memory");
  }
  event_add(command_event_, nullptr);
  return OpenResolver(shared_->current_setup());
}

absl::Status Worker::OpenResolver(std::shared_ptr<const Setup> setup) {
  std::erase_if(retired_, [](const auto& resolver) { return resolver->is_idle(); });
  if (setup->zone != nullptr) {
    zone_ = std::make_unique<SharedZone>(setup->zone);
    resolver_ = zone_.get();
    resolver_setup_ = std::move(setup);
    return absl::OkStatus();
  }
  if (unbound_ != nullptr && AsksSameServers(setup->config, resolver_setup_->config)) {
    resolver_setup_ = std::move(setup);
    resolver_ = unbound_.get();
    return absl::OkStatus();
  }
  auto unbound = LoopResolver::Create(base_, ResolverOptions(setup->config));
  if (!unbound.ok()) return unbound.status();
  if (unbound_ != nullptr) retired_.push_back(std::move(unbound_));
  unbound_ = *std::move(unbound);
  resolver_ = unbound_.get();
  resolver_setup_ = std::move(setup);
  return absl::OkStatus();
}

Worker::~Worker() {
  if (thread_.joinable()) {
    Send({Command::Kind::kStop, -1});
    thread_.join();
  }
  open_.clear();
  retired_.clear();
  unbound_.reset();
  if (command_event_ != nullptr) event_free(command_event_);
  if (drain_event_ != nullptr) event_free(drain_event_);
  if (base_ != nullptr) event_base_free(base_);
  for (const int fd : command_pipe_) {
    if (fd >= 0) close(fd);
  }
}

void Worker::Serve(int fd) {
  connection_count_.fetch_add(1, std::memory_order_relaxed);
  shared_->metrics->CountConnection();
  Send({Command::Kind::kServe, fd});
}

void Worker::Reload() { Send({Command::Kind::kReload, -1}); }

void Worker::Drain() { Send({Command::Kind::kDrain, -1}); }

void Worker::Send(const Command& command) {
  // Shorter than PIPE_BUF: one piece, whoever else writes. pipe(7)
  while (write(command_pipe_[1], &command, sizeof command) < 0 && errno == EINTR) {
  }
}

void Worker::OnCommand(int fd, short, void* self) {
  Command command;
  if (read(fd, &command, sizeof command) == sizeof command) {
    static_cast<Worker*>(self)->Obey(command);
  }
}

void Worker::Obey(const Command& command) {
  switch (command.kind) {
    case Command::Kind::kServe: {
      const std::shared_ptr<Connection> connection = Connection::Open(command.fd, this);
      open_.emplace(connection.get(), connection);
      return;
    }
    case Command::Kind::kReload:
      if (absl::Status status = OpenResolver(CurrentSetup()); !status.ok()) {
        shared_->log->Write(LogLevel::kError,
                            absl::StrCat("the name servers stay as they were: ", status.message()));
      }
      return;
    case Command::Kind::kDrain: {
      if (drain_seconds_ >= 0) return;
      drain_seconds_ = 0;
      const timeval second = {1, 0};
      event_add(drain_event_, &second);
      return;
    }
    case Command::Kind::kStop:
      event_base_loopbreak(base_);
      return;
  }
}

void Worker::OnDrainTick(int, short, void* self) {
  auto* const worker = static_cast<Worker*>(self);
  ++worker->drain_seconds_;
  worker->DrainOnce();
}

void Worker::DrainOnce() {
  std::vector<Connection*> closing;
  for (const auto& [connection, owned] : open_) {
    const bool is_late = drain_seconds_ >= kDrainSeconds;
    const bool is_free = drain_seconds_ >= kDrainIdleSeconds && connection->is_idle();
    if (is_late || is_free) closing.push_back(connection);
  }
  for (Connection* const connection : closing) OnClosed(connection);
}

Now Worker::CurrentTime() {
  Now now;
  now.unix_seconds = time(nullptr);
  now.microseconds = std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::steady_clock::now().time_since_epoch())
                         .count();
  return now;
}

void Worker::OnClosed(Connection* connection) {
  if (open_.erase(connection) == 0) return;
  shared_->metrics->CountDisconnection();
  connection_count_.fetch_sub(1, std::memory_order_relaxed);
}

void Worker::OnMessage(const MessageRecord& record) {
  shared_->metrics->CountMessage(record);
  for (const LogLine& line : LinesOf(record, record.transaction->setup->config)) {
    shared_->log->Write(line.level, line.text);
  }
}

void Worker::OnFault(std::string_view text) {
  shared_->metrics->CountFault();
  shared_->log->Write(LogLevel::kError, absl::StrCat("connection closed: ", text));
}

}  // namespace postseal::milter
