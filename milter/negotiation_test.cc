#include "milter/negotiation.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "milter/protocol.h"
#include "milter/test_mta.h"

namespace postseal::milter {
namespace {

struct Case {
  const char* name;
  uint32_t version, actions, protocol;
  Needs needs;
  bool ok;
  uint32_t agreed_version, agreed_actions, agreed_protocol;
};

// Bits by libmilter's mfdef.h: SMFIP_NR_HDR 0x80, NOUNKNOWN 0x100, SKIP 0x400,
// NR_HELO 0x2000, NR_MAIL 0x4000, NR_RCPT 0x8000, NR_UNKN 0x20000, NR_EOH 0x40000, HDR_LEADSPC
// 0x100000. SMFIF_ADDHDRS 1, CHGHDRS 0x10, QUARANTINE 0x20.
const Case kCases[] = {
    {"Postfix 3.7 offers all", 6, 0x1FF, 0x1FFFFF, {}, true, 6, 0x31, 0x16E580},
    {"a newer version is taken down to 6", 7, 0x1FF, 0x1FFFFF, {}, true, 6, 0x31, 0x16E580},
    {"version 2 has few bits", 2, 0x3F, 0x7F, {}, true, 2, 0x31, 0},
    {"version 3: NOUNKNOWN", 3, 0x3F, 0x1FF, {}, true, 3, 0x31, 0x180},
    {"version 4: DATA, which is answered", 4, 0x3F, 0x3FF, {}, true, 4, 0x31, 0x180},
    {"version 1 is not spoken", 1, 0x1FF, 0x1FFFFF, {}, false, 0, 0, 0},
    {"a reply a field where NR_HDR is withheld", 6, 0x1FF, 0x1FFF7F, {}, true, 6, 0x31, 0x16E500},
    {"no SKIP", 6, 0x1FF, 0x1FFBFF, {}, true, 6, 0x31, 0x16E180},
    {"no HDR_LEADSPC", 6, 0x1FF, 0xFFFFF, {}, true, 6, 0x31, 0x6E580},
    {"fields cannot be added", 6, 0x1FE, 0x1FFFFF, {}, false, 0, 0, 0},
    {"nor changed", 6, 0x1EF, 0x1FFFFF, {}, false, 0, 0, 0},
    {"which nobody needs", 6, 0x1EF, 0x1FFFFF, {.change_headers = false}, true, 6, 0x21, 0x16E580},
    {"quarantine is a wish", 6, 0x1DF, 0x1FFFFF, {}, true, 6, 0x11, 0x16E580},
};

TEST(NegotiationTest, AsksForWhatIsOffered) {
  for (const Case& c : kCases) {
    const std::string offer =
        absl::StrCat(Uint32(c.version), Uint32(c.actions), Uint32(c.protocol));
    const auto agreement = Negotiate(offer, c.needs);
    ASSERT_EQ(agreement.ok(), c.ok) << c.name;
    if (!c.ok) continue;
    EXPECT_EQ(agreement->version, c.agreed_version) << c.name;
    EXPECT_EQ(agreement->actions, c.agreed_actions) << c.name;
    EXPECT_EQ(agreement->protocol, c.agreed_protocol) << c.name;
  }
}

TEST(NegotiationTest, RepliesToConnectDataAndBodyStay) {
  // SMFIP_NR_CONN 0x1000, SMFIP_NR_BODY 0x80000: early accept and SKIP need them.
  // SMFIP_NODATA 0x200, SMFIP_NR_DATA 0x10000: a stall of Postfix is what they cost.
  EXPECT_EQ(kWantedProtocol & 0x91200, 0u);
}

TEST(NegotiationTest, EveryShorterOfferIsRefused) {
  const std::string offer = absl::StrCat(Uint32(6), Uint32(0x1FF), Uint32(0x1FFFFF));
  for (size_t size = 0; size < offer.size(); ++size) {
    EXPECT_FALSE(Negotiate(offer.substr(0, size), {}).ok()) << size;
  }
  EXPECT_TRUE(Negotiate(offer + "more", {}).ok()) << "libmilter reads past nothing, too";
}

}  // namespace
}  // namespace postseal::milter
