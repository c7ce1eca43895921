#include "bench/spf_cases.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "base/result.h"
#include "bench/zone.h"

namespace postseal::bench {
namespace {

constexpr std::string_view kStranger = "203.0.113.9";

dns::IpAddress Address(std::string_view text) {
  const auto address = dns::IpAddress::ParseV4(text);
  if (!address.has_value()) {
    std::fprintf(stderr, "no address: %.*s\n", static_cast<int>(text.size()), text.data());
    std::abort();
  }
  return *address;
}

// Networks is a record of |count| networks; they begin at 10.|first|.
std::string Networks(int first, int count) {
  std::string record = "v=spf1";
  for (int i = 0; i < count; ++i) absl::StrAppend(&record, " ip4:10.", first + i, ".0.0/16");
  return absl::StrCat(record, " ~all");
}

void Fill(std::string_view name, std::string_view client, size_t queries, SpfCase* spf_case) {
  spf_case->name = name;
  spf_case->request.client = Address(client);
  spf_case->request.mail_from = "user-tag@example.org";
  spf_case->request.helo = "mail.example.org";
  spf_case->request.receiver = "mx.example.net";
  spf_case->stranger = Address(kStranger);
  spf_case->queries = queries;
}

std::array<SpfCase, 3>* MakeCases() {
  auto* const cases = new std::array<SpfCase, 3>();
  auto& [ip4, include, macro] = *cases;

  Fill("ip4", "192.0.2.1", 1, &ip4);
  ip4.zone.AddTxt("example.org", "v=spf1 ip4:192.0.2.0/24 -all");

  Fill("include", "10.140.3.4", 5, &include);
  include.zone.AddTxt("example.org", "v=spf1 include:_spf.example.org -all");
  include.zone.AddTxt("_spf.example.org",
                      "v=spf1 include:_netblocks1.example.org include:_netblocks2.example.org "
                      "include:_netblocks3.example.org ~all");
  include.zone.AddTxt("_netblocks1.example.org", Networks(101, 13));
  include.zone.AddTxt("_netblocks2.example.org", Networks(114, 13));
  include.zone.AddTxt("_netblocks3.example.org", Networks(127, 14));

  Fill("macro", "192.0.2.1", 2, &macro);
  macro.zone.AddTxt("example.org", "v=spf1 exists:%{ir}.%{l1r-}.x.example.org -all");
  macro.zone.AddAddress("1.2.0.192.user.x.example.org", Address("127.0.0.2"));
  return cases;
}

}  // namespace

std::span<const SpfCase> SpfCases() {
  static const std::array<SpfCase, 3>* const cases = MakeCases();
  return *cases;
}

bool CheckSpf(const spf::Request& request, const Zone& zone, spf::SpfSession* session) {
  session->Start(request);
  AnswerAll(zone, session);
  return session->verdict().result() == base::Result::kPass;
}

}  // namespace postseal::bench
