#include "milter/earlier_results.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "mail/field.h"

namespace postseal::milter {
namespace {

struct Case {
  const char* name;
  const char* value;
  bool denies;
};

const Case kCases[] = {
    {"a fail of ours", " mx.example.net; dmarc=fail header.from=example.com", true},
    {"case does not count", " MX.example.NET; DMARC=Fail header.from=EXAMPLE.com", true},
    {"with a job's id", " \"mx.example.net/4abc\"; dmarc=fail header.from=example.com", true},
    {"another name of ours", " old.example.net; dmarc=fail header.from=example.com", true},
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
};

TEST(EarlierResultsTest, WhatOurOwnResultsSayOfTheAuthor) {
  const std::vector<std::string> ids = {"old.example.net", "mx.example.net"};
  for (const Case& c : kCases) {
    std::vector<mail::Field> fields(2);
    fields[0].name = "From";
    fields[0].value = " a@example.com";
    fields[1].name = "Authentication-Results";
    fields[1].value = c.value;
    EXPECT_EQ(DeniesAuthor(fields, ids, "example.com"), c.denies) << c.name;
    fields[1].name = "X-Results";
    EXPECT_FALSE(DeniesAuthor(fields, ids, "example.com")) << c.name;
  }
}

}  // namespace
}  // namespace postseal::milter
