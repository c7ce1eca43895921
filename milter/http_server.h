// HttpServer: answers GET and HEAD of a few paths, for Prometheus and for health checks.
#ifndef POSTSEAL_MILTER_HTTP_SERVER_H_
#define POSTSEAL_MILTER_HTTP_SERVER_H_

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "milter/listener.h"

struct bufferevent;
struct event;
struct event_base;
struct evconnlistener;
struct sockaddr;

namespace postseal::milter {

// HttpServer speaks as much of HTTP/1.1 (RFC 9112) as its two clients need: one request a
// connection, no body in it. It is for the thread of its loop.
class HttpServer {
 public:
  // kMaxHttpConnections bounds the connections that are open at a time. One more closes the
  // oldest of them: clients that hold connections open cannot keep others out.
  static constexpr size_t kMaxHttpConnections = 64;
  // kMaxRequestOctets bounds the request line and the header, in octets.
  static constexpr size_t kMaxRequestOctets = 16 * 1024;
  // kTimeoutSeconds is how long a connection lives, from its first octet to the last.
  static constexpr int kTimeoutSeconds = 10;

  struct Reply {
    int status = 200;
    std::string type = "text/plain";
    std::string body;
  };
  // Handler answers a GET of a path, which is without its query; nullopt: 404.
  using Handler = std::function<std::optional<Reply>(std::string_view path)>;

  // Create answers on |listeners|, in the loop of |base|, which outlives the server.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Create(event_base* base,
                                                            std::vector<Listener> listeners,
                                                            Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // connections are those that are open.
  size_t connections() const { return connections_.size(); }

 private:
  struct Connection {
    HttpServer* server = nullptr;
    bufferevent* stream = nullptr;
    event* deadline = nullptr;
    bool is_answered = false;
  };

  HttpServer(event_base* base, std::vector<Listener> listeners, Handler handler)
      : base_(base), listeners_(std::move(listeners)), handler_(std::move(handler)) {}

  void Accept(int fd);
  void Close(Connection* connection);
  // Read looks at what has arrived, and answers when the request is whole.
  void Read(Connection* connection);
  Reply Answer(std::string_view request, bool* is_head) const;

  static void OnAccept(evconnlistener* listener, int fd, sockaddr* address, int size, void* self);
  static void OnAcceptError(evconnlistener* listener, void* self);
  static void OnAcceptAgain(int fd, short events, void* self);
  static void OnRead(bufferevent* stream, void* connection);
  static void OnWritten(bufferevent* stream, void* connection);
  static void OnEnd(bufferevent* stream, short events, void* connection);
  static void OnDeadline(int fd, short events, void* connection);

  event_base* const base_;
  std::vector<Listener> listeners_;
  const Handler handler_;
  std::vector<evconnlistener*> accepting_;
  event* accept_again_ = nullptr;
  std::list<Connection> connections_;  // the oldest first
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_HTTP_SERVER_H_
