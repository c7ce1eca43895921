#include "mail/encoded_word.h"

#include <optional>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace postseal::mail {
namespace {

TEST(EncodedWordTest, IsTakenApart) {  // RFC 2047 §2
  const std::optional<EncodedWord> word = EncodedWord::Parse("=?ISO-8859-1?Q?Andr=E9?=");
  ASSERT_TRUE(word.has_value());
  EXPECT_EQ(word->charset, "ISO-8859-1");
  EXPECT_EQ(word->encoding, "Q");
  EXPECT_EQ(word->encoded_text, "Andr=E9");
}

TEST(EncodedWordTest, RefusesWhatIsNone) {
  const struct {
    std::string_view atom;
    const char* why;
  } cases[] = {
      {"", "nothing"},
      {"=?", "too short for both delimiters"},
      {"=?=", "the delimiters may not share the \"?\""},
      {"=?\?=", "no \"?\" within"},
      {"=?utf-8?q?=", "the encoding has no end"},
      {"=??q?a?=", "charset = token, not empty"},
      {"=?utf-8??a?=", "encoding = token, not empty"},
      {"=?utf-8?q?\?=", "encoded-text is not empty"},
      {"=?utf-8?q?a?b?=", "encoded-text holds no \"?\""},
      {"=?utf-8?q?a?=b", "the whole atom, or it is none"},
      {"a=?utf-8?q?a?=", "from its first octet"},
  };
  for (const auto& c : cases) EXPECT_FALSE(EncodedWord::Parse(c.atom).has_value()) << c.why;
}

TEST(EncodedWordTest, ShowsTheOctetsThatItDecodesTo) {
  const struct {
    std::string_view atom;
    bool shows_at;
    const char* why;
  } cases[] = {
      {"=?utf-8?q?a@b?=", true, "Q: an octet stands for itself"},
      {"=?utf-8?Q?a=40b?=", true, "Q: \"=\" and two hexadecimal digits"},
      {"=?utf-8?q?a=4?=", false, "Q: one digit is none"},
      {"=?utf-8?q?a=4G?=", false, "Q: G is no digit"},
      {"=?utf-8?q?ab=3D40?=", false, "Q: =3D is a \"=\"; it is decoded once"},
      {"=?utf-8?B?QA==?=", true, "B: \"@\" alone, RFC 4648 §4"},
      {"=?utf-8?b?YWRtaW5AbGVnaXQuZXhhbXBsZQ==?=", true, "B: admin@legit.example"},
      {"=?utf-8?b?Sm9obiBEb2U=?=", false, "B: John Doe"},
      {"=?utf-8?b?Sm9o!!!!QA==?=", true, "B: what is no base64 hides nothing after it"},
      {"=?utf-8?b?Q*UBC?=", true, "B: A@B to who ignores what is no base64, RFC 2045 §6.8"},
      {"=?utf-8?b?QQ=QUBC?=", true, "B: A, then A@B to who goes on behind the padding"},
      {"=?utf-8?b?*QU*JC?=", false, "B: ABB without what is no base64"},
      {"=?utf-8?x?a@b?=", false, "an encoding that nobody reads"},
  };
  for (const auto& c : cases) {
    const std::optional<EncodedWord> word = EncodedWord::Parse(c.atom);
    ASSERT_TRUE(word.has_value()) << c.why;
    EXPECT_EQ(word->Shows('@'), c.shows_at) << c.why;
  }
  EXPECT_TRUE(EncodedWord::Parse("=?utf-8?q?a_b?=")->Shows(' ')) << "Q: \"_\" is a space";
}

}  // namespace
}  // namespace postseal::mail
