// ReadTestdata: files of testdata/, for the tests of this folder.
#ifndef POSTSEAL_DKIM_TESTDATA_H_
#define POSTSEAL_DKIM_TESTDATA_H_

#include <fstream>
#include <iterator>
#include <string>

#include "gtest/gtest.h"

namespace postseal::dkim {

// ReadTestdata returns the file at |path| below testdata/, which the test has
// among its data; a missing one fails the test.
inline std::string ReadTestdata(const std::string& path) {
  std::ifstream file("testdata/" + path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_TESTDATA_H_
