#include "milter/file_watch.h"

#include <cstdio>
#include <string>

#include "gtest/gtest.h"
#include "milter/test_folder.h"

namespace postseal::milter {
namespace {

TEST(FileWatchTest, AChangeCountsOnceItHasSettled) {
  TestFolder folder;
  const std::string a = folder.Write("a", "one");
  const std::string gone = folder.path() + "/not-there-yet";
  FileWatch watch;
  watch.Watch({a, gone});
  EXPECT_FALSE(watch.HasChanged());
  folder.Write("a", "one and more");
  EXPECT_FALSE(watch.HasChanged()) << "whoever writes may not be done";
  folder.Write("a", "one and more and more");
  EXPECT_FALSE(watch.HasChanged()) << "and was not";
  EXPECT_TRUE(watch.HasChanged());
  EXPECT_FALSE(watch.HasChanged()) << "once";
}

TEST(FileWatchTest, FilesThatComeGoAndAreExchanged) {
  TestFolder folder;
  const std::string a = folder.Write("a", "one");
  const std::string b = folder.path() + "/b";
  FileWatch watch;
  watch.Watch({a, b});
  folder.Write("b", "new");
  watch.HasChanged();
  EXPECT_TRUE(watch.HasChanged()) << "one came";
  std::remove(b.c_str());
  watch.HasChanged();
  EXPECT_TRUE(watch.HasChanged()) << "and went";
  // As editors save: a file of the same size takes the name.
  const std::string other = folder.Write("other", "two");
  ASSERT_EQ(std::rename(other.c_str(), a.c_str()), 0);
  watch.HasChanged();
  EXPECT_TRUE(watch.HasChanged()) << "another took its place";
}

TEST(FileWatchTest, NothingToWatch) {
  FileWatch watch;
  EXPECT_FALSE(watch.HasChanged());
  watch.Watch({});
  EXPECT_FALSE(watch.HasChanged());
}

}  // namespace
}  // namespace postseal::milter
