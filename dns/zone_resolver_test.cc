#include "dns/zone_resolver.h"

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace postseal::dns {
namespace {

using std::string_literals::operator""s;

Query MakeQuery(std::string_view name, Type type) {
  return Query(name == "." ? Name() : *Name::Parse(name), type);
}

std::string Describe(const std::optional<Answer>& answer) {
  if (!answer.has_value()) return "timeout";
  if (answer->outcome != Outcome::kRecords) return std::string(OutcomeName(answer->outcome));
  base::Arena arena;
  std::string out;
  for (const std::string_view rdata : answer->rdata) {
    out += out.empty() ? "" : "|";
    out += *JoinTxt(rdata, &arena);
  }
  return out;
}

// The texts of the TXT records at |name|, or how the lookup failed.
std::string Txt(const ZoneResolver& zone, std::string_view name) {
  return Describe(zone.Lookup(MakeQuery(name, Type::kTxt)));
}

std::vector<std::string> Rdata(const ZoneResolver& zone, std::string_view name, Type type) {
  const auto answer = zone.Lookup(MakeQuery(name, type));
  if (!answer.has_value()) return {"timeout"};
  return std::vector<std::string>(answer->rdata.begin(), answer->rdata.end());
}

Outcome OutcomeOf(const ZoneResolver& zone, std::string_view name, Type type) {
  return zone.Lookup(MakeQuery(name, type)).value().outcome;
}

void Add(std::string_view text, ZoneResolver* zone) {
  const absl::Status status = zone->AddText(text, "test");
  ASSERT_TRUE(status.ok()) << status;
}

void AddFile(const std::string& path, ZoneResolver* zone) {
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  const absl::Status status = zone->AddText(text.str(), path);
  ASSERT_TRUE(status.ok()) << status;
}

std::string Wire(std::string_view address) { return AddressRdata(*IpAddress::Parse(address)); }

TEST(ZoneResolverTest, AllNotationsOfAZoneFile) {
  ZoneResolver zone;
  AddFile("testdata/zones/mail.zone", &zone);
  using Records = std::vector<std::string>;
  EXPECT_EQ(Txt(zone, "example.com"), "v=spf1 mx -all") << "blank owner: the previous one";
  EXPECT_EQ(Txt(zone, "_dmarc.example.com"), "v=DMARC1; p=reject; rua=mailto:dmarc@example.com")
      << "parentheses join lines";
  EXPECT_EQ(Txt(zone, "sel._domainkey.example.com"),
            "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  EXPECT_EQ(Rdata(zone, "quotes.example.com", Type::kTxt),
            Records({"\x18"
                     "a \"quoted\" word; \\ and A\x09un quoted"}));
  EXPECT_EQ(Rdata(zone, "example.com", Type::kMx),
            Records({"\0\x0a\4mail\7example\3com\0"s, "\0\x14\6backup\7example\3net\0"s}));
  EXPECT_EQ(Rdata(zone, "example.com", Type::kNs), Records({"\3ns1\7example\3com\0"s}));
  EXPECT_EQ(Rdata(zone, "example.com", Type::kSoa),
            Records({"\3ns1\7example\3com\0\x0ahostmaster\7example\3com\0"s
                     "\x78\xc2\x75\xf5"
                     "\0\0\x1c\x20"
                     "\0\0\x03\x84"
                     "\0\x12\x75\0"
                     "\0\0\2\x58"s}))
      << "2026010101 7200 900 1209600 600";
  EXPECT_EQ(Rdata(zone, "mail.example.com", Type::kA), Records({Wire("192.0.2.1")}));
  EXPECT_EQ(Rdata(zone, "mail.example.com", Type::kAaaa), Records({Wire("2001:db8::1")}));
  EXPECT_EQ(Rdata(zone, "WWW.example.com", Type::kAaaa), Records({Wire("2001:db8::1")}))
      << "through the CNAME";
  EXPECT_EQ(Rdata(zone, "www.example.com", Type::kCname), Records({"\4mail\7example\3com\0"s}));
  EXPECT_EQ(Rdata(zone, "1.2.0.192.in-addr.arpa", Type::kPtr),
            Records({"\4mail\7example\3com\0"s}));
  EXPECT_EQ(Rdata(zone, "xn--bcher-kva.example.com", Type::kA), Records({Wire("192.0.2.7")}))
      << "a U-label";
  EXPECT_EQ(Rdata(zone, "\xc3\xbc.example.com", Type::kA), Records({Wire("192.0.2.8")}))
      << "an escaped name is taken octet by octet";
}

TEST(ZoneResolverTest, TtlsAreKept) {
  ZoneResolver zone;
  AddFile("testdata/zones/mail.zone", &zone);
  Add("first. A 192.0.2.1\n"
      "second. 90 A 192.0.2.1\n"
      "third. A 192.0.2.1\n"
      "mixed. 200 A 192.0.2.1\n"
      "mixed. 100 A 192.0.2.2\n"
      "most. 2147483647 A 192.0.2.1\n"
      "alias. 7 CNAME first.\n"
      "lost. 40 CNAME nowhere.example.com.\n"
      "soa. 30 SOA . . 0 0 0 0 80\n",
      &zone);
  const struct {
    const char* name;
    Type type;
    uint32_t want;
    const char* why;
  } cases[] = {
      {"ns1.example.com", Type::kA, 7200, "$TTL"},
      {"mail.example.com", Type::kA, 60, "its own, after the class"},
      {"mail.example.com", Type::kAaaa, 60, "its own, before the class"},
      {"_dmarc.example.com", Type::kTxt, 7200, "$TTL, not the last stated (RFC 2308 §4)"},
      {"first", Type::kA, 3600, "the default"},
      {"second", Type::kA, 90, ""},
      {"third", Type::kA, 90, "the last stated (RFC 1035 §5.1)"},
      {"mixed", Type::kA, 100, "the smallest of the set"},
      {"most", Type::kA, 2147483647, "31 bits (RFC 2181 §8)"},
      {"alias", Type::kA, 7, "the CNAME's is smaller"},
      {"www.example.com", Type::kA, 60, "the target's is smaller"},
      {"nowhere.example.com", Type::kA, 600, "NXDOMAIN: the SOA's MINIMUM (RFC 2308 §5)"},
      {"a.b.c.example.com", Type::kA, 600, "below the zone's top"},
      {"example.com", Type::kA, 600, "NODATA"},
      {"lost", Type::kA, 40, "the CNAME's, smaller than the SOA's"},
      {"soa", Type::kA, 30, "the SOA record's own TTL, smaller than MINIMUM"},
      {"no-zone", Type::kA, 0, "no SOA: not to be cached"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(zone.Lookup(MakeQuery(c.name, c.type))->ttl_seconds, c.want) << c.name << c.why;
  }
}

TEST(ZoneResolverTest, WildcardsOfRfc4592) {
  ZoneResolver zone;
  AddFile("testdata/zones/rfc4592.zone", &zone);
  const std::vector<std::string> mx = {"\0\x0a\5host1\7example\0"s};
  // RFC 4592 §2.2.1: "would be synthesized from one of the wildcards"
  EXPECT_EQ(Rdata(zone, "host3.example", Type::kMx), mx);
  EXPECT_EQ(OutcomeOf(zone, "host3.example", Type::kA), Outcome::kNoData);
  EXPECT_EQ(Txt(zone, "foo.bar.example"), "this is a wildcard");
  // "would not be synthesized"
  EXPECT_EQ(OutcomeOf(zone, "host1.example", Type::kMx), Outcome::kNoData) << "it exists";
  EXPECT_EQ(OutcomeOf(zone, "sub.*.example", Type::kMx), Outcome::kNoData) << "it exists";
  EXPECT_EQ(OutcomeOf(zone, "_telnet._tcp.host1.example", Type::kTxt), Outcome::kNxDomain)
      << "_tcp.host1.example exists";
  EXPECT_EQ(OutcomeOf(zone, "host.subdel.example", Type::kA), Outcome::kNxDomain);
  EXPECT_EQ(OutcomeOf(zone, "ghost.*.example", Type::kMx), Outcome::kNxDomain)
      << "*.example exists";
  // §2.2.2: empty non-terminals exist.
  EXPECT_EQ(OutcomeOf(zone, "_tcp.host1.example", Type::kTxt), Outcome::kNoData);
  EXPECT_EQ(OutcomeOf(zone, "host2.example", Type::kMx), Outcome::kNoData);
  // §2.1.3: the wildcard itself is a name like any other.
  EXPECT_EQ(Txt(zone, "*.example"), "this is a wildcard");
  EXPECT_EQ(Txt(zone, "sub.*.example"), "this is not a wildcard");
  EXPECT_EQ(OutcomeOf(zone, "other", Type::kTxt), Outcome::kNxDomain);
}

TEST(ZoneResolverTest, WildcardAtTheRootAndAtTheNameLimit) {
  ZoneResolver zone;
  Add("*. TXT root", &zone);
  EXPECT_EQ(Txt(zone, "a.b"), "root");
  const std::string longest = std::string(63, 'a') + "." + std::string(63, 'a') + "." +
                              std::string(63, 'a') + "." + std::string(61, 'a');
  ASSERT_EQ(longest.size(), Name::kMaxOctets);
  Add(longest.substr(2) + ". A 192.0.2.1", &zone);
  EXPECT_EQ(Txt(zone, "b." + longest.substr(2)), "nxdomain") << "251 octets and a label of one";
}

TEST(ZoneResolverTest, NamesExistByAnyRecord) {
  ZoneResolver zone;
  Add("a.b.c. HINFO \"a machine\" ( \"an\" \n \"os\" )\n"
      "x. TYPE65280 \\# 2 abcd ; RFC 3597\n",
      &zone);
  for (const char* name : {"a.b.c", "b.c", "c", ".", "x"}) EXPECT_EQ(Txt(zone, name), "nodata");
  for (const char* name : {"d", "x.c", "a.a.b.c"}) EXPECT_EQ(Txt(zone, name), "nxdomain");
  ZoneResolver empty;
  EXPECT_EQ(Txt(empty, "a"), "nxdomain");
  EXPECT_EQ(Txt(empty, "."), "nxdomain");
}

TEST(ZoneResolverTest, CnameChainsHoldAtNAndNPlusOne) {
  ZoneResolver zone;
  std::string text = "n0. TXT end\n";
  for (int i = 1; i <= kMaxCnameDepth + 1; ++i) {
    text += "n" + std::to_string(i) + ". CNAME N" + std::to_string(i - 1) + ".\n";
  }
  Add(text +
          "loop. CNAME pool.\npool. CNAME loop.\nself. CNAME self.\n"
          "dangling. CNAME nowhere.\nnodata. CNAME other.\nother. A 192.0.2.1\n"
          "*.wild. CNAME n0.\nroot. CNAME .\n",
      &zone);
  EXPECT_EQ(kMaxCnameDepth, 8);
  EXPECT_EQ(Txt(zone, "n8"), "end");
  EXPECT_EQ(Txt(zone, "n9"), "temperror");
  EXPECT_EQ(Txt(zone, "loop"), "temperror");
  EXPECT_EQ(Txt(zone, "self"), "temperror");
  EXPECT_EQ(Txt(zone, "dangling"), "nxdomain") << "RFC 2308 §2.1: of the last name";
  EXPECT_EQ(Txt(zone, "nodata"), "nodata");
  EXPECT_EQ(Txt(zone, "a.wild"), "end") << "a wildcard may be an alias (RFC 4592 §4.4)";
  EXPECT_EQ(Txt(zone, "root"), "nodata");
  EXPECT_EQ(OutcomeOf(zone, "loop", Type::kCname), Outcome::kRecords)
      << "RFC 1034 §3.6.2: not followed when asked for itself";
}

TEST(ZoneResolverTest, ControlLines) {
  ZoneResolver zone;
  Add("$ORIGIN example.\n"
      "$FAIL all\n$TIMEOUT slow txt\n$FAIL mixed MX\n$TIMEOUT mixed\n$fail twice TXT\n"
      "$TIMEOUT twice TXT\n"
      "all TXT x\nslow TXT x\nslow A 192.0.2.1\nalias CNAME all\nlate CNAME slow\n",
      &zone);
  EXPECT_EQ(Txt(zone, "ALL.example"), "temperror");
  EXPECT_EQ(OutcomeOf(zone, "all.example", Type::kA), Outcome::kTempError);
  EXPECT_EQ(Txt(zone, "slow.example"), "timeout");
  EXPECT_EQ(OutcomeOf(zone, "slow.example", Type::kA), Outcome::kRecords) << "only TXT is slow";
  EXPECT_EQ(OutcomeOf(zone, "mixed.example", Type::kMx), Outcome::kTempError);
  EXPECT_EQ(Txt(zone, "mixed.example"), "timeout");
  EXPECT_EQ(Txt(zone, "twice.example"), "temperror") << "the first line counts";
  EXPECT_EQ(Txt(zone, "alias.example"), "temperror") << "also behind a CNAME";
  EXPECT_EQ(Txt(zone, "late.example"), "timeout");
  EXPECT_EQ(Txt(zone, "sub.mixed.example"), "nxdomain") << "a control line makes no name";
}

TEST(ZoneResolverTest, TextsAddUpAndFaultyOnesAddNothing) {
  ZoneResolver zone;
  Add("a. TXT one\n\r\n  \t \n; nothing\n", &zone);
  Add("$ORIGIN b.\r\nA. TXT two\r\n", &zone);
  Add("a TXT one\n", &zone);
  EXPECT_EQ(Txt(zone, "a"), "one|two|one") << "$ORIGIN ends with its text; equal records stay";
  EXPECT_FALSE(zone.AddText("a TXT three\nb TXT\n", "bad").ok());
  EXPECT_EQ(Txt(zone, "a"), "one|two|one");
  Add("", &zone);
}

TEST(ZoneResolverTest, StringsHold255Octets) {
  ZoneResolver zone;
  Add("a. TXT " + std::string(255, 'x') + " \"\"", &zone);
  EXPECT_EQ(Txt(zone, "a"), std::string(255, 'x'));
  EXPECT_FALSE(zone.AddText("a. TXT " + std::string(256, 'x'), "bad").ok());
  // 255 strings of 256 octets with their lengths, and 255 octets: 65535.
  std::string most = "big. TXT";
  for (int i = 0; i < 255; ++i) most += " " + std::string(255, 'x');
  Add(most + " " + std::string(254, 'x'), &zone);
  EXPECT_EQ(Rdata(zone, "big", Type::kTxt).front().size(), kMaxRdataOctets);
  EXPECT_EQ(zone.AddText(most + " " + std::string(255, 'x'), "bad").message(),
            "bad:1:6: the record data is above 65535 octets");
}

TEST(ZoneResolverTest, ManyRecordsAndNames) {
  constexpr int kCount = 100000;
  std::string text;
  for (int i = 0; i < kCount; ++i) {
    text += "one. TXT " + std::to_string(i) + "\nn" + std::to_string(i) + ". TXT x\n";
  }
  ZoneResolver zone;
  Add(text, &zone);
  EXPECT_EQ(zone.Lookup(MakeQuery("one", Type::kTxt))->rdata.size(), size_t{kCount});
  EXPECT_EQ(Txt(zone, "n99999"), "x");
}

TEST(ZoneResolverTest, BlockingLeavesOutWhatTimesOut) {
  ZoneResolver zone;
  Add("a. TXT x\n$TIMEOUT slow\n", &zone);
  const PendingQuery batch[] = {{7, MakeQuery("a", Type::kTxt)},
                                {8, MakeQuery("slow", Type::kTxt)},
                                {9, MakeQuery("b", Type::kTxt)}};
  std::string log;
  zone.Resolve(batch, Deadline::max(), [&](QueryId id, const Answer& answer) {
    log += std::to_string(id) + Describe(answer) + " ";
  });
  EXPECT_EQ(log, "7x 9nxdomain ");
}

TEST(ZoneResolverTest, AsyncKeepsWhatTimesOutUntilCancel) {
  ZoneResolver zone;
  Add("a. TXT x\n$TIMEOUT slow\n", &zone);
  std::string log;
  const auto done = [&](const Answer& answer) { log += Describe(answer); };
  const auto answered = zone.Start(MakeQuery("a", Type::kTxt), done);
  EXPECT_EQ(log, "x");
  const auto held = std::make_shared<int>(0);
  const auto slow =
      zone.Start(MakeQuery("slow", Type::kTxt), [&log, held](const Answer&) { log += "never"; });
  EXPECT_NE(slow, answered);
  EXPECT_EQ(held.use_count(), 2) << "the callback is kept";
  zone.Cancel(answered);
  zone.Cancel(slow + 1);
  EXPECT_EQ(held.use_count(), 2);
  zone.Cancel(slow);
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(log, "x");
}

}  // namespace
}  // namespace postseal::dns
