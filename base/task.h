// Task, Event and ReadyQueue: the only promise and awaiter types of the
// project, and the whole of its scheduling. Nothing here starts a thread.
//
// Rules for coroutines (docs/CONVENTIONS.md, "Coroutines"):
//  - the first parameter is a pointer to something with arena(), where the
//    frame goes; the others are values or pointers into the session;
//  - one co_await a statement, and no aggregate temporary in that statement.
#ifndef POSTSEAL_BASE_TASK_H_
#define POSTSEAL_BASE_TASK_H_

#include <coroutine>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/arena.h"
#include "base/check.h"

namespace postseal::base {

class Event;

namespace internal {

// Waiter is one suspended coroutine: a node of the list of the Event it waits
// for, then of the ReadyQueue. It lives in the coroutine's frame and unlinks
// itself, so a dropped task leaves nothing behind.
struct Waiter {
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() { Unlink(); }

  void Unlink() {
    previous->next = next;
    next->previous = previous;
    next = previous = this;
  }
  // LinkBefore puts this at the end of the list whose sentinel is |sentinel|.
  void LinkBefore(Waiter* sentinel) {
    Unlink();
    previous = sentinel->previous;
    next = sentinel;
    previous->next = this;
    sentinel->previous = this;
  }

  Waiter* next = this;
  Waiter* previous = this;
  std::coroutine_handle<> handle;
};

}  // namespace internal

// ReadyQueue holds the coroutines that may go on, first come first served.
class ReadyQueue {
 public:
  ReadyQueue() = default;
  ReadyQueue(const ReadyQueue&) = delete;
  ReadyQueue& operator=(const ReadyQueue&) = delete;

  // Run resumes what is ready until nothing is. A call from inside a resumed
  // coroutine, or from a resolver that answers at once, returns immediately:
  // the outermost Run does the work, so that answers never nest.
  void Run() {
    if (running_) return;
    const RunningScope scope(&running_);
    while (sentinel_.next != &sentinel_) {
      internal::Waiter* const waiter = sentinel_.next;
      waiter->Unlink();
      waiter->handle.resume();
    }
  }

 private:
  friend class Event;

  struct RunningScope {
    explicit RunningScope(bool* running) : flag(running) { *flag = true; }
    ~RunningScope() { *flag = false; }
    bool* flag;
  };

  internal::Waiter sentinel_;
  bool running_ = false;
};

// Event happens once. `co_await event` goes on at once when it has happened.
class Event {
 public:
  explicit Event(ReadyQueue* ready) : ready_(ready) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  bool happened() const { return happened_; }

  // Set makes the event happen and queues its waiters; ReadyQueue::Run resumes them.
  void Set() {
    happened_ = true;
    while (sentinel_.next != &sentinel_) sentinel_.next->LinkBefore(&ready_->sentinel_);
  }

  class Awaiter {
   public:
    explicit Awaiter(Event* event) : event_(event) {}
    bool await_ready() const { return event_->happened_; }
    void await_suspend(std::coroutine_handle<> handle) {
      waiter_.handle = handle;
      waiter_.LinkBefore(&event_->sentinel_);
    }
    void await_resume() const {}

   private:
    Event* event_;
    internal::Waiter waiter_;
  };
  Awaiter operator co_await() { return Awaiter(this); }

 private:
  ReadyQueue* ready_;
  internal::Waiter sentinel_;
  bool happened_ = false;
};

// Task is a coroutine that computes one T. It starts when Start is called or
// when it is first awaited, and can be awaited once, started or not. Dropping a
// Task drops the coroutine, wherever it stands. T must be movable.
template <typename T>
class [[nodiscard]] Task {
 public:
  class promise_type {
   public:
    // The frame goes into the arena of the first parameter; a coroutine without
    // such a parameter does not compile.
    template <typename Context, typename... Args>
    static void* operator new(size_t size, Context* context, Args&&...) {
      return context->arena()->Allocate(size);
    }
    static void operator delete(void*, size_t) {}

    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() const noexcept { return {}; }

    struct FinalAwaiter {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(
          std::coroutine_handle<promise_type> handle) const noexcept {
        const std::coroutine_handle<> continuation = handle.promise().continuation_;
        return continuation ? continuation : std::noop_coroutine();
      }
      void await_resume() const noexcept {}
    };
    FinalAwaiter final_suspend() const noexcept { return {}; }

    // What is returned goes straight to where it is read from.
    template <typename U = T>
    void return_value(U&& value) {
      result_.emplace(std::forward<U>(value));
    }
    // Our code throws nothing; what does arrive (std::bad_alloc) belongs to the caller.
    void unhandled_exception() { throw; }

   private:
    friend class Task;
    std::optional<T> result_;
    std::coroutine_handle<> continuation_;
  };

  Task(Task&& other) noexcept
      : handle_(std::exchange(other.handle_, {})), started_(other.started_) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, {});
      started_ = other.started_;
    }
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  // Start runs the coroutine up to its first suspension. Must be called at most once.
  void Start() {
    POSTSEAL_CHECK(!started_);
    started_ = true;
    handle_.resume();
  }

  bool done() const { return handle_.done(); }
  // result is the computed value. Requires done().
  const T& result() const {
    POSTSEAL_CHECK(handle_.promise().result_.has_value());
    return *handle_.promise().result_;
  }

  class Awaiter {
   public:
    explicit Awaiter(Task* task) : task_(task) {}
    bool await_ready() const { return task_->started_ && task_->handle_.done(); }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) {
      task_->handle_.promise().continuation_ = waiter;
      if (task_->started_) return std::noop_coroutine();
      task_->started_ = true;
      return task_->handle_;
    }
    T await_resume() {
      POSTSEAL_CHECK(task_->handle_.promise().result_.has_value());
      return std::move(*task_->handle_.promise().result_);
    }

   private:
    Task* task_;
  };
  Awaiter operator co_await() { return Awaiter(this); }

 private:
  using Handle = std::coroutine_handle<promise_type>;
  explicit Task(Handle handle) : handle_(handle) {}

  Handle handle_;
  bool started_ = false;
};

}  // namespace postseal::base

#endif  // POSTSEAL_BASE_TASK_H_
