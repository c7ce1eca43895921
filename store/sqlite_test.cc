#include "store/sqlite.h"

#include <sys/stat.h>

#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "store/test_support.h"

namespace postseal::store {
namespace {

Database Open(const std::string& path) {
  auto database = Database::Open(path, 0);
  EXPECT_TRUE(database.ok()) << database.status();
  return *std::move(database);
}

TEST(SqliteTest, Values) {
  Database database = Open(EmptyDirectory("values") + "/db");
  ASSERT_TRUE(database.Execute("CREATE TABLE t (a TEXT, b TEXT, c INTEGER)").ok());
  auto insert = *database.Prepare("INSERT INTO t VALUES (?, ?, ?)");
  const std::string text("a\0\"'\xc3\xa9", 6);
  insert.Bind(1, text);
  insert.Bind(2, std::nullopt);
  insert.Bind(3, INT64_MIN);
  EXPECT_TRUE(insert.Run().ok());
  EXPECT_EQ(database.changes(), 1);
  auto select = *database.Prepare("SELECT a, b, c FROM t");
  EXPECT_TRUE(*select.Step());
  EXPECT_EQ(select.Text(0), text);
  EXPECT_EQ(select.Text(1), std::nullopt);
  EXPECT_EQ(select.Number(2), INT64_MIN);
  EXPECT_FALSE(*select.Step());
}

TEST(SqliteTest, OnlyACommitStays) {
  const std::string path = EmptyDirectory("commit") + "/db";
  Database database = Open(path);
  ASSERT_TRUE(database.Execute("CREATE TABLE t (a INTEGER)").ok());
  for (const bool commit : {false, true}) {
    auto transaction = *Transaction::Begin(&database);
    ASSERT_TRUE(database.Execute("INSERT INTO t VALUES (1)").ok());
    EXPECT_TRUE(absl::IsUnavailable(Open(path).Execute("INSERT INTO t VALUES (2)"))) << "locked";
    if (commit) {
      EXPECT_TRUE(transaction->Commit().ok());
    }
    transaction.reset();
    EXPECT_EQ(*Open(path).Single("SELECT count(*) FROM t"), commit ? 1 : 0);
  }
}

TEST(SqliteTest, Errors) {
  const std::string directory = EmptyDirectory("errors");
  Database database = Open(directory + "/db");
  EXPECT_FALSE(database.Prepare("SELEKT").ok());
  EXPECT_FALSE(database.Execute("INSERT INTO no_table VALUES (1)").ok());
  EXPECT_FALSE(database.Single("SELECT 1 WHERE 0").ok());
  auto statement = *database.Prepare("SELECT ?");
  statement.Bind(2, int64_t{1});
  EXPECT_FALSE(statement.Step().ok()) << "there is no second parameter";
  EXPECT_FALSE(Database::Open(directory, 0).ok()) << "a directory";
}

TEST(SqliteTest, NobodyElseReadsIt) {
  const std::string path = EmptyDirectory("private") + "/db";
  Database database = Open(path);
  ASSERT_TRUE(database.Execute("CREATE TABLE t (a INTEGER)").ok());
  for (const char* suffix : {"", "-wal"}) {
    struct stat info{};
    ASSERT_EQ(stat((path + suffix).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u) << suffix;
  }
}

}  // namespace
}  // namespace postseal::store
