// A whole session on fuzzed mail and fuzzed answers: it ends, within its limits,
// and its report can be printed in every form.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "auth/authentication_results.h"
#include "auth/explanation.h"
#include "auth/options.h"
#include "auth/report_json.h"
#include "auth/verify_session.h"
#include "base/check.h"
#include "dkim/policy.h"
#include "dns/answer.h"
#include "dns/exchange.h"

// The first octet chooses; up to the first 0xFF octet is the message, the rest
// the record data of every answer.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postseal;
  if (size == 0) return 0;
  const uint8_t choice = data[0];
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t border = input.find('\xff');
  const std::string_view message = input.substr(0, border);
  const std::string_view rdata = border == input.npos ? "" : input.substr(border + 1);

  auto options = std::make_shared<auth::Options>();
  options->dkim.diagnose = (choice & 1) != 0;
  options->scan_body = (choice & 1) != 0;
  options->dkim.allow_rsa_sha1 = (choice & 2) != 0;
  options->dkim.allow_partial_body = (choice & 4) != 0;
  auto session = *auth::VerifySession::Create(options, 1767225600);
  const size_t cut = message.size() * (choice >> 4) / 16;
  session->Feed(message.substr(0, cut)).IgnoreError();
  session->Feed(message.substr(cut)).IgnoreError();
  session->EndOfMessage().IgnoreError();
  while (auto query = session->NextQuery()) {
    dns::Answer answer(dns::Outcome::kRecords);
    answer.rdata = std::span(&rdata, 1);
    POSTSEAL_CHECK(session->Provide(query->id, answer).ok());
  }
  POSTSEAL_CHECK(session->done());
  const auth::Report& report = session->report();
  POSTSEAL_CHECK(report.spent.dns_queries <= dns::kMaxLookups);
  POSTSEAL_CHECK(report.spent.public_key_operations <= dkim::kMaxPublicKeyOperations);
  const auto field = auth::PrintAuthenticationResults(report, "mx.example");
  POSTSEAL_CHECK(field.ok());
  POSTSEAL_CHECK(!auth::ReportToJson(report, *field).empty());
  for (const char c : auth::PrintExplanation(auth::Explain(report))) {
    POSTSEAL_CHECK(c == '\n' || static_cast<uint8_t>(c) >= 0x20);
  }
  return 0;
}
