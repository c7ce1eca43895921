// Any text as evidence: what is read is written and read again as the same, and a verdict
// can be made from it within the limits that it may name.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "auth/evidence.h"
#include "auth/evidence_json.h"
#include "auth/options.h"
#include "auth/report_json.h"
#include "auth/verify_session.h"
#include "base/check.h"
#include "dmarc/suffix_list.h"
#include "dns/name.h"

namespace postseal::auth {
namespace {

class NoSuffixes : public dmarc::SuffixList {
 public:
  std::string_view OrgDomain(const dns::Name& domain) const override { return domain.text(); }
};

void Check(std::string_view json, std::string_view message) {
  const absl::StatusOr<Evidence> evidence = ParseEvidence(json);
  if (!evidence.ok()) {
    POSTSEAL_CHECK(evidence.status().code() == absl::StatusCode::kInvalidArgument);
    for (const char c : evidence.status().message())
      POSTSEAL_CHECK(static_cast<uint8_t>(c) >= 0x20);
    return;
  }
  const std::string written = EvidenceToJson(*evidence);
  const absl::StatusOr<Evidence> again = ParseEvidence(written);
  POSTSEAL_CHECK(again.ok() && EvidenceToJson(*again) == written);
  static const NoSuffixes suffixes;
  auto options = std::make_shared<Options>(evidence->options);
  options->dmarc.suffixes = &suffixes;
  auto session = VerifySession::Create(options, evidence->envelope, evidence->now);
  if (!session.ok()) return;
  POSTSEAL_CHECK((*session)->Feed(message).ok() && (*session)->EndOfMessage().ok());
  AnswerFrom(evidence->dns, session->get());
  POSTSEAL_CHECK((*session)->done());
  POSTSEAL_CHECK(!ReportToJson((*session)->report(), "").empty());
}

}  // namespace
}  // namespace postseal::auth

// A line of evidence, and below it the message.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t line = text.find('\n');
  const std::string_view message = line == text.npos ? "" : text.substr(line + 1);
  postseal::auth::Check(text.substr(0, line), message);
  return 0;
}
