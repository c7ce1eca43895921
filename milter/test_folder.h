// TestFolder: a folder of files for one test, removed at its end.
#ifndef POSTSEAL_MILTER_TEST_FOLDER_H_
#define POSTSEAL_MILTER_TEST_FOLDER_H_

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace postseal::milter {

class TestFolder {
 public:
  TestFolder() {
    std::string pattern = testing::TempDir() + "/milter.XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

  // Write makes the file |name|, and the folders above it, and returns its path.
  std::string Write(const std::string& name, std::string_view text, mode_t mode = 0600) const {
    const std::string file = path_ + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    std::ofstream(file, std::ios::binary) << text;
    EXPECT_EQ(chmod(file.c_str(), mode), 0) << file;
    return file;
  }

 private:
  std::string path_;
};

// ReadTestFile returns the file at |path| below testdata/.
inline std::string ReadTestFile(const std::string& path) {
  std::ifstream file("testdata/" + path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Replaced is |text| with |to| in place of every |from|.
inline std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_TEST_FOLDER_H_
