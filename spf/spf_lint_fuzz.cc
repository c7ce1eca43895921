// The answers to all that a lint asks, from any octets: it ends, within its limits,
// whatever comes, and every place that it names is in a record. Each line answers
// the next query, for ever around: an octet for the outcome, and text for a record
// of the type asked for; a line that begins with "+" is one more record of it.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/cursor.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "spf/budget.h"
#include "spf/lint.h"
#include "spf/lint_code.h"
#include "spf/lint_report.h"

namespace postseal::spf {
namespace {

std::string_view TakeLine(base::Cursor* cursor) {
  const std::string_view line = cursor->TakeUntil('\n');
  cursor->Take('\n');
  return line;
}

// MakeRdata makes record data of |type| of |text|; a TXT record has a string from
// each "|" to the next.
std::string MakeRdata(dns::Type type, std::string_view text) {
  if (type == dns::Type::kTxt) {
    std::vector<std::string_view> strings;
    base::Cursor cursor(text);
    do strings.push_back(cursor.TakeUntil('|'));
    while (cursor.Take('|'));
    return dns::TxtRdata(strings);
  }
  if (type == dns::Type::kMx) {
    return dns::MxRdata(dns::Mx(0, dns::Name::Parse(text).value_or(dns::Name())));
  }
  const std::optional<dns::IpAddress> address = dns::IpAddress::Parse(text);
  // Text that is no address is record data as it is, mostly malformed.
  return address.has_value() ? dns::AddressRdata(*address) : std::string(text);
}

void AnswerNext(const dns::PendingQuery& query, base::Cursor* cursor, Lint* lint) {
  std::vector<std::string> rdata;
  dns::Answer answer(dns::Outcome::kRecords);
  do {
    std::string_view line = TakeLine(cursor);
    const char kind = line.empty() ? 'r' : line.front();
    if (kind == 'n') answer.outcome = dns::Outcome::kNoData;
    if (kind == 'x') answer.outcome = dns::Outcome::kNxDomain;
    if (kind == 'f') answer.outcome = dns::Outcome::kTempError;
    if (!line.empty()) line.remove_prefix(1);
    if (answer.outcome == dns::Outcome::kRecords) {
      rdata.push_back(MakeRdata(query.query.type, line));
    }
  } while (cursor->Peek() == '+');
  const std::vector<std::string_view> views(rdata.begin(), rdata.end());
  if (answer.outcome == dns::Outcome::kRecords) answer.rdata = views;
  POSTSEAL_CHECK(lint->Provide(query.id, answer).ok());
}

void CheckReport(const Lint& lint) {
  const LintReport& report = lint.report();
  POSTSEAL_CHECK(report.findings.size() <= kMaxFindings);
  POSTSEAL_CHECK(report.terms <= kMaxCounted);
  POSTSEAL_CHECK(report.void_lookups <= kMaxCounted);
  POSTSEAL_CHECK(report.ipv4_addresses <= uint64_t{1} << 32);
  POSTSEAL_CHECK(lint.lookups().size() <= LintQueries(SpfOptions()));
  bool errors = false;
  for (const Finding& finding : report.findings) {
    errors = errors || finding.severity() == Severity::kError;
    if (!finding.offset.has_value()) continue;
    const std::string_view record = report.RecordOf(finding.domain);
    POSTSEAL_CHECK(*finding.offset <= record.size());
    POSTSEAL_CHECK(finding.size <= record.size() - *finding.offset);
  }
  POSTSEAL_CHECK(report.has_errors == errors || report.dropped_findings > 0);
}

void LintAnswers(std::string_view input) {
  Lint lint(*dns::Name::Parse("example.com"));
  base::Cursor cursor(input);
  while (const auto query = lint.NextQuery()) {
    if (cursor.at_end()) cursor = base::Cursor(input);
    AnswerNext(*query, &cursor, &lint);
  }
  POSTSEAL_CHECK(lint.done());
  CheckReport(lint);
}

}  // namespace
}  // namespace postseal::spf

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::spf::LintAnswers({reinterpret_cast<const char*>(data), size});
  return 0;
}
