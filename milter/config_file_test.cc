#include "milter/config_file.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "dkim/algorithm.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/zone_resolver.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "milter/config.h"
#include "milter/diagnostic.h"
#include "milter/directive.h"
#include "milter/setting.h"
#include "milter/test_folder.h"
#include "milter/text_file.h"

namespace postseal::milter {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Read reads |text| as the file "conf", with |others| to be included.
LoadedConfig Read(std::string_view text, Dialect dialect = Dialect::kOpenDkim,
                  const std::map<std::string, std::string>& others = {}) {
  return ReadConfigBy(
      "conf", dialect,
      [&](const std::string& path, size_t max_octets) -> absl::StatusOr<std::string> {
        if (path == "conf") return std::string(text);
        const auto it = others.find(path);
        return it == others.end() ? ReadTextFile(path, max_octets) : it->second;
      });
}

// Said are the diagnostics of |severity| and above, a line each.
std::vector<std::string> Said(const LoadedConfig& loaded, Severity least = Severity::kWarning) {
  std::vector<std::string> lines;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.severity <= least) lines.push_back(Print(diagnostic));
  }
  return lines;
}

bool IsInternal(const Config& config, std::string_view address) {
  return config.internal_hosts.Matches(dns::IpAddress::Parse(address), "");
}

// opendkim.conf(5) and what OpenDKIM 2.11 was seen to do.
TEST(ConfigFileTest, Defaults) {
  const LoadedConfig loaded = Read("Socket inet:8891@localhost\n");
  EXPECT_TRUE(loaded.ok);
  EXPECT_THAT(Said(loaded, Severity::kNote), IsEmpty());
  const Config& config = loaded.config;
  EXPECT_TRUE(config.sign);
  EXPECT_TRUE(config.verify);
  EXPECT_TRUE(config.background);
  EXPECT_FALSE(config.syslog);
  EXPECT_EQ(config.syslog_facility, "mail");
  EXPECT_EQ(config.dns_timeout, std::chrono::seconds(5));
  EXPECT_EQ(config.minimum_key_bits, 1024);
  EXPECT_TRUE(IsInternal(config, "127.0.0.1"));
  EXPECT_TRUE(IsInternal(config, "::1"));
  EXPECT_FALSE(IsInternal(config, "192.168.0.1"));
  EXPECT_TRUE(loaded.key_policy.require_safe);
  const dkim::SignatureRequest& request = loaded.signing.settings().request;
  EXPECT_EQ(request.header_canon, dkim::HeaderCanon::kSimple);
  EXPECT_EQ(request.body_canon, dkim::BodyCanon::kSimple);
  EXPECT_TRUE(request.fields.oversign.empty());
  const LoadedConfig own = Read("Socket inet:8891@localhost\n", Dialect::kPostseal);
  EXPECT_EQ(own.signing.settings().request.header_canon, dkim::HeaderCanon::kRelaxed);
  EXPECT_THAT(own.signing.settings().request.fields.oversign,
              ElementsAre("From", "Reply-To", "Cc", "MIME-Version", "Content-Type",
                          "Content-Transfer-Encoding"));
}

TEST(ConfigFileTest, ReadsEachKindOfValue) {
  const LoadedConfig loaded = Read(
      "# comment\n"
      "socket\tinet:8891@localhost   # comment\n"
      "  Mode  v\n"
      "SYSLOG Yes\nSyslogFacility local3\nUmask 007\nUserID mail:postfix\n"
      "Canonicalization Relaxed/SIMPLE\nAuthservID mx.example.com\n"
      "PidFile /run/a b.pid\nDNSTimeout 7\nMaximumHeaders 1000\nSignatureTTL 3600\n"
      "PeerList 192.0.2.1, .example.com\nMTA submission\nMacroList {auth_type},x=a|b\n"
      "On-Default t\nOn-BadSignature reject\nMinimumKeyBits 2048\nRequireSafeKeys no\n"
      "Nameservers 192.0.2.53, 2001:db8::53\nDiagnostics 1\nDontSignMailTo a@b.example\n"
      "RemoveARFrom .example.com\nExemptDomains example.org\nClockDrift 60\nQuarantine t\n"
      "CaptureUnknownErrors f\n");
  EXPECT_TRUE(loaded.ok);
  EXPECT_THAT(Said(loaded, Severity::kNote), IsEmpty());
  const Config& config = loaded.config;
  ASSERT_EQ(config.sockets.size(), 1u);
  EXPECT_EQ(config.sockets[0].Print(), "inet:8891@localhost");
  EXPECT_FALSE(config.sign);
  EXPECT_TRUE(config.verify);
  EXPECT_TRUE(config.syslog);
  EXPECT_EQ(config.syslog_facility, "local3");
  EXPECT_EQ(config.umask, 7u);
  EXPECT_EQ(config.user, "mail");
  EXPECT_EQ(config.group, "postfix");
  EXPECT_EQ(config.pid_file, "/run/a b.pid");
  EXPECT_EQ(config.authserv_id, "mx.example.com");
  EXPECT_EQ(config.dns_timeout, std::chrono::seconds(7));
  EXPECT_EQ(config.maximum_headers, 1000u);
  EXPECT_TRUE(config.peer_list.MatchesName("a.example.com"));
  EXPECT_THAT(config.mta, ElementsAre("submission"));
  ASSERT_EQ(config.macro_list.size(), 2u);
  EXPECT_EQ(config.macro_list[0].name, "auth_type");
  EXPECT_THAT(config.macro_list[0].values, IsEmpty());
  EXPECT_THAT(config.macro_list[1].values, ElementsAre("a", "b"));
  EXPECT_EQ(config.on_dns_error, Action::kTempfail);
  EXPECT_EQ(config.on_bad_signature, Action::kReject);
  EXPECT_EQ(config.on_internal_error, Action::kTempfail);
  EXPECT_EQ(config.minimum_key_bits, 2048);
  EXPECT_EQ(loaded.key_policy.minimum_bits, 2048);
  EXPECT_FALSE(loaded.key_policy.require_safe);
  EXPECT_THAT(config.nameservers, ElementsAre("192.0.2.53", "2001:db8::53"));
  EXPECT_TRUE(config.dont_sign_mail_to.Matches("a", "b.example"));
  EXPECT_TRUE(config.exempt_domains.MatchesName("example.org"));
  EXPECT_EQ(config.clock_drift_seconds, 60);
  const dkim::SignatureRequest& request = loaded.signing.settings().request;
  EXPECT_EQ(request.header_canon, dkim::HeaderCanon::kRelaxed);
  EXPECT_EQ(request.body_canon, dkim::BodyCanon::kSimple);
  EXPECT_EQ(request.expires_in_seconds, 3600);
  EXPECT_TRUE(request.copy_fields);
}

TEST(ConfigFileTest, ReadsOurOwn) {
  const LoadedConfig loaded = Read(
      "Socket inet:8891@localhost\nSocket local:/run/a.sock\nMetricsSocket inet:9090@localhost\n"
      "Threads 2\nTrustedRelays 192.0.2.0/24\nIgnoreHosts 198.51.100.1\nRejectFailures yes\n"
      "HoldQuarantinedMessages yes\nRejectMultiValueFrom yes\nSPFReject softfail\n"
      "SPFTempErrorDefer yes\nStore postgres://u:secret@db.example/postseal\n"
      "SpoolDirectory spool\nBaseDirectory /var/lib/postseal\nSpoolFsync yes\nNodeName mx-1\n"
      "OnStoreError tempfail\nMessageTimeout 30\nAddReceivedSPF no\nAllowRsaSha1 yes\n"
      "CheckPublishedKeys yes\nTrustedAuthservIDs a.example,b.example\n"
      "IgnoreAuthenticatedClients no\nDMARCTempErrorDefer no\n"
      "SigningLoginTable csl:example.com=alice bob,*=*@%\n"
      "StoreRetention 30\nStoreRowsPerDomain 500\n"
      "StoreRowsPerDay 4294967295\n",
      Dialect::kPostseal);
  EXPECT_THAT(Said(loaded), IsEmpty());
  const Config& config = loaded.config;
  ASSERT_EQ(config.sockets.size(), 2u);
  EXPECT_EQ(config.sockets[1].path(), "/run/a.sock");
  EXPECT_EQ(config.metrics->port(), 9090);
  EXPECT_EQ(config.threads, 2u);
  EXPECT_EQ(config.spf_rejection, SpfRejection::kFailAndSoftfail);
  EXPECT_EQ(config.store_url, "postgresql://u:secret@db.example/postseal");
  EXPECT_EQ(config.spool_directory, "/var/lib/postseal/spool");
  EXPECT_EQ(config.on_store_error, Action::kTempfail);
  EXPECT_EQ(config.store_retention_days, 30);
  EXPECT_EQ(config.store_quota.rows_a_domain, 500);
  EXPECT_EQ(config.store_quota.rows_a_day, 4294967295);
  EXPECT_EQ(config.message_timeout, std::chrono::seconds(30));
  EXPECT_FALSE(config.add_received_spf);
  EXPECT_TRUE(config.check_published_keys);
  EXPECT_FALSE(config.ignore_authenticated_clients);
  EXPECT_EQ(config.dmarc_temp_error_defer, false);
  ASSERT_TRUE(config.signing_logins.has_value());
  EXPECT_TRUE(config.signing_logins->Permits("bob", "x", "example.com"));
  EXPECT_FALSE(config.signing_logins->Permits("x@example.com", "x", "example.com"));
  EXPECT_TRUE(config.signing_logins->Permits("x@example.org", "x", "example.org"));
}

TEST(ConfigFileTest, Refuses) {
  struct Case {
    std::string_view line;
    std::string_view error;  // after "conf:2: error: "
  };
  for (const Case& c : {
           Case{"SigningTabel x",
                "unrecognized parameter \"SigningTabel\", did you mean "
                "SigningTable?"},
           Case{"Foo 1", "unrecognized parameter \"Foo\""},
           Case{"LogWhy", "required value missing after LogWhy"},
           Case{"Include", "required value missing after Include"},
           Case{"LogWhy on", "illegal value \"on\" of LogWhy: yes or no"},
           Case{"MaximumHeaders abc", "illegal value \"abc\""},
           Case{"SignatureTTL -1", "illegal value \"-1\""},
           Case{"UMask 8", "illegal value \"8\" of UMask: octal digits"},
           Case{"Mode x", "unknown mode \"x\""},
           Case{"Mode SV", "unknown mode \"SV\""},
           Case{"Canonicalization relaxed/foo", "unknown canonicalization algorithm \"foo\""},
           Case{"SignatureAlgorithm foo", "unknown signing algorithm \"foo\""},
           Case{"KeyTable csl:a=b:c:d", "KeyTable requires SigningTable"},
           Case{"SigningTable csl:a=b", "use of SigningTable requires KeyTable"},
           Case{"Selector a", "KeyFile and Selector must both be defined or both be undefined"},
           Case{"PeerList /nowhere/peers", "PeerList: /nowhere/peers: No such file or directory"},
           Case{"PeerList db:/x", "PeerList: the data set is a Berkeley DB file"},
           Case{"On-DNSError rejct", "illegal value \"rejct\""},
           Case{"SyslogFacility foo", "illegal value \"foo\""},
           Case{"Nameservers ns.example.com", "illegal value \"ns.example.com\""},
           Case{"Include nowhere", "nowhere: No such file or directory"},
           Case{"SPFReject maybe", "illegal value \"maybe\""},
           Case{"Store mysql://h", "illegal value \"mysql://h\""},
           Case{"OnStoreError reject", "illegal value \"reject\""},
           Case{"StoreRetention 36501", "illegal value \"36501\""},
           Case{"StoreRowsPerDomain 0", "illegal value \"0\""},
           Case{"StoreRowsPerDay 4294967296", "illegal value \"4294967296\""},
           Case{"MetricsSocket 9090", "illegal value \"9090\""},
           Case{"UserID :mail", "illegal value \":mail\""},
           Case{"SignHeaders From,Return-Path,a b,OmitHeaders", "\"a b\" is no field name"},
       }) {
    const LoadedConfig loaded = Read(absl::StrCat("Socket inet:1@localhost\n", c.line, "\n"));
    EXPECT_FALSE(loaded.ok) << c.line;
    const std::string start = absl::StrCat("conf:2: error: ", c.error);
    EXPECT_THAT(Said(loaded), ElementsAre(testing::StartsWith(start))) << c.line;
  }
}

TEST(ConfigFileTest, SaysWhatIsIgnored) {
  const LoadedConfig loaded = Read(
      "Socket inet:1@localhost\nSendReports yes\nLDAPTimeout 3\nAutoRestart yes\nX-Header yes\n"
      "ADSPAction discard\nFixCRLF no\n");
  EXPECT_TRUE(loaded.ok);
  EXPECT_THAT(Said(loaded), ElementsAre(HasSubstr("conf:2: warning: SendReports is ignored"),
                                        HasSubstr("conf:3: warning: LDAPTimeout is ignored")));
  std::vector<std::string> meanings;
  for (const Meaning& meaning : loaded.meanings) meanings.push_back(meaning.text);
  EXPECT_THAT(meanings,
              ElementsAre("where the MTA connects", "ignored: reports of RFC 6651 are not sent",
                          "ignored: there is no LDAP",
                          "ignored: systemd restarts the process, with a limit of its own",
                          HasSubstr("obsolete"), HasSubstr("obsolete"),
                          "not done here, and not asked for"));
}

TEST(ConfigFileTest, TheLastLineCounts) {
  const LoadedConfig loaded = Read("Socket inet:1@localhost\nSocket inet:2@localhost\n");
  ASSERT_EQ(loaded.config.sockets.size(), 1u);
  EXPECT_EQ(loaded.config.sockets[0].port(), 2);
  EXPECT_THAT(Said(loaded), ElementsAre("conf:1: warning: Socket is overridden by conf:2"));
}

TEST(ConfigFileTest, Includes) {
  std::map<std::string, std::string> others = {{"a", "Mode v\nInclude b\n"}, {"b", "LogWhy yes\n"}};
  const LoadedConfig loaded =
      Read("Socket inet:1@localhost\nInclude a\n", Dialect::kOpenDkim, others);
  EXPECT_TRUE(loaded.ok);
  EXPECT_FALSE(loaded.config.sign);
  EXPECT_TRUE(loaded.config.log_why);
  EXPECT_EQ(loaded.meanings.back().place.file, "b");
}

TEST(ConfigFileTest, IsBounded) {
  // "d1" includes "d2" and so on: five levels are allowed.
  std::map<std::string, std::string> others;
  for (int i = 1; i < 6; ++i) {
    others[absl::StrCat("d", i)] = absl::StrCat("Include d", i + 1, "\n");
  }
  others["d6"] = "Mode v\n";
  EXPECT_TRUE(Read("Include d2\n", Dialect::kOpenDkim, others).ok);
  EXPECT_THAT(Said(Read("Include d1\n", Dialect::kOpenDkim, others)),
              Contains(HasSubstr("d5:1: error: Include is nested too deep")));

  std::string includes;
  for (size_t i = 0; i < kMaxIncludes; ++i) includes += "Include d6\n";
  EXPECT_TRUE(Read(includes, Dialect::kOpenDkim, others).ok);
  EXPECT_FALSE(Read(includes + "Include d6\n", Dialect::kOpenDkim, others).ok);

  std::string lines;
  for (size_t i = 0; i < kMaxSettings; ++i) lines += "Mode v\n";
  EXPECT_TRUE(Read(lines).ok);
  EXPECT_FALSE(Read(lines + "Mode v\n").ok);

  const std::string longest = "PidFile " + std::string(kMaxSettingOctets - 8, 'a');
  EXPECT_TRUE(Read(longest).ok);
  EXPECT_FALSE(Read(longest + "a").ok);
}

TEST(ConfigFileTest, EveryoneIsNotInternal) {
  for (const std::string_view everyone : {"0.0.0.0/0", "::/0", "192.0.2.1/0", "*"}) {
    const std::string line = absl::StrCat("InternalHosts ", everyone, ",198.51.100.7\n");
    const LoadedConfig loaded = Read(absl::StrCat("Socket inet:1@localhost\n", line));
    EXPECT_TRUE(loaded.ok);
    EXPECT_THAT(Said(loaded), ElementsAre(AllOf(HasSubstr("conf:2: warning: "),
                                                HasSubstr("AllowSignFromAnywhere yes"))));
    const Config& config = loaded.config;
    // 203.0.113.9 must not get our signature, nor anyone of IPv6.
    EXPECT_FALSE(IsInternal(config, "203.0.113.9")) << everyone;
    EXPECT_FALSE(IsInternal(config, "2001:db8::9")) << everyone;
    EXPECT_TRUE(IsInternal(config, "198.51.100.7"));
    for (const std::string_view ours : {"127.0.0.1", "127.1.2.3", "::1", "10.1.2.3", "172.31.0.1",
                                        "192.168.1.1", "169.254.0.1", "fe80::1", "fd00::1"}) {
      EXPECT_TRUE(IsInternal(config, ours)) << ours;
    }
    EXPECT_FALSE(IsInternal(config, "172.32.0.1"));
    const LoadedConfig literal =
        Read(absl::StrCat("Socket inet:1@localhost\n", line, "AllowSignFromAnywhere yes\n"));
    EXPECT_THAT(Said(literal), IsEmpty());
    EXPECT_TRUE(IsInternal(literal.config, everyone.find(':') == std::string_view::npos
                                               ? "203.0.113.9"
                                               : "2001:db8::9"));
  }
}

TEST(ConfigFileTest, LargeNetworksAreInternalWithAWarning) {
  struct Case {
    const char* network;
    bool warns;
  };
  for (const Case& c : {Case{"128.0.0.0/1", true}, Case{"192.0.0.0/7", true},
                        Case{"192.0.0.0/8", false}, Case{"2000::/3", true}, Case{"2000::/15", true},
                        Case{"2001::/16", false}, Case{"fc00::/7", false}, Case{"fd00::/8", false},
                        Case{"10.0.0.0/8", false}, Case{"!128.0.0.0/1", false}}) {
    const LoadedConfig loaded =
        Read(absl::StrCat("Socket inet:1@localhost\nInternalHosts ", c.network, "\n"));
    if (c.warns) {
      EXPECT_THAT(Said(loaded), ElementsAre(HasSubstr("is a very large network"))) << c.network;
    } else {
      EXPECT_THAT(Said(loaded), IsEmpty()) << c.network;
    }
    EXPECT_FALSE(loaded.HasFaults());
  }
}

// What syslog(3) cannot log to is said before the start, not at it.
TEST(ConfigFileTest, SyslogFacilities) {
  for (const std::string_view name : {"mail", "MAIL", "local7", "authpriv", "ftp", "security"}) {
    EXPECT_TRUE(Read(absl::StrCat("Socket inet:1@localhost\nSyslogFacility ", name, "\n")).ok)
        << name;
  }
  for (const std::string_view name : {"kern", "local8", "mark", "*", "maillog"}) {
    EXPECT_FALSE(Read(absl::StrCat("Socket inet:1@localhost\nSyslogFacility ", name, "\n")).ok)
        << name;
  }
}

TEST(ConfigFileTest, WarnsOfHosts) {
  EXPECT_THAT(Said(Read("Socket inet:1@localhost\nPeerList 0.0.0.0/0\n")),
              ElementsAre(HasSubstr("conf:2: warning: \"0.0.0.0/0\" in PeerList is everyone")));
  EXPECT_THAT(Said(Read("Socket inet:1@localhost\nIgnoreHosts ::/0\n")),
              ElementsAre(HasSubstr("conf:2: warning: \"::/0\" in IgnoreHosts is everyone")));
  EXPECT_THAT(Said(Read("Socket inet:1@localhost\nTrustedRelays *\n")),
              ElementsAre(HasSubstr("conf:2: warning: \"*\" in TrustedRelays is everyone")));
  EXPECT_THAT(Said(Read("Socket inet:1@localhost\nExternalIgnoreList 0.0.0.0/0\n")), IsEmpty());
  // OpenDKIM starts with it, so it is no error, but -n and a reload do not take it.
  EXPECT_TRUE(Read("Socket inet:1@localhost\nInternalHosts 192.0.2.0/33\n").HasFaults());
  EXPECT_THAT(Said(Read("Socket inet:1@localhost\nInternalHosts 192.0.2.0/33\n")),
              ElementsAre(HasSubstr("conf:2: warning: \"192.0.2.0/33\" in InternalHosts matches "
                                    "nothing")));
}

TEST(ConfigFileTest, OneKey) {
  const TestFolder folder;
  const std::string key = folder.Write("a.private", ReadTestFile("keys/rsa2048.pem"));
  LoadedConfig loaded = Read(absl::StrCat("Socket inet:1@localhost\nDomain example.com,b.example\n",
                                          "Selector s\nKeyFile ", key, "\nSubDomains yes\n"));
  EXPECT_THAT(Said(loaded), IsEmpty());
  EXPECT_TRUE(loaded.single_key);
  EXPECT_THAT(loaded.LoadKeys(), IsEmpty());
  for (const auto& [author, domain] :
       std::map<std::string, std::string>{{"example.com", "example.com"},
                                          {"a.example.com", "example.com"},
                                          {"B.example", "b.example"}}) {
    const SigningChoice choice = loaded.signing.Choose("x", author);
    ASSERT_EQ(choice.jobs.size(), 1u) << author;
    EXPECT_EQ(choice.jobs[0].request.domain, domain);
    EXPECT_EQ(choice.jobs[0].request.selector, "s");
  }
  EXPECT_FALSE(loaded.signing.Choose("x", "badexample.com").matched);
  LoadedConfig exact = Read(absl::StrCat("Socket inet:1@localhost\nDomain example.com\n",
                                         "Selector s\nKeyFile ", key, "\n"));
  exact.LoadKeys();
  EXPECT_FALSE(exact.signing.Choose("x", "a.example.com").matched);
  LoadedConfig any =
      Read(absl::StrCat("Socket inet:1@localhost\nDomain *\nSelector s\nKeyFile ", key, "\n"));
  any.LoadKeys();
  ASSERT_EQ(any.signing.Choose("x", "c.example").jobs.size(), 1u);
  EXPECT_EQ(any.signing.Choose("x", "c.example").jobs[0].request.domain, "c.example");
}

// The DNS of the tests: what dns::ZoneResolver answers from it.
TEST(ConfigFileTest, TestRecords) {
  const TestFolder folder;
  const std::string record = "v=DKIM1; k=rsa; n=\"a\\b\"; p=" + std::string(600, 'A');
  const std::string keys =
      folder.Write("keys", absl::StrCat("# none\n\ns._domainkey.example.com ", record, "\n"));
  const LoadedConfig loaded = Read(absl::StrCat("Socket inet:1@localhost\nTestPublicKeys ", keys,
                                                "\nTestDNSData csl:a.example=v=spf1 -all\n"));
  EXPECT_TRUE(loaded.ok);
  ASSERT_EQ(loaded.config.zones.size(), 2u);
  dns::ZoneResolver resolver;
  for (const ZoneText& zone : loaded.config.zones) {
    ASSERT_TRUE(resolver.AddText(zone.text, zone.file_name).ok()) << zone.text;
  }
  for (const auto& [name, text] : std::map<std::string, std::string>{
           {"s._domainkey.example.com", record}, {"a.example", "v=spf1 -all"}}) {
    const auto answer = resolver.Lookup(dns::Query(*dns::Name::Parse(name), dns::Type::kTxt));
    ASSERT_TRUE(answer.has_value() && answer->rdata.size() == 1) << name;
    std::string joined;
    std::string_view rest = answer->rdata[0];
    while (!rest.empty()) {
      const auto size = static_cast<uint8_t>(rest.front());
      joined += rest.substr(1, size);
      rest.remove_prefix(size + size_t{1});
    }
    EXPECT_EQ(joined, text);
  }
}

TEST(ConfigFileTest, EveryDirectiveIsInTheTableOnce) {
  std::map<std::string_view, int> count;
  for (const Directive& directive : AllDirectives()) {
    ++count[directive.name];
    EXPECT_EQ(FindDirective(directive.name), &directive);
    EXPECT_FALSE(directive.meaning.empty());
    // A warning says "NAME is ignored: MEANING".
    EXPECT_NE(directive.meaning.back(), '.') << directive.name;
  }
  for (const auto& [name, n] : count) EXPECT_EQ(n, 1) << name;
  EXPECT_EQ(NearestDirective("InternalHost"), "InternalHosts");
  EXPECT_EQ(NearestDirective("Xyzzy"), "");
  EXPECT_EQ(NearestDirective("keytable "), "KeyTable");
  EXPECT_EQ(NearestDirective(std::string(kMaxNameOctets, 'x')), "");
  EXPECT_EQ(NearestDirective("InternalHost" + std::string(kMaxNameOctets, 'x')), "");
}

}  // namespace
}  // namespace postseal::milter
