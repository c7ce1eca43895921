// Alignment: how an authenticated identifier stands to the author domain.
// RFC 9989 §3.2.10, §4.4
#ifndef POSTSEAL_DMARC_ALIGNMENT_H_
#define POSTSEAL_DMARC_ALIGNMENT_H_

#include <cstdint>
#include <string_view>

#include "dmarc/record.h"

namespace postseal::dmarc {

enum class Alignment : uint8_t {
  kNotChecked,  // it makes no difference: nothing passed there, or there is no policy
  kNone,
  kRelaxed,  // the same Organizational Domain
  kStrict,   // the same domain, which is aligned in either mode
  kUnknown,  // a lookup failed
};

constexpr std::string_view AlignmentName(Alignment alignment) {
  switch (alignment) {
    case Alignment::kNotChecked:
      return "not-checked";
    case Alignment::kNone:
      return "none";
    case Alignment::kRelaxed:
      return "relaxed";
    case Alignment::kStrict:
      return "strict";
    case Alignment::kUnknown:
      return "unknown";
  }
  return "none";
}

constexpr bool IsAligned(Alignment alignment) {
  return alignment == Alignment::kRelaxed || alignment == Alignment::kStrict;
}

// NeedsOrgDomains says whether the Organizational Domain of |identifier| decides:
// not in strict mode, nor between equal domains (RFC 9989 §4.10.2), nor when the
// author's |author_org|, empty when it is not known, cannot be its too. An
// Organizational Domain is at or above its domain, so only what is at or below
// |author_org|, or shares the top-level domain, can have the same.
bool NeedsOrgDomains(AlignmentMode mode, std::string_view author, std::string_view author_org,
                     std::string_view identifier);

// Align compares domains, which are in lower case. The Organizational Domains are
// only looked at when NeedsOrgDomains; an empty one is not known.
Alignment Align(AlignmentMode mode, std::string_view author, std::string_view author_org,
                std::string_view identifier, std::string_view identifier_org);

// Implementation.

namespace internal {

inline bool IsAtOrBelow(std::string_view name, std::string_view ancestor) {
  if (!name.ends_with(ancestor)) return false;
  return name.size() == ancestor.size() || name[name.size() - ancestor.size() - 1] == '.';
}

inline std::string_view LastLabel(std::string_view name) {
  // npos + 1 is 0: a single label is the last.
  return name.substr(name.rfind('.') + 1);
}

}  // namespace internal

inline bool NeedsOrgDomains(AlignmentMode mode, std::string_view author,
                            std::string_view author_org, std::string_view identifier) {
  if (mode == AlignmentMode::kStrict || author == identifier) return false;
  if (author_org.empty()) return internal::LastLabel(author) == internal::LastLabel(identifier);
  return internal::IsAtOrBelow(identifier, author_org);
}

inline Alignment Align(AlignmentMode mode, std::string_view author, std::string_view author_org,
                       std::string_view identifier, std::string_view identifier_org) {
  if (author == identifier) return Alignment::kStrict;
  if (!NeedsOrgDomains(mode, author, author_org, identifier)) return Alignment::kNone;
  if (author_org.empty() || identifier_org.empty()) return Alignment::kUnknown;
  return author_org == identifier_org ? Alignment::kRelaxed : Alignment::kNone;
}

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_ALIGNMENT_H_
