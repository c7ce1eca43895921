#include "dkim/sign.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/arena.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"
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

SignatureRequest Request() {
  SignatureRequest request;
  request.domain = "example.com";
  request.selector = "s";
  return request;
}

// Made is the signature that |request| gives for |header|, read back. Its texts
// live in |arena|.
ParsedSignature Made(base::Arena* arena, const SignatureRequest& request, std::string_view header) {
  EXPECT_TRUE(CheckRequest(request).ok()) << CheckRequest(request);
  mail::MessageReader message;
  message.Feed(absl::StrCat(header, "\r\n"));
  const HeaderIndex index(arena, message.fields());
  const std::vector<std::string_view> names = ChooseNames(request.fields, index);
  const SignatureDraft draft(arena, request, names, index, Sha256(""), /*now=*/1767225600);
  const std::string field = draft.Print(std::string(1024, 'x'));  // a key of 8192 bits
  mail::MessageReader reader;
  reader.Feed(absl::StrCat(field, "\r\n"));
  EXPECT_EQ(reader.fields().size(), 1u);
  return ParseSignature(arena, arena->Copy(reader.fields().front().value));
}

TEST(SignTest, TheLongestNamesFit) {  // a tag list has kMaxTagListOctets
  SignatureRequest request = Request();
  request.identity =
      absl::StrCat("\"", std::string(kMaxIdentityOctets - 14, ';'), "\"@example.com");
  const std::string longest(kMaxSignedNameOctets, 'N');
  request.fields = {{"From", longest}, {}, {}};
  std::string header = "From: a\r\n";
  for (size_t i = 1; i < kMaxSignedNames; ++i) absl::StrAppend(&header, longest, ": x\r\n");
  for (const bool copies : {false, true}) {
    request.copy_fields = copies;
    base::Arena arena;
    const ParsedSignature parsed = Made(&arena, request, header);
    ASSERT_FALSE(parsed.fault.has_value()) << parsed.fault->detail;
    EXPECT_EQ(parsed.signature.signed_names.size(), kMaxSignedNames);
    EXPECT_EQ(parsed.signature.signed_names.back(), longest);
    EXPECT_EQ(parsed.signature.identity, request.identity);
    EXPECT_EQ(parsed.signature.signature.size(), 1024u);
  }
  request.fields.sign.back() += 'N';
  EXPECT_FALSE(CheckRequest(request).ok()) << "a name one longer";
  request = Request();
  request.identity = absl::StrCat(std::string(kMaxIdentityOctets - 11, 'x'), "@example.com");
  EXPECT_FALSE(CheckRequest(request).ok()) << "an identity one longer";
}

TEST(SignTest, CopiesThatDoNotFitAreLeftOut) {  // RFC 6376 §3.5 z=: not all are required
  SignatureRequest request = Request();
  request.copy_fields = true;
  base::Arena arena;
  const ParsedSignature parsed =
      Made(&arena, request,
           absl::StrCat("From: a\r\nTo: ", std::string(40000, 'x'), "\r\nSubject: hi\r\n"));
  ASSERT_FALSE(parsed.fault.has_value()) << parsed.fault->detail;
  EXPECT_EQ(parsed.signature.copied_fields, "From:=20a|Subject:=20hi");
  const ParsedSignature none =
      Made(&arena, request, absl::StrCat("From: ", std::string(40000, 'x'), "\r\n"));
  ASSERT_FALSE(none.fault.has_value()) << none.fault->detail;
  EXPECT_EQ(none.signature.copied_fields, std::nullopt) << "an empty z= is none (sig-z-tag)";
}

TEST(SignTest, CopiesReadBackAsTheyWere) {  // RFC 6376 §3.5 z=
  SignatureRequest request = Request();
  request.copy_fields = true;
  request.fields = {{"X|Y"}, {"From"}, {}};
  base::Arena arena;
  const std::string value(" a|b; \t\xc3\xbc=\x01 " + std::string(200, ' '));
  const ParsedSignature parsed =
      Made(&arena, request, absl::StrCat("From:", value, "\r\nX|Y: 1\r\n"));
  ASSERT_FALSE(parsed.fault.has_value()) << parsed.fault->detail;
  ASSERT_TRUE(parsed.signature.copied_fields.has_value());
  const std::string_view copies = *parsed.signature.copied_fields;
  EXPECT_EQ(copies.find('|'), copies.npos) << "a name with the separator is not copied";
  EXPECT_EQ(DecodeQuotedPrintable(&arena, copies), absl::StrCat("From:", value));
}

TEST(SignTest, DomainsAreWrittenAsTheyAreOrNotAtAll) {
  SignatureRequest request = Request();
  base::Arena arena;
  request.domain =
      "b\xc3\xbc"
      "cher.example";
  EXPECT_EQ(Made(&arena, request, "From: a\r\n").signature.domain_text, request.domain);
  // Zero-width non-joiner, which IDNA allows here (RFC 5892 A.1) and no field
  // writer lets pass: without it this would be another domain.
  const std::string zwnj = "\xd9\x86\xd8\xa7\xd9\x85\xd9\x87\xe2\x80\x8c\xd8\xa7\xdb\x8c.example";
  request.domain = zwnj;
  EXPECT_FALSE(CheckRequest(request).ok());
  request = Request();
  request.selector = zwnj;
  EXPECT_FALSE(CheckRequest(request).ok());
}

TEST(SignTest, SomeHeadersCannotBeSigned) {
  const struct {
    std::string_view header;
    SignFault fault;
  } cases[] = {
      {"From: a\r\n", SignFault::kNone},
      {"To: b\r\n", SignFault::kNoFrom},
      {"", SignFault::kNoFrom},
      {"From: a\r\nFROM : b\r\n", SignFault::kSeveralFrom},
      // A field put before it would take the first line in (RFC 5322 §2.2.3), and a
      // mailbox file's line must stay the first.
      {" x\r\nFrom: a\r\n", SignFault::kBadFirstLine},
      {"\tx: y\r\nFrom: a\r\n", SignFault::kBadFirstLine},
      {"From a Thu Jan  1 00:00:00 2026\r\nFrom: a\r\n", SignFault::kBadFirstLine},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    mail::MessageReader reader;
    reader.Feed(absl::StrCat(c.header, "\r\n"));
    reader.Finish();
    EXPECT_EQ(CheckMessage(HeaderIndex(&arena, reader.fields())), c.fault) << c.header;
  }
  for (const SignFault fault :
       {SignFault::kNoFrom, SignFault::kSeveralFrom, SignFault::kHeaderTooLarge,
        SignFault::kTooManyNames, SignFault::kBadFirstLine}) {
    EXPECT_FALSE(SignFaultText(fault).empty());
  }
  EXPECT_EQ(SignFaultText(SignFault::kNone), "");
}

}  // namespace
}  // namespace postseal::dkim
