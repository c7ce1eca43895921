// PrintZoneRecord: a key record as text for a zone file, laid out octet for
// octet as opendkim-genkey does, so that whatever reads that file goes on to.
#ifndef POSTSEAL_DKIM_KEY_RECORD_TEXT_H_
#define POSTSEAL_DKIM_KEY_RECORD_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "dkim/algorithm.h"

namespace postseal::dkim {

// ZoneRecord is what a zone file's key record says. Its defaults are those of
// Debian's opendkim-genkey.
struct ZoneRecord {
  std::string_view selector = {};  // A-labels
  std::string_view domain = {};    // A-labels; empty: no comment names it
  KeyType key_type = KeyType::kRsa;
  std::string_view public_base64 = {};  // p=

  // append_domain writes the whole name instead of one relative to the zone.
  bool append_domain = false;
  // hash_algorithms is h=: names with colons between; nullopt: no h=, all hashes.
  std::optional<std::string_view> hash_algorithms = "sha256";
  std::optional<std::string_view> note = {};  // n=
  bool test_mode = false;                     // t=y
  bool no_subdomains = false;                 // t=s
  bool email_only = false;                    // s=email
};

// PrintZoneRecord returns the text, which ends in LF. kInvalidArgument when a
// part would break the zone file or the record: an empty selector, a domain
// wanted and not there, characters that need quoting, or a note that makes the
// first string longer than 255 octets (RFC 1035 §3.3).
absl::StatusOr<std::string> PrintZoneRecord(const ZoneRecord& record);

// Implementation

namespace internal {

// kMaxZoneString is how much of p= goes into one quoted string, in octets.
inline constexpr size_t kMaxZoneString = 250;
// kMaxCharacterString is the most one <character-string> holds. RFC 1035 §3.3
inline constexpr size_t kMaxCharacterString = 255;

inline constexpr base::CharSet kZoneName = base::kAlphaDigit | base::CharSet("-_.");
inline constexpr base::CharSet kHashAlgorithms = base::kAlphaDigit | base::CharSet("-:");
inline constexpr base::CharSet kBase64Text = base::kAlphaDigit | base::CharSet("+/=");
// A semicolon would end the tag, a quote or backslash the zone file's string.
inline constexpr base::CharSet kNote = base::CharSet::Range(' ', '~') - base::CharSet(";\"\\");

inline absl::Status CheckZoneRecord(const ZoneRecord& record) {
  if (record.selector.empty() || !base::AllIn(record.selector, kZoneName)) {
    return absl::InvalidArgumentError("the selector is no name for a zone file");
  }
  if (!base::AllIn(record.domain, kZoneName) || (record.append_domain && record.domain.empty())) {
    return absl::InvalidArgumentError("the domain is no name for a zone file");
  }
  if (!base::AllIn(record.public_base64, kBase64Text)) {
    return absl::InvalidArgumentError("the public key is no base64");
  }
  if (!base::AllIn(record.hash_algorithms.value_or(""), kHashAlgorithms)) {
    return absl::InvalidArgumentError("the hash algorithms are no names with colons between");
  }
  if (!base::AllIn(record.note.value_or(""), kNote)) {
    return absl::InvalidArgumentError(
        "the note holds a character other than printable ASCII without ; \" and \\");
  }
  return absl::OkStatus();
}

// ZoneRecordTags is the record up to p=, as the record itself holds it.
inline std::string ZoneRecordTags(const ZoneRecord& record) {
  std::string tags = "v=DKIM1;";
  if (record.note.has_value()) absl::StrAppend(&tags, " n=\"", *record.note, "\";");
  if (record.hash_algorithms.has_value()) {
    absl::StrAppend(&tags, " h=", *record.hash_algorithms, ";");
  }
  absl::StrAppend(&tags, " k=", Name(record.key_type), "; ");
  if (record.test_mode && record.no_subdomains) {
    absl::StrAppend(&tags, "t=y:s; ");
  } else if (record.test_mode) {
    absl::StrAppend(&tags, "t=y; ");
  } else if (record.no_subdomains) {
    absl::StrAppend(&tags, "t=s; ");
  }
  if (record.email_only) absl::StrAppend(&tags, "s=email; ");
  return tags;
}

// AppendZoneString appends |text|, in which only n= has quotes, in quotes.
inline void AppendZoneString(std::string_view text, std::string* out) {
  out->push_back('"');
  for (const char c : text) {
    if (c == '"') out->push_back('\\');
    out->push_back(c);
  }
  out->push_back('"');
}

}  // namespace internal

inline absl::StatusOr<std::string> PrintZoneRecord(const ZoneRecord& record) {
  if (absl::Status status = internal::CheckZoneRecord(record); !status.ok()) return status;
  const std::string tags = internal::ZoneRecordTags(record);
  if (tags.size() > internal::kMaxCharacterString) {
    return absl::InvalidArgumentError("the note is too long for a key record's first string");
  }
  std::string out = absl::StrCat(record.selector, "._domainkey");
  if (record.append_domain) absl::StrAppend(&out, ".", record.domain, ".");
  absl::StrAppend(&out, "\tIN\tTXT\t( ");
  internal::AppendZoneString(tags, &out);
  absl::StrAppend(&out, "\n\t  \"p=");
  base::Cursor key(record.public_base64);
  // opendkim-genkey opens another string after each full one, also when nothing
  // is left for it: an empty string at the end, which changes no record.
  while (key.rest().size() >= internal::kMaxZoneString) {
    absl::StrAppend(&out, key.TakeCount(internal::kMaxZoneString), "\"\n\t  \"");
  }
  absl::StrAppend(&out, key.rest(), "\" ) ");
  if (!record.domain.empty()) {
    absl::StrAppend(&out, " ; ----- DKIM key ", record.selector, " for ", record.domain);
  }
  out.push_back('\n');
  return out;
}

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_KEY_RECORD_TEXT_H_
