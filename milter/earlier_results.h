// DeniesAuthor: what our own Authentication-Results say of a message that comes by a
// second time, as from a content filter that hands mail back.
#ifndef POSTSEAL_MILTER_EARLIER_RESULTS_H_
#define POSTSEAL_MILTER_EARLIER_RESULTS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "authres/authentication_results.h"
#include "authres/own_ids.h"
#include "authres/parsed_field.h"
#include "base/ascii.h"
#include "dns/idna.h"
#include "dns/name.h"
#include "mail/field.h"

namespace postseal::milter {

// DeniesAuthor says whether one of |fields| is an Authentication-Results field of |ids|, our
// authserv-ids, with a result of DMARC other than pass for the author of |domains|, the
// distinct domains of From. "ID/JOB" is ours, too. It also returns true for such a result
// without header.from, for any such result when From has several domains or none, and for a
// field of ours that is not valid, since the fields that we write are valid. Use the answer
// only to restrict a message: the client that hands it in can have written the field.
//
// The border removes such fields from the mail of strangers (RFC 8601 §5), so one that
// is there in the mail of our own host says that the message came from outside before.
// Linear in the octets of |fields|.
inline bool DeniesAuthor(std::span<const mail::Field> fields, std::span<const std::string> ids,
                         std::span<const std::string_view> domains);

// Implementation.

namespace internal {

// IsOther says that |value| is a domain and not |domain|. Our results name the A-labels of
// an author who may have written U-labels.
inline bool IsOther(std::string_view value, std::string_view domain) {
  if (base::EqualsIgnoreCase(value, domain)) return false;
  const std::optional<dns::Name> name = dns::ParseInternational(value);
  const std::optional<dns::Name> author = dns::ParseInternational(domain);
  return name.has_value() && author.has_value() && *name != *author;
}

inline bool IsDenial(const authres::Result& result, std::span<const std::string_view> domains) {
  if (result.method != "dmarc" || base::EqualsIgnoreCase(result.result, "pass")) return false;
  // With several domains, the result names one of them and applies to the message.
  if (domains.size() != 1) return true;
  for (const authres::Property& property : result.properties) {
    if (property.ptype == "header" && property.property == "from") {
      return !IsOther(property.value, domains.front());
    }
  }
  return true;
}

}  // namespace internal

inline bool DeniesAuthor(std::span<const mail::Field> fields, std::span<const std::string> ids,
                         std::span<const std::string_view> domains) {
  const authres::OwnIds own(ids);
  for (const mail::Field& field : fields) {
    if (!field.NameIs(authres::kFieldName)) continue;
    const authres::ParsedField parsed = authres::Parse(field.value);
    if (!parsed.authserv_id.has_value() || !own.Has(*parsed.authserv_id)) continue;
    if (!parsed.IsValid()) return true;
    for (const authres::Result& result : parsed.results) {
      if (internal::IsDenial(result, domains)) return true;
    }
  }
  return false;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_EARLIER_RESULTS_H_
