/* own_resolver: verifies a message with a resolver of the program's own, in both ways.
 *
 *   own_resolver [-c] [-n NOW] NAME=TEXT... < MESSAGE
 *
 * The resolver knows the TXT records of its arguments and nothing else. It is asked by
 * polling, or with -c by callback. Prints each query and the result's word. Ends with 0 when
 * the message is authenticated, 1 when it is not, 2 when a call fails.
 *
 *   cc own_resolver.c $(pkg-config --cflags --libs postseal)
 */
#include <postseal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TXT = 16 };

/* Records are the arguments, "NAME=TEXT". */
typedef struct Records {
  char** items;
  int count;
} Records;

static void Check(postseal_status status, const char* call) {
  if (status >= 0) return;
  fprintf(stderr, "%s: status %d\n", call, (int)status);
  exit(2);
}

/* LookUp answers query |id|. Any resolver has these three endings: records, a name that is
 * not there, and no answer. */
static void LookUp(const Records* records, postseal_exchange* exchange, uint32_t id, uint16_t type,
                   const char* name, size_t name_len) {
  int i;
  printf("? %.*s\n", (int)name_len, name);
  if (type != TXT) {
    Check(postseal_exchange_provide(exchange, id, POSTSEAL_DNS_TEMP_ERROR, 0, 0, NULL, 0),
          "postseal_exchange_provide");
    return;
  }
  for (i = 0; i < records->count; ++i) {
    const char* const item = records->items[i];
    if (strncmp(item, name, name_len) == 0 && item[name_len] == '=') {
      postseal_bytes text;
      text.data = (const uint8_t*)item + name_len + 1;
      text.len = strlen(item) - name_len - 1;
      Check(postseal_exchange_provide_txt(exchange, id, 0, 300, &text, 1),
            "postseal_exchange_provide_txt");
      return;
    }
  }
  Check(postseal_exchange_provide(exchange, id, POSTSEAL_DNS_NX_DOMAIN, 0, 300, NULL, 0),
        "postseal_exchange_provide");
}

/* Poll takes the queries one by one. A program with an event loop sends each off here, and
 * calls postseal_exchange_provide when its answer comes: any order, any time. */
static void Poll(const Records* records, postseal_exchange* exchange) {
  uint32_t id = 0;
  uint16_t type = 0;
  postseal_bytes name;
  postseal_status status;
  while ((status = postseal_exchange_next_query(exchange, &id, &type, &name)) == POSTSEAL_MORE) {
    LookUp(records, exchange, id, type, (const char*)name.data, name.len);
  }
  Check(status, "postseal_exchange_next_query");
}

/* Callback is LookUp as postseal_exchange_drive calls it. */
static void Callback(void* userdata, postseal_exchange* exchange, uint32_t id, uint16_t type,
                     const char* name, size_t name_len) {
  LookUp((const Records*)userdata, exchange, id, type, name, name_len);
}

int main(int argc, char** argv) {
  unsigned char chunk[4096];
  Records records = {NULL, 0};
  postseal_verify* verify = NULL;
  postseal_exchange* exchange;
  int64_t now = (int64_t)time(NULL);
  int32_t result = POSTSEAL_RESULT_NONE;
  int option, by_callback = 0;
  size_t len;
  while ((option = getopt(argc, argv, "cn:")) != -1) {
    if (option == 'c') by_callback = 1;
    if (option == 'n') now = strtoll(optarg, NULL, 10);
    if (option == '?') return 2;
  }
  records.items = argv + optind;
  records.count = argc - optind;

  Check(postseal_verify_new(NULL, NULL, now, &verify, NULL), "postseal_verify_new");
  while ((len = fread(chunk, 1, sizeof(chunk), stdin)) > 0) {
    Check(postseal_verify_feed(verify, chunk, len), "postseal_verify_feed");
  }
  Check(postseal_verify_end_of_message(verify), "postseal_verify_end_of_message");

  exchange = postseal_verify_exchange(verify);
  if (by_callback) {
    Check(postseal_exchange_drive(exchange, Callback, &records), "postseal_exchange_drive");
  } else {
    Poll(&records, exchange);
  }
  /* Nothing is open here: LookUp answers at once. Where a deadline may pass, this ends it. */
  if (!postseal_exchange_is_done(exchange)) Check(postseal_exchange_expire(exchange), "expire");

  Check(postseal_verify_result(verify, &result), "postseal_verify_result");
  printf("%s\n", postseal_result_name(result));
  postseal_verify_free(verify);
  return result == POSTSEAL_RESULT_PASS ? 0 : 1;
}
