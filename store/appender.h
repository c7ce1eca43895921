// Appender: a process that appends facts and is killed, for tests.
#ifndef POSTSEAL_STORE_APPENDER_H_
#define POSTSEAL_STORE_APPENDER_H_

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "store/store.h"
#include "store/test_support.h"

namespace postseal::store {

// FactFrom is PlainFact of another author.
inline Fact FactFrom(std::string header_from) {
  Fact fact = PlainFact();
  fact.header_from = std::move(header_from);
  return fact;
}

// RowsOf are the messages of each header_from.
inline std::map<std::string, int64_t> RowsOf(const std::string& url) {
  std::map<std::string, int64_t> rows;
  const absl::Status status = ForEachRow(url, {0, INT64_MAX}, [&rows](const Row& row) {
    rows[row.fact.header_from] += row.messages;
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return rows;
}

// Appender is a process that appends facts, each with a name of its own, from two
// threads, and writes a name into a pipe when its fact was said to be kept.
class Appender {
 public:
  Appender(const StoreOptions& options, const std::string& name) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    child_ = fork();
    if (child_ == 0) {
      close(ends[0]);
      auto store = *Store::Open(options);
      std::thread other([&] { AppendForever(store->sink(), name + "y", ends[1]); });
      AppendForever(store->sink(), name + "x", ends[1]);
    }
    close(ends[1]);
    pipe_ = ends[0];
  }
  ~Appender() { close(pipe_); }

  // KillAfter reads |names| of the names, kills the process, and is all names.
  std::set<std::string> KillAfter(size_t names) {
    std::string text;
    size_t seen = 0;
    char buffer[512];
    ssize_t got = 0;
    while ((got = read(pipe_, buffer, sizeof(buffer))) > 0) {
      text.append(buffer, static_cast<size_t>(got));
      seen += static_cast<size_t>(std::count(buffer, buffer + got, '\n'));
      if (seen >= names && child_ > 0) {
        kill(child_, SIGKILL);
        waitpid(child_, nullptr, 0);
        child_ = 0;
      }
    }
    EXPECT_EQ(child_, 0) << "it ended by itself";
    std::set<std::string> kept;
    for (size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
      kept.insert(text.substr(0, end));
    }
    return kept;
  }

 private:
  [[noreturn]] static void AppendForever(FactSink* sink, const std::string& name, int fd) {
    for (int i = 0;; ++i) {
      const std::string line = absl::StrCat(name, i, "\n");
      if (!sink->Append(FactFrom(line.substr(0, line.size() - 1))).ok()) _exit(1);
      if (write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(2);
    }
  }

  pid_t child_ = 0;
  int pipe_ = -1;
};

// Kept is what processes said to have kept: names of facts.
struct Kept {
  std::set<std::string> names;
  // Of all processes: each may have had one more in hand.
  size_t threads = 0;
};

// KillAppenders kills three processes at a time, |rounds| times. No thread may run here.
inline Kept KillAppenders(const StoreOptions& options, size_t rounds) {
  Kept kept;
  for (size_t round = 0; round < rounds; ++round) {
    std::vector<std::unique_ptr<Appender>> appenders;
    for (int i = 0; i < 3; ++i) {
      appenders.push_back(std::make_unique<Appender>(options, absl::StrCat(round, "-", i)));
    }
    for (const auto& appender : appenders) {
      kept.names.merge(appender->KillAfter(50 + 37 * round));
      kept.threads += 2;
    }
  }
  return kept;
}

// ExpectCountedOnce expects every name of |kept| in |rows|, and hardly more, once.
inline void ExpectCountedOnce(const Kept& kept, const std::map<std::string, int64_t>& rows) {
  for (const std::string& name : kept.names) EXPECT_EQ(rows.count(name), 1u) << name;
  for (const auto& [name, messages] : rows) EXPECT_EQ(messages, 1) << name;
  EXPECT_LE(rows.size(), kept.names.size() + kept.threads);
}

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_APPENDER_H_
