// A whole session on fuzzed mail and fuzzed answers, in fuzzed order, at fuzzed
// times or never: it ends, within its limits, and its report can be printed in
// every form.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/authentication_results.h"
#include "auth/envelope.h"
#include "auth/explanation.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/report_json.h"
#include "auth/verify_session.h"
#include "base/check.h"
#include "base/cursor.h"
#include "dkim/policy.h"
#include "dns/answer.h"
#include "dns/exchange.h"

namespace postseal::auth {
namespace {

// Host answers queries as the input says: piece after piece, from the first one
// again when all are used. A piece is an octet that says how, and record data.
class Host {
 public:
  explicit Host(std::string_view pieces) {
    base::Cursor in(pieces);
    while (!in.at_end()) {
      const std::string_view piece = in.TakeUntil('\xff');
      in.Take('\xff');
      if (!piece.empty()) pieces_.push_back(piece);
    }
  }

  // Answer takes the queries of |session| and answers at most |count|.
  void Answer(VerifySession* session, size_t count) {
    while (auto query = session->NextQuery()) open_.push_back(*query);
    for (; count > 0 && !open_.empty() && !pieces_.empty(); --count) {
      const std::string_view piece = pieces_[next_++ % pieces_.size()];
      const auto how = static_cast<uint8_t>(piece.front());
      const std::string_view rdata = piece.substr(1);
      const std::string_view records[] = {rdata, rdata};
      dns::Answer answer(static_cast<dns::Outcome>(how / 8 % 5));
      answer.rdata = std::span(records).first(1 + how / 2 % 2);
      const size_t at = how % 2 == 0 ? 0 : open_.size() - 1;
      POSTSEAL_CHECK(session->Provide(open_[at].id, answer).ok());
      open_.erase(open_.begin() + static_cast<ptrdiff_t>(at));
    }
  }

 private:
  std::vector<std::string_view> pieces_;
  size_t next_ = 0;
  std::vector<dns::PendingQuery> open_;
};

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

// The first octet chooses; up to the first 0xFF octet is the message, what
// follows are the pieces of Host, with 0xFF between them.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postseal;
  if (size == 0) return 0;
  const uint8_t choice = data[0];
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t border = input.find('\xff');
  const std::string_view message = input.substr(0, border);
  auth::Host host(border == input.npos ? "" : input.substr(border + 1));

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
