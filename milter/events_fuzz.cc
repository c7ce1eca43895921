// What an MTA does, event by event, in any order: the replies are lawful and the same
// however the octets are cut, and lines for the log have nothing in them that a sender put
// there unescaped.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "base/check.h"
#include "base/fuzz_input.h"
#include "mail/field.h"
#include "milter/config_file.h"
#include "milter/packet_reader.h"
#include "milter/protocol.h"
#include "milter/session.h"
#include "milter/signing_tables.h"
#include "milter/test_host.h"
#include "milter/test_mta.h"

namespace postseal::milter {
namespace {

constexpr std::string_view kZone =
    "example.com. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n"
    "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.held.example. TXT \"v=DMARC1; p=quarantine\"\n"
    "s1._domainkey.example.com. TXT \"v=DKIM1; k=ed25519; "
    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"
    "$TIMEOUT slow.example. TXT\n"
    "$FAIL _dmarc.broken.example. TXT\n";

// The key is that of RFC 8463 appendix A.2.
constexpr std::string_view kKeys =
    "k1 example.com:s1:MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "k2 example.net:s2:/missing\n";
constexpr std::string_view kSigning = "*@example.com k1\n*@example.net k2\n";

constexpr std::array<std::string_view, 4> kConfigs = {
    "InternalHosts 127.0.0.1\n",
    "InternalHosts 127.0.0.1, 2001:db8::/32\nAuthservID mx.example\nRejectFailures yes\n"
    "HoldQuarantinedMessages yes\nRequiredHeaders yes\nKeyTable /keys\n"
    "SigningTable refile:/signing\n",
    "InternalHosts 0.0.0.0/0\nAuthservID mx.example\nAuthservIDWithJobID yes\n"
    "KeyTable /keys\nSigningTable refile:/signing\nOversignHeaders From,Subject\n"
    "Canonicalization simple/simple\nOn-SignatureError tempfail\n",
    "InternalHosts 127.0.0.1\nAuthservID mx.example\nOn-BadSignature reject\n"
    "On-NoSignature quarantine\nOn-DNSError tempfail\nOn-KeyNotFound reject\n"
    "On-Security reject\nRemoveARAll yes\nAlwaysAddARHeader yes\nPeerList 192.0.2.9\n",
};

// Configured is a configuration with its keys.
struct Configured {
  Config config;
  std::shared_ptr<const SigningTables> signing;
};

Configured Read(std::string_view text) {
  const auto read = [text](const std::string& path, size_t) -> absl::StatusOr<std::string> {
    if (path == "/conf") return std::string(text);
    if (path == "/keys") return std::string(kKeys);
    if (path == "/signing") return std::string(kSigning);
    return absl::NotFoundError("No such file or directory");
  };
  LoadedConfig loaded = ReadConfigBy("/conf", Dialect::kPostseal, read);
  POSTSEAL_CHECK(loaded.ok);
  loaded.LoadKeys();
  Configured configured;
  configured.config = std::move(loaded.config);
  configured.signing = std::make_shared<SigningTables>(std::move(loaded.signing));
  return configured;
}

// Event is the packet of an event; its octets are taken from |input|.
std::string Event(base::FuzzInput* input) {
  switch (input->Below(16)) {
    case 0: {
      const auto version = static_cast<uint32_t>(input->Below(8));
      const uint32_t actions = input->Octet() * 0x11u;
      return NegotiationPacket(version, actions, input->Octet() * 0x010101u);
    }
    case 1: {
      const char stage = "CHMRTLNBE"[input->Below(9)];
      const std::string_view name = input->Text();
      return MacrosPacket(stage, {name, input->Text()});
    }
    case 2: {
      const std::string_view host = input->Text();
      return ConnectPacket(host, input->Text());
    }
    case 3:
      return PacketOf('C', absl::StrCat(Texts({input->Text()}),
                                        std::string(1, "LU46"[input->Below(4)]), input->Text()));
    case 4:
      return PacketOf('H', Texts({input->Text()}));
    case 5: {
      const std::string_view path = input->Text();
      return PacketOf('M', Texts({path, input->Text()}));
    }
    case 6:
      return PacketOf('R', Texts({input->Text()}));
    case 7:
      return PacketOf('T');
    case 8:
    case 9: {
      const std::string_view name = input->Text();
      return HeaderPacket(name, input->Text());
    }
    case 10:
      return PacketOf('N');
    case 11:
      return PacketOf('B', input->Text());
    case 12:
      return PacketOf('E', input->Text());
    case 13:
      return PacketOf("AKQU"[input->Below(4)]);
    case 14:
      return std::string(input->Text());  // any octets
    default:
      return PacketOf(static_cast<char>(input->Octet()), input->Text());
  }
}

void CheckFieldValue(std::string_view value) {
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\n') {
      POSTSEAL_CHECK(i + 1 < value.size() && base::kWsp(value[i + 1]));
    } else {
      POSTSEAL_CHECK(value[i] == '\t' || !base::kControl(value[i]));
    }
  }
}

void CheckReplies(std::string_view octets) {
  PacketReader reader;
  reader.Add(octets);
  while (const auto packet = reader.Next()) {
    std::string_view data = packet->data;
    const char reply = static_cast<char>(packet->command);
    POSTSEAL_CHECK(std::string_view("Ocartdsyimq").find(reply) != std::string_view::npos);
    if (reply == 'i' || reply == 'm') {
      POSTSEAL_CHECK(TakeUint32(&data).has_value());
      const std::string_view name = TakeText(&data).value();
      POSTSEAL_CHECK(!name.empty() &&
                     std::all_of(name.begin(), name.end(), mail::IsFieldNameOctet));
      CheckFieldValue(TakeText(&data).value());
      POSTSEAL_CHECK(reply == 'i' || base::EqualsIgnoreCase(name, "Authentication-Results"));
    } else if (reply == 'y' || reply == 'q') {
      const std::string_view text = TakeText(&data).value();
      POSTSEAL_CHECK(base::AllIn(text, base::CharSet::Range(0x20, 0x7E)) && !text.empty());
    } else if (reply == 'O') {
      data.remove_prefix(std::min<size_t>(data.size(), 12));
    }
    POSTSEAL_CHECK(data.empty());
  }
  POSTSEAL_CHECK(reader.unread_octets() == 0 && !reader.is_broken());
}

// Talk gives |octets| to a session in pieces, and whoever is waited for never comes.
std::string Talk(TestHost* host, std::string_view octets, size_t first, size_t second) {
  Session session(host);
  std::string replies;
  const auto expire = [&] {
    for (int i = 0; i < 100 && session.awaits_verdict(); ++i) {
      session.Expire(TestHost::kNow);
      replies += host->Talk(&session, "");
    }
    POSTSEAL_CHECK(!session.awaits_verdict());
  };
  base::InPieces(octets, first, second, [&](std::string_view piece) {
    if (session.is_over()) return;
    replies += host->Talk(&session, piece);
    expire();
  });
  return replies;
}

void Check(base::FuzzInput input) {
  static const auto* const configs = [] {
    auto* const made = new std::vector<Configured>();
    for (const std::string_view text : kConfigs) made->push_back(Read(text));
    return made;
  }();
  const Configured& configured = (*configs)[input.Below(configs->size())];
  const size_t first = input.Octet();
  const size_t second = input.Octet() % 8;
  std::string octets = input.Bit() ? NegotiationPacket() : "";
  while (!input.at_end()) octets += Event(&input);
  TestHost whole(kZone, configured.config, configured.signing);
  TestHost cut(kZone, configured.config, configured.signing);
  const std::string replies = Talk(&whole, octets, 0, 0);
  CheckReplies(replies);
  POSTSEAL_CHECK(Talk(&cut, octets, first, second) == replies);
  POSTSEAL_CHECK(cut.lines() == whole.lines() && cut.notes() == whole.notes());
  POSTSEAL_CHECK(cut.errors() == whole.errors() && cut.faults() == whole.faults());
  POSTSEAL_CHECK(cut.facts() == whole.facts());
  for (const auto* texts : {&whole.lines(), &whole.notes(), &whole.errors(), &whole.faults()}) {
    for (const std::string& text : *texts) {
      POSTSEAL_CHECK(base::AllIn(text, base::CharSet::Range(0x20, 0x7E)));
    }
  }
}

}  // namespace
}  // namespace postseal::milter

// An octet for the configuration, two for the pieces, one for the opening, then events.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::milter::Check(postseal::base::FuzzInput(data, size));
  return 0;
}
