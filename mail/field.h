// Field: one header field of a message, as views into its header block.
#ifndef POSTSEAL_MAIL_FIELD_H_
#define POSTSEAL_MAIL_FIELD_H_

#include <cstddef>
#include <string_view>

#include "base/ascii.h"

namespace postseal::mail {

// kMaxLineOctets is the most octets of a line, less its CRLF. RFC 5322 §2.1.1
inline constexpr size_t kMaxLineOctets = 998;

// IsFieldNameOctet: ftext = %d33-57 / %d59-126. RFC 5322 §3.6.8
constexpr bool IsFieldNameOctet(char c) { return c > ' ' && c < 127 && c != ':'; }

// Field is a header field with every octet as it came: nothing is unfolded,
// decoded or trimmed. The views belong to whoever holds the header block.
//
// Text that is not a field (no colon, or no field-name before it) is a Field
// too, so that the fields are the whole header: its |name| is empty and its
// |value| is |raw|. No caller looks for an empty name, so it matches nothing.
struct Field {
  // name is the field name as written, without white space before the colon.
  std::string_view name;
  // value is every octet after the colon, less the field's final CRLF.
  std::string_view value;
  // raw is the whole field from the first octet of its name, less its final CRLF.
  std::string_view raw;
  // offset is where raw begins, in octets from the start of the header block.
  size_t offset = 0;

  // NameIs compares the name without regard to case. RFC 5322 §1.2.2
  bool NameIs(std::string_view other) const { return base::EqualsIgnoreCase(name, other); }
};

}  // namespace postseal::mail

#endif  // POSTSEAL_MAIL_FIELD_H_
