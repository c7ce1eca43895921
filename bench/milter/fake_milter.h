// FakeMilter: a filter that answers by a script and remembers what it was told. Tests only.
#ifndef POSTSEAL_BENCH_MILTER_FAKE_MILTER_H_
#define POSTSEAL_BENCH_MILTER_FAKE_MILTER_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/milter/packet.h"

namespace postseal::bench {

// FakeServer accepts connections at a free port of 127.0.0.1 and gives each to a function
// on a thread, which closes it.
class FakeServer {
 public:
  explicit FakeServer(std::function<void(int fd)> serve) : serve_(std::move(serve)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, any, size) == 0 && listen(listener_, 64) == 0 &&
        getsockname(listener_, any, &size) == 0) {
      port_ = ntohs(address.sin_port);
    }
    acceptor_ = std::thread([this] { Accept(); });
  }
  ~FakeServer() { Stop(); }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  std::string address() const { return absl::StrCat("inet:", port_, "@127.0.0.1"); }

  // Stop accepts no more, and waits for the clients to close.
  void Stop() {
    if (listener_ < 0) return;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
    close(listener_);
    listener_ = -1;
  }

 private:
  void Accept() {
    for (;;) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      const int on = 1;  // no waiting in tests
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      threads_.emplace_back([this, fd] {
        serve_(fd);
        close(fd);
      });
    }
  }

  std::function<void(int)> serve_;
  int listener_ = -1;
  int port_ = 0;
  std::vector<std::thread> threads_;  // the acceptor's, until it is joined
  std::thread acceptor_;
};

class FakeMilter {
 public:
  // The packets that answer a command; commands that are not there are not answered.
  using Script = std::map<char, std::vector<Packet>>;

  explicit FakeMilter(Script script)
      : script_(std::move(script)), server_([this](int fd) { Serve(fd); }) {}

  std::string address() const { return server_.address(); }

  // Finish waits for the clients to close, and returns what each session has said.
  const std::vector<std::vector<Packet>>& Finish() {
    server_.Stop();
    return heard_;
  }

 private:
  void Serve(int fd) {
    size_t session = 0;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      session = heard_.size();
      heard_.emplace_back();
    }
    PacketReader reader;
    char octets[4096];
    for (ssize_t n = 0; (n = recv(fd, octets, sizeof(octets), 0)) > 0;) {
      reader.Add(std::string_view(octets, static_cast<size_t>(n)));
      for (;;) {
        auto packet = reader.Next();
        if (!packet.ok()) return;
        if (!packet->has_value()) break;
        std::string answer;
        for (const Packet& part : script_[(*packet)->command]) {
          AppendPacket(part.command, part.data, answer);
        }
        {
          const std::lock_guard<std::mutex> lock(mutex_);
          heard_[session].push_back(*std::move(*packet));
        }
        // Octet by octet, which a client must bear too.
        for (const char octet : answer) send(fd, &octet, 1, MSG_NOSIGNAL);
      }
    }
  }

  Script script_;
  std::mutex mutex_;
  std::vector<std::vector<Packet>> heard_;
  FakeServer server_;  // last: its threads use the others
};

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_MILTER_FAKE_MILTER_H_
