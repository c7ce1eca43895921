#include "milter/earlier_results.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "authres/parsed_field.h"
#include "gtest/gtest.h"
#include "mail/field.h"

namespace postseal::milter {
namespace {

struct Case {
  const char* name;
  std::string value;
  bool denies;
};

std::string Repeated(const std::string& text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

const Case kCases[] = {
    {"a fail of ours", " mx.example.net; dmarc=fail header.from=example.com", true},
    {"case does not count", " MX.example.NET; DMARC=Fail header.from=EXAMPLE.com", true},
    {"with a job's id", " \"mx.example.net/4abc\"; dmarc=fail header.from=example.com", true},
    {"another name of ours", " old.example.net; dmarc=fail header.from=example.com", true},
    {"a final dot", " mx.example.net.; dmarc=fail header.from=example.com", true},
    {"a name below a domain of ours", " a.below.example; dmarc=fail header.from=example.com", true},
    {"behind other results",
     " mx.example.net;\r\n\tspf=pass smtp.mailfrom=x@evil.example;\r\n"
     "\tdmarc=fail (p=reject) header.from=example.com",
     true},
    {"no policy says nothing of who wrote", " mx.example.net; dmarc=none header.from=example.com",
     true},
    {"temperror", " mx.example.net; dmarc=temperror header.from=example.com", true},
    {"an author that cannot be named", " mx.example.net; dmarc=permerror", true},
    {"a pass", " mx.example.net; dmarc=pass header.from=example.com", false},
    {"another author: a list wrote itself in", " mx.example.net; dmarc=fail header.from=a.example",
     false},
    {"somebody else says so", " mx.example.org; dmarc=fail header.from=example.com", false},
    {"nothing of DMARC", " mx.example.net; dkim=fail header.d=example.com", false},
    {"none", " mx.example.net; none", false},
    {"a field of ours that cannot be read", " mx.example.net; dmarc=pass header.from", true},
    {"somebody else's that cannot be read", " mx.example.org; dmarc=pass header.from", false},
    {"more results than are read",
     " mx.example.net;" + Repeated(" dkim=fail;", authres::kMaxResults) +
         " dmarc=fail header.from=example.com",
     true},
};

TEST(EarlierResultsTest, WhatOurOwnResultsSayOfTheAuthor) {
  const std::vector<std::string> ids = {"old.example.net", "mx.example.net", ".below.example"};
  const std::vector<std::string_view> domains = {"example.com"};
  for (const Case& c : kCases) {
    std::vector<mail::Field> fields(2);
    fields[0].name = "From";
    fields[0].value = " a@example.com";
    fields[1].name = "Authentication-Results";
    fields[1].value = c.value;
    EXPECT_EQ(DeniesAuthor(fields, ids, domains), c.denies) << c.name;
    fields[1].name = "X-Results";
    EXPECT_FALSE(DeniesAuthor(fields, ids, domains)) << c.name;
  }
}

TEST(EarlierResultsTest, HowTheAuthorIsWritten) {
  struct AuthorCase {
    const char* name;
    std::vector<std::string_view> domains;
    const char* result;
    bool denies;
  };
  const AuthorCase kAuthors[] = {
      {"A-labels of U-labels",
       {"b\u00fccher.example"},
       "fail header.from=xn--bcher-kva.example",
       true},
      {"a dot at the end", {"example.com."}, "fail header.from=example.com", true},
      {"another author in U-labels",
       {"b\u00fccher.example"},
       "fail header.from=example.com",
       false},
      {"no domain name", {"a..b"}, "fail header.from=example.com", true},
      {"several authors, the other is named",
       {"example.com", "evil.example"},
       "fail header.from=evil.example",
       true},
      {"several authors, and a pass",
       {"example.com", "a.example"},
       "pass header.from=a.example",
       false},
      {"no author's domain", {}, "permerror", true},
  };
  const std::vector<std::string> ids = {"mx.example.net"};
  for (const AuthorCase& c : kAuthors) {
    std::vector<mail::Field> fields(1);
    const std::string value = std::string(" mx.example.net; dmarc=") + c.result;
    fields[0].name = "Authentication-Results";
    fields[0].value = value;
    EXPECT_EQ(DeniesAuthor(fields, ids, c.domains), c.denies) << c.name;
  }
}

}  // namespace
}  // namespace postseal::milter
