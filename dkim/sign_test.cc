#include "dkim/sign.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/arena.h"
#include "dkim/algorithm.h"
#include "dkim/header_hash.h"
#include "dkim/header_index.h"
#include "dkim/rfc8463_example.h"
#include "dkim/signature.h"
#include "dkim/signing_key.h"
#include "dkim/testdata.h"
#include "gtest/gtest.h"
#include "mail/field.h"
#include "mail/message_reader.h"

namespace postseal::dkim {
namespace {

TEST(SignTest, ReproducesTheSignatureOfRfc8463) {  // appendix A.3; Ed25519 has no random part
  const std::string message = absl::StrCat(
      "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
      " d=football.example.com; i=@football.example.com;\r\n"
      " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
      " subject : date : message-id : from : subject : date;\r\n"
      " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      " b=",
      rfc8463::kEd25519Signature,
      "\r\n"
      "From: Joe SixPack <joe@football.example.com>\r\n"
      "To: Suzie Q <suzie@shopping.example.net>\r\n"
      "Subject: Is dinner ready?\r\n"
      "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
      "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\n");
  base::Arena arena;
  mail::MessageReader reader;
  reader.Feed(message);
  const mail::Field& field = reader.fields().front();
  const ParsedSignature parsed = ParseSignature(&arena, field.value);
  ASSERT_FALSE(parsed.fault.has_value()) << parsed.fault->detail;
  const HeaderIndex header(&arena, reader.fields());
  const Digest digest =
      HashHeader(&arena, HeaderCanon::kRelaxed, HashAlgorithm::kSha256, header,
                 parsed.signature.signed_names, field, parsed.signature.raw_signature);
  const auto key = SigningKey::FromPem(ReadTestdata("keys/rfc8463_ed25519.b64"));
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(*(*key)->Sign(digest), rfc8463::Decode(rfc8463::kEd25519Signature));
}

// Names is what |selection| chooses of |header|, joined as in h=.
std::string Names(const FieldSelection& selection, std::string_view header) {
  base::Arena arena;
  mail::MessageReader reader;
  reader.Feed(absl::StrCat(header, "\r\n"));
  return absl::StrJoin(ChooseNames(selection, HeaderIndex(&arena, reader.fields())), ":");
}

TEST(SignTest, ChoosesNames) {  // RFC 6376 §3.5 h=, §5.4, §8.15
  const struct {
    FieldSelection selection;
    std::string_view header;
    std::string_view names;
    const char* why;
  } cases[] = {
      {{{"From"}, {}, {}}, "From: a\r\n", "From", "as often as it occurs"},
      {{{"From", "To"}, {}, {}}, "To: b\r\nFrom: a\r\nTo: c\r\n", "To:From:To", "as they stand"},
      {{{}, {"From"}, {}}, "From: a\r\n", "From:From", "once more than it occurs"},
      {{{}, {"From", "Cc"}, {}}, "From: a\r\n", "From:From:Cc", "even when it does not occur"},
      {{{}, {"From"}, {"Cc"}}, "From: a\r\n", "From:From", "unless it need not"},
      {{{}, {"From"}, {"Cc"}}, "Cc: x\r\nFrom: a\r\n", "Cc:From:From:Cc", "present, so once more"},
      {{{"From"}, {"From"}, {"From"}}, "From: a\r\n", "From:From", "chosen thrice is once"},
      {{{}, {"From"}, {}}, "FROM: a\r\nX: y\r\n", "From:From", "as the selection spells it"},
  };
  for (const auto& c : cases) EXPECT_EQ(Names(c.selection, c.header), c.names) << c.why;
  EXPECT_EQ(Names(FieldSelection::Default(), "Received: r\r\nFrom: a\r\nReturn-Path: <>\r\n"),
            "From:From")
      << "what relays add is not signed";
}

TEST(SignTest, ALifetimeHasAsManyDigitsAsXMayHave) {  // RFC 6376 §3.5 sig-x-tag: 1*12DIGIT
  SignatureRequest request;
  request.domain = "example.com";
  request.selector = "s";
  request.expires_in_seconds = kMaxLifetimeSeconds;
  EXPECT_TRUE(CheckRequest(request).ok());
  request.expires_in_seconds = kMaxLifetimeSeconds + 1;
  EXPECT_FALSE(CheckRequest(request).ok());
  request.expires_in_seconds = INT64_MAX;
  EXPECT_FALSE(CheckRequest(request).ok()) << "added to now it would overflow";
}

}  // namespace
}  // namespace postseal::dkim
