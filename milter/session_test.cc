// A session as an MTA sees it: packets in, packets out.
#include "milter/session.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "milter/config.h"
#include "milter/forged_results.h"
#include "milter/test_host.h"
#include "milter/test_mta.h"

namespace postseal::milter {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::string_view kZone = R"(
good.example.        TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc.good.example. TXT "v=DMARC1; p=reject"
slow.example.        TXT "v=spf1 -all"
$TIMEOUT _dmarc.slow.example. TXT
broken.example.      TXT "v=spf1 ip4:192.0.2.0/24 -all"
$FAIL _dmarc.broken.example. TXT
mail.good.example.   TXT "v=spf1 a -all"
mail.good.example.   A 192.0.2.1
)";

Config DefaultConfig() {
  Config config;
  config.authserv_id = "mx.example.net";
  config.internal_hosts = *HostList::Parse({"127.0.0.1"});
  return config;
}

// Opening is what every MTA begins with.
std::string Opening(std::string_view address) {
  return absl::StrCat(NegotiationPacket(), MacrosPacket('C', {"j", "host.example.net"}),
                      ConnectPacket("mail.good.example", address),
                      PacketOf('H', Texts({"mail.good.example"})));
}

// MessageFrom is a message of |domain|, whose fields are |more| besides.
std::string MessageFrom(std::string_view domain, std::string_view more = "") {
  return absl::StrCat(MacrosPacket('M', {"i", "QUEUEID"}),
                      MailPacket(absl::StrCat("<alice@", domain, ">")),
                      PacketOf('R', Texts({"<bob@example.net>"})),
                      HeaderPacket("From", absl::StrCat(" Alice <alice@", domain, ">")),
                      HeaderPacket("Subject", " hello"), more, PacketOf('N'),
                      PacketOf('B', "Hello.\r\n"), PacketOf('E'));
}

TEST(SessionTest, VerifiesAMessageFromOutside) {
  TestHost host(kZone, DefaultConfig());
  Session session(&host);
  EXPECT_EQ(PrintReplies(host.Talk(&session, Opening("192.0.2.1"))), "O 6 31 16e580\nc");
  const std::string replies = PrintReplies(host.Talk(&session, MessageFrom("good.example")));
  // The body carries no signature: it is skipped. RFC 7208 §9.1: Received-SPF goes on top of
  // our Received; RFC 8601 §4: so does Authentication-Results.
  EXPECT_THAT(replies, testing::MatchesRegex(
                           "s\n"
                           "i 0 Received-SPF: pass .*\n"
                           "i 0 Authentication-Results: mx.example.net;.*spf=pass.*dkim=none.*"
                           "dmarc=pass.*header.from=good.example.*\n"
                           "a"));
  EXPECT_THAT(replies, HasSubstr("|\t")) << "folds are LF and TAB";
  EXPECT_THAT(replies, Not(HasSubstr("\r")));
  EXPECT_THAT(host.lines(), ElementsAre(testing::StartsWith("QUEUEID: verified client=192.0.2.1")));
  EXPECT_TRUE(session.is_idle());
}

TEST(SessionTest, EveryCutGivesTheSameReplies) {
  const std::string octets = absl::StrCat(Opening("192.0.2.1"), MessageFrom("good.example"),
                                          MessageFrom("other.example"), PacketOf('Q'));
  TestHost host(kZone, DefaultConfig());
  Session whole(&host);
  const std::string expected = host.Talk(&whole, octets);
  EXPECT_TRUE(whole.is_over());
  for (const size_t size : {1, 2, 3, 7, 100}) {
    Session session(&host);
    std::string replies;
    for (size_t at = 0; at < octets.size(); at += size) {
      replies += host.Talk(&session, std::string_view(octets).substr(at, size));
    }
    EXPECT_EQ(PrintReplies(replies), PrintReplies(expected)) << size;
  }
}

TEST(SessionTest, NotSkippedWithoutSkipAndALeadingSpaceIsPutBack) {
  TestHost host(kZone, DefaultConfig());
  Session session(&host);
  // Version 2: a reply to every command.
  host.Talk(&session, NegotiationPacket(2, 0x3F, 0x7F));
  EXPECT_EQ(
      PrintReplies(host.Talk(&session, absl::StrCat(ConnectPacket("mail.good.example", "192.0.2.1"),
                                                    PacketOf('H', Texts({"mail.good.example"})),
                                                    MailPacket("<alice@good.example>"),
                                                    PacketOf('R', Texts({"<bob@example.net>"})),
                                                    HeaderPacket("From", "alice@good.example"),
                                                    PacketOf('N'), PacketOf('B', "Hello.\r\n")))),
      "c\nc\nc\nc\nc\nc\nc");
  EXPECT_THAT(PrintReplies(host.Talk(&session, PacketOf('E'))),
              HasSubstr("i 0 Authentication-Results:mx.example.net;"));
}

TEST(SessionTest, RemovesForgedResultsHighestFirst) {
  TestHost host(kZone, DefaultConfig());
  Session session(&host);
  host.Talk(&session, Opening("192.0.2.1"));
  const std::string fields =
      absl::StrCat(HeaderPacket("Authentication-Results", " mx.example.net; dkim=pass"),
                   HeaderPacket("Authentication-Results", " other.example; dkim=pass"),
                   HeaderPacket("authentication-results ", " MX.EXAMPLE.NET;\n\tdmarc=pass"),
                   HeaderPacket("Authentication-Results", " \"mx.example.net\"; spf=pass"),
                   HeaderPacket("Authentication-Results",
                                absl::StrCat(" mx.example.net; ", std::string(100'000, 'x'))));
  EXPECT_THAT(PrintReplies(host.Talk(&session, MessageFrom("good.example", fields))),
              testing::StartsWith("s\n"
                                  "m 5 Authentication-Results:\n"
                                  "m 4 Authentication-Results:\n"
                                  "m 3 Authentication-Results:\n"
                                  "m 1 Authentication-Results:\n"
                                  "i 0 "));
}

// 12.9: such a field cannot be deleted by its name.
TEST(SessionTest, RefusesAFieldInDisguise) {
  TestHost host(kZone, DefaultConfig());
  Session session(&host);
  host.Talk(&session, Opening("192.0.2.1"));
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"Subject", " x\rAuthentication-Results: mx.example.net; dkim=pass"},
           {"Subject", " x\nAuthentication-Results: mx.example.net; dkim=pass"},
           {"Authentication-Results\u00a0", " mx.example.net; dkim=pass"},
           {"\ufeffAuthentication-Results", " mx.example.net; dkim=pass"}}) {
    EXPECT_EQ(
        PrintReplies(host.Talk(&session, MessageFrom("good.example", HeaderPacket(name, value)))),
        "s\ny 550 5.7.1 an Authentication-Results field in disguise")
        << name << value;
  }
}

TEST(SessionTest, RemovesForgedResultsUpToALimit) {
  TestHost host(kZone, DefaultConfig());
  std::string fields;
  for (size_t i = 0; i < kMaxForgedResults; ++i) {
    fields += HeaderPacket("Authentication-Results", " mx.example.net; dkim=pass");
  }
  Session session(&host);
  host.Talk(&session, Opening("192.0.2.1"));
  EXPECT_THAT(PrintReplies(host.Talk(&session, MessageFrom("good.example", fields))),
              testing::AllOf(testing::StartsWith("s\nm 1000 "), HasSubstr("\nm 1 "),
                             testing::EndsWith("\na")));
  fields += HeaderPacket("Authentication-Results", " mx.example.net; dkim=pass");
  EXPECT_EQ(PrintReplies(host.Talk(&session, MessageFrom("good.example", fields))),
            "s\ny 550 5.7.1 too many Authentication-Results fields in our name");
}

TEST(SessionTest, Point05OfATrustedRelayDmarcIsEvaluatedByDkimAlone) {
  Config config = DefaultConfig();
  config.trusted_relays = *HostList::Parse({"192.0.2.1"});
  config.reject_failures = config.hold_quarantined_messages = true;
  config.spf_rejection = SpfRejection::kFailAndSoftfail;
  TestHost host(kZone, config);
  Session session(&host);
  host.Talk(&session, Opening("192.0.2.1"));
  const std::string fields =
      absl::StrCat(HeaderPacket("Authentication-Results", " mx2.example.net; dmarc=pass"),
                   HeaderPacket("Authentication-Results", " mx.example.net; dmarc=pass"));
  // SPF would pass for the relay's own address, which is not the sender's.
  EXPECT_THAT(PrintReplies(host.Talk(&session, MessageFrom("good.example", fields))),
              testing::AllOf(testing::StartsWith("s\nm 2 Authentication-Results:\ni 0 "),
                             HasSubstr("dmarc=fail"), HasSubstr("header.from=good.example"),
                             Not(HasSubstr("spf=")), Not(HasSubstr("Received-SPF")),
                             testing::EndsWith("\na")))
      << "what claims to be ours goes, what the relay writes in its own name stays, and a "
         "relay is not made to bounce what it took";
  EXPECT_THAT(host.notes(), ElementsAre(testing::AllOf(HasSubstr("good.example asks for reject"),
                                                       HasSubstr("trusted relay"))));
  EXPECT_THAT(host.facts(), IsEmpty()) << "a report names the sender's address";
}

TEST(SessionTest, Point05ATrustedRelayAmongInternalHostsIsNotOurAuthor) {
  Config config = DefaultConfig();
  config.trusted_relays = *HostList::Parse({"192.0.2.2"});
  config.internal_hosts = *HostList::Parse({"192.0.2.0/24"});
  TestHost host(kZone, config);
  Session session(&host);
  host.Talk(&session, Opening("192.0.2.2"));
  EXPECT_THAT(PrintReplies(host.Talk(&session, MessageFrom("good.example"))),
              HasSubstr("dmarc=fail"));
}

TEST(SessionTest, Point05APeersResultsStay) {
  // A reload between CONNECT and the message: else nothing of a peer's mail is seen.
  Config config = DefaultConfig();
  TestHost host(kZone, config);
  Session session(&host);
  host.Talk(&session, Opening("192.0.2.1"));
  config.peer_list = *HostList::Parse({"192.0.2.1"});
  host.Reload(config);
  const std::string fields = HeaderPacket("Authentication-Results", " mx.example.net; spf=pass");
  // Accepted at the body, so that an MTA sends no end, to which the second reply is; and
  // no field is deleted.
  EXPECT_EQ(PrintReplies(host.Talk(&session, MessageFrom("good.example", fields))), "a\na");
}

TEST(SessionTest, Point06AClientWithoutAnAddressDoesNotEscapeDmarc) {
  Config config = DefaultConfig();
  config.reject_failures = true;
  for (const char* name : {"unknown", "mail.good.example", "[192.0.2.1]"}) {
    TestHost host(kZone, config);
    Session session(&host);
    host.Talk(&session, absl::StrCat(NegotiationPacket(), MacrosPacket('C', {"_", "unknown"}),
                                     PacketOf('C', absl::StrCat(Texts({name}), "U"))));
    EXPECT_THAT(PrintReplies(host.Talk(&session, MessageFrom("good.example"))),
                testing::EndsWith("y 550 5.7.1 rejected by DMARC policy for good.example"))
        << name;
    EXPECT_THAT(host.lines(), ElementsAre(HasSubstr(" client=unknown ")));
    // Without a policy SPF could not make it fail either.
    EXPECT_THAT(PrintReplies(host.Talk(&session, MessageFrom("other.example"))),
                testing::AllOf(Not(HasSubstr("spf=")), testing::EndsWith("\na")));
  }
}

TEST(SessionTest, Point06APaddedHeaderDoesNotEscapeTheHold) {
  Config config = DefaultConfig();
  config.hold_quarantined_messages = true;
  TestHost host(kZone, config);
  Session session(&host);
  host.Talk(&session, Opening("203.0.113.9"));
  std::string padding;
  for (int i = 0; i < 6; ++i) {
    padding += HeaderPacket(absl::StrCat("X-Padding-", i), std::string(100'000, 'x'));
  }
  EXPECT_THAT(
      PrintReplies(host.Talk(&session, absl::StrCat(MailPacket("<a@evil.example>"), padding,
                                                    HeaderPacket("From", " ceo@good.example"),
                                                    PacketOf('N'), PacketOf('E')))),
      HasSubstr("\nq the header is too large for DMARC to be evaluated\na"));
}

TEST(SessionTest, APeerIsLeftAlone) {
  Config config = DefaultConfig();
  config.peer_list = *HostList::Parse({"192.0.2.0/24"});
  TestHost host(kZone, config);
  Session session(&host);
  EXPECT_EQ(PrintReplies(host.Talk(&session, Opening("192.0.2.1"))), "O 6 31 16e580\na");
}

TEST(SessionTest, OwnMailIsNotEvaluated) {
  TestHost host(kZone, DefaultConfig());
  Session session(&host);
  host.Talk(&session, Opening("127.0.0.1"));
  EXPECT_EQ(PrintReplies(host.Talk(&session, MessageFrom("good.example"))), "s\na")
      << "no SPF and no DMARC of ourselves, and there is no signature";
}

TEST(SessionTest, WhoLogsInIsOwn) {
  TestHost host(kZone, DefaultConfig());
  Session session(&host);
  host.Talk(&session, Opening("203.0.113.9"));
  std::string message = MessageFrom("good.example");
  message = absl::StrCat(MacrosPacket('M', {"i", "Q", "{auth_type}", "PLAIN"}),
                         message.substr(MacrosPacket('M', {"i", "QUEUEID"}).size()));
  EXPECT_EQ(PrintReplies(host.Talk(&session, message)), "s\na");
  EXPECT_THAT(PrintReplies(host.Talk(&session, MessageFrom("good.example"))),
              HasSubstr("dmarc=fail"))
      << "the next message on the connection is nobody's";
}

TEST(SessionTest, AClientWhoseAddressIsInAMacroAlone) {
  TestHost host(kZone, DefaultConfig());
  Session session(&host);
  const std::string unknown = PacketOf('C', absl::StrCat(Texts({"mail.good.example"}), "U"));
  host.Talk(&session,
            absl::StrCat(NegotiationPacket(),
                         MacrosPacket('C', {"{client_addr}", "::ffff:192.0.2.1"}), unknown));
  EXPECT_THAT(PrintReplies(host.Talk(&session, MessageFrom("good.example"))),
              HasSubstr("spf=pass smtp.mailfrom=good.example"));
}

TEST(SessionTest, WhoLogsInIsNamedInTheLog) {
  TestHost host(kZone, DefaultConfig());
  Session session(&host);
  host.Talk(&session, Opening("203.0.113.9"));
  host.Talk(&session,
            absl::StrCat(MacrosPacket('M', {"i", "Q", "{auth_type}", "PLAIN", "{auth_authen}",
                                            "alice smith\n"}),
                         MailPacket("<a@good.example>"), HeaderPacket("From", " a@good.example"),
                         PacketOf('N'), PacketOf('E')));
  EXPECT_THAT(host.lines(), ElementsAre(HasSubstr(" user=alice\\x20smith\\x0a ")));
}

TEST(SessionTest, RejectsByDmarcWhenAsked) {
  Config config = DefaultConfig();
  config.reject_failures = true;
  TestHost host(kZone, config);
  Session session(&host);
  host.Talk(&session, Opening("203.0.113.9"));
  EXPECT_EQ(PrintReplies(host.Talk(&session, MessageFrom("good.example"))),
            "s\ny 550 5.7.1 rejected by DMARC policy for good.example");
}

TEST(SessionTest, NoTrickWithTheAuthorEscapesTheReject) {
  Config config = DefaultConfig();
  config.reject_failures = true;
  struct Case {
    const char* name;
    std::string fields;
    const char* reply;
  };
  const std::string spoof = HeaderPacket("From", " ceo@good.example");
  std::string padding;
  for (int i = 0; i < 6; ++i) {
    padding += HeaderPacket(absl::StrCat("X-Padding-", i), std::string(100'000, 'x'));
  }
  const Case kCases[] = {
      {"as it is", spoof, "rejected by DMARC policy for good.example"},
      {"a second field before it", absl::StrCat(HeaderPacket("From", " a@evil.example"), spoof),
       "rejected by DMARC policy for good.example"},
      {"a second field after it", absl::StrCat(spoof, HeaderPacket("From", " a@evil.example")),
       "rejected by DMARC policy for good.example"},
      {"a second author", HeaderPacket("From", " a@evil.example, ceo@good.example"),
       "rejected by DMARC policy for good.example"},
      {"behind a large header", absl::StrCat(padding, spoof), "the header is too large"},
      {"before a large header", absl::StrCat(spoof, padding), "the header is too large"},
  };
  for (const Case& c : kCases) {
    TestHost host(kZone, config);
    Session session(&host);
    host.Talk(&session, Opening("203.0.113.9"));
    EXPECT_THAT(
        PrintReplies(host.Talk(&session, absl::StrCat(MailPacket("<a@evil.example>"), c.fields,
                                                      PacketOf('N'), PacketOf('E')))),
        testing::AllOf(testing::StartsWith("y 550 5.7.1 "), HasSubstr(c.reply)))
        << c.name;
  }
}

TEST(SessionTest, AnExemptAuthorExemptsNoOther) {
  Config config = DefaultConfig();
  config.reject_failures = true;
  config.exempt_domains = *HostList::Parse({"exempt.example"});
  struct Case {
    const char* name;
    std::string fields;
    bool is_left_alone;
  };
  const Case kCases[] = {
      {"alone", HeaderPacket("From", " a@exempt.example"), true},
      {"two of one domain", HeaderPacket("From", " a@exempt.example, b@exempt.example"), true},
      {"another beside it", HeaderPacket("From", " a@exempt.example, ceo@good.example"), false},
      {"another field",
       absl::StrCat(HeaderPacket("From", " a@exempt.example"),
                    HeaderPacket("From", " ceo@good.example")),
       false},
  };
  for (const Case& c : kCases) {
    TestHost host(kZone, config);
    Session session(&host);
    host.Talk(&session, Opening("203.0.113.9"));
    const std::string replies =
        PrintReplies(host.Talk(&session, absl::StrCat(MailPacket("<a@evil.example>"), c.fields,
                                                      PacketOf('N'), PacketOf('E'))));
    EXPECT_EQ(replies == "a", c.is_left_alone) << c.name << ": " << replies;
  }
}

TEST(SessionTest, WhatTheMtaDidNotGrant) {
  Config config = DefaultConfig();
  config.hold_quarantined_messages = true;
  const std::string zone = absl::StrCat(kZone,
                                        "held.example. TXT \"v=spf1 -all\"\n"
                                        "_dmarc.held.example. TXT \"v=DMARC1; p=quarantine\"\n");
  TestHost host(zone, config);
  Session granted(&host);
  host.Talk(&granted, Opening("203.0.113.9"));
  EXPECT_THAT(PrintReplies(host.Talk(&granted, MessageFrom("held.example"))),
              HasSubstr("\nq quarantined by DMARC policy for held.example\na"));
  // SMFIF_QUARANTINE 0x20 is not offered: it is let through, and that is an error.
  Session refused(&host);
  host.Talk(&refused, absl::StrCat(NegotiationPacket(6, 0x1DF), ConnectPacket("x", "203.0.113.9")));
  EXPECT_THAT(PrintReplies(host.Talk(&refused, MessageFrom("held.example"))),
              testing::AllOf(Not(HasSubstr("\nq ")), testing::EndsWith("\na")));
  EXPECT_THAT(host.errors(), ElementsAre(HasSubstr("quarantine")));
  // A report tells what was done, not what was wanted.
  ASSERT_THAT(host.facts(), SizeIs(2));
  EXPECT_EQ(host.facts()[0].disposition, store::Disposition::kQuarantine);
  EXPECT_EQ(host.facts()[1].disposition, store::Disposition::kNone);

  // SMFIF_CHGHDRS 0x10 is not offered, and a reload wants it: forged fields do not get through.
  config.keep_auth_results = true;
  TestHost before(zone, config);
  Session session(&before);
  before.Talk(&session, absl::StrCat(NegotiationPacket(6, 0x1EF), ConnectPacket("x", "192.0.2.1")));
  config.keep_auth_results = false;
  before.Reload(config);
  EXPECT_THAT(
      PrintReplies(before.Talk(
          &session, MessageFrom("good.example", HeaderPacket("Authentication-Results",
                                                             " mx.example.net; dkim=pass")))),
      testing::StartsWith("s\ny 451 4.3.5 "));
  EXPECT_THAT(before.facts(), IsEmpty()) << "it comes again, and counts then";
}

TEST(SessionTest, LookupsThatFailAreTempErrors) {
  Config config = DefaultConfig();
  TestHost host(kZone, config);
  Session session(&host);
  host.Talk(&session, Opening("203.0.113.9"));
  EXPECT_THAT(PrintReplies(host.Talk(&session, MessageFrom("broken.example"))),
              testing::AllOf(HasSubstr("dmarc=temperror"), testing::EndsWith("\na")))
      << "On-DNSError is absent: accepted, and said";
  config.on_dns_error = Action::kTempfail;
  TestHost strict(kZone, config);
  Session second(&strict);
  strict.Talk(&second, Opening("203.0.113.9"));
  EXPECT_THAT(PrintReplies(strict.Talk(&second, MessageFrom("broken.example"))),
              testing::StartsWith("s\ny 451 4.7.5 "));
}

TEST(SessionTest, Point02AFromThatNamesNoDomainIsRefusedIfAsked) {
  struct Case {
    const char* from;
    bool is_refused;
  };
  const Case kCases[] = {
      {" MAILER-DAEMON", true},    {" <>", true},
      {" undisclosed:;", true},    {" a@[192.0.2.1]", true},
      {" a@other.example", false},
  };
  for (const bool required : {false, true}) {
    Config config = DefaultConfig();
    config.reject_failures = true;
    config.required_headers = required;
    for (const Case& c : kCases) {
      TestHost host(kZone, config);
      Session session(&host);
      host.Talk(&session, Opening("203.0.113.9"));
      const std::string replies = PrintReplies(
          host.Talk(&session, absl::StrCat(MailPacket("<>"), HeaderPacket("From", c.from),
                                           HeaderPacket("Date", " Thu, 1 Jan 2026 00:00:00 +0000"),
                                           PacketOf('N'), PacketOf('E'))));
      if (required && c.is_refused) {
        EXPECT_EQ(replies, "y 550 5.6.0 the From field names no domain") << c.from;
      } else {
        // A bounce impersonates nobody's domain.
        EXPECT_THAT(replies, testing::EndsWith("\na")) << c.from;
      }
    }
  }
}

TEST(SessionTest, Point03ATempErrorDoesNotEscapeTheReject) {
  Config config = DefaultConfig();
  config.reject_failures = true;
  TestHost host(kZone, config);
  Session session(&host);
  host.Talk(&session, Opening("203.0.113.9"));
  EXPECT_EQ(PrintReplies(host.Talk(&session, MessageFrom("broken.example"))),
            "s\ny 451 4.7.1 DMARC of broken.example cannot be evaluated now, try again later");
  EXPECT_THAT(host.lines(), ElementsAre(HasSubstr(" because=\"DMARCTempErrorDefer\" ")));
}

TEST(SessionTest, TheDeadlineEndsTheWait) {
  TestHost host(kZone, DefaultConfig());
  Session session(&host);
  host.Talk(&session, Opening("192.0.2.1"));
  EXPECT_EQ(PrintReplies(host.Talk(&session, MessageFrom("slow.example"))), "s");
  EXPECT_TRUE(session.awaits_verdict());
  // What the MTA says meanwhile waits.
  EXPECT_EQ(host.Talk(&session, MessageFrom("good.example")), "");
  session.Expire(TestHost::kNow);
  EXPECT_THAT(PrintReplies(host.Talk(&session, "")),
              testing::AllOf(HasSubstr("dmarc=temperror"), HasSubstr("header.from=good.example")));
  EXPECT_THAT(host.lines(), SizeIs(2));
}

TEST(SessionTest, AnAbortEndsTheMessageAlone) {
  TestHost host(kZone, DefaultConfig());
  Session session(&host);
  host.Talk(&session, Opening("192.0.2.1"));
  EXPECT_EQ(
      host.Talk(&session, absl::StrCat(MailPacket("<bob@slow.example>"),
                                       HeaderPacket("From", " bob@slow.example"), PacketOf('A'))),
      "");
  EXPECT_TRUE(session.is_idle());
  EXPECT_THAT(host.lines(), IsEmpty());
  // CONNECT and HELO are those of before.
  EXPECT_THAT(PrintReplies(host.Talk(&session, MessageFrom("good.example"))),
              testing::AllOf(HasSubstr("smtp.mailfrom=good.example"),
                             HasSubstr("smtp.helo=mail.good.example")));
}

TEST(SessionTest, AnotherClientOnTheSameConnection) {
  TestHost host(kZone, DefaultConfig());
  Session session(&host);
  host.Talk(&session, Opening("192.0.2.1"));
  host.Talk(&session, MessageFrom("good.example"));
  EXPECT_EQ(host.Talk(&session, PacketOf('K')), "");
  EXPECT_EQ(PrintReplies(host.Talk(&session, ConnectPacket("x", "203.0.113.9"))), "c");
  EXPECT_THAT(PrintReplies(host.Talk(&session, MessageFrom("good.example"))),
              testing::AllOf(HasSubstr("spf=fail"), Not(HasSubstr("smtp.helo"))));
}

TEST(SessionTest, ABodyInTheEndIsPartOfTheMessage) {
  TestHost host(kZone, DefaultConfig());
  Session session(&host);
  host.Talk(&session, Opening("192.0.2.1"));
  EXPECT_THAT(PrintReplies(host.Talk(
                  &session, absl::StrCat(MailPacket("<a@good.example>"),
                                         HeaderPacket("From", " a@good.example"), PacketOf('N'),
                                         PacketOf('E', "the last octets\r\n")))),
              HasSubstr("dmarc=pass"));
}

TEST(SessionTest, FaultsOfTheMtaCloseTheConnection) {
  struct Case {
    const char* name;
    std::string octets;
    const char* fault;
  };
  const Case kCases[] = {
      {"no negotiation", MailPacket("<a@example.com>"), "does not begin"},
      {"a command of its own", absl::StrCat(NegotiationPacket(), PacketOf('z')), "there is not"},
      {"an old version", NegotiationPacket(1), "version 1"},
      {"no end of a field", absl::StrCat(NegotiationPacket(), PacketOf('L', "From")), "not end"},
      {"a length of nothing", absl::StrCat(NegotiationPacket(), Uint32(0)), "length"},
      {"a length of everything", absl::StrCat(NegotiationPacket(), Uint32(0xFFFFFFFF)), "length"},
  };
  for (const Case& c : kCases) {
    TestHost host(kZone, DefaultConfig());
    Session session(&host);
    host.Talk(&session, c.octets);
    EXPECT_TRUE(session.is_over()) << c.name;
    EXPECT_THAT(host.faults(), ElementsAre(HasSubstr(c.fault))) << c.name;
    EXPECT_EQ(host.Talk(&session, NegotiationPacket()), "") << "nothing is read any more";
  }
}

TEST(SessionTest, HostileTextNeverReachesALine) {
  TestHost host(kZone, DefaultConfig());
  Session session(&host);
  host.Talk(&session, Opening("192.0.2.1"));
  host.Talk(&session,
            absl::StrCat(MacrosPacket('M', {"i", "Q\nfake: line action=accept"}),
                         MailPacket("<a b\r\nc@\x1b[31mx\xc2\x85>"),
                         HeaderPacket("From", " a@x\r\n\x01"), PacketOf('N'), PacketOf('E')));
  ASSERT_THAT(host.lines(), SizeIs(1));
  EXPECT_EQ(host.lines()[0].find_first_of("\r\n\x1b\x01"), std::string::npos) << host.lines()[0];
  EXPECT_THAT(host.lines()[0], testing::StartsWith("Q\\x0afake:\\x20line\\x20action=accept: "));
}

}  // namespace
}  // namespace postseal::milter
