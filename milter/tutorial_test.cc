// The tutorial's configuration, as it should be and with each of its slips, and what
// else the world runs: read here and, where it can judge, by OpenDKIM.
#include <sys/stat.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dkim/algorithm.h"
#include "dns/address.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "milter/config.h"
#include "milter/config_description.h"
#include "milter/config_file.h"
#include "milter/diagnostic.h"
#include "milter/test_folder.h"

namespace postseal::milter {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kDomain = "example.tech-mmmm.com";

// OpenDkimTakes says whether `opendkim -n` finds nothing wrong with |path|.
bool OpenDkimTakes(const std::string& path) {
  const std::string command = absl::StrCat("/usr/sbin/opendkim -n -x ", path, " >/dev/null 2>&1");
  const int status = std::system(command.c_str());  // NOLINT(*-env33-c): a test's path
  EXPECT_TRUE(WIFEXITED(status));
  constexpr int kConfig = 78;  // EX_CONFIG
  EXPECT_TRUE(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == kConfig) << status;
  return WEXITSTATUS(status) == 0;
}

std::vector<std::string> Print(const std::vector<Diagnostic>& diagnostics) {
  std::vector<std::string> lines;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != Severity::kNote) lines.push_back(Print(diagnostic));
  }
  return lines;
}

class TutorialTest : public testing::Test {
 protected:
  TutorialTest() {
    for (const std::string name : {"KeyTable", "SigningTable", "TrustedHosts"}) Copy(name, name);
    conf_ = folder_.Write("opendkim.conf", File("opendkim.conf"));
    key_ = folder_.Write(absl::StrCat("keys/", kDomain, "/myselector.private"),
                         ReadTestFile("keys/rsa2048.pem"));
  }

  std::string File(const std::string& name) const {
    return Replaced(ReadTestFile("tutorial/" + name), "/etc/opendkim", folder_.path());
  }
  void Copy(const std::string& from, const std::string& to) const { folder_.Write(to, File(from)); }
  // Change replaces a part of opendkim.conf.
  void Change(std::string_view from, std::string_view to) const {
    const std::string text = File("opendkim.conf");
    EXPECT_NE(text.find(from), std::string::npos) << from;
    folder_.Write("opendkim.conf", Replaced(text, from, to));
  }
  LoadedConfig Read() const { return ReadConfig(conf_, Dialect::kOpenDkim); }
  static SigningChoice Choose(const LoadedConfig& loaded) {
    return loaded.signing.Choose("alice", kDomain);
  }

  TestFolder folder_;
  std::string conf_;
  std::string key_;
};

TEST_F(TutorialTest, AsItShouldBe) {
  EXPECT_TRUE(OpenDkimTakes(conf_));
  LoadedConfig loaded = Read();
  EXPECT_TRUE(loaded.ok);
  EXPECT_THAT(Print(loaded.diagnostics), ElementsAre(HasSubstr("SendReports is ignored")));
  EXPECT_THAT(loaded.LoadKeys(), IsEmpty());
  const Config& config = loaded.config;
  ASSERT_EQ(config.sockets.size(), 1u);
  EXPECT_EQ(config.sockets[0].Print(), "inet:8891@localhost");
  EXPECT_TRUE(config.sign && config.verify && config.software_header && config.log_why);
  EXPECT_EQ(config.user, "opendkim");
  EXPECT_EQ(config.group, "opendkim");
  EXPECT_EQ(config.umask, 2u);
  const SigningChoice choice = Choose(loaded);
  ASSERT_EQ(choice.jobs.size(), 1u);
  const dkim::SignatureRequest& request = choice.jobs[0].request;
  EXPECT_EQ(request.domain, kDomain);
  EXPECT_EQ(request.selector, "myselector");
  EXPECT_EQ(request.header_canon, dkim::HeaderCanon::kRelaxed);
  EXPECT_EQ(request.body_canon, dkim::BodyCanon::kRelaxed);
  EXPECT_THAT(request.fields.oversign, ElementsAre("From"));
  EXPECT_EQ(request.identity, std::nullopt);
  EXPECT_FALSE(loaded.signing.Choose("alice", "tech-mmmm.com").matched);
}

TEST_F(TutorialTest, TheKeysPathLacksTheDomain) {
  Copy("KeyTable.printed", "KeyTable");
  EXPECT_TRUE(OpenDkimTakes(conf_));  // and then puts off every message
  LoadedConfig loaded = Read();
  EXPECT_TRUE(loaded.ok);
  EXPECT_THAT(Print(loaded.LoadKeys()),
              ElementsAre(AllOf(HasSubstr("/KeyTable:1: warning: "),
                                HasSubstr("/keys/myselector.private: No such file or directory"),
                                HasSubstr(absl::StrCat("there is ", key_)),
                                HasSubstr("is the domain's folder missing in the path?"))));
  const SigningChoice choice = Choose(loaded);
  EXPECT_TRUE(choice.matched);
  EXPECT_THAT(choice.jobs, IsEmpty());
  EXPECT_EQ(choice.faults.size(), 1u);
}

TEST_F(TutorialTest, EveryoneIsInternal) {
  Copy("TrustedHosts.printed", "TrustedHosts");
  LoadedConfig loaded = Read();
  EXPECT_TRUE(loaded.ok);
  EXPECT_THAT(Print(loaded.diagnostics),
              Contains(AllOf(HasSubstr("/TrustedHosts:1: warning: \"0.0.0.0/0\""),
                             HasSubstr("AllowSignFromAnywhere yes"))));
  const HostList& internal = loaded.config.internal_hosts;
  EXPECT_FALSE(internal.Matches(dns::IpAddress::Parse("203.0.113.9"), "spoof.example"));
  EXPECT_TRUE(internal.Matches(dns::IpAddress::Parse("127.0.0.1"), "localhost"));
  EXPECT_TRUE(internal.Matches(dns::IpAddress::Parse("192.168.11.5"), ""));
}

TEST_F(TutorialTest, SigningTableWithoutRefile) {
  Change("SigningTable\trefile:", "SigningTable\t");
  EXPECT_TRUE(OpenDkimTakes(conf_));  // and then signs nothing
  LoadedConfig loaded = Read();
  EXPECT_TRUE(loaded.ok);
  EXPECT_THAT(Print(loaded.diagnostics),
              Contains(AllOf(HasSubstr("opendkim.conf:17: warning: "),
                             HasSubstr(absl::StrCat("SigningTable refile:", folder_.path(),
                                                    "/SigningTable")))));
  loaded.LoadKeys();
  EXPECT_FALSE(Choose(loaded).matched);
}

TEST_F(TutorialTest, TheKeyIsReadableByOthers) {
  ASSERT_EQ(chmod(key_.c_str(), 0644), 0);
  LoadedConfig loaded = Read();
  EXPECT_THAT(Print(loaded.LoadKeys()), ElementsAre(HasSubstr("can be read or written by other")));
  EXPECT_THAT(Choose(loaded).jobs, IsEmpty());
  Change("Mode\tsv\n", "Mode\tsv\nRequireSafeKeys no\n");
  LoadedConfig lax = Read();
  EXPECT_THAT(Print(lax.LoadKeys()), ElementsAre(HasSubstr("can be read or written by other")));
  EXPECT_EQ(Choose(lax).jobs.size(), 1u);
}

// Each change of the tutorial's file on which OpenDKIM must agree whether it can be
// used at all.
TEST_F(TutorialTest, AsOpenDkimJudges) {
  struct Case {
    std::string_view from;
    std::string_view to;
    const char* why;
  };
  for (const Case& c : {
           Case{"KeyTable\t", "#KeyTable\t", "SigningTable alone"},
           Case{"SigningTable\t", "#SigningTable\t", "KeyTable alone"},
           Case{"/SigningTable", "/nowhere", "a table that is not there"},
           Case{"/KeyTable", "/nowhere", "a table that is not there"},
           Case{"/TrustedHosts", "/nowhere", "hosts that are not there"},
           Case{"Mode\tsv", "Mode\tsx", "an unknown mode"},
           Case{"Mode\tsv", "mode\tv", "any case of a name"},
           Case{"Mode\tsv", "Mode\tV", "but not of a letter"},
           Case{"LogWhy\tyes", "LogWhy\ton", "no boolean"},
           Case{"LogWhy\tyes", "LogWhy\tTrue", "a boolean"},
           Case{"LogWhy\tyes", "LogWhy\t1", "a boolean"},
           Case{"LogWhy\tyes", "LogWhy", "no value"},
           Case{"LogWhy\tyes", "LogWhat\tyes", "no directive"},
           Case{"MinimumKeyBits\t1024", "MinimumKeyBits\tmany", "no number"},
           Case{"relaxed/relaxed", "relaxed/none", "no canonicalization"},
           Case{"relaxed/relaxed", "RELAXED", "a canonicalization"},
           Case{"Socket\t", "SignatureAlgorithm rsa-sha512\nSocket\t", "no algorithm"},
           Case{"Socket\t", "SignatureAlgorithm ed25519-sha256\nSocket\t", "an algorithm"},
           Case{"Socket\t", "Include /nowhere/conf\nSocket\t", "nothing to include"},
           Case{"Socket\t", "PeerList erlang:x\nSocket\t", "a kind that is not built in"},
           Case{"Socket\t", "PeerList csl:192.0.2.1\nSocket\t", "a list"},
           Case{"Socket\t", "SignHeaders *,+X-A,-To\nSocket\t", "a delta"},
           Case{"Socket\t", "X-Header yes\nSocket\t", "an obsolete directive"},
       }) {
    Change(c.from, c.to);
    EXPECT_EQ(Read().ok, OpenDkimTakes(conf_)) << c.to << ": " << c.why;
  }
}

// Debian's own file, where the package is installed.
TEST_F(TutorialTest, DebiansFile) {
  const std::string stock = "/etc/opendkim.conf";
  ASSERT_TRUE(OpenDkimTakes(stock));
  const LoadedConfig loaded = ReadConfig(stock, Dialect::kOpenDkim);
  EXPECT_TRUE(loaded.ok);
  EXPECT_THAT(Print(loaded.diagnostics), IsEmpty());
  EXPECT_EQ(loaded.config.trust_anchor_file, "/usr/share/dns/root.key");
  EXPECT_THAT(loaded.signing.settings().request.fields.oversign, ElementsAre("From"));
}

TEST_F(TutorialTest, IsDescribed) {
  Copy("TrustedHosts.printed", "TrustedHosts");
  Change("Socket\t",
         "SyslogName \xc2\x9b"
         "31m\n"
         "Store postgresql://me:secret@db.example/x?password=other&a=b\nSocket\t");
  LoadedConfig loaded = Read();
  EXPECT_THAT(loaded.LoadKeys(), IsEmpty());
  const std::string text = DescribeConfig(loaded);
  EXPECT_THAT(
      text,
      AllOf(HasSubstr(absl::StrCat(conf_, ":19: SigningTable refile:", folder_.path(),
                                   "/SigningTable\n    which key signs for which author\n")),
            HasSubstr(":13: warning: SendReports is ignored: reports of RFC 6651 are not sent"),
            HasSubstr(":16: note: Selector is ignored, since there is a KeyTable"),
            HasSubstr("s=myselector d=example.tech-mmmm.com: rsa, 2048 bits\n"),
            HasSubstr("/TrustedHosts:1: warning: \"0.0.0.0/0\""),
            HasSubstr("The configuration can be used.\n"),
            HasSubstr("postgresql://me:(hidden)@db.example/x?password=(hidden)&a=b"),
            Not(HasSubstr("secret")), Not(HasSubstr("\xc2\x9b")), Not(HasSubstr("PRIVATE"))));
  Change("Mode\tsv", "Mode\tx");
  EXPECT_THAT(DescribeConfig(Read()), AllOf(HasSubstr(":4: error: unknown mode \"x\""),
                                            HasSubstr("has errors and is not used")));
}

}  // namespace
}  // namespace postseal::milter
