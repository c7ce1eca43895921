// Connection: a socket of an MTA with its session, in an event loop.
#ifndef POSTSEAL_MILTER_CONNECTION_H_
#define POSTSEAL_MILTER_CONNECTION_H_

#include <cstddef>
#include <memory>
#include <string>

#include "auth/verify_session.h"
#include "dns/answer.h"
#include "dns/resolver.h"
#include "milter/session.h"

struct event;
struct event_base;

namespace postseal::milter {

// kIdleSeconds is how long an MTA may say nothing while nothing is awaited of us, and
// how long it may leave replies unread.
// libmilter waits as long, a little more than RFC 5321 §4.5.3.2's timeouts together.
inline constexpr int kIdleSeconds = 7210;
// kMaxWaitingOctets bounds what is read ahead while a verdict is awaited, and what waits to
// be written, in octets.
inline constexpr size_t kMaxWaitingOctets = 256 * 1024;

class Connection;

// ConnectionOwner is the loop that connections live in.
class ConnectionOwner : public SessionHost {
 public:
  virtual event_base* base() = 0;
  virtual dns::AsyncResolver* resolver() = 0;
  virtual Now CurrentTime() = 0;
  // ReadBuffer is memory to read into, which no other connection uses meanwhile.
  virtual std::string* ReadBuffer() = 0;
  // OnExpiry is called when a message's deadline passes.
  virtual void OnExpiry() = 0;
  // OnClosed is called when |connection| is over; the owner drops it.
  virtual void OnClosed(Connection* connection) = 0;
};

// Connection is made by Open, and lives until OnClosed, or until its owner drops it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // Open takes over |fd|, which does not block.
  static std::shared_ptr<Connection> Open(int fd, ConnectionOwner* owner);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // is_idle says that no message is under way and nothing waits to be written.
  bool is_idle() const { return session_.is_idle() && output_.size() == written_; }

 private:
  Connection(int fd, ConnectionOwner* owner);

  static void OnReadable(int fd, short events, void* self);
  static void OnWritable(int fd, short events, void* self);
  static void OnDeadline(int fd, short events, void* self);

  void Read();
  // Advance asks what the session wants to know, goes on where it can, and writes.
  void Advance();
  void Pump();
  void OnAnswer(const std::shared_ptr<auth::VerifySession>& verification, dns::QueryId id,
                const dns::Answer& answer);
  // Write sends what there is; false when the connection is broken.
  bool Write();
  void SetDeadline();
  void UpdateReading();
  void Close();

  const int fd_;
  ConnectionOwner* const owner_;
  Session session_;
  event* readable_ = nullptr;
  event* writable_ = nullptr;
  event* deadline_ = nullptr;
  std::string output_;
  size_t written_ = 0;  // of output_
  bool is_pumping_ = false;
  bool is_reading_ = true;
  bool has_deadline_ = false;
  bool is_closed_ = false;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_CONNECTION_H_
