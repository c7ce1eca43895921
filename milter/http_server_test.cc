// The HTTP server over real sockets, within one loop: this thread is the client, too.
#include "milter/http_server.h"

#include <event2/event.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "milter/listener.h"
#include "milter/socket_address.h"

namespace postseal::milter {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    // A socket's path is short, and TempDir() is not always.
    std::string folder = std::filesystem::temp_directory_path().string() + "/postseal.XXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    auto listeners = Listener::Open(*SocketAddress::Parse("local:" + path()));
    EXPECT_TRUE(listeners.ok()) << listeners.status();
    auto server = HttpServer::Create(base_, *std::move(listeners), [this](std::string_view path) {
      ++asked_;
      std::optional<HttpServer::Reply> reply;
      if (path == "/health") reply.emplace().body = body_;
      return reply;
    });
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  ~HttpServerTest() override {
    for (const int fd : clients_) close(fd);
    server_.reset();
    event_base_free(base_);
    rmdir(folder_.c_str());
  }

  std::string path() const { return folder_ + "/s"; }

  // Turn lets the server do what there is to do.
  void Turn() {
    for (int i = 0; i < 5; ++i) event_base_loop(base_, EVLOOP_NONBLOCK);
  }

  // Connect is a new client, which does not wait.
  int Connect() {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un local = {};
    local.sun_family = AF_UNIX;
    path().copy(local.sun_path, sizeof local.sun_path - 1);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&local), sizeof local), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    clients_.push_back(fd);
    Turn();
    return fd;
  }

  static void Send(int fd, std::string_view text) {
    EXPECT_EQ(send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }

  // Receive is what the server has said; |is_closed|: and it has closed.
  std::string Receive(int fd, bool* is_closed) {
    std::string all;
    *is_closed = false;
    for (;;) {
      Turn();
      char octets[65536];
      const ssize_t got = recv(fd, octets, sizeof octets, 0);
      if (got > 0) {
        all.append(octets, static_cast<size_t>(got));
        continue;
      }
      *is_closed = got == 0 || errno == ECONNRESET;
      return all;
    }
  }

  std::string Ask(std::string_view request) {
    const int fd = Connect();
    Send(fd, request);
    bool is_closed = false;
    std::string said = Receive(fd, &is_closed);
    EXPECT_TRUE(is_closed) << request.substr(0, 100);
    return said;
  }

  event_base* base_ = event_base_new();
  std::string folder_;
  std::string body_ = "ok\n";
  int asked_ = 0;
  std::vector<int> clients_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, Answers) {
  EXPECT_EQ(Ask("GET /health HTTP/1.1\r\nHost: x\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
            "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\nok\n");
  EXPECT_THAT(Ask("HEAD /health HTTP/1.0\r\n\r\n"),
              AllOf(HasSubstr("Content-Length: 3\r\n"), EndsWith("\r\n\r\n")));
  EXPECT_THAT(Ask("GET /health?verbose=1 HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Ask("GET /other HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(HttpServerTest, RefusesWhatIsNoSuchRequest) {
  struct Case {
    const char* request;
    const char* reply;
  };
  for (const Case& c : {
           Case{"POST /health HTTP/1.1\r\n\r\n", "HTTP/1.1 405 "},
           Case{"get /health HTTP/1.1\r\n\r\n", "HTTP/1.1 405 "},
           Case{"GET /health\r\n\r\n", "HTTP/1.1 400 "},
           Case{"GET health HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
           Case{"GET /health HTTP/2\r\n\r\n", "HTTP/1.1 400 "},
           Case{"\r\n\r\n", "HTTP/1.1 400 "},
           Case{" \r\n\r\n", "HTTP/1.1 400 "},
       }) {
    EXPECT_THAT(Ask(c.request), StartsWith(c.reply)) << c.request;
  }
  EXPECT_EQ(asked_, 0);
  EXPECT_THAT(Ask("POST /health HTTP/1.1\r\n\r\n"), HasSubstr("\r\nAllow: GET, HEAD\r\n"));
}

TEST_F(HttpServerTest, ARequestInPieces) {
  const int fd = Connect();
  bool is_closed = false;
  const std::string request = "GET /health HTTP/1.1\r\n\r\n";
  for (const char c : request.substr(0, request.size() - 1)) {
    Send(fd, std::string(1, c));
    EXPECT_EQ(Receive(fd, &is_closed), "");
    EXPECT_FALSE(is_closed);
  }
  Send(fd, "\n");
  EXPECT_THAT(Receive(fd, &is_closed), EndsWith("\r\n\r\nok\n"));
  EXPECT_TRUE(is_closed);
}

TEST_F(HttpServerTest, RequestsAreBounded) {
  const std::string_view begin = "GET /health HTTP/1.1\r\nX: ";
  // As many octets as there may be, and no end.
  const int full = Connect();
  Send(full, std::string(begin) + std::string(HttpServer::kMaxRequestOctets - begin.size(), 'x'));
  bool is_closed = false;
  EXPECT_EQ(Receive(full, &is_closed), "");
  EXPECT_FALSE(is_closed);
  Send(full, "x");
  EXPECT_THAT(Receive(full, &is_closed), StartsWith("HTTP/1.1 431 "));
  EXPECT_TRUE(is_closed);
}

TEST_F(HttpServerTest, ALongBody) {
  body_ = std::string(3'000'000, 'x');
  EXPECT_THAT(Ask("GET /health HTTP/1.1\r\n\r\n"), testing::SizeIs(testing::Gt(body_.size())));
}

// Clients that say nothing hold no more than kMaxHttpConnections, and keep nobody out.
TEST_F(HttpServerTest, ConnectionsAreBounded) {
  for (size_t i = 0; i < HttpServer::kMaxHttpConnections; ++i) Connect();
  EXPECT_EQ(server_->connections(), HttpServer::kMaxHttpConnections);
  bool is_closed = false;
  Receive(clients_.front(), &is_closed);
  EXPECT_FALSE(is_closed);
  EXPECT_THAT(Ask("GET /health HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  Receive(clients_[0], &is_closed);
  EXPECT_TRUE(is_closed) << "the oldest";
  Receive(clients_[1], &is_closed);
  EXPECT_FALSE(is_closed);
  EXPECT_EQ(server_->connections(), HttpServer::kMaxHttpConnections - 1);
}

TEST_F(HttpServerTest, AClientThatGoesAway) {
  const int fd = Connect();
  Send(fd, "GET /hea");
  EXPECT_EQ(server_->connections(), 1u);
  shutdown(fd, SHUT_RDWR);
  Turn();
  EXPECT_EQ(server_->connections(), 0u);
}

}  // namespace
}  // namespace postseal::milter
