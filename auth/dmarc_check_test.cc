#include "auth/dmarc_check.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/arena.h"
#include "dmarc/authors.h"
#include "dns/name.h"
#include "gtest/gtest.h"
#include "mail/author.h"
#include "mail/message_reader.h"

namespace postseal::auth {
namespace {

struct Case {
  const char* name;
  std::string_view from;
  bool is_one_field;
  std::string_view domains;
};

// RFC 5321 §4.1.2 has no such domains, and RFC 2047 §5 no such addresses: readers that leave
// octets out or decode words show the victim's. Issue 12.2
const Case kCases[] = {
    {"an address", "ceo@victim.example", true, "victim.example "},
    {"an underscore", "ceo@_x.victim.example", true, "_x.victim.example "},
    {"a U-label", "ceo@b\u00fccher.example", true, "xn--bcher-kva.example "},
    {"two addresses", "a@b.example, ceo@victim.example", true, "b.example victim.example "},
    {"an encoded-word for a domain", "<ceo@=?utf-8?q?victim.example?=>", false, "victim.example "},
    {"for a local part", "=?utf-8?q?ceo=40victim.example=2C?=@attacker.example", false,
     "attacker.example victim.example "},
    {"in single quotes", "'ceo@victim.example'", false, "victim.example "},
    {"in braces", "{ceo@victim.example}", false, "victim.example "},
    {"with a query", "ceo@victim.example?x=1", false, "victim.example "},
    {"behind an exclamation mark", "ceo@!victim.example", false, ""},
    {"a query before a domain", "ceo@victim.example?.attacker.example", false, "victim.example "},
    {"a label that IDNA refuses", "ceo@\U0001f4a9.victim.example", false, "victim.example "},
    {"a label of 64 octets",
     "ceo@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.victim.example", false,
     "victim.example "},
    {"an empty label", "ceo@sub..victim.example", false, "victim.example "},
    {"a no-break space", "ceo@\u00a0victim.example", false, "victim.example "},
    {"a one dot leader", "ceo@victim\u2024example", false, "victim.example "},
    {"a wide @", "ceo\uff20victim.example", false, "victim.example "},
    {"two encoded-words", "=?utf-8?q?ceo=40victim.example?= =?utf-8?q?x?=", false,
     "victim.examplex victim.example "},
};

TEST(DmarcCheckTest, WhoseDomainsAreAskedFor) {
  for (const Case& c : kCases) {
    base::Arena arena;
    mail::MessageReader reader;
    reader.Feed(absl::StrCat("From: ", c.from, "\r\n\r\n"));
    const mail::Authors from = mail::FindAuthors(reader.fields(), &arena);
    const dmarc::Authors authors = ToDmarcAuthors(from, /*header_truncated=*/false, &arena);
    EXPECT_EQ(authors.form == dmarc::FromForm::kOneField, c.is_one_field) << c.name;
    EXPECT_EQ(authors.skipped, 0u) << c.name;
    std::string domains;
    for (const dns::Name& name : authors.domains) {
      if (domains.find(absl::StrCat(name.text(), " ")) == std::string::npos) {
        absl::StrAppend(&domains, name.text(), " ");
      }
    }
    EXPECT_EQ(domains.find(c.domains) != std::string::npos, true) << c.name << ": " << domains;
  }
}

TEST(DmarcCheckTest, WhatIsNotSeenCountsAsSkipped) {  // RFC 9989 §11.5
  base::Arena arena;
  mail::MessageReader reader;
  reader.Feed("From: a@b.example\r\n\r\n");
  const mail::Authors from = mail::FindAuthors(reader.fields(), &arena);
  const dmarc::Authors authors = ToDmarcAuthors(from, /*header_truncated=*/true, &arena);
  EXPECT_EQ(authors.form, dmarc::FromForm::kNotAllSeen);
  EXPECT_EQ(authors.skipped, 1u);
}

}  // namespace
}  // namespace postseal::auth
