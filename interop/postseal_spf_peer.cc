// postseal's SPF behind the line protocol of interop/README.md.
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/result.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "spf/evaluation.h"
#include "spf/reason.h"
#include "spf/spf_session.h"
#include "spf/verdict.h"

namespace postseal {
namespace {

// What every judge expands %{r} and %{t} to.
constexpr std::string_view kReceiver = "receiver.example";
constexpr int64_t kNow = 1700000000;

// Escaped is |text| with everything but visible ASCII as \DDD, so that it is one
// word of a line.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<uint8_t>(c);
    if (octet > 0x20 && octet < 0x7f && c != '\\') {
      out += c;
    } else {
      const char digits[] = {static_cast<char>('0' + octet / 100),
                             static_cast<char>('0' + octet / 10 % 10),
                             static_cast<char>('0' + octet % 10)};
      absl::StrAppend(&out, "\\", std::string_view(digits, sizeof digits));
    }
  }
  return out;
}

// Queries are "TYPE:name", in the order in which they were asked for first.
std::string Queries(const spf::SpfSession& session) {
  std::string out;
  for (const dns::Lookup* lookup : session.lookups()) {
    absl::StrAppend(&out, out.empty() ? "" : " ", dns::TypeName(lookup->query().type), ":",
                    Escaped(lookup->query().name.text()));
  }
  return out;
}

// Peer answers one request a line.
class Peer {
 public:
  std::string Answer(std::string_view line) {
    const std::vector<std::string_view> words = absl::StrSplit(line, '\t');
    if (words.size() == 2 && words[0] == "zone") return Load(std::string(words[1]));
    if (words.size() == 4 && words[0] == "check") return Check(words[1], words[2], words[3]);
    return "error\t\t\tunknown request";
  }

 private:
  std::string Load(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    zone_ = std::make_unique<dns::ZoneResolver>();
    const absl::Status added = zone_->AddText(text, path);
    return added.ok() ? "ok\t\t\t" : absl::StrCat("error\t\t\t", added.message());
  }

  std::string Check(std::string_view client, std::string_view mail_from, std::string_view helo) {
    const auto address = dns::IpAddress::Parse(client);
    if (!address.has_value() || zone_ == nullptr) return "error\t\t\tno client or no zone";
    spf::Request request;
    request.client = *address;
    request.mail_from = mail_from;
    request.helo = helo;
    request.receiver = kReceiver;
    request.now = kNow;
    session_.Start(request);
    dns::RunBlocking(&session_, zone_.get(), dns::Deadline::max());
    const spf::Verdict& verdict = session_.verdict();
    return absl::StrCat(base::ResultName(verdict.result()), "\t", Queries(session_), "\t",
                        Escaped(verdict.explanation), "\t", spf::InfoOf(verdict.reason).name, " ",
                        Escaped(verdict.origin.text()));
  }

  std::unique_ptr<dns::ZoneResolver> zone_;
  spf::SpfSession session_;
};

}  // namespace
}  // namespace postseal

int main() {
  postseal::Peer peer;
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << peer.Answer(line) << std::endl;
  }
  return 0;
}
