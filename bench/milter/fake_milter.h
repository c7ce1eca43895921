// FakeMilter: a filter that answers by a script and remembers what it was told. Tests only.
#ifndef POSTSEAL_BENCH_MILTER_FAKE_MILTER_H_
#define POSTSEAL_BENCH_MILTER_FAKE_MILTER_H_

#include <sys/socket.h>

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/milter/fake_server.h"
#include "bench/milter/packet.h"

namespace postseal::bench {

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
