// CuttingProxy: stands between a client and a server, and loses answers, for tests.
#ifndef POSTSEAL_STORE_CUTTING_PROXY_H_
#define POSTSEAL_STORE_CUTTING_PROXY_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace postseal::store {

// CuttingProxy serves one connection at a time. When the client has sent |word|, the
// server gets it and answers, and then the connection is gone, answer and all: |cuts|
// times.
class CuttingProxy {
 public:
  CuttingProxy(int server_port, std::string word, int cuts)
      : server_port_(server_port), word_(std::move(word)), cuts_left_(cuts) {
    sockaddr_in address = Loopback(0);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    if (bind(listener_, any, size) == 0 && getsockname(listener_, any, &size) == 0 &&
        listen(listener_, 8) == 0) {
      port_ = ntohs(address.sin_port);
    }
    thread_ = std::thread([this] { Run(); });
  }
  ~CuttingProxy() {
    stopping_ = true;
    thread_.join();
    close(listener_);
  }
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  int port() const { return port_; }
  int cuts_left() const { return cuts_left_; }

 private:
  static sockaddr_in Loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    return address;
  }

  // IsReadable waits a little.
  static bool IsReadable(int socket) {
    pollfd readable = {socket, POLLIN, 0};
    return poll(&readable, 1, 10) > 0;
  }

  void Run() {
    while (!stopping_) {
      if (!IsReadable(listener_)) continue;
      const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address = Loopback(server_port_);
      if (connect(server, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
        Relay(client, server);
      }
      close(client);
      close(server);
    }
  }

  void Relay(int client, int server) {
    bool cut = false;
    while (!stopping_) {
      pollfd ends[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
      if (poll(ends, 2, 10) <= 0) continue;
      char buffer[16384];
      if (ends[0].revents != 0) {
        const ssize_t got = recv(client, buffer, sizeof(buffer), 0);
        if (got <= 0) return;
        const std::string_view text(buffer, static_cast<size_t>(got));
        cut = cuts_left_ > 0 && text.find(word_) != std::string_view::npos;
        if (send(server, buffer, text.size(), MSG_NOSIGNAL) != got) return;
      }
      if (ends[1].revents != 0) {
        const ssize_t got = recv(server, buffer, sizeof(buffer), 0);
        if (got <= 0) return;
        if (cut) {
          --cuts_left_;
          return;
        }
        if (send(client, buffer, static_cast<size_t>(got), MSG_NOSIGNAL) != got) return;
      }
    }
  }

  const int server_port_;
  const std::string word_;
  std::atomic<int> cuts_left_;
  const int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_CUTTING_PROXY_H_
