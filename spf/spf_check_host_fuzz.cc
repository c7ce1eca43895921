// A request and the answers to all that is asked, from any octets: the evaluation
// ends, within its limits, whatever comes. The first line is the MAIL FROM, the
// second the HELO name; each further line answers the next query, for ever around:
// an octet for the outcome, and text for a record of the type asked for.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "base/check.h"
#include "base/cursor.h"
#include "base/result.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "spf/budget.h"
#include "spf/evaluation.h"
#include "spf/spf_session.h"
#include "spf/verdict.h"

namespace postseal::spf {
namespace {

std::string_view TakeLine(base::Cursor* cursor) {
  const std::string_view line = cursor->TakeUntil('\n');
  cursor->Take('\n');
  return line;
}

// MakeRdata makes record data of |type| of |text|.
std::string MakeRdata(dns::Type type, std::string_view text) {
  const std::optional<dns::Name> name = dns::Name::Parse(text);
  switch (type) {
    case dns::Type::kTxt:
      return dns::TxtRdata(text);
    case dns::Type::kMx:
      return dns::MxRdata(dns::Mx(0, name.value_or(dns::Name())));
    case dns::Type::kPtr:
      return dns::NameRdata(name.value_or(dns::Name()));
    default:
      break;
  }
  const std::optional<dns::IpAddress> address = dns::IpAddress::Parse(text);
  // Text that is no address is record data as it is, mostly malformed.
  return address.has_value() ? dns::AddressRdata(*address) : std::string(text);
}

void CheckVerdict(const SpfSession& session) {
  POSTSEAL_CHECK(session.done());
  const Verdict& verdict = session.verdict();
  POSTSEAL_CHECK(verdict.spent.terms <= kMaxTerms);
  POSTSEAL_CHECK(verdict.spent.void_lookups <= kMaxVoidLookups);
  POSTSEAL_CHECK(verdict.spent.queries <= kMaxQueries);
  POSTSEAL_CHECK(session.lookups().size() <= verdict.spent.queries);
  POSTSEAL_CHECK(verdict.explanation.size() <= kMaxExplanationOctets);
  POSTSEAL_CHECK(base::AllIn(verdict.explanation, base::CharSet::Range(0x20, 0x7E)));
  POSTSEAL_CHECK(verdict.explanation.empty() || verdict.result() == base::Result::kFail);
  for (const Place& place : {verdict.term, verdict.origin}) {
    POSTSEAL_CHECK(place.offset <= place.record.size());
    POSTSEAL_CHECK(place.size <= place.record.size() - place.offset);
  }
}

void Check(std::string_view input) {
  base::Cursor cursor(input);
  Request request;
  request.client = *dns::IpAddress::Parse(cursor.Take('6') ? "2001:db8::1" : "192.0.2.1");
  request.mail_from = TakeLine(&cursor);
  request.helo = TakeLine(&cursor);
  SpfSession session;
  session.Start(request);
  const base::Cursor answers = cursor;
  while (const auto query = session.NextQuery()) {
    if (cursor.at_end()) cursor = answers;
    std::vector<std::string> rdata;
    dns::Answer answer(dns::Outcome::kRecords);
    // A line that starts with "+" gives one more record of the answer.
    do {
      std::string_view line = TakeLine(&cursor);
      const char kind = line.empty() ? 'r' : line.front();
      if (kind == 'n') answer.outcome = dns::Outcome::kNoData;
      if (kind == 'x') answer.outcome = dns::Outcome::kNxDomain;
      if (kind == 'f') answer.outcome = dns::Outcome::kTempError;
      if (!line.empty()) line.remove_prefix(1);
      if (answer.outcome == dns::Outcome::kRecords) {
        rdata.push_back(MakeRdata(query->query.type, line));
      }
    } while (cursor.Peek() == '+');
    const std::vector<std::string_view> views(rdata.begin(), rdata.end());
    if (answer.outcome == dns::Outcome::kRecords) answer.rdata = views;
    POSTSEAL_CHECK(session.Provide(query->id, answer).ok());
  }
  CheckVerdict(session);
}

}  // namespace
}  // namespace postseal::spf

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::spf::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
