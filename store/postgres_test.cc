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
#include "store/old_schema.h"
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

TEST_F(PostgresTest, TheQuotaHoldsForAllNodes) {
  PostgresOptions options;
  options.url = server_->url();
  options.quota = {4, 1000000};
  std::vector<std::unique_ptr<Postgres>> nodes;
  for (int i = 0; i < 2; ++i) nodes.push_back(*Postgres::Connect(options));
  for (int i = 0; i < 40; ++i) {
    Batch batch;
    batch.outbox = "quota";
    batch.number = i + 1;
    Fact fact = PlainFact(static_cast<uint8_t>(i));
    fact.policy_domain = "quota.example";
    fact.header_from = absl::StrCat("x", i, ".quota.example");
    batch.rows = {{fact, 1}};
    auto& node = nodes[static_cast<size_t>(i % 2)];
    ASSERT_TRUE(node->Apply(absl::StrCat("n", i % 2), batch).ok());
    ASSERT_TRUE(node->Apply(absl::StrCat("n", i % 2), batch).ok()) << "again";
  }
  const std::vector<Row> rows = RowsOf("quota.example");
  EXPECT_EQ(rows.size(), 9u) << "4 full ones, 4 with their source, and the others";
  int64_t messages = 0;
  for (const Row& row : rows) messages += row.messages;
  EXPECT_EQ(messages, 40);
  EXPECT_EQ(nodes[0]->reduced() + nodes[1]->reduced(), 36);
  const std::string counted =
      "SELECT sum(row_count) FROM dmarc_counts WHERE policy_domain = 'quota.example'";
  EXPECT_EQ(server_->Single(counted), "9");
  EXPECT_GE(*Compact(server_->url(), 3), 6) << "and those of the other tests";
  EXPECT_EQ(RowsOf("quota.example").size(), 3u);
  EXPECT_EQ(server_->Single(counted), "3");
  messages = 0;
  for (const Row& row : RowsOf("quota.example")) messages += row.messages;
  EXPECT_EQ(messages, 40);
}

TEST_F(PostgresTest, RefusedRowsAreFound) {
  Fact good = PlainFact();
  good.policy_domain = "refused.example";
  Fact bad = good;
  bad.header_from = "\xff";
  Batch batch = BatchOf("refused", 1, good);
  batch.rows.push_back({bad, 1});
  auto postgres = Connect();
  EXPECT_TRUE(absl::IsInvalidArgument(postgres->Apply("n", batch)));
  EXPECT_TRUE(RowsOf("refused.example").empty()) << "all or nothing";
  const auto refused = postgres->FindRefused("n", batch);
  ASSERT_TRUE(refused.ok()) << refused.status();
  ASSERT_EQ(refused->size(), 1u);
  EXPECT_EQ(refused->front().texts, ToColumns(batch.rows[1]));
  EXPECT_NE(refused->front().error.find("encoding"), std::string::npos);
  EXPECT_TRUE(RowsOf("refused.example").empty()) << "nothing is added by looking";
  batch.rows.pop_back();
  EXPECT_TRUE(postgres->Apply("n", batch).ok());
  EXPECT_EQ(RowsOf("refused.example").size(), 1u);
}

TEST_F(PostgresTest, TablesOfVersion1AreChangedInPlace) {
  auto server = PostgresServer::Create(EmptyDirectory("version1"));
  ASSERT_TRUE(server.ok()) << server.status();
  for (const std::string& sql :
       {std::string("DROP TABLE dmarc_rows"), std::string("DROP TABLE dmarc_counts"),
        std::string("UPDATE postseal_schema SET version = 1"),
        absl::StrCat("CREATE TABLE dmarc_rows (", kVersion1Columns,
                     ", PRIMARY KEY (policy_domain, day, digest))"),
        absl::StrCat("INSERT INTO dmarc_rows VALUES ", Version1Values(4))}) {
    ASSERT_TRUE((*server)->Execute(sql).ok()) << sql;
  }
  // What fails leaves version 1.
  ASSERT_TRUE((*server)->Execute("CREATE VIEW dmarc_counts AS SELECT 1 AS x").ok());
  PostgresOptions options;
  options.url = (*server)->url();
  EXPECT_FALSE(Postgres::Connect(options).ok());
  EXPECT_EQ((*server)->Single("SELECT version FROM postseal_schema"), "1");
  ASSERT_TRUE((*server)->Execute("DROP VIEW dmarc_counts").ok());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([options] { EXPECT_TRUE(Postgres::Connect(options).ok()); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ((*server)->Single("SELECT sum(row_count) FROM dmarc_counts"), "2");
  auto postgres = *Postgres::Connect(options);
  EXPECT_TRUE(postgres->Apply("n", BatchOf("v1", 1, PlainFact())).ok());
  EXPECT_EQ((*server)->Single("SELECT sum(messages) FROM dmarc_rows"), "7");
  EXPECT_EQ((*server)->Single("SELECT count(*) FROM dmarc_rows"), "1") << "the old row is found";
  ASSERT_TRUE((*server)->Execute("UPDATE postseal_schema SET version = 3").ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Postgres::Connect(options).status()));
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
