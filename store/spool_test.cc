#include "store/spool.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "store/fact_codec.h"
#include "store/fold.h"
#include "store/segment.h"
#include "store/spool_record.h"
#include "store/test_support.h"

namespace postseal::store {
namespace {

// RecordOctets is what |fact| takes in a segment.
size_t RecordOctets(const Fact& fact) {
  std::string payload;
  EncodeFact(fact, &payload);
  return kRecordHeadOctets + payload.size();
}

std::unique_ptr<Spool> OpenSpool(const std::string& directory, uint64_t max_octets = 1 << 20,
                                 size_t segment_octets = 1 << 16) {
  SpoolOptions options;
  options.directory = directory;
  options.max_octets = max_octets;
  options.segment_octets = segment_octets;
  auto spool = Spool::Open(options);
  EXPECT_TRUE(spool.ok()) << spool.status();
  return *std::move(spool);
}

// Contents is what readers find, from the oldest segment; they are removed.
FoldTally Contents(const std::string& directory, std::vector<Row>* rows = nullptr) {
  FoldTally tally;
  const auto list = ListSegments(directory);
  EXPECT_TRUE(list.ok());
  for (const std::string& name : list->names) {
    const auto segment = Segment::Take(directory, name);
    EXPECT_TRUE(segment.ok()) << segment.status();
    if (*segment == nullptr) continue;
    ++tally.segments;
    const auto content = (*segment)->Read();
    EXPECT_TRUE(content.ok());
    for (Row& row : CountFacts(*content, &tally)) {
      if (rows != nullptr) rows->push_back(std::move(row));
    }
    EXPECT_TRUE((*segment)->Remove().ok());
  }
  return tally;
}

TEST(SpoolTest, WhatIsAppendedIsThere) {
  const std::string directory = EmptyDirectory("appended");
  auto spool = OpenSpool(directory);
  EXPECT_TRUE(spool->Append(FullFact()).ok());
  EXPECT_TRUE(spool->Append(FullFact()).ok());
  EXPECT_TRUE(spool->Append(PlainFact()).ok());
  EXPECT_EQ(spool->octets(), 2 * RecordOctets(FullFact()) + RecordOctets(PlainFact()));
  EXPECT_EQ(Contents(directory).segments, 0u) << "a segment that is written belongs to the writer";
  EXPECT_TRUE(spool->Seal().ok());
  std::vector<Row> rows;
  EXPECT_EQ(Contents(directory, &rows).facts, 3u);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].messages + rows[1].messages, 3);
  EXPECT_TRUE(spool->Append(PlainFact()).ok()) << "into a new segment";
  EXPECT_EQ(spool->appended(), 4u);
}

TEST(SpoolTest, NobodyElseReadsIt) {
  const std::string directory = EmptyDirectory("private") + "/below/spool";
  auto spool = OpenSpool(directory);
  EXPECT_TRUE(spool->Append(PlainFact()).ok());
  struct stat info{};
  ASSERT_EQ(stat(directory.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  const auto list = ListSegments(directory);
  ASSERT_EQ(list->names.size(), 1u);
  ASSERT_EQ(stat((directory + "/" + list->names[0]).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(SpoolTest, SegmentsEndBySize) {
  const size_t size = RecordOctets(PlainFact());
  for (const size_t room : {3 * size, 3 * size - 1}) {
    const std::string directory = EmptyDirectory("sizes");
    auto spool = OpenSpool(directory, 1 << 20, room);
    for (int i = 0; i < 6; ++i) EXPECT_TRUE(spool->Append(PlainFact()).ok());
    EXPECT_EQ(ListSegments(directory)->names.size(), room == 3 * size ? 2u : 3u);
    spool->Stop();
    EXPECT_EQ(Contents(directory).facts, 6u);
  }
}

TEST(SpoolTest, TheLimitOfAllSegments) {
  const size_t size = RecordOctets(PlainFact());
  const std::string directory = EmptyDirectory("limit");
  auto spool = OpenSpool(directory, 4 * size, 2 * size);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(spool->Append(PlainFact()).ok()) << "n";
  EXPECT_TRUE(absl::IsResourceExhausted(spool->Append(PlainFact()))) << "n + 1";
  EXPECT_EQ(spool->refused(), 1u);
  EXPECT_TRUE(spool->Seal().ok());
  EXPECT_EQ(Contents(directory).facts, 4u);
  EXPECT_TRUE(spool->Seal().ok());
  EXPECT_TRUE(spool->Append(PlainFact()).ok()) << "there is room again";
  EXPECT_TRUE(absl::IsResourceExhausted(OpenSpool(directory, size)->Append(PlainFact())))
      << "what was there counts";
}

TEST(SpoolTest, BadOptions) {
  EXPECT_FALSE(Spool::Open({}).ok());
  SpoolOptions options;
  options.directory = EmptyDirectory("bad");
  options.segment_octets = kMaxSegmentOctets;
  EXPECT_TRUE(Spool::Open(options).ok()) << "n";
  options.segment_octets = kMaxSegmentOctets + 1;
  EXPECT_FALSE(Spool::Open(options).ok()) << "n + 1";
  options.segment_octets = 1;
  options.directory = "/dev/null";
  EXPECT_FALSE(Spool::Open(options).ok());
  options.directory = "/dev/null/below";
  EXPECT_FALSE(Spool::Open(options).ok());
  options.directory = "/proc/self";
  EXPECT_FALSE(Spool::Open(options).ok()) << "that it cannot be written is said at the start";
}

TEST(SpoolTest, AfterStop) {
  const std::string directory = EmptyDirectory("stopped");
  auto spool = OpenSpool(directory);
  spool->Stop();
  EXPECT_TRUE(absl::IsFailedPrecondition(spool->Append(PlainFact())));
  EXPECT_TRUE(ListSegments(directory)->names.empty()) << "nothing is left of an empty spool";
}

TEST(SpoolTest, WithFsync) {
  SpoolOptions options;
  options.directory = EmptyDirectory("fsync");
  options.fsync = true;
  options.segment_octets = 2 * RecordOctets(PlainFact());
  auto spool = *Spool::Open(options);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&spool] {
      for (int k = 0; k < 5; ++k) EXPECT_TRUE(spool->Append(PlainFact()).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  spool->Stop();
  EXPECT_EQ(Contents(options.directory).facts, 20u);
}

// FailingDisk is fdatasync(2) that fails the calls of |failures|, from 1, and, as a kernel
// may, says so once only. With |loses| the octets that it has not confirmed are gone.
class FailingDisk {
 public:
  FailingDisk(std::set<int> failures, bool loses) : failures_(std::move(failures)), loses_(loses) {}

  int operator()(int fd) {
    const std::lock_guard lock(mutex_);
    struct stat info{};
    if (fstat(fd, &info) != 0) return -1;
    if (failures_.erase(++calls_) == 0) {
      confirmed_[info.st_ino] = info.st_size;
      return 0;
    }
    if (loses_ && info.st_size > confirmed_[info.st_ino]) {
      const off_t size = confirmed_[info.st_ino];
      const std::string zeros(static_cast<size_t>(info.st_size - size), '\0');
      // The file has O_APPEND, so that the place is the file's name.
      const std::string path = "/proc/self/fd/" + std::to_string(fd);
      const int again = open(path.c_str(), O_WRONLY | O_CLOEXEC);
      if (pwrite(again, zeros.data(), zeros.size(), size) < 0) return -1;
      close(again);
    }
    errno = EIO;
    return -1;
  }

 private:
  std::mutex mutex_;
  std::set<int> failures_;
  const bool loses_;
  int calls_ = 0;
  std::map<ino_t, off_t> confirmed_;
};

// After a failed fdatasync(2) nothing is known of what was not confirmed, and a later call
// that succeeds says nothing of it.
TEST(SpoolTest, AFailedSyncAbandonsTheSegment) {
  for (const bool loses : {false, true}) {
    auto disk = std::make_shared<FailingDisk>(std::set<int>{3}, loses);
    SpoolOptions options;
    options.directory = EmptyDirectory("failed_sync");
    options.fsync = true;
    options.sync_file = [disk](int fd) { return (*disk)(fd); };
    auto spool = *Spool::Open(options);
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(spool->Append(PlainFact(static_cast<uint8_t>(i))).ok()) << i;
    }
    EXPECT_EQ(spool->appended(), 5u);
    EXPECT_EQ(ListSegments(options.directory)->names.size(), 2u) << "a new one was begun";
    spool->Stop();
    std::vector<Row> rows;
    const FoldTally tally = Contents(options.directory, &rows);
    EXPECT_EQ(tally.facts, 5u) << "each is there once";
    EXPECT_EQ(tally.skipped_octets, 0u);
    EXPECT_EQ(rows.size(), 5u);
  }
}

TEST(SpoolTest, ADiskThatFailsAgainRefusesTheFact) {
  auto disk = std::make_shared<FailingDisk>(std::set<int>{2, 3}, false);
  SpoolOptions options;
  options.directory = EmptyDirectory("failed_syncs");
  options.fsync = true;
  options.sync_file = [disk](int fd) { return (*disk)(fd); };
  auto spool = *Spool::Open(options);
  EXPECT_TRUE(spool->Append(PlainFact(1)).ok());
  EXPECT_TRUE(absl::IsUnavailable(spool->Append(PlainFact(2))));
  EXPECT_TRUE(spool->Append(PlainFact(3)).ok());
  EXPECT_EQ(spool->appended(), 2u);
  EXPECT_EQ(spool->refused(), 1u);
  spool->Stop();
  EXPECT_EQ(Contents(options.directory).facts, 2u) << "a fact that was refused is not there";
}

TEST(SpoolTest, ThreadsWhoseSyncFails) {
  auto disk = std::make_shared<FailingDisk>(std::set<int>{2, 5, 9, 14, 20}, true);
  SpoolOptions options;
  options.directory = EmptyDirectory("failing_threads");
  options.fsync = true;
  options.sync_file = [disk](int fd) { return (*disk)(fd); };
  auto spool = *Spool::Open(options);
  std::atomic<uint64_t> kept = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 25; ++k) kept += spool->Append(PlainFact()).ok() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  spool->Stop();
  EXPECT_EQ(spool->appended(), kept);
  EXPECT_EQ(Contents(options.directory).facts, kept) << "what was kept, and nothing else";
}

TEST(SpoolTest, ThreadsAndReadersAtOnce) {
  const std::string directory = EmptyDirectory("threads");
  auto first = OpenSpool(directory, 1 << 24, 2000);
  auto second = OpenSpool(directory, 1 << 24, 2000);
  constexpr int kFacts = 2000;
  std::vector<std::thread> threads;
  for (Spool* const spool : {first.get(), first.get(), second.get()}) {
    threads.emplace_back([spool] {
      for (int i = 0; i < kFacts; ++i) EXPECT_TRUE(spool->Append(FullFact()).ok());
    });
  }
  FoldTally tally;
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(first->Seal().ok());
    const FoldTally found = Contents(directory);
    tally.facts += found.facts;
    tally.skipped_octets += found.skipped_octets;
  }
  for (std::thread& thread : threads) thread.join();
  first->Stop();
  second->Stop();
  tally.facts += Contents(directory).facts;
  EXPECT_EQ(tally.facts, 3u * kFacts);
  EXPECT_EQ(tally.skipped_octets, 0u);
}

// In a child process: no file may have more than |octets|.
void LimitFiles(rlim_t octets) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit = {octets, octets};
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(3);
}

// A disk that is full in the middle of a record.
TEST(SpoolTest, AFullDisk) {
  const size_t size = RecordOctets(PlainFact());
  for (const size_t room : {2 * size, 2 * size + 1, 3 * size - 1}) {
    const std::string directory = EmptyDirectory("full");
    const pid_t child = fork();
    if (child == 0) {
      LimitFiles(room);
      auto spool = OpenSpool(directory);
      const bool kept = spool->Append(PlainFact()).ok() && spool->Append(PlainFact()).ok();
      const bool refused = absl::IsResourceExhausted(spool->Append(PlainFact())) &&
                           absl::IsResourceExhausted(spool->Append(PlainFact()));
      const bool again = spool->Seal().ok() && spool->Append(PlainFact()).ok();
      _exit(kept && refused && again && spool->refused() == 2 ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    const FoldTally tally = Contents(directory);
    EXPECT_EQ(tally.facts, 3u) << "those that were said to be kept";
    EXPECT_EQ(tally.skipped_octets, 0u) << "and nothing of the others";
  }
}

}  // namespace
}  // namespace postseal::store
