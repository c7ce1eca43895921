#include "bench/milter/mail.h"

#include <string_view>

#include "bench/milter/expectation.h"
#include "gtest/gtest.h"

namespace postseal::bench {
namespace {

constexpr std::string_view kText =
    "Subject: a\r\n\tfold\r\n"
    "From: Somebody <a@example.com>\r\n"
    "Empty:\r\n"
    "\r\n"
    "Body: no field\r\n";

TEST(ReadMail, TakesFieldsAndBodyApart) {
  const absl::StatusOr<Mail> mail = ReadMail(kText);
  ASSERT_TRUE(mail.ok()) << mail.status();
  ASSERT_EQ(mail->fields.size(), 3u);
  EXPECT_EQ(mail->fields[0].name, "Subject");
  EXPECT_EQ(mail->fields[0].value, " a\n\tfold");
  EXPECT_EQ(mail->fields[2].value, "");
  EXPECT_EQ(mail->sender, "a@example.com");
  EXPECT_EQ(mail->body, "Body: no field\r\n");
  EXPECT_EQ(WriteMail(*mail), kText);
}

TEST(ReadMail, SaysWhatIsNone) {
  for (const std::string_view text : {
           "",                                       // no author
           "Subject: x\r\n\r\n",                     // the same
           "From: a@example.com\r\n\r\n",            // without brackets
           "From <a@example.com>\r\n\r\n",           // no colon
           "From: <a@example.com>",                  // no end
           "From: <a@example.com>\nTo: b\n\nBody\n"  // lines of another system
       }) {
    EXPECT_FALSE(ReadMail(text).ok()) << text;
  }
}

TEST(CheckMail, LooksAtFieldsThatWereAdded) {
  Mail mail = *ReadMail(kText);
  const std::vector<Expectation> expectations = {{"subject", "a f"}};
  EXPECT_FALSE(CheckMail(expectations, mail).ok());
  mail.fields[0].added = true;
  EXPECT_TRUE(CheckMail(expectations, mail).ok());
  EXPECT_FALSE(CheckMail({{"Subject", "b"}}, mail).ok());
  EXPECT_FALSE(CheckMail({{"Subject", "a"}, {"Empty", ""}}, mail).ok());
}

}  // namespace
}  // namespace postseal::bench
