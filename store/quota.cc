#include "store/quota.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace postseal::store {
namespace {

// IndexOf is the place of the column |name|.
constexpr size_t IndexOf(std::string_view name) {
  for (size_t i = 0; i < kColumns.size(); ++i) {
    if (kColumns[i].name == name) return i;
  }
  return kColumns.size();
}
constexpr size_t kReasons = IndexOf("reasons");
constexpr size_t kDkim = IndexOf("dkim");

// KeepTypes keeps of |reasons| which types there are.
void KeepTypes(std::vector<OverrideReason>* reasons) {
  for (OverrideReason& reason : *reasons) reason.comment.clear();
  std::sort(reasons->begin(), reasons->end(),
            [](const OverrideReason& a, const OverrideReason& b) { return a.type < b.type; });
  reasons->erase(std::unique(reasons->begin(), reasons->end()), reasons->end());
}

}  // namespace

int64_t RowUnits(const ColumnTexts& texts) {
  size_t octets = 0;
  for (const size_t column : {kReasons, kDkim}) {
    if (texts[column].has_value()) octets += texts[column]->size();
  }
  return static_cast<int64_t>(1 + octets / kUnitOctets);
}

std::string UnitsSql(std::string_view length_before, std::string_view length_after) {
  return absl::StrCat("sum(1 + (", length_before, "reasons", length_after, " + ", length_before,
                      "dkim", length_after, ") / ", kUnitOctets, ")");
}

Detail DetailFor(const Quota& quota, const Usage& usage, Detail least) {
  // Sources, author domains and signatures are anybody's to invent, so kSource needs a
  // bound as kFull does. kPolicy and kDomain have few rows for a domain. What an owner of
  // domains can still invent is their number, and the policy of each.
  const bool day_has_room = usage.day < quota.rows_a_day;
  const bool day_has_reserve = usage.day / 2 < quota.rows_a_day;
  const bool allowed[] = {
      day_has_room && usage.domain < quota.rows_a_domain,
      day_has_room && usage.domain / 2 < quota.rows_a_domain,
      day_has_reserve && usage.domain / 3 < quota.rows_a_domain,
      day_has_reserve,
  };
  for (auto detail = static_cast<size_t>(least); detail < std::size(allowed); ++detail) {
    if (allowed[detail]) return static_cast<Detail>(detail);
  }
  return Detail::kDay;
}

Row Reduce(Row row, Detail detail) {
  Fact& fact = row.fact;
  row.detail = detail;
  if (detail >= Detail::kSource) {
    fact.dkim.clear();
    fact.spf.reset();
    fact.envelope_from.reset();
    fact.envelope_to.reset();
    KeepTypes(&fact.reasons);
  }
  if (detail >= Detail::kPolicy) {
    fact.source_ip = dns::IpAddress();
    fact.header_from = fact.policy_domain;
  }
  if (detail >= Detail::kDomain) {
    PublishedPolicy kept;
    kept.p = fact.policy.p;
    kept.discovery = fact.policy.discovery;
    kept.has_rua = fact.policy.has_rua;
    fact.policy = kept;
  }
  if (detail >= Detail::kDay) {
    fact.policy = PublishedPolicy();
    fact.policy_domain.clear();
    fact.header_from.clear();
    fact.reasons.clear();
  }
  return row;
}

}  // namespace postseal::store
