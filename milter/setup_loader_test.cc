// Reloads: what a file that is emptied, broken, unreadable or half written does to a
// milter that signs. docs/milter.md, "Signals and exit status"
#include "milter/setup_loader.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "milter/config_file.h"
#include "milter/file_watch.h"
#include "milter/log.h"
#include "milter/setup.h"
#include "milter/test_folder.h"

namespace postseal::milter {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SetupLoaderTest : public testing::Test {
 protected:
  SetupLoaderTest() { WriteAll(); }

  // WriteAll writes what a milter that signs for two domains has.
  void WriteAll() {
    Write("hosts", "192.0.2.0/24\n192.0.2.77\n");
    Write("logins", "*@example.com alice\n");
    Write("SigningTable", "*@example.com a\n*@example.org b\n");
    key_a_ = folder_.Write("keys/a.private", ReadTestFile("keys/rsa2048.pem"));
    key_b_ = folder_.Write("keys/b.private", ReadTestFile("keys/ed25519.pem"));
    ASSERT_EQ(chmod(Path("keys").c_str(), 0700), 0);
    Write("KeyTable", absl::StrCat("a example.com:s:", key_a_, "\nb example.org:s:", key_b_, "\n"));
    Configure("");
  }

  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }
  void Write(const std::string& name, std::string_view text) const { folder_.Write(name, text); }
  void AppendLine(const std::string& name) const {
    std::ofstream(Path(name), std::ios::app) << "\n";
  }
  // Configure writes the configuration, with |more| lines.
  void Configure(std::string_view more) const {
    Write("conf", absl::StrCat("Socket inet:8891@127.0.0.1\nKeyTable ", Path("KeyTable"),
                               "\nSigningTable refile:", Path("SigningTable"),
                               "\nInternalHosts refile:", Path("hosts"),
                               "\nSigningLoginTable refile:", Path("logins"), "\n", more));
  }

  // Start is what main.cc does.
  void Start() {
    loader_ = std::make_unique<SetupLoader>(Path("conf"), Dialect::kPostseal, &log_);
    LoadedConfig loaded = loader_->Read();
    ASSERT_TRUE(loaded.ok);
    ASSERT_TRUE(loader_->Finish(std::move(loaded)).ok());
  }

  // Reload is "" when it is good, and why it is not.
  std::string Reload() {
    testing::internal::CaptureStderr();
    const auto setup = loader_->Reload();
    logged_ = testing::internal::GetCapturedStderr();
    if (setup.ok()) setup_ = *setup;
    return std::string(setup.status().message());
  }

  TestFolder folder_;
  std::string key_a_;
  std::string key_b_;
  Log log_;
  std::unique_ptr<SetupLoader> loader_;
  // testing::Test has a member Setup of its own.
  std::shared_ptr<const milter::Setup> setup_;
  std::string logged_;
};

// Each breaks one thing that worked. The reload is refused, says what and where, and is good
// again once that is mended.
TEST_F(SetupLoaderTest, WhatBreaksSigningIsRefused) {
  struct Case {
    const char* name;
    std::function<void()> break_it;
    const char* said;
  };
  const Case kCases[] = {
      {"an empty SigningTable", [&] { Write("SigningTable", ""); },
       "/SigningTable: SigningTable has no rows now, but 2 in use"},
      {"comments alone", [&] { Write("SigningTable", "# *@example.com a\n"); },
       "SigningTable has no rows now"},
      {"no SigningTable", [&] { std::remove(Path("SigningTable").c_str()); },
       "/SigningTable: No such file or directory"},
      {"a row that matches nothing",
       [&] { Write("SigningTable", "*@example.com a\nexample.org b\n"); },
       "/SigningTable:2: warning: \"example.org\" matches no address"},
      {"a row without a key", [&] { Write("SigningTable", "*@example.com a\n*@example.org\n"); },
       "/SigningTable:2: warning: the row names no key"},
      {"a key that is not there", [&] { Write("SigningTable", "*@example.com A\n"); },
       "KeyTable has no key \"A\", only \"a\""},
      {"an empty KeyTable", [&] { Write("KeyTable", "\n"); },
       "/KeyTable: KeyTable has no rows now, but 2 in use"},
      {"half a KeyTable",
       [&] { Write("KeyTable", absl::StrCat("a example.com:s:", key_a_, "\nb ex")); },
       "/KeyTable:2: warning: key \"b\" cannot be used"},
      {"no KeyTable", [&] { std::remove(Path("KeyTable").c_str()); },
       "/KeyTable: No such file or directory"},
      {"an empty list of hosts", [&] { Write("hosts", ""); },
       "/hosts: InternalHosts has no rows now"},
      {"one bad network", [&] { Write("hosts", "192.0.2.0/24\n192.0.2.0/33\n"); },
       "/hosts:2: warning: \"192.0.2.0/33\" in InternalHosts matches nothing"},
      {"no hosts", [&] { std::remove(Path("hosts").c_str()); },
       "/hosts: No such file or directory"},
      {"an empty table of logins", [&] { Write("logins", ""); }, "SigningLoginTable has no row"},
      {"a row without a login", [&] { Write("logins", "*@example.com\n"); },
       "/logins:1: error: SigningLoginTable: the row names no login"},
      {"a row of logins that matches nothing",
       [&] { Write("logins", "*@example.com alice\nexample.org bob\n"); },
       "/logins:2: warning: \"example.org\" matches no address"},
      {"no table of logins", [&] { std::remove(Path("logins").c_str()); },
       "/logins: No such file or directory"},
      {"no key file", [&] { std::remove(key_a_.c_str()); }, "key \"a\" cannot be loaded: "},
      {"an empty key file", [&] { Write("keys/a.private", ""); }, "the key file is empty"},
      {"garbage in a key file", [&] { Write("keys/a.private", "garbage\n"); },
       "key \"a\" cannot be loaded: "},
      {"a key file that others can read", [&] { ASSERT_EQ(chmod(key_b_.c_str(), 0644), 0); },
       "key \"b\" cannot be loaded: "},
      {"a key folder that others can write to",
       [&] { ASSERT_EQ(chmod(Path("keys").c_str(), 0777), 0); }, "which other users can write to"},
      {"an empty configuration", [&] { Write("conf", "# nothing\n"); },
       "/conf: the file has no settings now"},
      {"no configuration", [&] { std::remove(Path("conf").c_str()); },
       "/conf: No such file or directory"},
      {"a key that is too small now", [&] { Configure("MinimumKeyBits 4096\n"); },
       "too small (2048 bits"},
  };
  for (const Case& c : kCases) {
    Start();
    EXPECT_EQ(Reload(), "") << c.name;
    c.break_it();
    EXPECT_THAT(Reload(), HasSubstr(c.said)) << c.name;
    EXPECT_THAT(Reload(), HasSubstr(c.said)) << c.name << ": it stays refused";
    WriteAll();
    EXPECT_EQ(Reload(), "") << c.name;
    ASSERT_NE(setup_, nullptr);
    EXPECT_EQ(setup_->signing->Choose("x", "example.com").jobs.size(), 1u) << c.name;
    EXPECT_EQ(setup_->signing->Choose("x", "example.org").jobs.size(), 1u) << c.name;
  }
}

TEST_F(SetupLoaderTest, AFaultThatWasThereBeforeDoesNotCount) {
  Write("SigningTable", "*@example.com a\n*@example.org b\n*@example.net gone\n");
  Write("KeyTable", absl::StrCat("a example.com:s:", key_a_, "\nb example.org:s:", key_b_,
                                 "\ngone example.net:s:", Path("keys/gone"), "\n"));
  Start();
  EXPECT_EQ(Reload(), "");
  // A row above it moves its line.
  Write("KeyTable", absl::StrCat("# comment\na example.com:s:", key_a_, "\nb example.org:s:",
                                 key_b_, "\ngone example.net:s:", Path("keys/gone"), "\n"));
  EXPECT_EQ(Reload(), "");
  EXPECT_THAT(logged_, HasSubstr("key \"gone\" cannot be loaded"));
  // Another one counts.
  std::remove(key_a_.c_str());
  EXPECT_THAT(Reload(), AllOf(HasSubstr("key \"a\" cannot be loaded"), Not(HasSubstr("more"))));
}

TEST_F(SetupLoaderTest, WhatIsMeantIsTaken) {
  Start();
  // A row and its key go, another one comes.
  Write("SigningTable", "*@example.com a\n");
  Write("KeyTable", absl::StrCat("a example.com:s2:", key_a_, "\n"));
  std::remove(key_b_.c_str());
  Write("hosts", "192.0.2.1\n");
  EXPECT_EQ(Reload(), "");
  EXPECT_FALSE(setup_->signing->Choose("x", "example.org").matched);
  EXPECT_EQ(setup_->signing->Choose("x", "example.com").jobs.size(), 1u);
  // A table that was empty at the start may be empty.
  Write("SigningTable", "");
  Start();
  EXPECT_EQ(Reload(), "");
  Write("SigningTable", "*@example.com a\n");
  EXPECT_EQ(Reload(), "");
  Write("SigningTable", "");
  EXPECT_THAT(Reload(), HasSubstr("but 1 in use; restart if that is intended"));
}

TEST_F(SetupLoaderTest, NamesWhatTakesARestart) {
  Configure("UserID nobody\nThreads 2\n");
  Start();
  EXPECT_EQ(Reload(), "");
  EXPECT_THAT(logged_, Not(HasSubstr("restart")));
  Configure(
      "UserID mail\nPidFile /run/x\nThreads 3\nChangeRootDirectory /srv\nUMask 007\nBackground no\n"
      "MetricsSocket inet:1@127.0.0.1\nStore /x\nSpoolDirectory /y\nSpoolFsync yes\nNodeName z\n"
      "StoreRetention 7\nStoreRowsPerDomain 8\nStoreRowsPerDay 9\n"
      "Syslog yes\nSyslogFacility local0\nSyslogName w\nBaseDirectory /\nLogWhy yes\n");
  EXPECT_EQ(Reload(), "");
  EXPECT_THAT(logged_, HasSubstr("these directives changed, and need a restart: MetricsSocket, "
                                 "UserID, UMask, PidFile, BaseDirectory, ChangeRootDirectory, "
                                 "Background, Threads, Syslog, SyslogFacility, SyslogName, Store, "
                                 "SpoolDirectory, SpoolFsync, NodeName, StoreRetention, "
                                 "StoreRowsPerDomain, StoreRowsPerDay\n"));
  EXPECT_TRUE(setup_->config.log_why) << "and the others count";
  Configure("UserID nobody\nThreads 2\nSocket inet:8892@127.0.0.1\n");
  EXPECT_EQ(Reload(), "");
  EXPECT_THAT(logged_, HasSubstr("need a restart: Socket\n"));
  Configure("UserID nobody\nThreads 2\n");
  EXPECT_EQ(Reload(), "");
  EXPECT_THAT(logged_, Not(HasSubstr("restart"))) << "it is as at the start again";
}

// A change that comes after a file was read and before it is watched.
TEST_F(SetupLoaderTest, NoChangeIsMissed) {
  for (const std::string name :
       {"conf", "SigningTable", "KeyTable", "hosts", "logins", "keys/a.private"}) {
    Start();
    EXPECT_FALSE(loader_->HasChanged()) << name;
    EXPECT_FALSE(loader_->HasChanged()) << name;
    loader_ = std::make_unique<SetupLoader>(Path("conf"), Dialect::kPostseal, &log_);
    LoadedConfig loaded = loader_->Read();
    const bool is_key = name == "keys/a.private";
    // A key file is read by Finish.
    if (!is_key) AppendLine(name);
    ASSERT_TRUE(loader_->Finish(std::move(loaded)).ok());
    if (is_key) AppendLine(name);
    EXPECT_FALSE(loader_->HasChanged()) << name << ": it may not be whole yet";
    EXPECT_TRUE(loader_->HasChanged()) << name;
    EXPECT_EQ(Reload(), "");
    EXPECT_FALSE(loader_->HasChanged()) << name;
  }
}

TEST_F(SetupLoaderTest, AsManyKeysAsThereAreTheTablesAreWatched) {
  std::string keys = absl::StrCat("a example.com:s:", key_a_, "\n");
  for (size_t i = 0; i < kMaxWatchedFiles; ++i) {
    // Names before that of every table.
    absl::StrAppend(&keys, "k", i, " example.net:s:/0/", i, "\n");
  }
  Write("KeyTable", keys);
  Write("SigningTable", "*@example.com a\n");
  testing::internal::CaptureStderr();  // a line for each key that is not there
  Start();
  testing::internal::GetCapturedStderr();
  EXPECT_FALSE(loader_->HasChanged());
  AppendLine("SigningTable");
  EXPECT_FALSE(loader_->HasChanged());
  EXPECT_TRUE(loader_->HasChanged());
}

// A file that only a refused reload named is watched: when it comes, that is a change.
TEST_F(SetupLoaderTest, AFileThatARefusedReloadWants) {
  Start();
  Configure(absl::StrCat("PeerList ", Path("peers"), "\n"));
  EXPECT_THAT(Reload(), HasSubstr("/peers: No such file or directory"));
  EXPECT_FALSE(loader_->HasChanged());
  EXPECT_FALSE(loader_->HasChanged()) << "a refused reload is not tried again by itself";
  Write("peers", "192.0.2.9\n");
  EXPECT_FALSE(loader_->HasChanged());
  EXPECT_TRUE(loader_->HasChanged());
  EXPECT_EQ(Reload(), "");
}

TEST_F(SetupLoaderTest, SaysWhatAReloadCouldNotRead) {
  testing::internal::CaptureStderr();
  Start();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  // As with ChangeRootDirectory: the file is there when it is read, and not later.
  loader_ = std::make_unique<SetupLoader>(Path("conf"), Dialect::kPostseal, &log_);
  LoadedConfig loaded = loader_->Read();
  loaded.config.change_root_directory = "/elsewhere";
  std::remove(Path("hosts").c_str());
  testing::internal::CaptureStderr();
  ASSERT_TRUE(loader_->Finish(std::move(loaded)).ok());
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            absl::StrCat(Path("hosts"),
                         ": No such file or directory: a reload will not be able to read it, since "
                         "ChangeRootDirectory does not contain it\n"));
  EXPECT_FALSE(loader_->HasChanged());
  EXPECT_FALSE(loader_->HasChanged()) << "the other root is not a change";
}

}  // namespace
}  // namespace postseal::milter
