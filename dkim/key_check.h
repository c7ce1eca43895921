// CheckPublishedKey: is what the DNS publishes a key that verifiers can use, and
// is it the one that signs?
#ifndef POSTSEAL_DKIM_KEY_CHECK_H_
#define POSTSEAL_DKIM_KEY_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/arena.h"
#include "base/base64.h"
#include "dkim/key_record.h"
#include "dkim/public_key.h"
#include "dkim/reason.h"
#include "dkim/rsa_key.h"
#include "dns/answer.h"
#include "dns/rdata.h"

namespace postseal::dkim {

// KeyCheck is what was found at a key's name.
struct KeyCheck {
  enum class Outcome : uint8_t {
    kGood,
    kTempError,  // the lookup failed
    kMissing,    // no such name, or no TXT record there
    kInvalid,    // a record that no verifier can use
    kMismatch,   // a good key, but not the pair of ours
    kSeveral,    // more than one record: which is used is undefined
  };
  Outcome outcome = Outcome::kInvalid;
  // What is wrong, for a person.
  std::string detail;
  std::string key_type;
  int key_bits = 0;
  bool testing = false;
  bool secure = false;
};

constexpr std::string_view KeyCheckName(KeyCheck::Outcome outcome) {
  switch (outcome) {
    case KeyCheck::Outcome::kGood:
      return "good";
    case KeyCheck::Outcome::kTempError:
      return "temperror";
    case KeyCheck::Outcome::kMissing:
      return "missing";
    case KeyCheck::Outcome::kInvalid:
      return "invalid";
    case KeyCheck::Outcome::kMismatch:
      return "mismatch";
    case KeyCheck::Outcome::kSeveral:
      return "several";
  }
  return "invalid";
}

// KeyCheckText is |check| on one line for a person.
inline std::string KeyCheckText(const KeyCheck& check) {
  std::string text(KeyCheckName(check.outcome));
  if (check.key_bits > 0)
    absl::StrAppend(&text, ", ", check.key_type, " ", check.key_bits, " bits");
  if (check.testing) absl::StrAppend(&text, ", testing (t=y)");
  if (!check.secure) absl::StrAppend(&text, ", not validated by DNSSEC");
  if (!check.detail.empty()) absl::StrAppend(&text, ": ", check.detail);
  return text;
}

namespace internal {

// IsKey says whether |base64|, a p= of |type|, is |key|.
inline bool IsKey(std::string_view base64, KeyType type, const PublicKey& key) {
  const std::optional<std::string> octets = base::Base64Decode(base64);
  if (!octets.has_value()) return false;
  const PublicKey::Parsed parsed = PublicKey::Parse(type, *octets);
  const auto* const own = std::get_if<PublicKey>(&parsed);
  return own != nullptr && own->Equals(key);
}

// CheckRecord judges one record; |own_key| is the p= it must have, if given.
inline void CheckRecord(std::string_view text, const std::optional<std::string>& own_key,
                        KeyCheck* check) {
  const ParsedKeyRecord parsed = ParseKeyRecord(text);
  if (parsed.fault.has_value()) {
    check->detail = absl::StrCat(InfoOf(parsed.fault->reason).text, ": ", parsed.fault->detail,
                                 " (octet ", parsed.fault->offset, ")");
    return;
  }
  const KeyRecord& record = parsed.record;
  check->testing = record.testing;
  check->key_type = record.key_type_text;
  if (!record.key_type.has_value()) {
    check->detail = "k= names an unknown type";
  } else if (record.public_key.empty()) {
    check->detail = InfoOf(Reason::kKeyRevoked).text;
  } else if (!record.for_email) {
    check->detail = InfoOf(Reason::kKeyServiceMismatch).text;
  } else if (!record.allows_sha256) {
    check->detail = "h= does not allow sha256";
  }
  if (!check->detail.empty()) return;
  const std::optional<std::string> octets = base::Base64Decode(record.public_key);
  if (!octets.has_value()) {
    check->detail = "p= is not base64";
    return;
  }
  const PublicKey::Parsed key = PublicKey::Parse(*record.key_type, *octets);
  if (const auto* fault = std::get_if<PublicKeyFault>(&key)) {
    check->detail = absl::StrCat("p=: ", PublicKeyFaultText(*fault));
    return;
  }
  check->key_bits = std::get<PublicKey>(key).bits();
  if (*record.key_type == KeyType::kRsa && check->key_bits < kMinRsaBits) {
    check->detail = InfoOf(Reason::kKeyTooSmall).text;  // RFC 8301 §3.2
    return;
  }
  check->outcome = KeyCheck::Outcome::kGood;
  if (own_key.has_value() && !IsKey(*own_key, *record.key_type, std::get<PublicKey>(key))) {
    check->outcome = KeyCheck::Outcome::kMismatch;
    check->detail = "the published key is not the pair of the file's";
  }
}

}  // namespace internal

// CheckPublishedKey judges |answer|, the TXT lookup at a key's name. |own_key| is
// the p= of the private key that must be its pair.
inline KeyCheck CheckPublishedKey(const dns::Answer& answer,
                                  const std::optional<std::string>& own_key) {
  KeyCheck check;
  check.secure = answer.dnssec_secure;
  switch (answer.outcome) {
    case dns::Outcome::kRecords:
      break;
    case dns::Outcome::kTempError:
      check.outcome = KeyCheck::Outcome::kTempError;
      check.detail = "the lookup failed";
      return check;
    case dns::Outcome::kNxDomain:
      check.outcome = KeyCheck::Outcome::kMissing;
      check.detail = "the name does not exist";
      return check;
    case dns::Outcome::kNoData:
    case dns::Outcome::kNotFound:
      check.outcome = KeyCheck::Outcome::kMissing;
      check.detail = "the name has no TXT record";
      return check;
  }
  if (answer.rdata.empty()) {
    check.outcome = KeyCheck::Outcome::kMissing;
    check.detail = "the answer has no record";
    return check;
  }
  // RFC 6376 §3.6.2.2: the results are undefined with several records.
  if (answer.rdata.size() > 1) {
    check.outcome = KeyCheck::Outcome::kSeveral;
    check.detail = absl::StrCat(answer.rdata.size(), " TXT records stand at the name");
    return check;
  }
  base::Arena arena;
  const std::optional<std::string_view> text = dns::JoinTxt(answer.rdata.front(), &arena);
  if (!text.has_value()) {
    check.detail = "the TXT record is malformed";
    return check;
  }
  internal::CheckRecord(*text, own_key, &check);
  return check;
}

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_KEY_CHECK_H_
