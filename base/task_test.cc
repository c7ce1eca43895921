#include "base/task.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace postseal::base {
namespace {

struct Context {
  Arena* arena() { return &memory; }
  Arena memory;
  ReadyQueue ready;
  Event first{&ready};
  Event second{&ready};
  std::vector<std::string> log;
};

Task<int> Answer(Context*) { co_return 42; }

Task<int> AfterFirst(Context* c, const char* name) {
  co_await c->first;
  c->log.push_back(name);
  co_return 1;
}

Task<int> Sum(Context* c) {
  const int a = co_await Answer(c);
  const int b = co_await AfterFirst(c, "inner");
  co_await c->second;
  co_return a + b;
}

TEST(TaskTest, IsLazyAndKeepsItsResult) {
  Context c;
  Task<int> task = Answer(&c);
  EXPECT_FALSE(task.done());
  task.Start();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.result(), 42);
}

TEST(TaskTest, SuspendsUntilTheEventsHappen) {
  Context c;
  Task<int> task = Sum(&c);
  task.Start();
  EXPECT_FALSE(task.done());
  c.first.Set();
  EXPECT_TRUE(c.log.empty()) << "Set only queues";
  c.ready.Run();
  EXPECT_EQ(c.log, std::vector<std::string>{"inner"});
  EXPECT_FALSE(task.done());
  c.second.Set();
  c.ready.Run();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.result(), 43);
}

TEST(TaskTest, WaitersGoOnInTheOrderTheyCame) {
  Context c;
  Task<int> a = AfterFirst(&c, "a");
  Task<int> b = AfterFirst(&c, "b");
  Task<int> d = AfterFirst(&c, "d");
  a.Start();
  b.Start();
  d.Start();
  c.first.Set();
  c.ready.Run();
  EXPECT_EQ(c.log, (std::vector<std::string>{"a", "b", "d"}));
}

TEST(TaskTest, AStartedTaskCanBeAwaitedLater) {
  struct Join {
    static Task<int> Run(Context*, Task<int>* other) {
      const int value = co_await *other;
      co_return value + 1;
    }
  };
  for (const bool finish_first : {false, true}) {
    Context c;
    Task<int> inner = AfterFirst(&c, "x");
    inner.Start();
    if (finish_first) {
      c.first.Set();
      c.ready.Run();
    }
    Task<int> outer = Join::Run(&c, &inner);
    outer.Start();
    c.first.Set();
    c.ready.Run();
    ASSERT_TRUE(outer.done());
    EXPECT_EQ(outer.result(), 2);
  }
}

TEST(TaskTest, ADroppedTaskIsNotResumed) {
  Context c;
  Task<int> stays = AfterFirst(&c, "stays");
  stays.Start();
  {
    Task<int> waiting = AfterFirst(&c, "dropped while waiting");
    waiting.Start();
  }
  {
    Task<int> queued = AfterFirst(&c, "dropped while queued");
    queued.Start();
    c.first.Set();
  }
  c.ready.Run();
  EXPECT_EQ(c.log, std::vector<std::string>{"stays"});
}

TEST(TaskTest, RunFromInsideATaskDoesNotNest) {
  struct Nest {
    static Task<int> Run(Context* c) {
      co_await c->first;
      c->log.push_back("one");
      c->second.Set();
      c->ready.Run();
      c->log.push_back("two");
      co_return 0;
    }
    static Task<int> Other(Context* c) {
      co_await c->second;
      c->log.push_back("three");
      co_return 0;
    }
  };
  Context c;
  Task<int> other = Nest::Other(&c);
  other.Start();
  Task<int> nest = Nest::Run(&c);
  nest.Start();
  c.first.Set();
  c.ready.Run();
  EXPECT_EQ(c.log, (std::vector<std::string>{"one", "two", "three"}));
}

TEST(TaskTest, ALongChainOfReadyEventsDoesNotGrowTheStack) {
  struct Loop {
    static Task<int> Leaf(Context* c) {
      co_await c->first;
      co_return 1;
    }
    static Task<int> Run(Context* c, int n) {
      int sum = 0;
      for (int i = 0; i < n; ++i) {
        const int one = co_await Leaf(c);
        sum += one;
      }
      co_return sum;
    }
  };
  Context c;
  Task<int> task = Loop::Run(&c, 1000);
  task.Start();
  c.first.Set();
  c.ready.Run();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.result(), 1000);
}

TEST(TaskTest, ResultMayBeMoveOnly) {
  struct MoveOnly {
    static Task<std::unique_ptr<int>> Make(Context*) { co_return std::make_unique<int>(7); }
    static Task<int> Use(Context* c) {
      const std::unique_ptr<int> made = co_await Make(c);
      co_return *made;
    }
  };
  Context c;
  Task<int> task = MoveOnly::Use(&c);
  task.Start();
  EXPECT_EQ(task.result(), 7);
}

}  // namespace
}  // namespace postseal::base
