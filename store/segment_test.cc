#include "store/segment.h"

#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "store/test_support.h"

namespace postseal::store {
namespace {

TEST(SegmentTest, BelongsToOne) {
  const std::string directory = EmptyDirectory("segment");
  auto writer = *Segment::Create(directory);
  EXPECT_TRUE(writer->Append("octets").ok());
  const std::string name = writer->name();
  EXPECT_EQ(*Segment::Take(directory, name), nullptr);
  writer.reset();
  const auto reader = *Segment::Take(directory, name);
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ(*Segment::Take(directory, name), nullptr);
  EXPECT_EQ(*reader->Read(), "octets");
  EXPECT_TRUE(reader->Remove().ok());
  EXPECT_EQ(*Segment::Take(directory, name), nullptr);
}

TEST(SegmentTest, Limits) {
  const std::string directory = EmptyDirectory("large");
  const std::string name = (*Segment::Create(directory))->name();
  const std::string path = directory + "/" + name;
  std::filesystem::resize_file(path, kMaxSegmentOctets);
  EXPECT_EQ((*Segment::Take(directory, name))->Read()->size(), kMaxSegmentOctets) << "n";
  std::filesystem::resize_file(path, kMaxSegmentOctets + 1);
  EXPECT_TRUE(absl::IsResourceExhausted((*Segment::Take(directory, name))->Read().status()));
}

TEST(SegmentTest, LinksAndPipesAreNotRead) {
  const std::string directory = EmptyDirectory("links");
  std::filesystem::create_symlink("/etc/passwd", directory + "/link.facts");
  EXPECT_FALSE(Segment::Take(directory, "link.facts").ok());
  ASSERT_EQ(mkfifo((directory + "/pipe.facts").c_str(), 0600), 0);
  const auto pipe = Segment::Take(directory, "pipe.facts");
  if (pipe.ok()) {
    EXPECT_FALSE((*pipe)->Read().ok());
  }
}

}  // namespace
}  // namespace postseal::store
