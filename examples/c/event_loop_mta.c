/* event_loop_mta: one thread, one epoll, many messages in flight.
 *
 *   event_loop_mta [-s SERVER] [-n NOW] [-w SECONDS] MESSAGE...
 *
 * Stands for a mail server with an event loop: no call of it waits. Each file is a message
 * that a client is sending; the loop takes a piece of each a turn, hands their lookups
 * to libunbound, and prints "FILE: RESULT, REASON" when a verdict is there, in whatever
 * order that happens. -w is how long a message may wait for answers. Ends with 2 when a call
 * fails, else 0.
 *
 *   cc event_loop_mta.c $(pkg-config --cflags --libs postseal-unbound)
 */
#include <postseal.h>
#include <postseal_unbound.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MAX_IN_FLIGHT = 500, PIECE_OCTETS = 4096, MAX_LOOKUP_MS = 5000 };

/* Message is one of those in flight. */
typedef struct Message {
  const char* path;
  FILE* file; /* NULL when all of it was read */
  postseal_verify* verify;
  int64_t deadline_ms; /* of the monotonic clock */
} Message;

typedef struct Server {
  postseal_config* config; /* shared by all messages, with the keys that it caches */
  postseal_unbound* unbound;
  int epoll_fd;
  int timer_fd;
  int64_t now; /* Unix seconds, for expiry; 0: the clock's */
  int64_t wait_ms;
  Message messages[MAX_IN_FLIGHT];
  int in_flight;
} Server;

/* Check ends the program when a call of postseal failed, CheckSystem when one of the
 * system did. No verdict ends up here. */
static void Check(postseal_status status, const char* call) {
  if (status >= 0) return;
  fprintf(stderr, "%s: status %d\n", call, (int)status);
  exit(2);
}

static void CheckSystem(int ok, const char* what) {
  if (ok) return;
  perror(what);
  exit(2);
}

static int64_t MonotonicMs(void) {
  struct timespec now;
  CheckSystem(clock_gettime(CLOCK_MONOTONIC, &now) == 0, "clock_gettime");
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Accept begins a message: a client said DATA. */
static void Accept(Server* server, const char* path) {
  Message* const message = &server->messages[server->in_flight++];
  const int64_t now = server->now != 0 ? server->now : (int64_t)time(NULL);
  message->path = path;
  message->file = fopen(path, "rb");
  CheckSystem(message->file != NULL, path);
  message->deadline_ms = MonotonicMs() + server->wait_ms;
  /* A real server passes the envelope, so that SPF's queries go out here already. */
  Check(postseal_verify_new(server->config, NULL, now, &message->verify, NULL),
        "postseal_verify_new");
}

/* Read takes the next piece of a message, and has what it asks looked up. */
static void Read(Server* server, Message* message) {
  unsigned char piece[PIECE_OCTETS];
  const size_t len = fread(piece, 1, sizeof(piece), message->file);
  postseal_exchange* const exchange = postseal_verify_exchange(message->verify);
  if (len > 0) {
    Check(postseal_verify_feed(message->verify, piece, len), "feed");
  } else {
    Check(postseal_verify_end_of_message(message->verify), "end_of_message");
    fclose(message->file);
    message->file = NULL;
  }
  Check(postseal_unbound_start(server->unbound, exchange), "start");
}

static void Print(const Message* message) {
  int32_t result = 0, dkim = 0, reason = 0, bits = 0;
  postseal_bytes domain, selector;
  Check(postseal_verify_result(message->verify, &result), "result");
  printf("%s: %s", message->path, postseal_result_name(result));
  if (postseal_verify_signature(message->verify, 0, &dkim, &reason, &domain, &selector, &bits) ==
      POSTSEAL_OK) {
    printf(", %s", postseal_reason_name(POSTSEAL_METHOD_DKIM, reason));
  }
  printf("\n");
}

/* Finish prints the message at |index| and lets another take its place. Freeing a session
 * drops the lookups that it still has under way. */
static void Finish(Server* server, int index) {
  Message* const message = &server->messages[index];
  Print(message);
  if (message->file != NULL) fclose(message->file);
  postseal_verify_free(message->verify);
  *message = server->messages[--server->in_flight];
}

/* ArmTimer has the loop woken when libunbound or the next deadline needs it: at once when
 * a client has more to send. */
static void ArmTimer(const Server* server) {
  struct itimerspec timer = {{0, 0}, {0, 1}};
  const int32_t unbound_ms = postseal_unbound_timeout(server->unbound);
  const int64_t now_ms = MonotonicMs();
  int64_t due_ms = unbound_ms >= 0 ? unbound_ms : server->wait_ms;
  int i;
  for (i = 0; i < server->in_flight; ++i) {
    const Message* const message = &server->messages[i];
    if (message->file != NULL) due_ms = 0;
    if (message->deadline_ms - now_ms < due_ms) due_ms = message->deadline_ms - now_ms;
  }
  if (due_ms > 0) {
    timer.it_value.tv_sec = due_ms / 1000;
    timer.it_value.tv_nsec = due_ms % 1000 * 1000000;
  }
  CheckSystem(timerfd_settime(server->timer_fd, 0, &timer, NULL) == 0, "timerfd_settime");
}

static void Watch(const Server* server, int fd) {
  struct epoll_event event = {EPOLLIN, {0}};
  event.data.fd = fd;
  CheckSystem(epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

/* Turn waits for something to do and does it, for every message that it concerns. */
static void Turn(Server* server) {
  struct epoll_event events[2];
  uint64_t expirations;
  int i, count;
  ArmTimer(server);
  count = epoll_wait(server->epoll_fd, events, 2, -1);
  for (i = 0; i < count; ++i) {
    if (events[i].data.fd != server->timer_fd) continue;
    CheckSystem(read(server->timer_fd, &expirations, sizeof(expirations)) > 0, "timerfd");
  }
  Check(postseal_unbound_process(server->unbound), "process");
  for (i = server->in_flight - 1; i >= 0; --i) {
    Message* const message = &server->messages[i];
    postseal_exchange* const exchange = postseal_verify_exchange(message->verify);
    if (message->file != NULL) Read(server, message);
    if (message->file == NULL && MonotonicMs() >= message->deadline_ms) {
      Check(postseal_exchange_expire(exchange), "expire");
    }
    if (postseal_exchange_is_done(exchange)) Finish(server, i);
  }
}

int main(int argc, char** argv) {
  static Server server;
  const char* address = "";
  int option;
  server.wait_ms = 20000;
  while ((option = getopt(argc, argv, "s:n:w:")) != -1) {
    if (option == 's') address = optarg;
    if (option == 'n') server.now = strtoll(optarg, NULL, 10);
    if (option == 'w') server.wait_ms = 1000 * strtoll(optarg, NULL, 10);
    if (option == '?') return 2;
  }
  Check(postseal_config_new(&server.config), "config_new");
  Check(postseal_config_set(server.config, "cached_keys", 11, 1000), "cached_keys");
  Check(
      postseal_unbound_new(address, strlen(address), NULL, 0, MAX_LOOKUP_MS, &server.unbound, NULL),
      "postseal_unbound_new");
  server.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  server.timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  Watch(&server, server.timer_fd);
  Watch(&server, postseal_unbound_fd(server.unbound));
  for (;;) {
    while (optind < argc && server.in_flight < MAX_IN_FLIGHT) Accept(&server, argv[optind++]);
    if (server.in_flight == 0) break;
    Turn(&server);
  }
  postseal_unbound_free(server.unbound);
  postseal_config_free(server.config);
  close(server.timer_fd);
  close(server.epoll_fd);
  return 0;
}
