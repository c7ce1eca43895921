// The Ed25519 public keys that PublicKey::Parse refuses although they have 32 octets.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"
#include "dkim/public_key.h"
#include "gtest/gtest.h"
#include "openssl/base.h"
#include "openssl/bn.h"
#include "openssl/curve25519.h"

namespace postseal::dkim {
namespace {

// Fault is what Parse finds wrong, nullopt for a key.
std::optional<PublicKeyFault> Fault(std::string_view octets) {
  const PublicKey::Parsed parsed = PublicKey::Parse(KeyType::kEd25519, octets);
  const auto* fault = std::get_if<PublicKeyFault>(&parsed);
  return fault != nullptr ? std::optional(*fault) : std::nullopt;
}

using Octets32 = std::array<uint8_t, 32>;

std::string_view View(const Octets32& octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

// Curve computes in the field of p = 2^255 - 19, with the curve of RFC 8032 §5.1:
// -x^2 + y^2 = 1 + d x^2 y^2, d = -121665/121666.
class Curve {
 public:
  Curve() : context_(BN_CTX_new()), p_(New()), d_(New()) {
    BN_set_bit(p_.get(), 255);
    BN_sub_word(p_.get(), 19);
    const Number over = New(121666);
    BN_mod_inverse(d_.get(), over.get(), p_.get(), context_.get());
    d_ = Multiply(Subtract(New(), New(121665)), d_);
  }

  using Number = bssl::UniquePtr<BIGNUM>;
  static Number New(uint64_t value = 0) {
    Number number(BN_new());
    BN_set_u64(number.get(), value);
    return number;
  }
  const Number& d() const { return d_; }
  Number Read(const Octets32& octets) const {
    return Number(BN_le2bn(octets.data(), octets.size(), nullptr));
  }
  bool IsBelowP(const Number& a) const { return BN_cmp(a.get(), p_.get()) < 0; }
  Number Multiply(const Number& a, const Number& b) const {
    Number out = New();
    BN_mod_mul(out.get(), a.get(), b.get(), p_.get(), context_.get());
    return out;
  }
  Number Add(const Number& a, const Number& b) const {
    Number out = New();
    BN_mod_add(out.get(), a.get(), b.get(), p_.get(), context_.get());
    return out;
  }
  Number Subtract(const Number& a, const Number& b) const {
    Number out = New();
    BN_mod_sub(out.get(), a.get(), b.get(), p_.get(), context_.get());
    return out;
  }
  // IsSmallOrder says whether a point with |y| has an order that divides 8, from the
  // formulas of RFC 8032 §5.1.4 alone. x = 0 gives y^2 = 1, orders 1 and 2. Doubling
  // gives x = 0 where x or y is 0: y = 0 is order 4. Doubling gives y = 0 where
  // x^2 + y^2 = 0; with the curve's equation that is d y^4 + 2 y^2 - 1 = 0, order 8.
  bool IsSmallOrder(const Number& y) const {
    const Number y2 = Multiply(y, y);
    if (BN_is_zero(y2.get()) || BN_is_one(y2.get())) return true;
    const Number sum = Add(Multiply(d_, Multiply(y2, y2)), Add(y2, y2));
    return BN_is_one(sum.get());
  }

 private:
  bssl::UniquePtr<BN_CTX> context_;
  Number p_;
  Number d_;
};

constexpr Octets32 kOrder8 = {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
                              0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
                              0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05};
constexpr Octets32 kMinusOrder8 = {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
                                   0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
                                   0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a};

// NearP is 2^255 - |below|: p is 2^255 - 19.
Octets32 NearP(int below) {
  Octets32 octets;
  octets.fill(0xff);
  octets[0] = static_cast<uint8_t>(0x100 - below);
  octets[31] = 0x7f;
  return octets;
}

Octets32 WithSign(Octets32 octets) {
  octets[31] |= 0x80;
  return octets;
}

// All encodings that BoringSSL reads as a point of small order: five y, of which 0
// and 1 are p and p + 1 as well, each with either sign.
std::vector<Octets32> SmallOrderEncodings() {
  std::vector<Octets32> all = {{0}, {1}, kOrder8, kMinusOrder8, NearP(20), NearP(19), NearP(18)};
  for (size_t i = 0, size = all.size(); i < size; ++i) all.push_back(WithSign(all[i]));
  return all;
}

TEST(Ed25519PointTest, TheSmallOrderPointsAreThese) {  // RFC 8032 §5.1
  // y = 0 is one root, y^2 = 1 has two, and d y^4 + 2 y^2 - 1 = 0 has four in any
  // field. The group has one cyclic part of order 8, so that only four points have
  // order 8; they are (±x, ±y): two y are in the field.
  const Curve curve;
  for (const Octets32& octets : {Octets32{0}, Octets32{1}, kOrder8, kMinusOrder8, NearP(20)}) {
    const Curve::Number y = curve.Read(octets);
    EXPECT_TRUE(curve.IsBelowP(y));
    EXPECT_TRUE(curve.IsSmallOrder(y)) << static_cast<int>(octets[0]);
  }
  const Curve::Number sum = curve.Add(curve.Read(kOrder8), curve.Read(kMinusOrder8));
  EXPECT_TRUE(BN_is_zero(sum.get())) << "one is minus the other";
  EXPECT_FALSE(curve.IsSmallOrder(Curve::New(2)));
}

TEST(Ed25519PointTest, PointsOfSmallOrderAreNoKeys) {
  const std::vector<Octets32> all = SmallOrderEncodings();
  for (const Octets32& key : all) {
    SCOPED_TRACE(absl::BytesToHexString(View(key)));
    // What it is about: with S = 0 and some R of small order a few messages are enough.
    bool forged = false;
    for (int i = 0; i < 200 && !forged; ++i) {
      const Digest digest = Sha256(absl::StrCat("message ", i));
      for (const Octets32& r : all) {
        uint8_t signature[64] = {};
        std::copy(r.begin(), r.end(), signature);
        const std::string_view hashed = digest.view();
        forged = forged || ED25519_verify(reinterpret_cast<const uint8_t*>(hashed.data()),
                                          hashed.size(), signature, key.data()) != 0;
      }
    }
    EXPECT_TRUE(forged) << "BoringSSL takes it";
    const auto fault = Fault(View(key));
    EXPECT_TRUE(fault == PublicKeyFault::kEd25519SmallOrder ||
                fault == PublicKeyFault::kEd25519NotCanonical);
  }
}

TEST(Ed25519PointTest, KeysAreCanonical) {  // RFC 8032 §5.1.3
  const struct {
    Octets32 octets;
    std::optional<PublicKeyFault> fault;
    const char* why;
  } kCases[] = {
      {NearP(21), std::nullopt, "p - 2"},
      {WithSign(NearP(21)), std::nullopt, "p - 2 with the sign"},
      {NearP(20), PublicKeyFault::kEd25519SmallOrder, "p - 1"},
      {WithSign(NearP(20)), PublicKeyFault::kEd25519NotCanonical, "p - 1, but x = 0 has no sign"},
      {NearP(19), PublicKeyFault::kEd25519NotCanonical, "p"},
      {NearP(18), PublicKeyFault::kEd25519NotCanonical, "p + 1"},
      {NearP(16), PublicKeyFault::kEd25519NotCanonical, "p + 3, which is no small order"},
      {NearP(1), PublicKeyFault::kEd25519NotCanonical, "2^255 - 1"},
      {WithSign(NearP(1)), PublicKeyFault::kEd25519NotCanonical, "all bits"},
      {{0}, PublicKeyFault::kEd25519SmallOrder, "0"},
      {WithSign({0}), PublicKeyFault::kEd25519SmallOrder, "0 with the sign: the other x"},
      {{1}, PublicKeyFault::kEd25519SmallOrder, "1"},
      {WithSign({1}), PublicKeyFault::kEd25519NotCanonical, "1, but x = 0 has no sign"},
      {{2}, std::nullopt, "2"},
      {{3}, std::nullopt, "3"},
      {WithSign({3}), std::nullopt, "3 with the sign"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Fault(View(c.octets)), c.fault) << c.why;
  }
  // One octet other than 0xff in the middle, and the number is below p.
  for (size_t i = 1; i < 31; ++i) {
    Octets32 octets = NearP(1);
    octets[i] = 0xfe;
    EXPECT_EQ(Fault(View(octets)), std::nullopt) << "octet " << i;
  }
}

}  // namespace
}  // namespace postseal::dkim
