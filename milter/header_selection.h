// SelectFields: SignHeaders, OmitHeaders and OversignHeaders to what dkim/sign.h
// takes. opendkim.conf(5)
#ifndef POSTSEAL_MILTER_HEADER_SELECTION_H_
#define POSTSEAL_MILTER_HEADER_SELECTION_H_

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "dkim/sign.h"

namespace postseal::milter {

// FieldList is a directive's list, "*" and deltas included; absent: not there.
using FieldList = std::optional<std::vector<std::string>>;

// OpenDkimSignHeaders is what OpenDKIM signs unless it is told otherwise.
inline std::vector<std::string> OpenDkimSignHeaders() {
  return {"From",
          "Reply-To",
          "Subject",
          "Date",
          "To",
          "Cc",
          "Resent-Date",
          "Resent-From",
          "Resent-Sender",
          "Resent-To",
          "Resent-Cc",
          "In-Reply-To",
          "References",
          "List-Id",
          "List-Help",
          "List-Unsubscribe",
          "List-Subscribe",
          "List-Post",
          "List-Owner",
          "List-Archive"};
}

// OpenDkimOmitHeaders is what it does not sign even if SignHeaders names it.
// RFC 4871 §5.5
inline std::vector<std::string> OpenDkimOmitHeaders() {
  return {"Return-Path", "Received", "Comments", "Keywords", "Bcc", "Resent-Bcc", "DKIM-Signature"};
}

// ApplyDelta is |list|, or |defaults| where there is none. With an element "*" the
// list is a delta: "+NAME", or NAME, adds to the defaults and "-NAME" takes away.
std::vector<std::string> ApplyDelta(const FieldList& list, std::vector<std::string> defaults);

// SelectFields is what an OpenDKIM that has these three lists signs. From is always
// signed.
dkim::FieldSelection SelectFields(const FieldList& sign, const FieldList& omit,
                                  const FieldList& oversign);

// AdjustFields is |selection| changed by the lists that are there: our own defaults
// hold for those that are not.
dkim::FieldSelection AdjustFields(dkim::FieldSelection selection, const FieldList& sign,
                                  const FieldList& omit, const FieldList& oversign);

// Implementation.

namespace internal {

inline bool HasField(const std::vector<std::string>& list, std::string_view name) {
  return std::any_of(list.begin(), list.end(), [name](const std::string& element) {
    return base::EqualsIgnoreCase(element, name);
  });
}

inline void RemoveField(std::vector<std::string>* list, std::string_view name) {
  list->erase(std::remove_if(list->begin(), list->end(),
                             [name](const std::string& element) {
                               return base::EqualsIgnoreCase(element, name);
                             }),
              list->end());
}

inline void AddField(std::vector<std::string>* list, std::string_view name) {
  if (!HasField(*list, name)) list->emplace_back(name);
}

}  // namespace internal

inline std::vector<std::string> ApplyDelta(const FieldList& list,
                                           std::vector<std::string> defaults) {
  if (!list.has_value()) return defaults;
  const bool is_delta = internal::HasField(*list, "*");
  std::vector<std::string> result = is_delta ? std::move(defaults) : std::vector<std::string>();
  for (const std::string& element : *list) {
    std::string_view name = element;
    if (name == "*") continue;
    const bool marked = is_delta && !name.empty() && (name.front() == '+' || name.front() == '-');
    const bool removes = marked && name.front() == '-';
    if (marked) name.remove_prefix(1);
    if (removes) {
      internal::RemoveField(&result, name);
    } else {
      internal::AddField(&result, name);
    }
  }
  return result;
}

inline dkim::FieldSelection SelectFields(const FieldList& sign, const FieldList& omit,
                                         const FieldList& oversign) {
  dkim::FieldSelection selection;
  selection.sign = ApplyDelta(sign, OpenDkimSignHeaders());
  selection.oversign = ApplyDelta(oversign, {});
  for (const std::string& name : ApplyDelta(omit, OpenDkimOmitHeaders())) {
    internal::RemoveField(&selection.sign, name);
  }
  internal::AddField(&selection.sign, "From");  // RFC 6376 §5.4
  return selection;
}

inline dkim::FieldSelection AdjustFields(dkim::FieldSelection selection, const FieldList& sign,
                                         const FieldList& omit, const FieldList& oversign) {
  if (sign.has_value() && !internal::HasField(*sign, "*")) {
    selection.oversign = {"From"};
    selection.oversign_present.clear();
  }
  selection.sign = ApplyDelta(sign, std::move(selection.sign));
  if (oversign.has_value() && !internal::HasField(*oversign, "*")) {
    // What is not oversigned any more is still signed, as often as it occurs.
    for (const auto* const names : {&selection.oversign, &selection.oversign_present}) {
      for (const std::string& name : *names) internal::AddField(&selection.sign, name);
    }
    selection.oversign_present.clear();
  }
  selection.oversign = ApplyDelta(oversign, std::move(selection.oversign));
  std::vector<std::string> gone = ApplyDelta(omit, {});
  for (const FieldList* const list : {&sign, &oversign}) {
    if (!list->has_value() || !internal::HasField(**list, "*")) continue;
    for (const std::string& element : **list) {
      if (!element.empty() && element.front() == '-') gone.push_back(element.substr(1));
    }
  }
  for (const std::string& name : gone) {
    internal::RemoveField(&selection.sign, name);
    internal::RemoveField(&selection.oversign, name);
    internal::RemoveField(&selection.oversign_present, name);
  }
  internal::AddField(&selection.oversign, "From");
  return selection;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_HEADER_SELECTION_H_
