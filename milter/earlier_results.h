// DeniesAuthor: what our own Authentication-Results say of a message that comes by a
// second time, as from a content filter that hands mail back.
#ifndef POSTSEAL_MILTER_EARLIER_RESULTS_H_
#define POSTSEAL_MILTER_EARLIER_RESULTS_H_

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "authres/authentication_results.h"
#include "authres/parsed_field.h"
#include "base/ascii.h"
#include "mail/field.h"

namespace postseal::milter {

// DeniesAuthor says whether one of |fields| is an Authentication-Results field of |ids|, our
// authserv-ids, with a result of DMARC for |domain| other than pass, or for an author that
// the field does not name. "ID/JOB" is ours, too. It may be believed only as far as it
// restricts a message: who hands the message in can have written it.
//
// The border removes such fields from the mail of strangers (RFC 8601 §5), so one that
// is there in the mail of our own host says that the message came from outside before.
inline bool DeniesAuthor(std::span<const mail::Field> fields, std::span<const std::string> ids,
                         std::string_view domain);

// Implementation.

namespace internal {

inline bool IsDenial(const authres::Result& result, std::string_view domain) {
  if (result.method != "dmarc" || base::EqualsIgnoreCase(result.result, "pass")) return false;
  for (const authres::Property& property : result.properties) {
    if (property.ptype == "header" && property.property == "from") {
      return base::EqualsIgnoreCase(property.value, domain);
    }
  }
  return true;
}

}  // namespace internal

inline bool DeniesAuthor(std::span<const mail::Field> fields, std::span<const std::string> ids,
                         std::string_view domain) {
  for (const mail::Field& field : fields) {
    if (!field.NameIs(authres::kFieldName)) continue;
    const authres::ParsedField parsed = authres::Parse(field.value);
    if (!parsed.authserv_id.has_value()) continue;
    const std::string_view id = *parsed.authserv_id;
    const std::string_view without_job = id.substr(0, id.find('/'));
    const bool is_ours = std::any_of(ids.begin(), ids.end(), [&](const std::string& own) {
      return base::EqualsIgnoreCase(own, id) || base::EqualsIgnoreCase(own, without_job);
    });
    if (!is_ours) continue;
    for (const authres::Result& result : parsed.results) {
      if (internal::IsDenial(result, domain)) return true;
    }
  }
  return false;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_EARLIER_RESULTS_H_
