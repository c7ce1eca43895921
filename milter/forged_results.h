// ForgedResults: the Authentication-Results fields of a message that claim to be ours,
// found while the header comes by. Nothing of a field is kept but its place, so
// their size is no matter.
#ifndef POSTSEAL_MILTER_FORGED_RESULTS_H_
#define POSTSEAL_MILTER_FORGED_RESULTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "authres/authentication_results.h"
#include "authres/parsed_field.h"
#include "authres/removal_plan.h"
#include "base/ascii.h"
#include "mail/field.h"

namespace postseal::milter {

// kMaxForgedResults bounds the fields that are deleted from one message. An MTA may search
// the message anew for each, so that a message of nothing but such fields would cost it
// time in the square of their number. What has more is refused.
inline constexpr size_t kMaxForgedResults = 1000;

// ForgedResults decides by authres::PlanRemoval, field by field.
class ForgedResults {
 public:
  // |ids| are our authserv-ids. |with_job_id|: "ID/ANYTHING" is ours, too. |all|: every
  // field goes.
  ForgedResults(std::vector<std::string> ids, bool with_job_id, bool all)
      : ids_(std::move(ids)), with_job_id_(with_job_id), all_(all) {}

  // Look looks at the next field of the header. |value| is as milters have it: an LF
  // is a fold.
  void Look(std::string_view name, std::string_view value) {
    while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
    if (!base::EqualsIgnoreCase(name, authres::kFieldName)) return;
    ++occurrence_;
    if (is_over_limit_ || !IsForged(value)) return;
    is_over_limit_ = occurrences_.size() == kMaxForgedResults;
    if (!is_over_limit_) occurrences_.push_back(occurrence_);
  }

  // is_over_limit says that there are more than kMaxForgedResults; occurrences has the first.
  bool is_over_limit() const { return is_over_limit_; }

  // occurrences are the fields to delete, counted from 1 among those of the name, in
  // the order of the header. The last is to be deleted first.
  std::span<const uint32_t> occurrences() const { return occurrences_; }

 private:
  bool IsForged(std::string_view value) const {
    const std::string with_folds = absl::StrReplaceAll(value, {{"\r\n", "\r\n"}, {"\n", "\r\n"}});
    mail::Field field;
    field.name = authres::kFieldName;
    field.value = with_folds;
    field.raw = with_folds;
    authres::RemovalOptions options;
    options.authserv_ids = ids_;
    options.remove_all = all_;
    if (!authres::PlanRemoval(std::span(&field, 1), options).empty()) return true;
    return with_job_id_ && HasJobId(with_folds);
  }

  // HasJobId says that |value|'s authserv-id is one of ours with a job id.
  bool HasJobId(std::string_view value) const {
    const std::optional<std::string> id = authres::Parse(value).authserv_id;
    if (!id.has_value()) return false;
    const size_t slash = id->find('/');
    if (slash == std::string::npos) return false;
    for (const std::string& own : ids_) {
      if (base::EqualsIgnoreCase(std::string_view(*id).substr(0, slash), own)) return true;
    }
    return false;
  }

  std::vector<std::string> ids_;
  bool with_job_id_;
  bool all_;
  uint32_t occurrence_ = 0;
  std::vector<uint32_t> occurrences_;
  bool is_over_limit_ = false;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_FORGED_RESULTS_H_
