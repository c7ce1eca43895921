// A message and the answers to all that is asked, from any octets and in an order
// that they choose: the evaluation ends, within its limits, whatever comes. The
// first line is the authors, the second the identifiers, with spaces between; each
// further line answers a query, for ever around: an octet for the outcome and for
// which open query, and text for a TXT record.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/cursor.h"
#include "base/result.h"
#include "dmarc/alignment.h"
#include "dmarc/authors.h"
#include "dmarc/dmarc_session.h"
#include "dmarc/options.h"
#include "dmarc/policy.h"
#include "dmarc/record.h"
#include "dmarc/suffix_list.h"
#include "dmarc/tree_walk.h"
#include "dmarc/verdict.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/rdata.h"

namespace postseal::dmarc {
namespace {

std::string_view TakeLine(base::Cursor* cursor) {
  const std::string_view line = cursor->TakeUntil('\n');
  cursor->Take('\n');
  return line;
}

// NamesIn are the words of |line| that are names.
std::vector<dns::Name> NamesIn(std::string_view line) {
  std::vector<dns::Name> names;
  base::Cursor cursor(line);
  while (!cursor.at_end()) {
    const auto name = dns::Name::Parse(cursor.TakeUntil(' '));
    if (name.has_value()) names.push_back(*name);
    cursor.Take(' ');
  }
  return names;
}

class TopLevelSuffixes : public SuffixList {
 public:
  std::string_view OrgDomain(const dns::Name& domain) const override {
    const std::string_view text = domain.text();
    const size_t last = text.rfind('.');
    if (last == text.npos || last == 0) return text;
    return text.substr(text.rfind('.', last - 1) + 1);
  }
};

void CheckVerdict(const Verdict& verdict, const DmarcOptions& options) {
  const base::Result result = verdict.result();
  POSTSEAL_CHECK(result == base::Result::kPass
                     ? verdict.aligned_spf.has_value() || verdict.aligned_dkim.has_value()
                     : true);
  POSTSEAL_CHECK(result == base::Result::kPass || result == base::Result::kFail
                     ? verdict.record != nullptr
                     : true);
  POSTSEAL_CHECK(result == base::Result::kFail || result == base::Result::kPermError ||
                 verdict.disposition == Policy::kNone);
  POSTSEAL_CHECK(verdict.steps.size() <= kMaxWalkQueries);
  size_t walks = 0;
  for (const Walk* walk = verdict.walks; walk != nullptr; walk = walk->previous) {
    ++walks;
    POSTSEAL_CHECK(walk->steps.size() <= kMaxWalkQueries);
    POSTSEAL_CHECK(walk->failed == walk->org_domain.empty());
    POSTSEAL_CHECK(internal::IsAtOrBelow(walk->start, walk->org_domain) || walk->failed);
  }
  POSTSEAL_CHECK(walks <= options.max_author_domains * (1 + options.max_identifiers));
  for (const Verdict& author : verdict.author_verdicts) CheckVerdict(author, options);
}

void Check(std::string_view input) {
  base::Cursor cursor(input);
  DmarcOptions options;
  const TopLevelSuffixes suffixes;
  options.suffixes = &suffixes;
  if (cursor.Take('7')) options.mode = Mode::kRfc7489;
  const FromForm form = cursor.Take('2') ? FromForm::kSeveralFields : FromForm::kOneField;
  const std::vector<dns::Name> authors = NamesIn(TakeLine(&cursor));
  std::vector<Identifier> identifiers;
  for (const dns::Name& name : NamesIn(TakeLine(&cursor))) {
    const size_t i = identifiers.size();
    identifiers.emplace_back(i % 2 == 0 ? Method::kDkim : Method::kSpf, name,
                             i % 5 == 4 ? base::Result::kTempError : base::Result::kPass);
  }
  DmarcSession session(options);
  POSTSEAL_CHECK(session.Start(Authors(form, authors), identifiers).ok());
  const base::Cursor answers = cursor;
  std::vector<dns::PendingQuery> open;
  for (;;) {
    while (const auto query = session.NextQuery()) open.push_back(*query);
    if (open.empty()) break;
    if (cursor.at_end()) cursor = answers;
    std::string_view line = TakeLine(&cursor);
    const char kind = line.empty() ? 'r' : line.front();
    if (!line.empty()) line.remove_prefix(1);
    std::swap(open[static_cast<uint8_t>(kind) % open.size()], open.back());
    const std::string rdata = dns::TxtRdata(line);
    // Two equal records where the line says so.
    const std::vector<std::string_view> views(kind == '2' ? 2 : 1, rdata);
    dns::Answer answer(dns::Outcome::kRecords);
    if (kind == 'n') answer.outcome = dns::Outcome::kNoData;
    if (kind == 'x') answer.outcome = dns::Outcome::kNxDomain;
    if (kind == 'f') answer.outcome = dns::Outcome::kTempError;
    if (answer.outcome == dns::Outcome::kRecords) answer.rdata = views;
    POSTSEAL_CHECK(session.Provide(open.back().id, answer).ok());
    open.pop_back();
  }
  POSTSEAL_CHECK(session.done());
  CheckVerdict(session.verdict(), options);
}

}  // namespace
}  // namespace postseal::dmarc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::dmarc::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
