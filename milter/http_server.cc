#include "milter/http_server.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <unistd.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace postseal::milter {
namespace {

constexpr timeval kSecond = {1, 0};
constexpr timeval kTimeout = {HttpServer::kTimeoutSeconds, 0};
constexpr std::string_view kHeaderEnd = "\r\n\r\n";

// ReasonOf is the reason phrase of |status|. RFC 9110 §15
std::string_view ReasonOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

HttpServer::Reply Refusal(int status) {
  HttpServer::Reply reply;
  reply.status = status;
  reply.body = absl::StrCat(ReasonOf(status), "\n");
  return reply;
}

// TakeWord cuts the text up to the next space from |line|.
std::string_view TakeWord(std::string_view* line) {
  const size_t space = line->find(' ');
  const std::string_view word = line->substr(0, space);
  line->remove_prefix(space == std::string_view::npos ? line->size() : space + 1);
  return word;
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Create(event_base* base,
                                                               std::vector<Listener> listeners,
                                                               Handler handler) {
  std::unique_ptr<HttpServer> server(
      new HttpServer(base, std::move(listeners), std::move(handler)));
  const absl::Status no_memory = absl::ResourceExhaustedError("the HTTP server cannot start");
  server->accept_again_ = evtimer_new(base, &OnAcceptAgain, server.get());
  if (server->accept_again_ == nullptr) return no_memory;
  for (const Listener& listener : server->listeners_) {
    evconnlistener* const accepting =
        evconnlistener_new(base, &OnAccept, server.get(), LEV_OPT_CLOSE_ON_EXEC, 0, listener.fd());
    if (accepting == nullptr) return no_memory;
    evconnlistener_set_error_cb(accepting, &OnAcceptError);
    server->accepting_.push_back(accepting);
  }
  return server;
}

HttpServer::~HttpServer() {
  while (!connections_.empty()) Close(&connections_.front());
  for (evconnlistener* const accepting : accepting_) evconnlistener_free(accepting);
  if (accept_again_ != nullptr) event_free(accept_again_);
}

void HttpServer::OnAccept(evconnlistener*, int fd, sockaddr*, int, void* self) {
  static_cast<HttpServer*>(self)->Accept(fd);
}

void HttpServer::OnAcceptError(evconnlistener* listener, void* self) {
  // No descriptor is left, most likely: the socket stays readable, so a while without it.
  evconnlistener_disable(listener);
  event_add(static_cast<HttpServer*>(self)->accept_again_, &kSecond);
}

void HttpServer::OnAcceptAgain(int, short, void* self) {
  for (evconnlistener* const accepting : static_cast<HttpServer*>(self)->accepting_) {
    evconnlistener_enable(accepting);
  }
}

void HttpServer::Accept(int fd) {
  if (connections_.size() == kMaxHttpConnections) Close(&connections_.front());
  evutil_make_socket_nonblocking(fd);
  bufferevent* const stream = bufferevent_socket_new(base_, fd, BEV_OPT_CLOSE_ON_FREE);
  if (stream == nullptr) {
    close(fd);
    return;
  }
  Connection& connection = connections_.emplace_back();
  connection.server = this;
  connection.stream = stream;
  connection.deadline = evtimer_new(base_, &OnDeadline, &connection);
  if (connection.deadline == nullptr) return Close(&connection);
  event_add(connection.deadline, &kTimeout);
  bufferevent_setwatermark(stream, EV_READ, 0, kMaxRequestOctets + 1);
  bufferevent_setcb(stream, &OnRead, &OnWritten, &OnEnd, &connection);
  bufferevent_enable(stream, EV_READ | EV_WRITE);
}

void HttpServer::Close(Connection* connection) {
  if (connection->deadline != nullptr) event_free(connection->deadline);
  bufferevent_free(connection->stream);
  connections_.remove_if([connection](const Connection& one) { return &one == connection; });
}

void HttpServer::OnRead(bufferevent*, void* connection) {
  auto* const self = static_cast<Connection*>(connection);
  self->server->Read(self);
}

void HttpServer::OnWritten(bufferevent*, void* connection) {
  auto* const self = static_cast<Connection*>(connection);
  if (self->is_answered) self->server->Close(self);
}

void HttpServer::OnEnd(bufferevent*, short, void* connection) {
  auto* const self = static_cast<Connection*>(connection);
  self->server->Close(self);
}

void HttpServer::OnDeadline(int, short, void* connection) {
  auto* const self = static_cast<Connection*>(connection);
  self->server->Close(self);
}

void HttpServer::Read(Connection* connection) {
  evbuffer* const input = bufferevent_get_input(connection->stream);
  const size_t size = evbuffer_get_length(input);
  std::string text(size, '\0');
  evbuffer_copyout(input, text.data(), size);
  const size_t end = text.find(kHeaderEnd);
  if (end == std::string::npos && size <= kMaxRequestOctets) return;
  bool is_head = false;
  const Reply reply = end == std::string::npos
                          ? Refusal(431)
                          : Answer(std::string_view(text).substr(0, end), &is_head);
  bufferevent_disable(connection->stream, EV_READ);
  connection->is_answered = true;
  std::string out =
      absl::StrCat("HTTP/1.1 ", reply.status, " ", ReasonOf(reply.status),
                   "\r\nContent-Type: ", reply.type, "\r\nContent-Length: ", reply.body.size(),
                   "\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n");
  // RFC 9110 §15.5.6
  if (reply.status == 405) absl::StrAppend(&out, "Allow: GET, HEAD\r\n");
  absl::StrAppend(&out, "\r\n", is_head ? "" : std::string_view(reply.body));
  bufferevent_write(connection->stream, out.data(), out.size());
}

HttpServer::Reply HttpServer::Answer(std::string_view request, bool* is_head) const {
  std::string_view line = request.substr(0, request.find("\r\n"));
  const std::string_view method = TakeWord(&line);
  const std::string_view target = TakeWord(&line);
  if (target.empty() || target.front() != '/' || line.substr(0, 7) != "HTTP/1.") {
    return Refusal(400);
  }
  *is_head = method == "HEAD";
  if (!*is_head && method != "GET") return Refusal(405);
  std::optional<Reply> reply = handler_(target.substr(0, target.find('?')));
  return reply.has_value() ? *std::move(reply) : Refusal(404);
}

}  // namespace postseal::milter
