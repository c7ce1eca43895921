#include "milter/key_file.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "dkim/algorithm.h"
#include "dkim/signing_key.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "milter/test_folder.h"

namespace postseal::milter {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string Rsa() { return ReadTestFile("keys/rsa2048.pem"); }

std::string ErrorOf(const std::string& path, const KeyPolicy& policy = KeyPolicy()) {
  return std::string(LoadKeyFile(path, policy).status().message());
}

TEST(KeyFileTest, LoadsKeys) {
  const TestFolder folder;
  for (const std::string name :
       {"rsa2048.pem", "rsa2048_pkcs1.pem", "ed25519.pem", "ed25519.b64"}) {
    const std::string path = folder.Write(name, ReadTestFile("keys/" + name));
    const auto loaded = LoadKeyFile(path, KeyPolicy());
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    EXPECT_EQ(loaded->warning, "");
    EXPECT_EQ(loaded->key->key_type(),
              name[0] == 'r' ? dkim::KeyType::kRsa : dkim::KeyType::kEd25519);
  }
}

// The observations of OpenDKIM 2.11: which of these it uses.
TEST(KeyFileTest, WantsSafeFiles) {
  struct Case {
    mode_t mode;
    mode_t folder_mode;
    std::string_view fault;  // empty: safe
  };
  for (const Case& c : {
           Case{0600, 0700, ""}, Case{0400, 0755, ""}, Case{0640, 0755, ""},  // the group is ours
           Case{0644, 0755, "can be read or written by other users (mode 0644"},
           Case{0602, 0755, "can be read or written by other users (mode 0602"},
           Case{0600, 0777, "which other users can write to"},
           Case{0600, 01777, ""},  // others can replace nothing in it
       }) {
    const TestFolder folder;
    const std::string path = folder.Write("keys/a.private", Rsa(), c.mode);
    ASSERT_EQ(chmod((folder.path() + "/keys").c_str(), c.folder_mode), 0);
    KeyPolicy policy;
    const auto strict = LoadKeyFile(path, policy);
    EXPECT_EQ(strict.ok(), c.fault.empty()) << strict.status();
    EXPECT_THAT(std::string(strict.status().message()), HasSubstr(c.fault));
    policy.require_safe = false;
    const auto lax = LoadKeyFile(path, policy);
    ASSERT_TRUE(lax.ok()) << lax.status();
    EXPECT_THAT(lax->warning, HasSubstr(c.fault));
    EXPECT_EQ(lax->warning.empty(), c.fault.empty());
  }
}

// A folder that a group can write to, as OpenDKIM judges it: safe if nobody but us and root
// is in the group.
TEST(KeyFileTest, WantsFoldersThatNoOtherUserOfAGroupCanWriteTo) {
  {
    const TestFolder folder;
    // User namespaces know no other group either.
    if (chown(folder.path().c_str(), 0, 1) != 0) {
      GTEST_SKIP() << "to give a folder to another group takes root";
    }
  }
  const struct passwd* const daemon = getpwnam("daemon");
  ASSERT_NE(daemon, nullptr);
  const gid_t shared = daemon->pw_gid;
  gid_t unused = 60000;
  while (getgrgid(unused) != nullptr) ++unused;
  struct Case {
    mode_t folder_mode;
    gid_t folder_group;
    mode_t mode;
    gid_t group;
    std::string_view fault;  // empty: safe
  };
  for (const Case& c : {
           Case{0770, shared, 0600, 0, "/keys, which daemon can write to by its group"},
           Case{0750, shared, 0600, 0, ""},
           Case{01770, shared, 0600, 0, ""},  // others can replace nothing in it
           Case{0770, unused, 0600, 0, ""},   // nobody is in the group
           Case{0700, 0, 0660, unused, "a group that we are not in"},
       }) {
    const TestFolder folder;
    const std::string path = folder.Write("keys/a.private", Rsa());
    const std::string keys = folder.path() + "/keys";
    ASSERT_EQ(chown(path.c_str(), 0, c.group), 0);
    ASSERT_EQ(chmod(path.c_str(), c.mode), 0);
    ASSERT_EQ(chown(keys.c_str(), 0, c.folder_group), 0);
    ASSERT_EQ(chmod(keys.c_str(), c.folder_mode), 0);
    KeyPolicy policy;
    const auto strict = LoadKeyFile(path, policy);
    EXPECT_EQ(strict.ok(), c.fault.empty()) << strict.status();
    EXPECT_THAT(std::string(strict.status().message()), HasSubstr(c.fault));
    policy.require_safe = false;
    const auto lax = LoadKeyFile(path, policy);
    ASSERT_TRUE(lax.ok()) << lax.status();
    EXPECT_THAT(lax->warning, HasSubstr(c.fault));
  }
}

TEST(KeyFileTest, TakesAKnownKeyAgain) {
  const TestFolder folder;
  const std::string path = folder.Write("a.private", Rsa());
  const auto first = LoadKeyFile(path, KeyPolicy());
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(LoadKeyFile(path, KeyPolicy(), &*first)->key, first->key);
  // What is asked of the file is asked every time.
  KeyPolicy policy;
  policy.minimum_bits = 4096;
  EXPECT_FALSE(LoadKeyFile(path, policy, &*first).ok());
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  EXPECT_FALSE(LoadKeyFile(path, KeyPolicy(), &*first).ok());
  // Another file is another key, even if it is as long.
  std::string other = ReadTestFile("keys/ed25519.pem");
  other.resize(Rsa().size(), '\n');
  folder.Write("b.private", other);
  std::filesystem::rename(folder.path() + "/b.private", path);
  const auto second = LoadKeyFile(path, KeyPolicy(), &*first);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->key->key_type(), dkim::KeyType::kEd25519);
}

TEST(KeyFileTest, LooksThroughLinks) {
  const TestFolder folder;
  const std::string target = folder.Write("open/a.private", Rsa());
  ASSERT_EQ(chmod((folder.path() + "/open").c_str(), 0777), 0);
  std::filesystem::create_directory(folder.path() + "/keys");
  const std::string link = folder.path() + "/keys/a.private";
  std::filesystem::create_symlink(target, link);
  EXPECT_THAT(ErrorOf(link), HasSubstr("/open, which other users can write to"));
}

// The tutorial's slip: the domain's folder is missing in KeyTable.
TEST(KeyFileTest, FindsTheFileOneFolderDown) {
  const TestFolder folder;
  const std::string real = folder.Write("keys/example.com/s.private", Rsa());
  const std::string said = folder.path() + "/keys/s.private";
  EXPECT_EQ(ErrorOf(said), absl::StrCat(said, ": No such file or directory; there is ", real,
                                        " - is the domain's folder missing in the path?"));
}

TEST(KeyFileTest, NamesTheMissingFolder) {
  const TestFolder folder;
  const std::string keys = folder.path() + "/keys";
  EXPECT_EQ(ErrorOf(keys + "/example.com/s.private"),
            absl::StrCat(keys, "/example.com/s.private: No such file or directory; the folder ",
                         keys, " is not there"));
}

TEST(KeyFileTest, SaysWhatIsNoKey) {
  const TestFolder folder;
  EXPECT_THAT(ErrorOf(folder.path()), HasSubstr("is a directory"));
  EXPECT_THAT(ErrorOf(folder.Write("empty", "")), HasSubstr("the key file is empty"));
  EXPECT_THAT(ErrorOf(folder.Write("zone", ReadTestFile("keys/rsa2048.txt"))),
              HasSubstr("found no key"));
  KeyPolicy policy;
  policy.minimum_bits = 2049;
  EXPECT_THAT(ErrorOf(folder.Write("small", Rsa()), policy), HasSubstr("too small (2048 bits"));
  policy.minimum_bits = 2048;
  EXPECT_EQ(ErrorOf(folder.Write("enough", Rsa()), policy), "");
  ASSERT_EQ(mkfifo((folder.path() + "/fifo").c_str(), 0600), 0);
  EXPECT_THAT(ErrorOf(folder.path() + "/fifo"), HasSubstr("is no regular file"));
}

TEST(KeyFileTest, IsBounded) {
  const TestFolder folder;
  std::string text = Rsa();
  text.resize(kMaxKeyFileOctets, '\n');
  EXPECT_EQ(ErrorOf(folder.Write("full", text)), "");
  EXPECT_THAT(ErrorOf(folder.Write("more", text + "\n")), HasSubstr("has more than"));
}

// WithoutOverride calls |run| without the capabilities by which root may read what
// its mode forbids. capabilities(7)
template <typename Run>
void WithoutOverride(const Run& run) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  ASSERT_EQ(syscall(SYS_capget, &header, data), 0);
  const uint32_t effective = data[0].effective;
  data[0].effective &= ~(1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH);
  ASSERT_EQ(syscall(SYS_capset, &header, data), 0);
  run();
  data[0].effective = effective;
  ASSERT_EQ(syscall(SYS_capset, &header, data), 0);
}

TEST(KeyFileTest, SaysWhoMayReadIt) {
  const TestFolder folder;
  const std::string path = folder.Write("keys/s.private", Rsa(), 0000);
  const std::string keys = folder.path() + "/keys";
  std::string of_file;
  std::string of_folder;
  WithoutOverride([&] {
    of_file = ErrorOf(path);
    EXPECT_EQ(chmod(keys.c_str(), 0600), 0);
    of_folder = ErrorOf(path);
    EXPECT_EQ(chmod(keys.c_str(), 0700), 0);
  });
  EXPECT_THAT(of_file, AllOf(HasSubstr(path + ": Permission denied; " + path + " belongs to "),
                             HasSubstr(", mode 0000; we run as ")));
  EXPECT_THAT(of_folder,
              AllOf(HasSubstr(path + ": Permission denied; the folder " + keys + " belongs to "),
                    HasSubstr(", mode 0600; we run as ")));
}

TEST(KeyFileTest, LoadsKeysInTables) {
  const std::string pem = Rsa();
  const std::string one_line = Replaced(pem, "\n", " ");
  std::string der = Replaced(pem, "-----BEGIN PRIVATE KEY-----\n", "");
  der = Replaced(Replaced(der, "-----END PRIVATE KEY-----\n", ""), "\n", "");
  std::string pkcs1 =
      Replaced(ReadTestFile("keys/rsa2048_pkcs1.pem"), "-----BEGIN RSA PRIVATE KEY-----\n", "");
  pkcs1 = Replaced(Replaced(pkcs1, "-----END RSA PRIVATE KEY-----\n", ""), "\n", "");
  const std::string seed(base::Strip(ReadTestFile("keys/ed25519.b64"), base::CharSet("\n")));
  for (const std::string& text : {one_line, Replaced(pem, "\n", ""), der, pkcs1, seed}) {
    const auto loaded = LoadKeyText(text, KeyPolicy());
    EXPECT_TRUE(loaded.ok()) << loaded.status() << " " << text.substr(0, 40);
  }
  for (const std::string_view text :
       {"-----BEGIN A-----END A-----", "-----BEGIN -----END -----", "-----END -----BEGIN -----",
        "-----BEGIN A----- -----END", "-----BEGIN A----------END A-----", "-----BEGIN ", ""}) {
    EXPECT_FALSE(LoadKeyText(text, KeyPolicy()).ok()) << text;
  }
  // The secret is not in the message.
  const auto broken = LoadKeyText(der.substr(0, 100), KeyPolicy());
  EXPECT_FALSE(broken.ok());
  EXPECT_EQ(std::string(broken.status().message()).find(der.substr(0, 20)), std::string::npos);
}

TEST(KeyFileTest, ExpandsPaths) {
  const TestFolder folder;
  folder.Write("keys/b.example/s.private", "");
  folder.Write("keys/a.example/s.private", "");
  folder.Write("keys/.example/s.private", "");
  folder.Write("flat/dkim-a.example.key", "");
  folder.Write("flat/other.key", "");
  using Domains = std::vector<std::string>;
  EXPECT_EQ(*ExpandKeyPath(folder.path() + "/keys/%/s.private"),
            Domains({"a.example", "b.example"}));
  EXPECT_EQ(*ExpandKeyPath(folder.path() + "/flat/dkim-%.key"), Domains({"a.example"}));
  EXPECT_FALSE(ExpandKeyPath(folder.path() + "/nowhere/%").ok());
}

}  // namespace
}  // namespace postseal::milter
