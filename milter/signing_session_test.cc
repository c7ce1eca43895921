// Own mail through a session: it is signed, what was signed verifies in another session,
// and what cannot be signed is said.
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dkim/signing_key.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "milter/config.h"
#include "milter/data_set.h"
#include "milter/host_list.h"
#include "milter/key_table.h"
#include "milter/packet_reader.h"
#include "milter/session.h"
#include "milter/signing_table.h"
#include "milter/signing_tables.h"
#include "milter/test_folder.h"
#include "milter/test_host.h"
#include "milter/test_mta.h"

namespace postseal::milter {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kSigningTable =
    "*@example.com rsa\n*@example.com ed\n*@half.example rsa\n*@half.example gone\n"
    "*@none.example gone\n";
constexpr std::string_view kKeyTable = "rsa %:r1:RSA\ned %:e1:ED\ngone %:g1:/no/such/key\n";

class SigningSessionTest : public testing::Test {
 protected:
  SigningSessionTest() {
    config_.authserv_id = "mx.example.net";
    config_.internal_hosts = *HostList::Parse({"127.0.0.1"});
    const std::string rsa = folder_.Write("rsa.private", ReadTestFile("keys/rsa2048.pem"));
    const std::string ed = folder_.Write("ed.private", ReadTestFile("keys/ed25519.pem"));
    std::vector<Diagnostic> diagnostics;
    DataSet keys = *ParseDataRows(Replaced(Replaced(std::string(kKeyTable), "RSA", rsa), "ED", ed),
                                  DataSet::Kind::kFile, "KeyTable");
    const DataSet rows = *ParseDataRows(kSigningTable, DataSet::Kind::kPatterns, "SigningTable");
    SigningSettings settings;
    settings.multiple_signatures = true;
    tables_ =
        std::make_shared<SigningTables>(SigningTable::Read(rows, &diagnostics),
                                        KeyTable::Read(&keys, &diagnostics), std::move(settings));
    tables_->LoadKeys(KeyPolicy());
    zone_ = absl::StrCat(
        "r1._domainkey.example.com. TXT \"v=DKIM1; p=",
        PublicKey("keys/rsa2048.pem").substr(0, 200), "\" \"",
        PublicKey("keys/rsa2048.pem").substr(200), "\"\n",
        "e1._domainkey.example.com. TXT \"v=DKIM1; k=ed25519; p=", PublicKey("keys/ed25519.pem"),
        "\"\n", "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n");
  }

  static std::string PublicKey(const std::string& path) {
    return (*dkim::SigningKey::FromPem(ReadTestFile(path)))->public_key_base64();
  }

  TestHost MakeHost() { return TestHost(zone_, config_, tables_); }

  TestFolder folder_;
  Config config_;
  std::shared_ptr<SigningTables> tables_;
  std::string zone_;
};

// Send sends a message of |client| and returns what is said at its end, in octets.
std::string Send(TestHost* host, Session* session, std::string_view client, std::string_view fields,
                 std::string_view body) {
  host->Talk(session, absl::StrCat(NegotiationPacket(), ConnectPacket("client", client),
                                   PacketOf('H', Texts({"client.example.com"})),
                                   MacrosPacket('M', {"i", "QUEUEID"}),
                                   MailPacket("<alice@example.com>"), fields, PacketOf('N')));
  // In pieces, as an MTA sends it.
  std::string replies;
  for (size_t at = 0; at < body.size(); at += 1000) {
    replies += host->Talk(session, PacketOf('B', body.substr(at, 1000)));
  }
  return host->Talk(session, PacketOf('E'));
}

std::string Fields(std::string_view from) {
  return absl::StrCat(HeaderPacket("Received", " from there\n\tby here; some day"),
                      HeaderPacket("From", absl::StrCat(" ", from)),
                      HeaderPacket("Subject", "  a folded\n  subject \t"),
                      HeaderPacket("To", "no-space@example.net"));
}

std::string Body() {
  std::string body;
  for (int i = 0; i < 300; ++i) absl::StrAppend(&body, "Line ", i, " \t of it.\r\n");
  return absl::StrCat(body, "\r\n\r\n");
}

TEST_F(SigningSessionTest, WhatIsSignedVerifies) {
  TestHost host = MakeHost();
  Session session(&host);
  const std::string replies =
      Send(&host, &session, "127.0.0.1", Fields("Alice <alice@example.com>"), Body());
  // The first row's signature ends up on top.
  EXPECT_THAT(PrintReplies(replies), MatchesRegex("i 0 DKIM-Signature: v=1; a=ed25519-sha256;.*\n"
                                                  "i 0 DKIM-Signature: v=1; a=rsa-sha256;.*\na"));
  EXPECT_THAT(host.lines(), ElementsAre(AllOf(StartsWith("QUEUEID: signed client=127.0.0.1"),
                                              HasSubstr("signature=\"s=r1, d=example.com\""),
                                              HasSubstr("signature=\"s=e1, d=example.com\""))));

  // The receiver gets the fields that were inserted, each on top of the one before.
  std::string fields;
  PacketReader reader;
  reader.Add(replies);
  while (const auto packet = reader.Next()) {
    if (static_cast<char>(packet->command) != 'i') continue;
    std::string_view data = packet->data;
    EXPECT_EQ(TakeUint32(&data), 0u);
    const std::string_view name = *TakeText(&data);
    fields = absl::StrCat(HeaderPacket(name, *TakeText(&data)), fields);
  }
  TestHost receiver = MakeHost();
  Session receiving(&receiver);
  EXPECT_THAT(PrintReplies(Send(&receiver, &receiving, "203.0.113.9",
                                absl::StrCat(fields, Fields("Alice <alice@example.com>")), Body())),
              AllOf(HasSubstr("dkim=pass (2048-bit key) header.d=example.com"),
                    HasSubstr("dkim=pass (256-bit key) header.d=example.com"),
                    HasSubstr("dmarc=pass header.from=example.com")));
}

TEST_F(SigningSessionTest, ASpoofFromOutsideIsNotSigned) {
  TestHost host = MakeHost();
  Session session(&host);
  EXPECT_THAT(PrintReplies(Send(&host, &session, "203.0.113.9", Fields("Alice <alice@example.com>"),
                                Body())),
              AllOf(Not(HasSubstr("DKIM-Signature")), HasSubstr("dmarc=fail")));
}

TEST_F(SigningSessionTest, AStrangerInOurNameIsNoted) {
  struct Case {
    const char* name;
    const char* client;
    const char* from;
    bool is_noted;
  };
  const Case kCases[] = {
      {"a stranger in our name", "203.0.113.9", "a@example.com", true},
      {"ExternalIgnoreList", "198.51.100.7", "a@example.com", false},
      {"a stranger in a stranger's", "203.0.113.9", "a@example.org", false},
      {"we ourselves", "127.0.0.1", "a@example.com", false},
  };
  config_.external_ignore_list = *HostList::Parse({"198.51.100.0/24"});
  for (const Case& c : kCases) {
    TestHost host = MakeHost();
    Session session(&host);
    Send(&host, &session, c.client, Fields(c.from), Body());
    EXPECT_EQ(host.notes(), c.is_noted ? std::vector<std::string>{"external host attempted to "
                                                                  "send as example.com"}
                                       : std::vector<std::string>())
        << c.name;
  }
}

TEST_F(SigningSessionTest, SoftwareHeader) {
  config_.software_header = true;
  TestHost host = MakeHost();
  Session session(&host);
  EXPECT_THAT(PrintReplies(Send(&host, &session, "127.0.0.1", Fields("a@example.com"), Body())),
              MatchesRegex("i 0 DKIM-Signature:.*\ni 0 DKIM-Signature:.*\n"
                           "i 0 DKIM-Filter: postseal-milter [0-9.]+ mx.example.net QUEUEID\na"));
  config_.sign = config_.verify = false;
  TestHost idle = MakeHost();
  Session second(&idle);
  EXPECT_EQ(PrintReplies(Send(&idle, &second, "127.0.0.1", Fields("a@example.com"), Body())), "a");
}

TEST_F(SigningSessionTest, NoUsableKey) {
  TestHost host = MakeHost();
  Session session(&host);
  EXPECT_EQ(PrintReplies(Send(&host, &session, "127.0.0.1", Fields("a@none.example"), Body())),
            "y 451 4.7.1 Service unavailable - try again later");
  config_.on_internal_error = Action::kAccept;
  TestHost lax = MakeHost();
  Session second(&lax);
  EXPECT_EQ(PrintReplies(Send(&lax, &second, "127.0.0.1", Fields("a@none.example"), Body())), "a");
}

// opendkim.conf(5), On-SignatureError: "when a message cannot be signed because of issues
// with the message or the key provided for signing".
TEST_F(SigningSessionTest, WhatCannotBeSigned) {
  struct Case {
    const char* name;
    std::string fields;
  };
  const Case kUnsigned[] = {
      {"no usable key", Fields("a@none.example")},
      {"two From", absl::StrCat(Fields("a@example.com"), Fields("b@example.com"))},
      {"two From of one domain", absl::StrCat(Fields("a@example.com"), Fields("a@example.com"))},
  };
  struct Outcome {
    Action action;
    const char* reply;
  };
  for (const Outcome& o : {Outcome{Action::kReject, "y 550 5.7.0 the message cannot be signed"},
                           Outcome{Action::kTempfail, "y 451 4.7.0 the message cannot be signed"},
                           Outcome{Action::kDiscard, "d"}, Outcome{Action::kAccept, "a"}}) {
    config_.on_signature_error = o.action;
    // The more precise directive counts.
    config_.on_internal_error = Action::kReject;
    for (const Case& c : kUnsigned) {
      TestHost host = MakeHost();
      Session session(&host);
      EXPECT_EQ(PrintReplies(Send(&host, &session, "127.0.0.1", c.fields, Body())), o.reply)
          << c.name;
    }
    TestHost host = MakeHost();
    Session session(&host);
    EXPECT_THAT(PrintReplies(Send(&host, &session, "127.0.0.1", Fields("a@example.com"), Body())),
                testing::EndsWith("\na"));
    Session other(&host);
    EXPECT_EQ(PrintReplies(Send(&host, &other, "127.0.0.1", Fields("a@example.org"), Body())), "a")
        << "nobody wants it signed";
  }
}

TEST_F(SigningSessionTest, OfSeveralKeysThoseThatLoadSign) {
  TestHost host = MakeHost();
  Session session(&host);
  EXPECT_THAT(PrintReplies(Send(&host, &session, "127.0.0.1", Fields("a@half.example"), Body())),
              MatchesRegex("i 0 DKIM-Signature: v=1; a=rsa-sha256;[^\n]*d=half.example;[^\n]*\na"));
}

TEST_F(SigningSessionTest, WhatNobodySignsLeavesUnsigned) {
  struct Case {
    const char* name;
    std::string fields;
  };
  const Case kCases[] = {
      {"another domain", Fields("a@example.org")},
      {"no From", HeaderPacket("Subject", " x")},
      {"two From", absl::StrCat(Fields("a@example.com"), Fields("b@example.com"))},
      {"From of nobody", Fields("undisclosed:;")},
  };
  for (const Case& c : kCases) {
    TestHost host = MakeHost();
    Session session(&host);
    EXPECT_EQ(PrintReplies(Send(&host, &session, "127.0.0.1", c.fields, Body())), "a") << c.name;
  }
}

TEST_F(SigningSessionTest, RecipientsThatWantNoSignature) {
  ASSERT_TRUE(config_.dont_sign_mail_to.Add("list@example.org", 0).ok());
  TestHost host = MakeHost();
  for (const char* recipient : {"<bob@example.org>", "<LIST@example.org>"}) {
    Session session(&host);
    const std::string replies = PrintReplies(
        Send(&host, &session, "127.0.0.1",
             absl::StrCat(PacketOf('R', Texts({recipient})), Fields("a@example.com")), Body()));
    EXPECT_EQ(replies == "a", recipient[1] == 'L') << recipient << replies;
  }
}

TEST_F(SigningSessionTest, WarnsOfWhatRelaysChange) {
  struct Case {
    const char* warning;
    std::string fields;
    std::string body;
  };
  const Case kCases[] = {
      {"warning=long-line", Fields("a@example.com"), std::string(999, 'x') + "\r\n"},
      {"warning=8bit ", Fields("a@example.com"), "caf\xc3\xa9\r\n"},
      {"warning=bare-cr-lf", Fields("a@example.com"), "a\nb\r\n"},
      {"warning=nul", Fields("a@example.com"), std::string("a\0b\r\n", 5)},
      {"warning=8bit-header",
       absl::StrCat(Fields("a@example.com"), HeaderPacket("Subject", " caf\xc3\xa9")), "x\r\n"},
  };
  for (const Case& c : kCases) {
    TestHost host = MakeHost();
    Session session(&host);
    Send(&host, &session, "127.0.0.1", c.fields, c.body);
    EXPECT_THAT(host.lines(), ElementsAre(HasSubstr(c.warning)));
    Session plain(&host);
    Send(&host, &plain, "127.0.0.1", Fields("a@example.com"), Body());
    EXPECT_THAT(host.lines().back(), Not(HasSubstr("warning=")));
  }
}

}  // namespace
}  // namespace postseal::milter
