#include "dkim/header_hash.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"
#include "dkim/header_index.h"
#include "dkim/signature.h"
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

// SlowRelaxed is RFC 6376 §3.4.2, step by step.
std::string SlowRelaxed(std::string_view raw) {
  const size_t colon = raw.find(':');
  std::string name;
  for (const char c : raw.substr(0, colon)) {
    if (c != ' ' && c != '\t') name += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  std::string value(raw.substr(colon + 1));
  for (size_t at = 0; (at = value.find("\r\n", at)) != value.npos;) value.erase(at, 2);
  for (char& c : value) c = c == '\t' ? ' ' : c;
  for (size_t at = 0; (at = value.find("  ")) != value.npos;) value.erase(at, 1);
  if (value.starts_with(' ')) value.erase(0, 1);
  if (value.ends_with(' ')) value.pop_back();
  return name + ":" + value;
}

// SlowInput is what §3.7 passes to the hash: |fields| are the header's from the
// top, the first one is the signature, and |names| is h=.
std::string SlowInput(HeaderCanon canon, std::vector<std::string> fields,
                      const std::vector<std::string>& names) {
  std::string signature = fields.front();
  fields.erase(fields.begin());  // it is never one of those signed
  const auto name_of = [](std::string_view field) {
    return base::ToLower(base::StripTrailing(field.substr(0, field.find(':')), base::kWsp));
  };
  const auto canonical = [canon](const std::string& field) {
    return canon == HeaderCanon::kSimple ? field : SlowRelaxed(field);
  };
  std::string input;
  for (const std::string& name : names) {
    for (size_t i = fields.size(); i-- > 0;) {
      if (name_of(fields[i]) != base::ToLower(name)) continue;
      input += canonical(fields[i]) + "\r\n";
      fields.erase(fields.begin() + static_cast<ptrdiff_t>(i));
      break;
    }
  }
  // Delete the value of the tag "b": from its "=" to the ";" or the end.
  size_t tag = signature.find(':') + 1;
  while (tag != 0) {
    const size_t end = std::min(signature.find(';', tag), signature.size());
    const size_t equals = signature.find('=', tag);
    const std::string_view name = base::Strip(std::string_view(signature).substr(tag, equals - tag),
                                              base::CharSet(" \t\r\n"));
    if (name == "b") {
      signature.erase(equals + 1, end - equals - 1);
      break;
    }
    tag = end == signature.size() ? 0 : end + 1;
  }
  return input + canonical(signature);
}

TEST(HeaderHashTest, IsThatOfASlowReadingOfRfc6376) {  // §3.4, §3.5, §3.7, §5.4.2
  // Each is a whole DKIM-Signature; what matters is where b= is in it.
  const std::string_view signatures[] = {
      "DKIM-Signature: b=c2ln; v=1; a=rsa-sha256; d=a.example; s=s; h=%h; bh=%bh",
      "DKIM-Signature:b=c2ln;v=1;a=rsa-sha256;d=a.example;s=s;h=%h;bh=%bh",
      "DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; h=%h; bh=%bh; b=c2ln",
      "DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; h=%h; bh=%bh; b=c2ln;",
      "DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; h=%h; bh=%bh; b=c2ln \t",
      "dkim-signature : v=1; a=rsa-sha256;\r\n d=a.example; s=s;\r\n\th=%h;\r\n bh=%bh;\r\n"
      " b\r\n =\r\n c2\r\n\tln\r\n ; x=99999999999 ;\r\n z=b=c2ln",
      "DKIM-Signature: v=1; bb=c2ln; a=rsa-sha256; d=a.example; s=s; h=%h; bh=%bh; b=\r\n\tc2ln",
  };
  const std::vector<std::string> others = {
      "From:  a  <a@a.example> ",
      "To:\tb",
      "X-Empty:",
      "x-empty: \t",
      "X : 1\r\n\t2",
      "X:3\r\n  4 \t",
      "x: 5",
      "SUBJECT:\r\n hi",
      "From: c",
      "DKIM-Signature: b=x",
  };
  const std::vector<std::string> pool = {"From",           "to", "X-Empty", "x", "X", "Subject",
                                         "DKIM-Signature", "Cc", "from"};
  std::mt19937 random(20260301);
  for (int round = 0; round < 400; ++round) {
    std::vector<std::string> names = {"From"};
    while (random() % 8 != 0) names.push_back(pool[random() % pool.size()]);
    std::vector<std::string> fields = others;
    std::shuffle(fields.begin(), fields.end(), random);
    fields.resize(1 + random() % fields.size());
    fields.insert(fields.begin(),
                  absl::StrReplaceAll(signatures[random() % std::size(signatures)],
                                      {{"%h", absl::StrJoin(names, random() % 2 ? ":" : " : ")},
                                       {"%bh", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="}}));
    mail::MessageReader reader;
    reader.Feed(absl::StrCat(absl::StrJoin(fields, "\r\n"), "\r\n\r\n"));
    base::Arena arena;
    const ParsedSignature parsed = ParseSignature(&arena, reader.fields().front().value);
    ASSERT_FALSE(parsed.fault.has_value()) << parsed.fault->detail << "\n" << fields.front();
    for (const HeaderCanon canon : {HeaderCanon::kSimple, HeaderCanon::kRelaxed}) {
      const Digest digest = HashHeader(
          &arena, canon, HashAlgorithm::kSha256, HeaderIndex(&arena, reader.fields()),
          parsed.signature.signed_names, reader.fields().front(), parsed.signature.raw_signature);
      const std::string input = SlowInput(canon, fields, names);
      ASSERT_EQ(digest, Sha256(input)) << "round " << round << "\n" << input;
    }
  }
}

}  // namespace
}  // namespace postseal::dkim
