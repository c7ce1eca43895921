#include "milter/header_selection.h"

#include <string>
#include <string_view>
#include <vector>

#include "dkim/sign.h"
#include "gtest/gtest.h"

namespace postseal::milter {
namespace {

std::string Join(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ":") + name;
  return out;
}

// OpenDKIM 2.11 as it was observed: h= of a message with every field, without
// SignHeaders.
constexpr std::string_view kDefault =
    "From:Reply-To:Subject:Date:To:Cc:Resent-Date:Resent-From:Resent-Sender:Resent-To:Resent-Cc:"
    "In-Reply-To:References:List-Id:List-Help:List-Unsubscribe:List-Subscribe:List-Post:List-Owner:"
    "List-Archive";

TEST(HeaderSelectionTest, OfOpenDkim) {
  struct Case {
    FieldList sign;
    FieldList omit;
    FieldList oversign;
    std::string signed_fields;
    std::string oversigned;
    const char* why;
  };
  const std::string all(kDefault);
  for (const Case& c : {
           Case{{}, {}, {}, all, "", "nothing said"},
           Case{{}, {}, {{"From"}}, all, "From", "Debian's file"},
           Case{{{"*", "+Message-ID", "-List-Id"}},
                {},
                {},
                all.substr(0, all.find(":List-Id")) + all.substr(all.find(":List-Help")) +
                    ":Message-ID",
                "",
                "a delta"},
           Case{{{"subject"}}, {}, {}, "subject:From", "", "a list replaces; From is mandated"},
           Case{{{"From", "To", "Bcc"}}, {}, {}, "From:To", "", "SHOULD NOT"},
           Case{{{"From", "Bcc", "Received"}},
                {{"*", "-bcc"}},
                {},
                "From:Bcc",
                "",
                "a delta of OmitHeaders"},
           Case{{{"From", "To"}}, {{"to", "from"}}, {}, "From", "", "From cannot be omitted"},
           Case{{{"From", "Bcc"}}, {{"."}}, {}, "From:Bcc", "", "to omit nothing"},
       }) {
    const dkim::FieldSelection selection = SelectFields(c.sign, c.omit, c.oversign);
    EXPECT_EQ(Join(selection.sign), c.signed_fields) << c.why;
    EXPECT_EQ(Join(selection.oversign), c.oversigned) << c.why;
    EXPECT_TRUE(selection.oversign_present.empty());
  }
}

TEST(HeaderSelectionTest, OfOurOwn) {
  const dkim::FieldSelection ours = dkim::FieldSelection::Default();
  const dkim::FieldSelection same = AdjustFields(ours, {}, {}, {});
  EXPECT_EQ(same.sign, ours.sign);
  EXPECT_EQ(same.oversign, ours.oversign);
  EXPECT_EQ(same.oversign_present, ours.oversign_present);
  const auto more = AdjustFields(ours, {{"*", "+X-A"}}, {}, {{"*", "+X-B"}});
  EXPECT_EQ(Join(more.sign), Join(ours.sign) + ":X-A");
  EXPECT_EQ(Join(more.oversign), Join(ours.oversign) + ":X-B");
  EXPECT_EQ(more.oversign_present, ours.oversign_present);
  const auto only = AdjustFields(ours, {{"Subject"}}, {}, {});
  EXPECT_EQ(Join(only.sign), "Subject");
  EXPECT_EQ(Join(only.oversign), "From");
  EXPECT_TRUE(only.oversign_present.empty());
  const auto less = AdjustFields(ours, {}, {{"Subject", "From"}}, {});
  EXPECT_EQ(Join(less.oversign_present).find("Subject"), std::string::npos);
  EXPECT_EQ(Join(less.oversign),
            "Reply-To:Cc:MIME-Version:Content-Type:Content-Transfer-Encoding:From");
  const auto plain = AdjustFields(ours, {}, {}, {{"To"}});
  EXPECT_EQ(Join(plain.oversign), "To:From");
  EXPECT_NE(Join(plain.sign).find("Subject"), std::string::npos);
  EXPECT_NE(Join(plain.sign).find("Reply-To"), std::string::npos) << "signed when it occurs";
  const auto without = AdjustFields(ours, {}, {}, {{"*", "-Reply-To", "+Sender"}});
  EXPECT_EQ(Join(without.oversign),
            "From:Cc:MIME-Version:Content-Type:Content-Transfer-Encoding:Sender");
}

}  // namespace
}  // namespace postseal::milter
