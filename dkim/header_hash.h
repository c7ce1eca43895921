// The header hash: the digest that a signature signs.
#ifndef POSTSEAL_DKIM_HEADER_HASH_H_
#define POSTSEAL_DKIM_HEADER_HASH_H_

#include <span>
#include <string_view>

#include "base/arena.h"
#include "dkim/algorithm.h"
#include "dkim/canonical_header.h"
#include "dkim/digest.h"
#include "dkim/header_index.h"
#include "mail/field.h"

namespace postseal::dkim {

// HashHeader computes the header hash of RFC 6376 §3.7: the fields that
// |signed_names| pick from |header|, each with CRLF, then |signature_field|
// without the octets of |signature_value| (what stands between "b=" and the next
// ";") and without CRLF.
inline Digest HashHeader(base::Arena* arena, HeaderCanon canon, HashAlgorithm algorithm,
                         const HeaderIndex& header, std::span<const std::string_view> signed_names,
                         const mail::Field& signature_field, std::string_view signature_value) {
  Hasher hasher(algorithm);
  HeaderCanonicalizer canonicalizer(canon,
                                    [&hasher](std::string_view text) { hasher.Update(text); });
  HeaderIndex::Picker picker(arena, &header);
  for (const std::string_view name : signed_names) {
    // A name without a field left is the null string, which is what makes
    // oversigning work. RFC 6376 §3.5 h=
    const mail::Field* field = picker.Pick(name);
    // RFC 6376 §3.5 h=: the field being verified is none of them, as it was none
    // when the others were signed.
    if (field != nullptr && field->raw.data() == signature_field.raw.data()) {
      field = picker.Pick(name);
    }
    if (field != nullptr) canonicalizer.AddField(field->raw, field->name, field->value);
  }
  canonicalizer.AddUnterminated(signature_field.raw, signature_field.name, signature_field.value,
                                signature_value);
  canonicalizer.Flush();
  return hasher.Peek();
}

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_HEADER_HASH_H_
