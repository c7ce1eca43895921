// A whole message with its envelope and with answers in fuzzed order, at fuzzed times or
// never: the session ends within its limits, and its evidence, written and read, leads to
// the same report, however the message is cut then.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "auth/authentication_results.h"
#include "auth/envelope.h"
#include "auth/evidence.h"
#include "auth/evidence_json.h"
#include "auth/explanation.h"
#include "auth/fuzz_host.h"
#include "auth/options.h"
#include "auth/received_spf.h"
#include "auth/report.h"
#include "auth/report_json.h"
#include "auth/verify_session.h"
#include "authres/lexical.h"
#include "base/check.h"
#include "base/fuzz_input.h"
#include "dkim/policy.h"
#include "dmarc/options.h"
#include "dmarc/suffix_list.h"
#include "dns/address.h"
#include "dns/name.h"

namespace postseal::auth {
namespace {

constexpr int64_t kNow = 1767225600;

class TopLevelSuffixes : public dmarc::SuffixList {
 public:
  std::string_view OrgDomain(const dns::Name& domain) const override {
    const std::string_view text = domain.text();
    const size_t last = text.rfind('.');
    if (last == text.npos || last == 0) return text;
    return text.substr(text.rfind('.', last - 1) + 1);
  }
};

std::string ToJson(const Report& report, bool smtputf8) {
  const auto charset = smtputf8 ? authres::Charset::kUtf8 : authres::Charset::kAscii;
  const auto field = PrintAuthenticationResults(report, "mx.example", charset);
  POSTSEAL_CHECK(field.ok());
  return ReportToJson(report, FieldValue(*field));
}

void CheckReport(const Report& report, const Options& options, const Envelope& envelope) {
  POSTSEAL_CHECK(report.spent.dns_queries <= options.max_lookups);
  POSTSEAL_CHECK(report.spent.public_key_operations <= options.dkim.max_public_key_operations);
  for (const char c : PrintExplanation(Explain(report))) {
    POSTSEAL_CHECK(c == '\n' || static_cast<uint8_t>(c) >= 0x20);
  }
  for (const auto* spf : {&report.spf, &report.spf_helo}) {
    if (spf->has_value()) POSTSEAL_CHECK(PrintReceivedSpf(**spf, envelope).ok());
  }
}

// Replay verifies |message| from |evidence| alone, octets in pieces of |piece|.
std::string Replay(const Evidence& evidence, std::string_view message, size_t piece,
                   const dmarc::SuffixList* suffixes) {
  const absl::StatusOr<Evidence> read = ParseEvidence(EvidenceToJson(evidence));
  POSTSEAL_CHECK(read.ok());
  POSTSEAL_CHECK(EvidenceToJson(*read) == EvidenceToJson(evidence));
  auto options = std::make_shared<Options>(read->options);
  options->dmarc.suffixes = suffixes;
  auto session = *VerifySession::Create(options, read->envelope, read->now);
  base::InPieces(message, piece, 1,
                 [&session](std::string_view text) { POSTSEAL_CHECK(session->Feed(text).ok()); });
  POSTSEAL_CHECK(session->EndOfMessage().ok());
  AnswerFrom(read->dns, session.get());
  POSTSEAL_CHECK(session->done());
  return ToJson(session->report(), read->envelope.smtputf8);
}

void Check(base::FuzzInput input) {
  const uint8_t choice = input.Octet();
  const uint8_t more = input.Octet();
  const size_t piece = input.Octet();
  Evidence evidence;
  evidence.now = kNow;
  evidence.authserv_id = "mx.example";
  Envelope& envelope = evidence.envelope;
  envelope.client_ip = dns::IpAddress::Parse(input.Text());
  envelope.helo = input.Text();
  const std::string_view path = input.Text();
  if ((choice & 1) == 0) envelope.rfc5321_mail_from = path;
  envelope.smtputf8 = (choice & 2) != 0;
  static const TopLevelSuffixes suffixes;
  auto options = std::make_shared<Options>();
  options->dmarc.suffixes = &suffixes;
  options->compare_rfc7489 = (choice & 4) != 0;
  if ((choice & 8) != 0) options->dmarc.mode = dmarc::Mode::kRfc7489;
  options->check_iprev = (more & 1) != 0;
  options->scan_body = (more & 2) != 0;
  options->dkim.diagnose = (more & 4) != 0;
  options->dkim.allow_partial_body = (more & 8) != 0;
  if ((more & 16) != 0) options->max_lookups = 8;
  const bool all_answered = (more & 32) == 0;
  const std::string_view message = input.Text();
  FuzzHost host(&input);

  auto session = *VerifySession::Create(options, envelope, kNow);
  host.Answer(session.get(), choice >> 6);
  const size_t cut = message.size() * (choice >> 4 & 3) / 4;
  POSTSEAL_CHECK(session->Feed(message.substr(0, cut)).ok());
  host.Answer(session.get(), 2);
  POSTSEAL_CHECK(session->Feed(message.substr(cut)).ok());
  POSTSEAL_CHECK(session->EndOfMessage().ok());
  host.Answer(session.get(), all_answered ? 2 * kMaxMessageLookups : 1 + (more >> 6));
  if (!session->done()) session->FailOutstanding();
  POSTSEAL_CHECK(session->done());
  const Report& report = session->report();
  CheckReport(report, *options, envelope);
  evidence.options = *options;
  evidence.dns = report.dns;
  POSTSEAL_CHECK(Replay(evidence, message, piece, &suffixes) == ToJson(report, envelope.smtputf8));
}

}  // namespace
}  // namespace postseal::auth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::auth::Check(postseal::base::FuzzInput(data, size));
  return 0;
}
