// A store in PostgreSQL whose server is killed under load, and away, and back.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "store/appender.h"
#include "store/cutting_proxy.h"
#include "store/postgres_server.h"
#include "store/quota.h"
#include "store/store.h"
#include "store/test_support.h"

namespace postseal::store {
namespace {

class FleetTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server = PostgresServer::Create(EmptyDirectory("server"));
    if (!server.ok()) {
      ASSERT_TRUE(absl::IsNotFound(server.status())) << server.status();
      std::cout << "skipped: " << server.status().message() << "\n";
      GTEST_SKIP() << server.status().message();
    }
    server_ = *std::move(server);
  }

  StoreOptions OptionsOf(const std::string& node) const {
    StoreOptions options;
    options.url = server_->url();
    options.node = node;
    options.spool_directory = spools_ + "/" + node;
    options.stop_timeout = std::chrono::seconds(60);
    options.periodic.interval = std::chrono::milliseconds(5);
    options.periodic.min_backoff = std::chrono::milliseconds(5);
    options.periodic.max_backoff = std::chrono::milliseconds(20);
    return options;
  }

  int64_t Messages() const {
    int64_t messages = 0;
    const absl::Status status =
        ForEachRow(server_->url(), {0, INT64_MAX}, [&messages](const Row& row) {
          messages += row.messages;
          return true;
        });
    EXPECT_TRUE(status.ok()) << status;
    return messages;
  }

  std::unique_ptr<PostgresServer> server_;
  const std::string spools_ = EmptyDirectory("spools");
};

TEST_F(FleetTest, NodesMeet) {
  auto one = *Store::Open(OptionsOf("one"));
  auto two = *Store::Open(OptionsOf("two"));
  for (Store* const store : {one.get(), one.get(), two.get()}) {
    EXPECT_TRUE(store->sink()->Append(FullFact()).ok());
  }
  EXPECT_TRUE(one->Flush().ok());
  EXPECT_TRUE(two->Stop().ok());
  EXPECT_EQ(Messages(), 3);
  EXPECT_EQ(one->status().writer.rows, 0);
  EXPECT_EQ(one->status().writer.forwarded_rows, 1u);
}

TEST_F(FleetTest, AServerThatIsAway) {
  server_->Stop(SIGINT);
  StoreOptions options = OptionsOf("away");
  options.stop_timeout = std::chrono::milliseconds(300);
  auto store = *Store::Open(options);
  EXPECT_TRUE(store->sink()->Append(FullFact()).ok());
  EXPECT_FALSE(store->Flush().ok());
  const absl::Status error = store->status().error();
  EXPECT_FALSE(error.ok());
  EXPECT_EQ(error.message().find("secret"), std::string::npos) << error;
  EXPECT_EQ(store->status().spool_octets, 0u) << "it is in the outbox";
  EXPECT_FALSE(store->Stop().ok());
  EXPECT_EQ(store->status().writer.rows, 1);
  store.reset();
  ASSERT_TRUE(server_->Start());
  EXPECT_TRUE((*Store::Open(OptionsOf("away")))->Flush().ok()) << "by another process, later";
  EXPECT_EQ(Messages(), 1);
}

TEST_F(FleetTest, ARowThatIsRefusedHoldsNothingUp) {
  auto store = *Store::Open(OptionsOf("tables"));
  EXPECT_TRUE(store->sink()->Append(FactFrom("made.example")).ok());
  ASSERT_TRUE(store->Flush().ok()) << "now there are tables";
  ASSERT_TRUE(store->Stop().ok());
  ASSERT_TRUE(server_
                  ->Execute("ALTER TABLE dmarc_rows ADD CONSTRAINT bad "
                            "CHECK (header_from <> 'bad.example')")
                  .ok());
  std::vector<std::string> lines;
  StoreOptions options = OptionsOf("refused");
  options.notice = [&lines](const std::string& line) { lines.push_back(line); };
  store = *Store::Open(options);
  for (const char* from : {"a.example", "bad.example", "c.example"}) {
    EXPECT_TRUE(store->sink()->Append(FactFrom(from)).ok());
  }
  EXPECT_TRUE(store->Stop().ok()) << store->status().error();
  EXPECT_EQ(store->status().writer.dead_letters, 1u);
  EXPECT_EQ(store->status().writer.rows, 0);
  EXPECT_EQ(RowsOf(options.url), (std::map<std::string, int64_t>{
                                     {"a.example", 1}, {"c.example", 1}, {"made.example", 1}}));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("dead_letters"), std::string::npos) << lines[0];
}

TEST_F(FleetTest, OldDaysGoFromPostgres) {
  StoreOptions options = OptionsOf("old");
  auto store = *Store::Open(options);
  EXPECT_TRUE(store->sink()->Append(FactFrom("old.example")).ok());
  EXPECT_TRUE(store->Stop().ok());
  options.retention_days = 90;
  options.now = [] { return kNow + 90 * kSecondsADay; };
  store = *Store::Open(options);
  EXPECT_TRUE(store->Stop().ok());
  EXPECT_EQ(Messages(), 1) << "n days";
  options.now = [] { return kNow + 91 * kSecondsADay; };
  store = *Store::Open(options);
  EXPECT_TRUE(store->Stop().ok());
  EXPECT_EQ(Messages(), 0) << "n + 1 days";
  EXPECT_EQ(store->status().writer.dropped_rows, 1u);
}

// The transaction is committed and nobody knows: it must not be done again.
TEST_F(FleetTest, AnswersThatAreLost) {
  constexpr int kCuts = 3;
  CuttingProxy proxy(server_->port(), "COMMIT", kCuts);
  StoreOptions options = OptionsOf("lost");
  options.url = PostgresServer::UrlAt(proxy.port());
  auto store = *Store::Open(options);
  constexpr int kFacts = 5;
  for (int i = 0; i < kFacts; ++i) {
    EXPECT_TRUE(store->sink()->Append(FullFact()).ok());
    for (int attempt = 0; attempt < 2 * kCuts && !store->Flush().ok(); ++attempt) {
    }
  }
  EXPECT_TRUE(store->Flush().ok());
  EXPECT_EQ(proxy.cuts_left(), 0);
  EXPECT_TRUE(store->Stop().ok());
  EXPECT_EQ(Messages(), kFacts);
}

// The three share a spool and an outbox, and forward at the same time.
TEST_F(FleetTest, KilledProcessesLoseNothing) {
  StoreOptions options = OptionsOf("killed");
  options.periodic.interval = std::chrono::milliseconds(1);
  // Each name is told by its row, and there are more of them than the quota allows.
  options.quota = kNoQuota;
  const Kept kept = KillAppenders(options, 5);
  // A killed one's transaction may still hold what the first attempt wants.
  auto store = *Store::Open(options);
  for (int attempt = 0; attempt < 100 && !store->Flush().ok(); ++attempt) {
  }
  ASSERT_TRUE(store->Stop().ok()) << store->status().error();
  ExpectCountedOnce(kept, RowsOf(options.url));
}

TEST_F(FleetTest, AServerThatIsKilledUnderLoad) {
  constexpr int kRounds = 4;
  constexpr int kFacts = 400;
  std::vector<std::unique_ptr<Store>> stores;
  for (int i = 0; i < 2; ++i) {
    stores.push_back(*Store::Open(OptionsOf(absl::StrCat("load", i))));
  }
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::thread> threads;
    for (const auto& store : stores) {
      threads.emplace_back([&store] {
        for (int i = 0; i < kFacts; ++i) {
          // Rows that many batches and both nodes share, and that one transaction
          // after the other adds to.
          EXPECT_TRUE(store->sink()->Append(PlainFact(static_cast<uint8_t>(i % 200))).ok());
          std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
      });
    }
    // In the middle of it, wherever that is: the numbers must be right in any case.
    std::this_thread::sleep_for(std::chrono::milliseconds(15 * round));
    server_->Stop(SIGKILL);
    const bool started = server_->Start();
    for (std::thread& thread : threads) thread.join();
    ASSERT_TRUE(started) << server_->log();
    // Each round's server gets something, so that every kill hits a store at work.
    for (const auto& store : stores) {
      const uint64_t batches = store->status().writer.forwarded_batches;
      EXPECT_TRUE(store->sink()->Append(PlainFact(0)).ok());
      while (store->status().writer.forwarded_batches == batches) std::this_thread::yield();
    }
  }
  for (const auto& store : stores) {
    // A batch may be in hand that meets the server as it starts.
    absl::Status status;
    for (int attempt = 0; attempt < 100; ++attempt) {
      status = store->Flush();
      if (status.ok()) break;
    }
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(store->status().writer.rows, 0);
    EXPECT_GT(store->status().writer.forwarded_batches, 1u);
  }
  EXPECT_EQ(Messages(), 2 * kRounds * (kFacts + 1));
}

}  // namespace
}  // namespace postseal::store
