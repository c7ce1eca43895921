#include "dkim/public_key.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"
#include "dkim/rfc8463_example.h"
#include "dkim/rsa_key.h"
#include "gtest/gtest.h"

namespace postseal::dkim {
namespace {

using rfc8463::Decode;

// Fault is what Parse finds wrong, nullopt for a key.
std::optional<PublicKeyFault> Fault(KeyType type, std::string_view octets) {
  const PublicKey::Parsed parsed = PublicKey::Parse(type, octets);
  const auto* fault = std::get_if<PublicKeyFault>(&parsed);
  return fault != nullptr ? std::optional(*fault) : std::nullopt;
}

PublicKey Key(KeyType type, std::string_view base64) {
  return std::get<PublicKey>(PublicKey::Parse(type, Decode(base64)));
}

// DER by hand.
std::string Tlv(unsigned char tag, std::string_view contents) {
  std::string out(1, static_cast<char>(tag));
  if (contents.size() > 0xff) {
    out += {'\x82', static_cast<char>(contents.size() >> 8)};
  } else if (contents.size() > 0x7f) {
    out += '\x81';
  }
  out += static_cast<char>(contents.size());
  return out.append(contents);
}
std::string Sequence(std::string_view contents) { return Tlv(0x30, contents); }
std::string Integer(std::string_view octets) { return Tlv(0x02, octets); }

const std::string kNull("\x05\x00", 2);
const std::string kRsaAlgorithm = Tlv(0x06, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01") + kNull;
const std::string kExponent("\x01\x00\x01", 3);

// An odd modulus of |bits| bits as the contents of an INTEGER.
std::string Modulus(size_t bits) {
  std::string octets((bits + 7) / 8, '\x55');
  const size_t top_bits = (bits - 1) % 8 + 1;
  octets[0] = static_cast<char>(1 << (top_bits - 1));
  if (top_bits == 8) octets.insert(0, 1, '\0');
  return octets;
}

std::string RsaPublicKey(std::string_view modulus, std::string_view exponent) {
  return Sequence(Integer(modulus) + Integer(exponent));
}
std::string Wrapped(std::string_view algorithm, std::string_view key) {
  return Sequence(Sequence(algorithm) + Tlv(0x03, std::string(1, '\0').append(key)));
}

TEST(PublicKeyTest, VerifiesTheExamplesOfRfc8463) {
  const PublicKey rsa = Key(KeyType::kRsa, rfc8463::kRsaPublicKey);
  EXPECT_EQ(rsa.type(), KeyType::kRsa);
  EXPECT_EQ(rsa.bits(), 1024);
  EXPECT_TRUE(rsa.Verify(HashAlgorithm::kSha256, rfc8463::SignedDigest(rfc8463::kRsaField),
                         Decode(rfc8463::kRsaSignature)));

  const PublicKey ed25519 = Key(KeyType::kEd25519, rfc8463::kEd25519PublicKey);
  EXPECT_EQ(ed25519.type(), KeyType::kEd25519);
  EXPECT_EQ(ed25519.bits(), 256);
  EXPECT_TRUE(ed25519.Verify(HashAlgorithm::kSha256, rfc8463::SignedDigest(rfc8463::kEd25519Field),
                             Decode(rfc8463::kEd25519Signature)));
}

TEST(PublicKeyTest, AnyOtherSignatureOrDigestFails) {
  const struct {
    PublicKey key;
    Digest digest;
    std::string signature;
  } kExamples[] = {
      {Key(KeyType::kRsa, rfc8463::kRsaPublicKey), rfc8463::SignedDigest(rfc8463::kRsaField),
       Decode(rfc8463::kRsaSignature)},
      {Key(KeyType::kEd25519, rfc8463::kEd25519PublicKey),
       rfc8463::SignedDigest(rfc8463::kEd25519Field), Decode(rfc8463::kEd25519Signature)},
  };
  for (const auto& e : kExamples) {
    SCOPED_TRACE(Name(e.key.type()));
    const auto verifies = [&e](const Digest& digest, std::string_view signature) {
      return e.key.Verify(HashAlgorithm::kSha256, digest, signature);
    };
    for (size_t i = 0; i < e.signature.size(); ++i) {
      std::string changed = e.signature;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_FALSE(verifies(e.digest, changed)) << "octet " << i;
    }
    EXPECT_FALSE(verifies(Sha256("another header"), e.signature));
    EXPECT_FALSE(verifies(e.digest, ""));
    EXPECT_FALSE(verifies(e.digest, e.signature.substr(1)));
    EXPECT_FALSE(verifies(e.digest, e.signature + '\0'));
    EXPECT_FALSE(verifies(e.digest, std::string(1, '\0') + e.signature));
    EXPECT_FALSE(verifies(e.digest, std::string(e.signature.size(), '\xff'))) << "above modulus";
    EXPECT_FALSE(verifies(e.digest, std::string(e.signature.size(), '\0')));
    EXPECT_FALSE(e.key.Verify(HashAlgorithm::kSha1, e.digest, e.signature)) << "the other hash";
    EXPECT_FALSE(verifies(Digest(), e.signature)) << "a digest of no octets";
    EXPECT_TRUE(verifies(e.digest, e.signature)) << "a failure leaves no trace";
  }
}

// RFC 6376 §3.6.1 names RSAPublicKey; it is what follows the 22 octets of a
// SubjectPublicKeyInfo of 1024 bits.
TEST(PublicKeyTest, ReadsBareRsaPublicKey) {
  const std::string bare = Decode(rfc8463::kRsaPublicKey).substr(22);
  const PublicKey key = std::get<PublicKey>(PublicKey::Parse(KeyType::kRsa, bare));
  EXPECT_EQ(key.bits(), 1024);
  EXPECT_TRUE(key.Verify(HashAlgorithm::kSha256, rfc8463::SignedDigest(rfc8463::kRsaField),
                         Decode(rfc8463::kRsaSignature)));
}

// Keys and signatures of "postseal" by openssl; the 384-bit one by Python's pow().
// RFC 8301 refuses such keys, which is the policy's business.
TEST(PublicKeyTest, VerifiesWithKeysThatAreTooShort) {
  const struct {
    int bits;
    HashAlgorithm hash;
    const char* key;
    const char* signature;
  } kCases[] = {
      {512, HashAlgorithm::kSha256,
       "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALqA4+7hPdOKoCj3VuOHYwhDaxPS2kSdn4xJEGdWKxMNHyUGdhoCrZOdRYU"
       "jSmz7WAGbOR00qqf4IcgOWS1ABiUCAwEAAQ==",
       "dc1ipq6AMVQHF2c7VYe9e2/FVqNPx7OvnO7XyOr8W6pgfOkujxOtgzom7vGfmBagwRSsto6mSq7WdWCYM7VY0A=="},
      {768, HashAlgorithm::kSha256,
       "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhALd9P9sjfRUMjJNZ/ophLLhsCZ+MM85PCMYA6OZ9qWn18/wHUzjWuOpLrpq"
       "H5lmeL1nuCC9J2JTNYmDPChRmKSaI9QgklyhwHD5U1+T8WjG8zzETxLcXmgou4Qgf5mDE6wIDAQAB",
       "sVooGtvw+drm4L1Aa4Ha1JeD+7bVjP8ycdjDrH6NG10uJu1GVOXiiLrTsto4VddzQsI8kceYUxoJVo/qPx/ZLPmpNbz"
       "ru6MTua7lwHjkReBDTlgO7N6SzAqoT51M7JZD"},
      {768, HashAlgorithm::kSha1,
       "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhALd9P9sjfRUMjJNZ/ophLLhsCZ+MM85PCMYA6OZ9qWn18/wHUzjWuOpLrpq"
       "H5lmeL1nuCC9J2JTNYmDPChRmKSaI9QgklyhwHD5U1+T8WjG8zzETxLcXmgou4Qgf5mDE6wIDAQAB",
       "mSLrLx/xPsedgcaivN6TDvBFnIe3Aqjb7KzMYakNirwWTMfsfVQBpIES6ma8tEnQtdUujmoA4lwBQ0GeR5UkXqApsH9"
       "D0adlRh1RWLKb8kRZAhRuYNbE6Uk/CaYtcoHg"},
      {384, HashAlgorithm::kSha1,
       "MDgCMQDpoMHRfsMaLJ+dzvvWURox1Y6+ZMjatPeg5M+yZTzK1qfU7RLX48GLriqrfdUsqR0CAwEAAQ==",
       "1kXtlFqRlXVdHkaD/bLo3q0LYppY60ckSd4BbE01Mn8CeqIHflkCzINYz5NUnrcS"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(absl::StrCat(c.bits, " ", Name(c.hash)));
    Hasher hasher(c.hash);
    hasher.Update("postseal");
    const PublicKey key = Key(KeyType::kRsa, c.key);
    EXPECT_EQ(key.bits(), c.bits);
    EXPECT_TRUE(key.Verify(c.hash, hasher.Peek(), Decode(c.signature)));
    EXPECT_FALSE(key.Verify(c.hash, Digest(), Decode(c.signature)));
  }
}

TEST(PublicKeyTest, RsaFaults) {
  const std::string good = RsaPublicKey(Modulus(1024), kExponent);
  const std::string zero(1, '\0');
  const std::string ec_algorithm = Tlv(0x06, "\x2a\x86\x48\xce\x3d\x02\x01") + kNull;
  const std::string pss_algorithm = Tlv(0x06, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a");
  std::string even = Modulus(1024);
  even.back() = '\x54';
  const struct {
    std::optional<PublicKeyFault> fault;
    std::string octets;
    const char* why;
  } kCases[] = {
      {std::nullopt, good, "an RSAPublicKey"},
      {std::nullopt, Wrapped(kRsaAlgorithm, good), "a SubjectPublicKeyInfo"},
      {std::nullopt, Wrapped(kRsaAlgorithm.substr(0, 11), good), "without NULL parameters"},
      {PublicKeyFault::kMalformed, "", "nothing"},
      {PublicKeyFault::kMalformed, Sequence(""), "an empty sequence"},
      {PublicKeyFault::kMalformed, Integer("\x05"), "no sequence"},
      {PublicKeyFault::kMalformed, Sequence(Integer("\x05")), "one number"},
      {PublicKeyFault::kMalformed, std::string("\x30\x80\x02\x01\x05\x02\x01\x03\x00\x00", 10),
       "BER of indefinite length"},
      {PublicKeyFault::kMalformed, "\x30\x81\x06\x02\x01\x05\x02\x01\x03", "a length not minimal"},
      {PublicKeyFault::kMalformed, Wrapped(kRsaAlgorithm.substr(0, 11) + Integer("\x01"), good),
       "parameters that are not NULL"},
      {PublicKeyFault::kMalformed, Wrapped(kRsaAlgorithm + kNull, good), "two parameters"},
      {PublicKeyFault::kMalformed, Sequence(Sequence(kRsaAlgorithm) + Tlv(0x03, "\x01" + good)),
       "a bit string with an unused bit"},
      {PublicKeyFault::kMalformed, Sequence(Sequence(kRsaAlgorithm) + Tlv(0x03, "")),
       "a bit string of nothing"},
      {PublicKeyFault::kMalformed, Sequence(Sequence(kRsaAlgorithm) + Tlv(0x04, zero + good)),
       "an octet string"},
      {PublicKeyFault::kTrailingOctets, good + "x", "after the RSAPublicKey"},
      {PublicKeyFault::kTrailingOctets, Wrapped(kRsaAlgorithm, good) + zero, "after everything"},
      {PublicKeyFault::kTrailingOctets, Wrapped(kRsaAlgorithm, good + zero), "in the bit string"},
      {PublicKeyFault::kTrailingOctets,
       Sequence(Sequence(kRsaAlgorithm) + Tlv(0x03, zero + good) + kNull), "after the bit string"},
      {PublicKeyFault::kTrailingOctets,
       Sequence(Integer(Modulus(1024)) + Integer(kExponent) + Integer("\x03")), "three numbers"},
      {PublicKeyFault::kWrongAlgorithm, Wrapped(ec_algorithm, good), "ECDSA"},
      {PublicKeyFault::kWrongAlgorithm, Wrapped(pss_algorithm, good), "RSASSA-PSS"},
      {PublicKeyFault::kMalformed, RsaPublicKey("\x80\x01", kExponent), "a negative modulus"},
      {PublicKeyFault::kMalformed, RsaPublicKey(zero, kExponent), "a modulus of zero"},
      {PublicKeyFault::kMalformed, RsaPublicKey("", kExponent), "a number of no octets"},
      {PublicKeyFault::kMalformed, RsaPublicKey(zero + "\x01", kExponent), "a number not minimal"},
      {PublicKeyFault::kModulusTooSmall, RsaPublicKey(Modulus(33), "\x03"), "33 bits"},
      {std::nullopt, RsaPublicKey(Modulus(34), "\x03"), "34 bits"},
      {std::nullopt, RsaPublicKey(Modulus(kMaxRsaBits), kExponent), "kMaxRsaBits"},
      {PublicKeyFault::kModulusTooLarge, RsaPublicKey(Modulus(kMaxRsaBits + 1), kExponent),
       "kMaxRsaBits + 1"},
      {PublicKeyFault::kModulusEven, RsaPublicKey(even, kExponent), "even modulus"},
      {PublicKeyFault::kMalformed, RsaPublicKey(Modulus(1024), zero), "exponent 0"},
      {PublicKeyFault::kBadExponent, RsaPublicKey(Modulus(1024), "\x01"), "exponent 1"},
      {PublicKeyFault::kBadExponent, RsaPublicKey(Modulus(1024), "\x02"), "exponent 2"},
      {std::nullopt, RsaPublicKey(Modulus(1024), "\x03"), "exponent 3"},
      {PublicKeyFault::kBadExponent, RsaPublicKey(Modulus(1024), "\x04"), "exponent 4"},
      {std::nullopt, RsaPublicKey(Modulus(1024), "\x01\xff\xff\xff\xff"), "exponent 2^33 - 1"},
      {PublicKeyFault::kBadExponent,
       RsaPublicKey(Modulus(1024), std::string("\x02\x00\x00\x00\x01", 5)), "exponent 2^33 + 1"},
      {PublicKeyFault::kBadExponent, RsaPublicKey(Modulus(1024), Modulus(1024)), "a long exponent"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Fault(KeyType::kRsa, c.octets), c.fault) << c.why;
}

TEST(PublicKeyTest, EveryTruncationIsMalformed) {
  const std::string whole = Decode(rfc8463::kRsaPublicKey);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(Fault(KeyType::kRsa, whole.substr(0, size)), PublicKeyFault::kMalformed) << size;
  }
}

TEST(PublicKeyTest, Ed25519Faults) {
  const std::string raw = Decode(rfc8463::kEd25519PublicKey);
  // RFC 8410 §10.1 shows this wrapping of a key.
  const std::string wrapped = Decode("MCowBQYDK2VwAyEA") + raw;
  EXPECT_EQ(Fault(KeyType::kEd25519, raw), std::nullopt);
  EXPECT_EQ(Fault(KeyType::kEd25519, wrapped), PublicKeyFault::kEd25519Wrapped);
  EXPECT_EQ(Fault(KeyType::kEd25519, ""), PublicKeyFault::kEd25519BadLength);
  EXPECT_EQ(Fault(KeyType::kEd25519, raw.substr(1)), PublicKeyFault::kEd25519BadLength);
  EXPECT_EQ(Fault(KeyType::kEd25519, raw + "x"), PublicKeyFault::kEd25519BadLength);
  EXPECT_EQ(Fault(KeyType::kRsa, wrapped), PublicKeyFault::kWrongAlgorithm) << "k=rsa by mistake";
}

TEST(PublicKeyTest, EveryFaultHasItsOwnText) {
  std::vector<std::string_view> seen;
  for (int i = 0; i <= static_cast<int>(PublicKeyFault::kEd25519SmallOrder); ++i) {
    const std::string_view text = PublicKeyFaultText(static_cast<PublicKeyFault>(i));
    EXPECT_FALSE(text.empty()) << i;
    for (const std::string_view other : seen) EXPECT_NE(text, other);
    seen.push_back(text);
  }
}

TEST(PublicKeyTest, ThreadsShareAKey) {
  const PublicKey key = Key(KeyType::kRsa, rfc8463::kRsaPublicKey);
  const Digest digest = rfc8463::SignedDigest(rfc8463::kRsaField);
  const std::string signature = Decode(rfc8463::kRsaSignature);
  std::vector<std::thread> threads;
  std::vector<int> verified(4, 0);
  for (int& count : verified) {
    threads.emplace_back([&key, &digest, &signature, &count] {
      for (int i = 0; i < 50; ++i) {
        count += key.Verify(HashAlgorithm::kSha256, digest, signature) ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(verified, std::vector<int>(4, 50));
}

}  // namespace
}  // namespace postseal::dkim
