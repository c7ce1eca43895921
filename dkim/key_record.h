// KeyRecord: the TXT record that publishes a DKIM key, as a struct.
#ifndef POSTSEAL_DKIM_KEY_RECORD_H_
#define POSTSEAL_DKIM_KEY_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "dkim/algorithm.h"
#include "dkim/reason.h"
#include "mail/tag_list.h"

namespace postseal::dkim {

// KeyRecord is a key record of RFC 6376 §3.6.1. Views live as long as the text
// it was parsed from.
struct KeyRecord {
  // v=: true when it was written; it must then be first and "DKIM1".
  bool has_version = false;
  // k=. nullopt is a type this library does not know.
  std::optional<KeyType> key_type = KeyType::kRsa;
  std::string_view key_type_text = "rsa";
  // h=: which hashes are allowed; all when the tag is absent.
  bool allows_sha1 = true;
  bool allows_sha256 = true;
  // s=: "email" or "*" is listed, which is so when the tag is absent.
  bool for_email = true;
  // s=: the list as written, for a caller with another service type (RFC 8460
  // §3 has "tlsrpt"); absent means "*".
  std::optional<std::string_view> services;
  // t=y: the domain is testing. It never changes the result. RFC 6376 §3.6.1
  bool testing = false;
  // t=s: i= must be exactly the domain of d=.
  bool forbids_subdomains = false;
  // n=: notes, as written.
  std::optional<std::string_view> notes;
  // p=: base64 as written, white space included; empty for a revoked key.
  std::string_view public_key;

  bool Allows(HashAlgorithm hash) const {
    return hash == HashAlgorithm::kSha1 ? allows_sha1 : allows_sha256;
  }

  // AllowsService says whether the key may be used for |service|, "email" or
  // "tlsrpt". RFC 6376 §3.6.1 s=
  bool AllowsService(std::string_view service) const;
};

// KeyRecordFault is why a text is no usable key record.
struct KeyRecordFault {
  Reason reason = Reason::kKeySyntax;
  // Octets from the record's start.
  size_t offset = 0;
  std::string_view detail;
};

// ParsedKeyRecord is a KeyRecord, or the fault.
struct ParsedKeyRecord {
  KeyRecord record;
  std::optional<KeyRecordFault> fault;
};

// ParseKeyRecord reads the joined character-strings of one TXT record. Values
// are case-sensitive (RFC 6376 §3.2 ¶7). Unknown tags are ignored; so is g=,
// which RFC 6376 removed (appendix C).
inline ParsedKeyRecord ParseKeyRecord(std::string_view text);

// PrintKeyRecord writes |record| as a record's text: the mirror of ParseKeyRecord.
inline std::string PrintKeyRecord(const KeyRecord& record);

// Implementation.

namespace internal {

inline constexpr base::CharSet kListSpace = base::CharSet(" \t\r\n");

// ForEachInList calls |visit| with each item of a colon-separated list, without
// the white space around it.
template <typename Visit>
void ForEachInList(std::string_view list, Visit visit) {
  base::Cursor in(list);
  do {
    visit(base::Strip(in.TakeUntil(':'), kListSpace));
  } while (in.Take(':'));
}

inline ParsedKeyRecord KeyFault(ParsedKeyRecord parsed, Reason reason, size_t offset,
                                std::string_view detail) {
  parsed.fault = KeyRecordFault{reason, offset, detail};
  return parsed;
}

}  // namespace internal

inline bool KeyRecord::AllowsService(std::string_view service) const {
  if (!services.has_value()) return true;
  bool allowed = false;
  internal::ForEachInList(*services, [&](std::string_view item) {
    if (item == "*" || item == service) allowed = true;
  });
  return allowed;
}

inline ParsedKeyRecord ParseKeyRecord(std::string_view text) {
  ParsedKeyRecord parsed;
  KeyRecord& record = parsed.record;
  const mail::TagList list = mail::TagList::Parse(text);
  // RFC 6376 §3.6.1 v=: first if present, and then exactly "DKIM1"; other
  // records are discarded. Looked at before syntax, so that the SPF record of a
  // wildcard is called what it is.
  if (const mail::Tag* version = list.Find("v")) {
    record.has_version = true;
    if (version->value != "DKIM1") {
      return internal::KeyFault(parsed, Reason::kKeyVersion, version->offset, "v= is not DKIM1");
    }
    if (version != list.tags().data()) {
      return internal::KeyFault(parsed, Reason::kKeyVersion, version->offset, "v= is not first");
    }
  }
  if (list.fault() != mail::TagListFault::kNone) {
    return internal::KeyFault(parsed, Reason::kKeySyntax, list.fault_offset(),
                              mail::TagListFaultText(list.fault()));
  }
  if (const mail::Tag* type = list.Find("k")) {
    record.key_type_text = type->value;
    // RFC 6376 §3.6.1 k=: unrecognized key types are ignored.
    record.key_type = ParseKeyType(type->value);
  }
  if (const mail::Tag* hashes = list.Find("h")) {
    record.allows_sha1 = record.allows_sha256 = false;
    internal::ForEachInList(hashes->value, [&](std::string_view hash) {
      if (hash == "sha1") record.allows_sha1 = true;
      if (hash == "sha256") record.allows_sha256 = true;
    });
  }
  if (const mail::Tag* services = list.Find("s")) record.services = services->value;
  record.for_email = record.AllowsService("email");
  if (const mail::Tag* flags = list.Find("t")) {
    internal::ForEachInList(flags->value, [&](std::string_view flag) {
      if (flag == "y") record.testing = true;
      if (flag == "s") record.forbids_subdomains = true;
    });
  }
  if (const mail::Tag* notes = list.Find("n")) record.notes = notes->value;
  const mail::Tag* const key = list.Find("p");
  if (key == nullptr) {
    return internal::KeyFault(parsed, Reason::kKeySyntax, text.size(), "p= is missing");
  }
  record.public_key = key->value;
  return parsed;
}

inline std::string PrintKeyRecord(const KeyRecord& record) {
  std::string out;
  if (record.has_version) out = "v=DKIM1; ";
  if (!record.allows_sha1 || !record.allows_sha256) {
    absl::StrAppend(&out, "h=", record.allows_sha1 ? "sha1" : "",
                    record.allows_sha256 ? "sha256" : "", "; ");
  }
  absl::StrAppend(&out, "k=", record.key_type_text, "; ");
  if (record.notes.has_value()) absl::StrAppend(&out, "n=", *record.notes, "; ");
  if (record.testing || record.forbids_subdomains) {
    absl::StrAppend(&out, "t=", record.testing ? "y" : "",
                    record.testing && record.forbids_subdomains ? ":" : "",
                    record.forbids_subdomains ? "s" : "", "; ");
  }
  if (record.services.has_value()) absl::StrAppend(&out, "s=", *record.services, "; ");
  absl::StrAppend(&out, "p=", record.public_key);
  return out;
}

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_KEY_RECORD_H_
