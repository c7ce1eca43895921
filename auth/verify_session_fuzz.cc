// A whole session on fuzzed mail and fuzzed answers, in fuzzed order, at fuzzed
// times or never: it ends, within its limits, and its report can be printed in
// every form.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "auth/authentication_results.h"
#include "auth/envelope.h"
#include "auth/explanation.h"
#include "auth/fuzz_host.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/report_json.h"
#include "auth/verify_session.h"
#include "base/check.h"
#include "base/fuzz_input.h"
#include "dkim/policy.h"

namespace postseal::auth {
namespace {

void CheckReport(const Report& report) {
  POSTSEAL_CHECK(report.spent.dns_queries <= kMaxMessageLookups);
  POSTSEAL_CHECK(report.spent.public_key_operations <= dkim::kMaxPublicKeyOperations);
  const auto field = PrintAuthenticationResults(report, "mx.example");
  POSTSEAL_CHECK(field.ok());
  POSTSEAL_CHECK(!ReportToJson(report, *field).empty());
  for (const char c : PrintExplanation(Explain(report))) {
    POSTSEAL_CHECK(c == '\n' || static_cast<uint8_t>(c) >= 0x20);
  }
}

}  // namespace
}  // namespace postseal::auth

// The first octet chooses; a text is the message, and the others are the pieces of FuzzHost.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postseal;
  if (size == 0) return 0;
  base::FuzzInput input(data, size);
  const uint8_t choice = input.Octet();
  const std::string_view message = input.Text();
  auth::FuzzHost host(&input);

  auto options = std::make_shared<auth::Options>();
  options->dkim.diagnose = (choice & 1) != 0;
  options->scan_body = (choice & 1) != 0;
  options->dkim.allow_rsa_sha1 = (choice & 2) != 0;
  options->dkim.allow_partial_body = (choice & 4) != 0;
  const bool all_answered = (choice & 8) == 0;
  auto session = *auth::VerifySession::Create(options, auth::Envelope(), 1767225600);
  const size_t cut = message.size() * (choice >> 4) / 16;
  session->Feed(message.substr(0, cut)).IgnoreError();
  host.Answer(session.get(), 1);
  session->Feed(message.substr(cut)).IgnoreError();
  session->EndOfMessage().IgnoreError();
  host.Answer(session.get(), all_answered ? auth::kMaxMessageLookups : 1);
  if (!session->done()) session->FailOutstanding();
  POSTSEAL_CHECK(session->done());
  auth::CheckReport(session->report());
  return 0;
}
