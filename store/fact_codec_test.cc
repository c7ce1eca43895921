#include "store/fact_codec.h"

#include <string>

#include "gtest/gtest.h"
#include "store/test_support.h"

namespace postseal::store {
namespace {

std::string Encoded(const Fact& fact) {
  std::string out;
  EncodeFact(fact, &out);
  return out;
}

TEST(FactCodecTest, RoundTrip) {
  Fact null_path = PlainFact();
  null_path.envelope_from = "";
  for (const Fact& fact : {Fact(), PlainFact(), null_path, FullFact(), LargestFact()}) {
    const std::string octets = Encoded(fact);
    EXPECT_EQ(DecodeFact(octets), fact);
    EXPECT_LE(octets.size(), kMaxFactOctets);
  }
  EXPECT_NE(Encoded(null_path), Encoded(PlainFact())) << "absent is not empty";
}

TEST(FactCodecTest, WhatIsAboveALimitIsLeftOut) {
  Fact fact = LargestFact();
  fact.header_from += 'f';
  fact.envelope_from->push_back('e');
  fact.policy_domain += 'p';
  fact.reasons.push_back({});
  fact.reasons[0].comment += 'c';
  fact.dkim.push_back({});
  fact.dkim[0].domain += 'd';
  fact.dkim[0].selector += 's';
  fact.dkim[0].human += 'h';
  fact.spf->domain += 'm';
  EXPECT_EQ(Encoded(fact), Encoded(LargestFact()));
}

TEST(FactCodecTest, NothingElseIsDecoded) {
  const std::string whole = Encoded(FullFact());
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(DecodeFact(whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(DecodeFact(whole + '\0')) << "something follows";
  std::string other = whole;
  other[0] = 2;
  EXPECT_FALSE(DecodeFact(other)) << "a version that is not known";
  // Whatever octet is another one, the result is a fact within the limits, or none.
  for (size_t i = 0; i < whole.size(); ++i) {
    for (const char octet : {'\0', '\x7f', '\xff'}) {
      std::string changed = whole;
      changed[i] = octet;
      const auto fact = DecodeFact(changed);
      if (fact.has_value()) {
        EXPECT_EQ(Encoded(*fact), changed) << i;
      }
    }
  }
}

TEST(FactCodecTest, Bounds) {
  Fact fact = PlainFact();
  fact.time = kMaxFactTime + 1;
  EXPECT_FALSE(DecodeFact(Encoded(fact)));
  fact = PlainFact();
  fact.policy.pct = 100;
  EXPECT_TRUE(DecodeFact(Encoded(fact)));
  fact.policy.pct = 101;
  EXPECT_FALSE(DecodeFact(Encoded(fact)));
  fact = PlainFact();
  fact.header_from = "\xff";
  EXPECT_FALSE(DecodeFact(Encoded(fact))) << "not UTF-8";
}

}  // namespace
}  // namespace postseal::store
