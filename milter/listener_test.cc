// Local sockets, and who else wants them.
#include "milter/listener.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "milter/socket_address.h"

namespace postseal::milter {
namespace {

class ListenerTest : public testing::Test {
 protected:
  ListenerTest() {
    // A socket's path is short, and TempDir() is not always.
    std::string folder = std::filesystem::temp_directory_path().string() + "/postseal.XXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  ~ListenerTest() override {
    unlink(path().c_str());
    rmdir(folder_.c_str());
  }

  std::string path() const { return folder_ + "/s"; }
  SocketAddress address() const { return *SocketAddress::Parse("local:" + path()); }
  bool Exists() const {
    struct stat status;
    return lstat(path().c_str(), &status) == 0;
  }
  // Connects says whether somebody listens.
  bool Connects() const {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_un local = {};
    local.sun_family = AF_UNIX;
    path().copy(local.sun_path, sizeof local.sun_path - 1);
    const bool connects = connect(fd, reinterpret_cast<sockaddr*>(&local), sizeof local) == 0;
    close(fd);
    return connects;
  }

  std::string folder_;
};

TEST_F(ListenerTest, TheFirstKeepsItsSocket) {
  {
    const auto first = Listener::Open(address());
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(Listener::CheckFree(address()).code(), absl::StatusCode::kUnavailable);
    const auto second = Listener::Open(address());
    EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_TRUE(Connects());
  }
  EXPECT_FALSE(Exists()) << "the file goes with its owner";
}

TEST_F(ListenerTest, AFullQueueIsSomebodyToo) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un local = {};
  local.sun_family = AF_UNIX;
  path().copy(local.sun_path, sizeof local.sun_path - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&local), sizeof local), 0);
  ASSERT_EQ(listen(fd, 0), 0);
  while (Connects()) {  // nobody accepts
  }
  EXPECT_FALSE(Listener::Open(address()).ok());
  EXPECT_TRUE(Exists());
  close(fd);
}

TEST_F(ListenerTest, WhatNobodyListensOnIsReplaced) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un local = {};
  local.sun_family = AF_UNIX;
  path().copy(local.sun_path, sizeof local.sun_path - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&local), sizeof local), 0);
  close(fd);  // as after kill -9
  ASSERT_TRUE(Exists());
  EXPECT_TRUE(Listener::CheckFree(address()).ok());
  // A process that is just opening a socket there comes first.
  const int folder = open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(flock(folder, LOCK_EX), 0);
  EXPECT_EQ(Listener::Open(address()).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(Exists());
  close(folder);
  const auto listeners = Listener::Open(address());
  ASSERT_TRUE(listeners.ok()) << listeners.status();
  EXPECT_TRUE(Connects());
}

TEST_F(ListenerTest, AnotherSocketInItsPlaceStays) {
  auto first = Listener::Open(address());
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(unlink(path().c_str()), 0);
  auto second = Listener::Open(address());
  ASSERT_TRUE(second.ok()) << second.status();
  first->front().Close();
  EXPECT_TRUE(Connects());
  second->front().Close();
  EXPECT_FALSE(Exists());
}

}  // namespace
}  // namespace postseal::milter
