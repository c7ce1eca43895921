#include "dkim/private_key_file.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "base/secret.h"
#include "dkim/algorithm.h"
#include "dkim/pem.h"
#include "dkim/rsa_key.h"
#include "openssl/base.h"
#include "openssl/bytestring.h"
#include "openssl/mem.h"

namespace postseal::dkim {
namespace {

using base::CharSet;
using base::SecretString;

constexpr size_t kSeedOctets = 32;
constexpr CharSet kWhiteSpace = CharSet(" \t\r\n");
constexpr CharSet kText = CharSet::Range(' ', '~') | kWhiteSpace;
constexpr std::string_view kWanted =
    "wanted is a private key of RSA or Ed25519, as PEM \"BEGIN PRIVATE KEY\" or \"BEGIN RSA "
    "PRIVATE KEY\"";

constexpr std::string_view kEncrypted =
    "the private key is encrypted, and nobody is here to type the passphrase: remove it with "
    "`openssl pkey`";

// Found says what the file holds, and what it should.
absl::Status Found(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(what, "; ", kWanted));
}

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

CBS Der(const SecretString& octets) {
  CBS der;
  CBS_init(&der, reinterpret_cast<const uint8_t*>(octets.view().data()), octets.size());
  return der;
}

std::string_view View(const CBS& der) {
  return {reinterpret_cast<const char*>(CBS_data(&der)), CBS_len(&der)};
}

// Algorithms whose keys are found in PKCS#8 files and make no DKIM signature.
struct OtherAlgorithm {
  std::string_view oid;
  std::string_view name;
};
constexpr OtherAlgorithm kOtherAlgorithms[] = {
    {"\x2a\x86\x48\xce\x3d\x02\x01", "an EC key (ECDSA)"},       // RFC 5480 §2.1.1
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "an RSA-PSS key"},  // RFC 4055 §1.2
    {"\x2a\x86\x48\xce\x38\x04\x01", "a DSA key"},               // RFC 3279 §2.3.2
    {"\x2b\x65\x6e", "an X25519 key, which cannot sign"},        // RFC 8410 §3
    {"\x2b\x65\x6f", "an X448 key, which cannot sign"},          // RFC 8410 §3
    {"\x2b\x65\x71", "an Ed448 key"},                            // RFC 8410 §3
};

absl::Status FoundAlgorithm(const CBS& oid) {
  for (const OtherAlgorithm& other : kOtherAlgorithms) {
    if (View(oid) == other.oid) return Found(absl::StrCat("found ", other.name));
  }
  const bssl::UniquePtr<char> dotted(CBS_asn1_oid_to_text(&oid));
  return Found(absl::StrCat("found a key of an unknown algorithm, ",
                            dotted != nullptr ? dotted.get() : "with a broken identifier"));
}

absl::Status MalformedPkcs8() {
  return absl::InvalidArgumentError(
      "\"BEGIN PRIVATE KEY\" holds no PKCS#8 structure: the file is damaged");
}

// ReadPkcs8 reads a PrivateKeyInfo or OneAsymmetricKey (RFC 5958 §2). The
// attributes and the public key that may follow the private one are not used:
// the public key follows from the private one.
absl::StatusOr<PrivateKeyOctets> ReadPkcs8(const SecretString& octets) {
  CBS der = Der(octets);
  CBS info;
  CBS algorithm;
  CBS oid;
  CBS key;
  uint64_t version = 0;
  if (CBS_get_asn1(&der, &info, CBS_ASN1_SEQUENCE) == 0 || CBS_len(&der) != 0 ||
      CBS_get_asn1_uint64(&info, &version) == 0 || version > 1 ||
      CBS_get_asn1(&info, &algorithm, CBS_ASN1_SEQUENCE) == 0 ||
      CBS_get_asn1(&algorithm, &oid, CBS_ASN1_OBJECT) == 0) {
    return MalformedPkcs8();
  }
  if (View(oid) != kRsaEncryptionOid && View(oid) != kEd25519Oid) return FoundAlgorithm(oid);
  if (CBS_get_asn1(&info, &key, CBS_ASN1_OCTETSTRING) == 0) return MalformedPkcs8();
  if (View(oid) == kRsaEncryptionOid) {
    return PrivateKeyOctets{KeyType::kRsa, SecretString(View(key))};
  }
  // RFC 8410 §7: an OCTET STRING in the OCTET STRING, and no parameters (§3).
  CBS seed;
  if (CBS_len(&algorithm) != 0 || CBS_get_asn1(&key, &seed, CBS_ASN1_OCTETSTRING) == 0 ||
      CBS_len(&key) != 0 || CBS_len(&seed) != kSeedOctets) {
    return absl::InvalidArgumentError("the Ed25519 key in the PKCS#8 structure is not 32 octets");
  }
  return PrivateKeyOctets{KeyType::kEd25519, SecretString(View(seed))};
}

// ReadBlock reads a block with one of the two labels that we want.
absl::StatusOr<PrivateKeyOctets> ReadBlock(const PemBlock& block) {
  // RFC 1421 §4.6.1.1, the way of PKCS#1 files to be encrypted.
  if (StartsWith(block.body, "Proc-Type:") &&
      block.body.find("ENCRYPTED") != std::string_view::npos) {
    return Found(kEncrypted);
  }
  absl::StatusOr<SecretString> octets = DecodePem(block);
  if (!octets.ok()) return octets.status();
  if (block.label == "PRIVATE KEY") return ReadPkcs8(*octets);
  return PrivateKeyOctets{KeyType::kRsa, *std::move(octets)};
}

// FoundBlock names a block that is no private key we can use.
absl::Status FoundBlock(std::string_view label) {
  if (label == "ENCRYPTED PRIVATE KEY") {
    return Found(kEncrypted);
  }
  if (label == "PUBLIC KEY" || label == "RSA PUBLIC KEY") {
    return Found("found a public key, the half that belongs in the DNS");
  }
  if (label == "CERTIFICATE" || label == "X509 CERTIFICATE" || label == "TRUSTED CERTIFICATE") {
    return Found("found a certificate, which DKIM does not use");
  }
  if (label == "EC PRIVATE KEY" || label == "EC PARAMETERS")
    return Found("found an EC key (ECDSA)");
  if (label == "DSA PRIVATE KEY") return Found("found a DSA key");
  if (label == "OPENSSH PRIVATE KEY") return Found("found a key of OpenSSH");
  // The label is the file's: no more than its harmless characters are shown.
  constexpr CharSet kLabel = base::kAlphaDigit | CharSet(" -.");
  constexpr size_t kMaxShown = 40;
  if (label.size() > kMaxShown || !base::AllIn(label, kLabel)) {
    return Found("found a PEM block that is no key");
  }
  return Found(absl::StrCat("found \"BEGIN ", label, "\""));
}

// ReadWithoutPem reads a text that has no PEM block.
absl::StatusOr<PrivateKeyOctets> ReadWithoutPem(std::string_view text) {
  const std::string_view stripped = base::Strip(text, kWhiteSpace);
  if (stripped.empty()) return Found("the key file is empty");
  // 32 random octets are all printable once in 10^13: such a text is a mistake.
  if (text.size() == kSeedOctets && !base::AllIn(text, kText)) {
    return PrivateKeyOctets{KeyType::kEd25519, SecretString(text)};
  }
  // DER starts with a SEQUENCE of more than 127 octets, or is Ed25519's 48.
  if (StartsWith(text, "\x30\x82") || StartsWith(text, "\x30\x81") ||
      StartsWith(text, "\x30\x2e")) {
    return Found("found binary DER: convert it with `openssl pkey -inform DER`");
  }
  if (StartsWith(text, "\xef\xbb\xbf") || StartsWith(text, "\xff\xfe") ||
      StartsWith(text, "\xfe\xff")) {
    return Found("found a byte order mark: save the key file as plain ASCII");
  }
  if (stripped.find("-----BEGIN") != std::string_view::npos) {
    return Found("found \"-----BEGIN\" on no line of its own");
  }
  if (stripped.find('\n') == std::string_view::npos) {
    std::optional<SecretString> octets = DecodeBase64(stripped);
    if (octets.has_value() && octets->size() == kSeedOctets) {
      return PrivateKeyOctets{KeyType::kEd25519, *std::move(octets)};
    }
    if (octets.has_value()) {
      return Found(absl::StrCat("found ", octets->size(),
                                " octets in base64 without BEGIN and END lines (an Ed25519 seed "
                                "has 32)"));
    }
  } else if (DecodeBase64(stripped).has_value()) {
    return Found("found base64 without its BEGIN and END lines");
  }
  return Found("found no key");
}

}  // namespace

absl::StatusOr<PrivateKeyOctets> ReadPrivateKeyFile(std::string_view text) {
  std::optional<std::string_view> first_label;
  size_t line = 1;
  for (std::string_view rest = text;;) {
    const absl::StatusOr<std::optional<PemBlock>> found = FindPemBlock(rest, line);
    if (!found.ok()) return found.status();
    if (!found->has_value()) break;
    const PemBlock& block = **found;
    if (block.label == "PRIVATE KEY" || block.label == "RSA PRIVATE KEY") return ReadBlock(block);
    if (!first_label.has_value()) first_label = block.label;
    rest = block.rest;
    line = block.rest_line;
  }
  return first_label.has_value() ? FoundBlock(*first_label) : ReadWithoutPem(text);
}

}  // namespace postseal::dkim
