// What a daemon does with its own process, where a hostile user of the milter owns the folder.
#include "milter/process.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "milter/test_folder.h"

namespace postseal::milter {
namespace {

std::string Read(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(PidFileTest, ReplacesWhatIsThere) {
  struct Case {
    const char* name;
    void (*make)(const std::string& victim, const std::string& path);
  };
  const Case kCases[] = {
      {"nothing", [](const std::string&, const std::string&) {}},
      {"a file of before",
       [](const std::string&, const std::string& path) { std::ofstream(path) << "123456789\n"; }},
      {"a hard link",
       [](const std::string& victim, const std::string& path) {
         ASSERT_EQ(link(victim.c_str(), path.c_str()), 0);
       }},
      {"a symbolic link",
       [](const std::string& victim, const std::string& path) {
         ASSERT_EQ(symlink(victim.c_str(), path.c_str()), 0);
       }},
      {"a pipe that nobody reads",
       [](const std::string&, const std::string& path) {
         ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
       }},
  };
  for (const Case& c : kCases) {
    const TestFolder folder;
    const std::string victim = folder.Write("victim", "precious");
    const std::string path = folder.path() + "/milter.pid";
    c.make(victim, path);
    {
      const auto written = PidFile::Write(path);
      ASSERT_TRUE(written.ok()) << c.name << ": " << written.status();
      EXPECT_EQ(Read(path), absl::StrCat(getpid(), "\n")) << c.name;
    }
    EXPECT_EQ(Read(victim), "precious") << c.name;
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(path))) << c.name;
  }
}

TEST(PidFileTest, TheFirstKeepsItsFile) {
  const TestFolder folder;
  const std::string path = folder.path() + "/milter.pid";
  {
    const auto first = PidFile::Write(path);
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(PidFile::Write(path).status().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(Read(path), absl::StrCat(getpid(), "\n"));
    // A file that somebody put in its place is not ours to remove.
    ASSERT_EQ(unlink(path.c_str()), 0);
    folder.Write("milter.pid", "1\n");
  }
  EXPECT_EQ(Read(path), "1\n");
}

TEST(PidFileTest, NoFolder) { EXPECT_FALSE(PidFile::Write("/nonexistent/milter.pid").ok()); }

TEST(FindAccountTest, KnowsUsersAndGroups) {
  struct Case {
    const char* user;
    const char* group;
    absl::StatusCode code;
  };
  const Case kCases[] = {
      {"", "", absl::StatusCode::kOk},
      {"root", "", absl::StatusCode::kOk},
      {"postseal-nobody", "", absl::StatusCode::kNotFound},
      {"root", "postseal-nobody", absl::StatusCode::kNotFound},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(FindAccount(c.user, c.group).status().code(), c.code) << c.user << ":" << c.group;
  }
  const auto root = FindAccount("root", "");
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root->uid, 0u);
  EXPECT_FALSE(root->groups.empty()) << "the main group is among them";
}

}  // namespace
}  // namespace postseal::milter
