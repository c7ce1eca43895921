#include "milter/connection.h"

#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace postseal::milter {
namespace {

timeval ToTimeval(std::chrono::milliseconds time) {
  return {static_cast<time_t>(time.count() / 1000),
          static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

constexpr timeval kIdle = {kIdleSeconds, 0};

}  // namespace

std::shared_ptr<Connection> Connection::Open(int fd, ConnectionOwner* owner) {
  return std::shared_ptr<Connection>(new Connection(fd, owner));
}

Connection::Connection(int fd, ConnectionOwner* owner)
    : fd_(fd),
      owner_(owner),
      session_(owner),
      readable_(event_new(owner->base(), fd, EV_READ | EV_PERSIST, &OnReadable, this)),
      writable_(event_new(owner->base(), fd, EV_WRITE, &OnWritable, this)),
      deadline_(evtimer_new(owner->base(), &OnDeadline, this)) {
  // All that a message is answered with goes out in one segment: a wait for the
  // peer's acknowledgment, of some 40 ms, is what Nagle's algorithm would add.
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // fails for UNIX sockets
  POSTSEAL_CHECK(readable_ != nullptr && writable_ != nullptr && deadline_ != nullptr);
  event_add(readable_, &kIdle);
}

Connection::~Connection() {
  event_free(readable_);
  event_free(writable_);
  event_free(deadline_);
  close(fd_);
}

void Connection::OnReadable(int, short events, void* self) {
  // Whatever happens, it lives until the end of the call.
  const std::shared_ptr<Connection> connection = static_cast<Connection*>(self)->shared_from_this();
  if ((events & EV_READ) != 0) {
    connection->Read();
  } else if (!connection->session_.awaits_verdict()) {
    // The MTA said nothing for kIdleSeconds, be it within a message: its host may be gone.
    connection->Close();
  }
}

void Connection::OnWritable(int, short events, void* self) {
  const std::shared_ptr<Connection> connection = static_cast<Connection*>(self)->shared_from_this();
  // The MTA took nothing for kIdleSeconds.
  if ((events & EV_WRITE) == 0) return connection->Close();
  connection->Advance();
}

void Connection::OnDeadline(int, short, void* self) {
  const std::shared_ptr<Connection> connection = static_cast<Connection*>(self)->shared_from_this();
  connection->has_deadline_ = false;
  connection->owner_->OnExpiry();
  connection->session_.Expire(connection->owner_->CurrentTime());
  connection->Advance();
}

void Connection::Read() {
  std::string* const buffer = owner_->ReadBuffer();
  const ssize_t got = recv(fd_, buffer->data(), buffer->size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (got <= 0) return Close();
  session_.Receive(std::string_view(buffer->data(), static_cast<size_t>(got)),
                   owner_->CurrentTime());
  Advance();
}

void Connection::Advance() {
  while (!is_closed_) {
    Pump();
    const Message* const message = session_.message();
    if (!session_.awaits_verdict() || !message->done()) break;
    session_.Resume(owner_->CurrentTime());
  }
  if (is_closed_) return;
  output_ += session_.TakeOutput();
  if (!Write() || (session_.is_over() && output_.empty())) return Close();
  SetDeadline();
  UpdateReading();
}

void Connection::Pump() {
  if (is_pumping_ || session_.message() == nullptr) return;
  const std::shared_ptr<auth::VerifySession> verification = session_.message()->verification();
  if (verification == nullptr) return;
  is_pumping_ = true;
  while (std::optional<dns::PendingQuery> query = verification->NextQuery()) {
    owner_->resolver()->Start(query->query,
                              [weak_this = weak_from_this(), weak = std::weak_ptr(verification),
                               id = query->id](const dns::Answer& answer) {
                                // The message may be over, by its deadline or because the MTA is
                                // gone.
                                const std::shared_ptr<Connection> connection = weak_this.lock();
                                const std::shared_ptr<auth::VerifySession> alive = weak.lock();
                                if (connection != nullptr && alive != nullptr) {
                                  connection->OnAnswer(alive, id, answer);
                                }
                              });
  }
  is_pumping_ = false;
}

void Connection::OnAnswer(const std::shared_ptr<auth::VerifySession>& verification, dns::QueryId id,
                          const dns::Answer& answer) {
  // It may have given up on this query: FailOutstanding.
  verification->Provide(id, answer).IgnoreError();
  // An answer from inside Start: Pump's loop goes on by itself.
  if (!is_pumping_) Advance();
}

bool Connection::Write() {
  while (written_ < output_.size()) {
    const ssize_t sent =
        send(fd_, output_.data() + written_, output_.size() - written_, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      event_add(writable_, &kIdle);
      return true;
    }
    if (sent <= 0) return false;
    written_ += static_cast<size_t>(sent);
  }
  output_.clear();
  written_ = 0;
  return true;
}

void Connection::SetDeadline() {
  if (session_.awaits_verdict() == has_deadline_) return;
  has_deadline_ = session_.awaits_verdict();
  if (!has_deadline_) {
    event_del(deadline_);
    return;
  }
  // RFC 7208 §4.6.4: from the message's end on somebody waits.
  const timeval left = ToTimeval(session_.message()->transaction().setup->config.message_timeout);
  event_add(deadline_, &left);
}

void Connection::UpdateReading() {
  // A packet that is not whole yet may have more; what waits for a verdict need not.
  const bool has_room =
      !session_.awaits_verdict() || session_.waiting_octets() <= kMaxWaitingOctets;
  const bool reads = !session_.is_over() && has_room && output_.size() <= kMaxWaitingOctets;
  if (reads == is_reading_) return;
  is_reading_ = reads;
  if (reads) {
    event_add(readable_, &kIdle);
  } else {
    event_del(readable_);
  }
}

void Connection::Close() {
  if (is_closed_) return;
  is_closed_ = true;
  event_del(readable_);
  event_del(writable_);
  event_del(deadline_);
  owner_->OnClosed(this);
}

}  // namespace postseal::milter
