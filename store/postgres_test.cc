#include "store/postgres.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "store/postgres_server.h"
#include "store/store.h"
#include "store/test_support.h"

namespace postseal::store {
namespace {

// The tests share a server, and each has rows of a Policy Domain of its own.
class PostgresTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto server = PostgresServer::Create(EmptyDirectory("postgres"));
    if (server.ok()) {
      server_ = server->release();
    } else {
      why_not_ = server.status();
    }
  }
  static void TearDownTestSuite() { delete server_; }
  void SetUp() override {
    if (server_ != nullptr) return;
    ASSERT_TRUE(absl::IsNotFound(why_not_)) << why_not_;
    std::cout << "skipped: " << why_not_.message() << "\n";
    GTEST_SKIP() << why_not_.message();
  }

  static std::unique_ptr<Postgres> Connect() {
    PostgresOptions options;
    options.url = server_->url();
    auto postgres = Postgres::Connect(options);
    EXPECT_TRUE(postgres.ok()) << postgres.status();
    return *std::move(postgres);
  }

  static std::vector<Row> RowsOf(std::string_view policy_domain, DayRange days = {0, INT64_MAX}) {
    std::vector<Row> rows;
    EXPECT_TRUE(Connect()
                    ->ForEachRow(days,
                                 [&](const Row& row) {
                                   if (row.fact.policy_domain == policy_domain) {
                                     rows.push_back(row);
                                   }
                                   return true;
                                 })
                    .ok());
    return rows;
  }

  static Batch BatchOf(std::string outbox, int64_t number, const Fact& fact) {
    Batch batch;
    batch.outbox = std::move(outbox);
    batch.number = number;
    batch.rows = {{fact, 3}};
    batch.rows[0].fact.time = fact.day() * kSecondsADay;
    return batch;
  }

  static PostgresServer* server_;
  static absl::Status why_not_;
};

PostgresServer* PostgresTest::server_ = nullptr;
absl::Status PostgresTest::why_not_;

TEST_F(PostgresTest, ABatchIsAppliedOnce) {
  Fact fact = FullFact();
  fact.policy_domain = "once.example";
  auto postgres = Connect();
  EXPECT_TRUE(postgres->Apply("n", BatchOf("once", 1, fact)).ok());
  EXPECT_TRUE(postgres->Apply("n", BatchOf("once", 1, fact)).ok());
  EXPECT_TRUE(Connect()->Apply("n", BatchOf("once", 1, fact)).ok()) << "nor on another connection";
  EXPECT_EQ(RowsOf("once.example"), BatchOf("", 0, fact).rows);
  EXPECT_TRUE(postgres->Apply("n", BatchOf("once", 2, fact)).ok());
  EXPECT_TRUE(postgres->Apply("n", BatchOf("other", 1, fact)).ok()) << "another outbox";
  EXPECT_TRUE(postgres->Apply("m", BatchOf("once", 1, fact)).ok()) << "another node";
  ASSERT_EQ(RowsOf("once.example").size(), 1u);
  EXPECT_EQ(RowsOf("once.example")[0].messages, 12);
}

TEST_F(PostgresTest, AllTextArrives) {
  Fact fact = LargestFact();
  fact.policy_domain = "text.example";
  fact.header_from = "'; DROP TABLE dmarc_rows; --";
  fact.envelope_from = "";
  fact.envelope_to.reset();
  fact.reasons = {{OverrideType::kOther, "\\ \" $1 ? \xe3\x81\x82"}};
  EXPECT_TRUE(Connect()->Apply("n", BatchOf("text", 1, fact)).ok());
  EXPECT_EQ(RowsOf("text.example"), BatchOf("", 0, fact).rows);
}

TEST_F(PostgresTest, ALargeBatch) {
  Batch batch;
  batch.outbox = "large";
  batch.number = 1;
  for (size_t i = 0; i < kMaxBatchRows; ++i) {
    Fact fact = PlainFact();
    fact.policy_domain = "large.example";
    fact.header_from = absl::StrCat("x", i, ".large.example");
    fact.time = kNow + static_cast<int64_t>(i % 2) * kSecondsADay;
    batch.rows.push_back({fact, 1});
  }
  EXPECT_TRUE(Connect()->Apply("n", batch).ok());
  EXPECT_EQ(RowsOf("large.example").size(), kMaxBatchRows);
  EXPECT_EQ(RowsOf("large.example", {kToday + 1, kToday + 1}).size(), kMaxBatchRows / 2);
  EXPECT_EQ(RowsOf("large.example", {kToday + 2, kToday + 9}).size(), 0u);
  int taken = 0;
  auto postgres = Connect();
  const auto take = [&taken](const Row&) { return ++taken < 2; };
  EXPECT_TRUE(postgres->ForEachRow({0, INT64_MAX}, take).ok());
  EXPECT_EQ(taken, 2) << "false ends it";
  EXPECT_TRUE(postgres->DropBefore(kToday + 1).ok()) << "and the connection can go on";
  EXPECT_EQ(RowsOf("large.example").size(), kMaxBatchRows / 2);
}

TEST_F(PostgresTest, ManyMakeTheTables) {
  // Each in a database of its own would be no test: they share one, made anew.
  auto server = PostgresServer::Create(EmptyDirectory("tables"));
  ASSERT_TRUE(server.ok()) << server.status();
  PostgresOptions options;
  options.url = (*server)->url();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([options] {
      // Who loses the race is told so, and comes again.
      bool ok = false;
      for (int attempt = 0; attempt < 20 && !ok; ++attempt) ok = Postgres::Connect(options).ok();
      EXPECT_TRUE(ok);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(PostgresTest, TheReadSide) {
  Fact fact = PlainFact();
  fact.policy_domain = "read.example";
  EXPECT_TRUE(Connect()->Apply("n", BatchOf("read", 1, fact)).ok());
  int found = 0;
  EXPECT_TRUE(ForEachRow(server_->url(), {0, INT64_MAX}, [&found](const Row& row) {
                found += row.fact.policy_domain == "read.example" ? 1 : 0;
                return true;
              }).ok());
  EXPECT_EQ(found, 1);
  EXPECT_TRUE(DropBefore(server_->url(), INT64_MAX).ok());
  EXPECT_TRUE(RowsOf("read.example").empty());
}

// SilentPort takes connections, by the kernel, and never says a word.
class SilentPort {
 public:
  SilentPort() {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address_);
    socklen_t size = sizeof(address_);
    ok_ = bind(tcp_, any, size) == 0 && getsockname(tcp_, any, &size) == 0 && listen(tcp_, 8) == 0;
  }
  ~SilentPort() { Close(); }

  void Close() {
    if (tcp_ >= 0) close(tcp_);
    tcp_ = -1;
  }
  bool ok() const { return ok_; }
  std::string url() const {
    return absl::StrCat("postgresql://u:hidden@127.0.0.1:", ntohs(address_.sin_port), "/d");
  }

 private:
  sockaddr_in address_{};
  int tcp_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool ok_ = false;
};

TEST(PostgresConnectTest, NoServerHangsUs) {
  SilentPort port;
  ASSERT_TRUE(port.ok());
  PostgresOptions options;
  options.url = port.url();
  options.timeout = std::chrono::milliseconds(50);
  EXPECT_TRUE(absl::IsDeadlineExceeded(Postgres::Connect(options).status()));
  options.timeout = std::chrono::hours(1);
  int asked = 0;
  options.interrupted = [&asked] { return ++asked > 2; };
  EXPECT_TRUE(absl::IsCancelled(Postgres::Connect(options).status()));
  port.Close();
  options.interrupted = [] { return false; };
  const absl::Status refused = Postgres::Connect(options).status();
  EXPECT_TRUE(absl::IsUnavailable(refused));
  EXPECT_EQ(refused.message().find("hidden"), std::string::npos) << refused;
}

TEST(PostgresConnectTest, BadUrls) {
  for (const char* url : {"", "sqlite:x", "postgresql", "postgresql://u:hid%zzden@h/d",
                          "postgresql://h:port/d", "host=h password=hidden"}) {
    PostgresOptions options;
    options.url = url;
    options.timeout = std::chrono::milliseconds(50);
    const absl::Status status = Postgres::Connect(options).status();
    EXPECT_FALSE(status.ok()) << url;
    EXPECT_EQ(status.message().find("hid"), std::string::npos) << status;
  }
  EXPECT_TRUE(Postgres::IsUrl("postgres://h/d"));
  EXPECT_TRUE(Postgres::IsUrl("postgresql://h/d"));
  EXPECT_FALSE(Postgres::IsUrl("postgresqlx://h/d"));
}

}  // namespace
}  // namespace postseal::store
