// ForgedResults: the Authentication-Results fields of a message that claim to be ours,
// found while the header comes by. Nothing of a field is kept but its place, so
// their size is no matter.
#ifndef POSTSEAL_MILTER_FORGED_RESULTS_H_
#define POSTSEAL_MILTER_FORGED_RESULTS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "authres/authentication_results.h"
#include "authres/removal_plan.h"
#include "base/ascii.h"
#include "mail/field.h"

namespace postseal::milter {

// kMaxForgedResults bounds the fields that are deleted from one message. An MTA may search
// the message anew for each, so that a message of nothing but such fields would cost it
// time in the square of their number. What has more is refused.
inline constexpr size_t kMaxForgedResults = 1000;

// ForgedResults decides by authres::RemovalPlanner, field by field.
class ForgedResults {
 public:
  // |own_ids| are our authserv-ids: every field under one of them goes. |other_ids| are
  // those of RemoveARFrom, of which ".example.net" means every name below example.net;
  // of their fields those go that name a method of which we write results, and with
  // |all| (RemoveARAll) every one. OpenDKIM, which writes DKIM results alone, removes
  // those with a DKIM result.
  ForgedResults(const std::vector<std::string>& own_ids, const std::vector<std::string>& other_ids,
                bool all)
      : own_({.authserv_ids = own_ids}),
        others_({.authserv_ids = other_ids, .remove_anonymous = false}),
        has_others_(!other_ids.empty()),
        all_(all) {}

  // Look looks at the next field of the header. |value| is as milters have it: an LF
  // is a fold.
  void Look(std::string_view name, std::string_view value) {
    std::string_view trimmed = name;
    while (!trimmed.empty() && base::kWsp(trimmed.back())) trimmed.remove_suffix(1);
    const bool is_named = base::EqualsIgnoreCase(trimmed, authres::kFieldName);
    if (is_named) ++occurrence_;
    if (is_named ? is_over_limit_ : !MayBeDisguised(trimmed, value)) return;
    const std::optional<authres::RemovalReason> reason = Judge(trimmed, value);
    if (!reason.has_value()) return;
    if (*reason == authres::RemovalReason::kDisguised) {
      is_disguised_ = true;
    } else {
      is_over_limit_ = occurrences_.size() == kMaxForgedResults;
      if (!is_over_limit_) occurrences_.push_back(occurrence_);
    }
  }

  // is_over_limit says that there are more than kMaxForgedResults; occurrences has the first.
  bool is_over_limit() const { return is_over_limit_; }

  // is_disguised says that a field of another name, or of none, may be read as
  // Authentication-Results further on (authres::IsDisguised). An MTA deletes fields by
  // their names and what it takes for a name is not known, so the message is refused.
  bool is_disguised() const { return is_disguised_; }

  // occurrences are the fields to delete, counted from 1 among those of the name, in
  // the order of the header. The last is to be deleted first.
  std::span<const uint32_t> occurrences() const { return occurrences_; }

 private:
  // MayBeDisguised is false for nearly every field, without a copy of it.
  static bool MayBeDisguised(std::string_view name, std::string_view value) {
    return value.find_first_of("\r\n") != value.npos || name.empty() ||
           !std::all_of(name.begin(), name.end(), mail::IsFieldNameOctet);
  }

  std::optional<authres::RemovalReason> Judge(std::string_view name, std::string_view value) const {
    const std::string raw =
        absl::StrCat(name, ":", absl::StrReplaceAll(value, {{"\r\n", "\r\n"}, {"\n", "\r\n"}}));
    mail::Field field;
    field.raw = raw;
    const bool is_name =
        !name.empty() && std::all_of(name.begin(), name.end(), mail::IsFieldNameOctet);
    field.name = field.raw.substr(0, is_name ? name.size() : 0);
    field.value = is_name ? field.raw.substr(name.size() + 1) : field.raw;
    const std::optional<authres::RemovalReason> reason = own_.Judge(field);
    if (reason.has_value() || !has_others_) return reason;
    const std::optional<authres::RemovalReason> other = others_.Judge(field);
    return other.has_value() && (all_ || NamesMethod(field.value)) ? other : std::nullopt;
  }

  // NamesMethod says that a method of which we write results stands in |value|, wherever
  // a reader may look for it.
  static bool NamesMethod(std::string_view value) {
    const std::string lower = absl::AsciiStrToLower(value);
    return absl::StrContains(lower, "dkim") || absl::StrContains(lower, "spf") ||
           absl::StrContains(lower, "dmarc");
  }

  authres::RemovalPlanner own_;
  authres::RemovalPlanner others_;
  bool has_others_;
  bool all_;
  uint32_t occurrence_ = 0;
  std::vector<uint32_t> occurrences_;
  bool is_over_limit_ = false;
  bool is_disguised_ = false;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_FORGED_RESULTS_H_
