#include "milter/file_watch.h"

#include <cstdio>
#include <initializer_list>
#include <string>

#include "gtest/gtest.h"
#include "milter/test_folder.h"

namespace postseal::milter {
namespace {

// StampsOf are those of |files| as they are now.
FileWatch::Stamps StampsOf(std::initializer_list<std::string> files) {
  FileWatch::Stamps stamps;
  for (const std::string& file : files) stamps.emplace(file, FileWatch::Look(file));
  return stamps;
}

TEST(FileWatchTest, AChangeCountsOnceItHasSettled) {
  TestFolder folder;
  const std::string a = folder.Write("a", "one");
  const std::string gone = folder.path() + "/not-there-yet";
  FileWatch watch;
  watch.Watch(StampsOf({a, gone}));
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
  watch.Watch(StampsOf({a, b}));
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

TEST(FileWatchTest, AChangeWhileTheFileIsRead) {
  TestFolder folder;
  const FileWatch::Stamps before = StampsOf({folder.Write("a", "one")});
  folder.Write("a", "one and more");
  FileWatch watch;
  watch.Watch(before);
  EXPECT_FALSE(watch.HasChanged()) << "whoever writes may not be done";
  EXPECT_TRUE(watch.HasChanged());
  EXPECT_FALSE(watch.HasChanged());
}

TEST(FileWatchTest, MoreFiles) {
  TestFolder folder;
  const std::string a = folder.Write("a", "one");
  const std::string b = folder.path() + "/b";
  FileWatch watch;
  watch.Watch(StampsOf({a}));
  watch.WatchMore(StampsOf({b}));
  for (const char* const name : {"a", "b"}) {
    folder.Write(name, "new text");
    watch.HasChanged();
    EXPECT_TRUE(watch.HasChanged()) << name;
  }
}

TEST(FileWatchTest, NothingToWatch) {
  FileWatch watch;
  EXPECT_FALSE(watch.HasChanged());
  watch.Watch({});
  EXPECT_FALSE(watch.HasChanged());
}

}  // namespace
}  // namespace postseal::milter
