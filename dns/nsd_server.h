// NsdServer: a real authoritative name server (NSD) on the loopback interface, for
// tests of what talks to the network.
#ifndef POSTSEAL_DNS_NSD_SERVER_H_
#define POSTSEAL_DNS_NSD_SERVER_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace postseal::dns {

// LoopbackPort holds a free port of 127.0.0.1 for UDP and TCP. Nobody reads from
// it: as long as it lives, it is a server that never answers.
class LoopbackPort {
 public:
  LoopbackPort() {
    for (int attempt = 0; attempt < 100 && !open_; ++attempt) {
      Close();
      open_ = Open();
    }
  }
  ~LoopbackPort() { Close(); }
  LoopbackPort(const LoopbackPort&) = delete;
  LoopbackPort& operator=(const LoopbackPort&) = delete;

  bool ok() const { return open_; }
  int port() const { return ntohs(address_.sin_port); }

 private:
  bool Open() {
    address_ = {};
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address_);
    socklen_t size = sizeof(address_);
    udp_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    tcp_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return bind(udp_, any, size) == 0 && getsockname(udp_, any, &size) == 0 &&
           bind(tcp_, any, size) == 0 && listen(tcp_, 128) == 0;
  }
  void Close() {
    if (udp_ >= 0) close(udp_);
    if (tcp_ >= 0) close(tcp_);
    udp_ = tcp_ = -1;
  }

  sockaddr_in address_{};
  int udp_ = -1;
  int tcp_ = -1;
  bool open_ = false;
};

class NsdServer {
 public:
  // ZoneText is a zone's name and its text; without text NSD refuses to serve the
  // zone and answers SERVFAIL.
  using ZoneText = std::pair<std::string, std::string>;

  // Start starts NSD below TEST_TMPDIR and returns when it answers.
  static absl::StatusOr<std::unique_ptr<NsdServer>> Start(const std::vector<ZoneText>& zones) {
    if (access(kBinary, X_OK) != 0) {
      return absl::NotFoundError(absl::StrCat("no ", kBinary, ": install Debian's package nsd"));
    }
    // The port may be taken between its choice and NSD's start.
    for (int attempt = 0; attempt < 5; ++attempt) {
      std::unique_ptr<NsdServer> server(new NsdServer());
      if (server->Launch(zones)) return server;
      if (attempt == 4) return absl::UnavailableError("NSD does not answer:\n" + server->log());
    }
    return absl::UnavailableError("no free port");
  }

  ~NsdServer() {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  NsdServer(const NsdServer&) = delete;
  NsdServer& operator=(const NsdServer&) = delete;

  // address is "127.0.0.1:PORT".
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  // log is what NSD has written.
  std::string log() const {
    std::ostringstream text;
    text << std::ifstream(directory_ + "/log").rdbuf();
    return text.str();
  }

 private:
  static constexpr const char* kBinary = "/usr/sbin/nsd";

  NsdServer() {
    static int count = 0;
    const char* const base = std::getenv("TEST_TMPDIR");
    directory_ = absl::StrCat(base == nullptr ? "." : base, "/nsd", ++count);
    std::filesystem::create_directories(directory_);
    port_ = LoopbackPort().port();
  }

  bool Launch(const std::vector<ZoneText>& zones) {
    WriteFiles(zones);
    std::string config = directory_ + "/nsd.conf";
    std::string arguments[] = {"nsd", "-d", "-c", config};
    char* argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(),
                    arguments[3].data(), nullptr};
    char* environment[] = {nullptr};
    if (posix_spawn(&pid_, kBinary, nullptr, nullptr, argv, environment) != 0) return false;
    for (int i = 0; i < 600; ++i) {
      if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
        pid_ = 0;
        return false;
      }
      if (Answers()) return true;
    }
    return false;
  }

  // NSD must not need root, nor any directory but ours.
  void WriteFiles(const std::vector<ZoneText>& zones) const {
    std::ofstream config(directory_ + "/nsd.conf");
    config << "server:\n  ip-address: 127.0.0.1@" << port_ << "\n  zonesdir: \"" << directory_
           << "\"\n  xfrdir: \"" << directory_ << "\"\n  zonelistfile: \"" << directory_
           << "/zone.list\"\n  logfile: \"" << directory_ << "/log\"\n"
           << "  username: \"\"\n  chroot: \"\"\n  pidfile: \"\"\n  database: \"\"\n"
           << "  xfrdfile: \"\"\n  server-count: 1\n  rrl-ratelimit: 0\n"
           << "remote-control:\n  control-enable: no\n";
    for (const auto& [name, text] : zones) {
      config << "zone:\n  name: " << name << "\n  zonefile: " << name << ".zone\n";
      if (!text.empty()) std::ofstream(directory_ + "/" + name + ".zone") << text;
    }
  }

  // Answers asks for the root's NS records and waits a little for any reply.
  bool Answers() const {
    static constexpr std::string_view kQuestion("\x12\x34\0\0\0\1\0\0\0\0\0\0\0\0\2\0\1", 17);
    const int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port_));
    bool answered = false;
    if (connect(udp, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
        send(udp, kQuestion.data(), kQuestion.size(), 0) > 0) {
      pollfd readable = {udp, POLLIN, 0};
      char reply[512];
      answered = poll(&readable, 1, 50) == 1 && recv(udp, reply, sizeof(reply), 0) > 0;
      // Until NSD listens, the refusal comes at once: do not spin.
      if (!answered) poll(nullptr, 0, 20);
    }
    close(udp);
    return answered;
  }

  std::string directory_;
  int port_ = 0;
  pid_t pid_ = 0;
};

}  // namespace postseal::dns

#endif  // POSTSEAL_DNS_NSD_SERVER_H_
