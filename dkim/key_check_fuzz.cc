// Whatever is published at a key's name, the check has an outcome and words that can be
// shown. A record that we print for a zone file is read from it as what was asked for.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/fuzz_input.h"
#include "dkim/algorithm.h"
#include "dkim/key_check.h"
#include "dkim/key_record.h"
#include "dkim/key_record_text.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/zone_resolver.h"

namespace postseal::dkim {
namespace {

void CheckPublished(base::FuzzInput input) {
  const uint8_t how = input.Octet();
  dns::Answer answer(static_cast<dns::Outcome>(how % 5));
  std::optional<std::string> own;
  if ((how & 32) != 0) own = input.Text();
  std::vector<std::string> rdata;
  while (!input.at_end() && rdata.size() < 4) {
    const std::string_view text = input.Text();
    rdata.push_back((how & 64) != 0 ? std::string(text) : dns::TxtRdata(text));
  }
  const std::vector<std::string_view> views(rdata.begin(), rdata.end());
  answer.rdata = views;
  const KeyCheck check = CheckPublishedKey(answer, own);
  POSTSEAL_CHECK(check.outcome != KeyCheck::Outcome::kGood || !own.has_value() ||
                 rdata.size() == 1);
  POSTSEAL_CHECK(check.outcome != KeyCheck::Outcome::kMismatch || own.has_value());
  for (const char c : KeyCheckText(check)) POSTSEAL_CHECK(static_cast<uint8_t>(c) >= 0x20);
}

void CheckZoneText(base::FuzzInput input) {
  const uint8_t how = input.Octet();
  ZoneRecord record;
  record.selector = input.Text();
  record.domain = input.Text();
  record.public_base64 = input.Text();
  record.hash_algorithms = input.Text();
  record.note = input.Text();
  if ((how & 1) != 0) record.note.reset();
  if ((how & 2) != 0) record.hash_algorithms.reset();
  record.append_domain = (how & 4) != 0;
  record.test_mode = (how & 8) != 0;
  record.no_subdomains = (how & 16) != 0;
  record.email_only = (how & 32) != 0;
  const absl::StatusOr<std::string> text = PrintZoneRecord(record);
  if (!text.ok()) return;
  // Without its domain the record is below that of the zone.
  dns::ZoneResolver zone;
  const bool added = zone.AddText("$ORIGIN zone.example.\n" + *text, "zone").ok();
  std::string owner = std::string(record.selector) + "._domainkey.";
  owner += record.append_domain ? std::string(record.domain) : "zone.example";
  const auto name = dns::Name::Parse(owner);
  POSTSEAL_CHECK(!added || name.has_value());
  if (!added || record.selector.back() == '.') return;
  const std::optional<dns::Answer> answer = zone.Lookup({*name, dns::Type::kTxt});
  POSTSEAL_CHECK(answer.has_value() && answer->rdata.size() == 1);
  base::Arena arena;
  const std::optional<std::string_view> published = dns::JoinTxt(answer->rdata[0], &arena);
  POSTSEAL_CHECK(published.has_value());
  const ParsedKeyRecord parsed = ParseKeyRecord(*published);
  if (parsed.fault.has_value()) return;  // text that is base64 in its characters alone
  POSTSEAL_CHECK(parsed.record.public_key == record.public_base64);
  POSTSEAL_CHECK(parsed.record.testing == record.test_mode);
  POSTSEAL_CHECK(parsed.record.forbids_subdomains == record.no_subdomains);
  POSTSEAL_CHECK(parsed.record.key_type == record.key_type && parsed.record.for_email);
}

}  // namespace
}  // namespace postseal::dkim

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const postseal::base::FuzzInput input(data, size);
  postseal::dkim::CheckPublished(input);
  postseal::dkim::CheckZoneText(input);
  return 0;
}
