#include "dkim/header_hash.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"
#include "dkim/header_index.h"
#include "gtest/gtest.h"
#include "mail/field.h"
#include "mail/message_reader.h"

namespace postseal::dkim {
namespace {

// Hash is the header hash of |header| for its first field, in which "%" stands for
// the value of b=.
Digest Hash(std::string header, HeaderCanon canon, const std::vector<std::string_view>& names) {
  const size_t at = header.find('%');
  mail::MessageReader reader;
  reader.Feed(header + "\r\n");
  base::Arena arena;
  const HeaderIndex index(&arena, reader.fields());
  return HashHeader(&arena, canon, HashAlgorithm::kSha256, index, names, reader.fields().front(),
                    reader.header().substr(at, 1));
}

TEST(HeaderHashTest, IsThatOfTheTextInRfc6376) {  // §3.7, written out by hand
  const std::string header =
      "DKIM-Signature: v=1; b=%; h=x\r\nFrom:  a\r\nTo: b\r\nfrom: c\r\nX: d \r\n";
  const struct {
    HeaderCanon canon;
    std::vector<std::string_view> names;
    std::string_view text;
    const char* why;
  } cases[] = {
      {HeaderCanon::kSimple, {"From"}, "from: c\r\nDKIM-Signature: v=1; b=; h=x", "the last one"},
      {HeaderCanon::kSimple,
       {"from", "FROM"},
       "from: c\r\nFrom:  a\r\nDKIM-Signature: v=1; b=; h=x",
       "then the one above"},
      {HeaderCanon::kSimple,
       {"From", "From", "From", "Cc"},
       "from: c\r\nFrom:  a\r\nDKIM-Signature: v=1; b=; h=x",
       "what is not there is nothing"},
      {HeaderCanon::kRelaxed,
       {"X", "To", "From"},
       "x:d\r\nto:b\r\nfrom:c\r\ndkim-signature:v=1; b=; h=x",
       "in the order of h="},
      {HeaderCanon::kSimple,
       {"DKIM-Signature", "To"},
       "To: b\r\nDKIM-Signature: v=1; b=; h=x",
       "its own field is not picked"},
      {HeaderCanon::kSimple, {}, "DKIM-Signature: v=1; b=; h=x", "no CRLF at the end"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Hash(header, c.canon, c.names), Sha256(c.text)) << c.why;
  }
}

TEST(HeaderHashTest, OtherSignaturesAreOrdinaryFields) {  // RFC 6376 §3.5
  EXPECT_EQ(Hash("DKIM-Signature: b=%\r\nDKIM-Signature: b=other\r\n", HeaderCanon::kSimple,
                 {"DKIM-Signature", "DKIM-Signature"}),
            Sha256("DKIM-Signature: b=other\r\nDKIM-Signature: b="))
      << "with their b=, and its own field left out";
}

}  // namespace
}  // namespace postseal::dkim
