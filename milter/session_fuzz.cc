// Whatever an MTA sends, cut anywhere: the session ends no process, and what it writes are
// whole packets. With all lookups answered and the deadline passed nothing is awaited.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "milter/config.h"
#include "milter/host_list.h"
#include "milter/session.h"
#include "milter/test_host.h"
#include "milter/test_mta.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postseal::milter;
  if (size == 0) return 0;
  static const Config* const config = [] {
    auto* const made = new Config();
    made->internal_hosts = *HostList::Parse({"127.0.0.1"});
    made->reject_failures = true;
    made->required_headers = true;
    return made;
  }();
  static auto* const host = new TestHost(
      "example.com. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n"
      "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n"
      "$TIMEOUT slow.example. TXT\n",
      *config);
  Session session(host);
  const std::string opening = NegotiationPacket();
  std::string replies = host->Talk(&session, opening);
  const size_t piece = data[0] == 0 ? size : data[0];
  std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  while (!octets.empty()) {
    replies += host->Talk(&session, octets.substr(0, piece));
    octets.remove_prefix(octets.size() < piece ? octets.size() : piece);
  }
  for (int i = 0; i < 100 && session.awaits_verdict(); ++i) {
    session.Expire(TestHost::kNow);
    replies += host->Talk(&session, "");
  }
  POSTSEAL_CHECK(PrintReplies(replies).find("broken") == std::string::npos);
  return 0;
}
