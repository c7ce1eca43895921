/* verify_blocking: verifies one message and waits for the DNS.
 *
 *   verify_blocking [-i CLIENT-IP] [-h HELO] [-f MAIL-FROM] [-z ZONE-FILE | -s SERVER]
 *                   [-n NOW] < MESSAGE
 *
 * Prints the Authentication-Results field and the reasons. Ends with 0 when the message is
 * authenticated, 1 when it is not, 2 when something is wrong here.
 *
 *   cc verify_blocking.c $(pkg-config --cflags --libs postseal-unbound)
 */
#include <postseal.h>
#include <postseal_unbound.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_WAIT_MS = 20000, MAX_LOOKUP_MS = 5000, MAX_ZONE_OCTETS = 1 << 20 };

/* Check ends the program when a call went wrong. No verdict ends up here: those are
 * results, with POSTSEAL_OK. */
static void Check(postseal_status status, const char* call, postseal_error* error) {
  postseal_bytes text = {NULL, 0};
  if (status >= 0) return;
  if (error != NULL) postseal_error_text(error, &text);
  fprintf(stderr, "%s: status %d %.*s\n", call, (int)status, (int)text.len,
          text.data == NULL ? "" : (const char*)text.data);
  exit(2);
}

/* AnswerFromFile answers the queries of |exchange| from a zone file. */
static void AnswerFromFile(const char* path, postseal_exchange* exchange) {
  static char text[MAX_ZONE_OCTETS];
  postseal_zone* zone = NULL;
  FILE* const file = fopen(path, "rb");
  size_t len;
  if (file == NULL) {
    perror(path);
    exit(2);
  }
  len = fread(text, 1, sizeof(text), file);
  fclose(file);
  Check(postseal_zone_new(&zone), "postseal_zone_new", NULL);
  if (postseal_zone_add(zone, text, len, path, strlen(path)) < 0) {
    postseal_bytes why;
    Check(postseal_zone_error(zone, &why), "postseal_zone_error", NULL);
    fprintf(stderr, "%s\n", (const char*)why.data);
    exit(2);
  }
  Check(postseal_zone_answer(zone, exchange), "postseal_zone_answer", NULL);
  postseal_zone_free(zone);
}

/* AnswerFromDns asks |server|, or the servers of /etc/resolv.conf when it is empty. */
static void AnswerFromDns(const char* server, postseal_exchange* exchange) {
  postseal_unbound* unbound = NULL;
  postseal_error* error = NULL;
  const postseal_status status =
      postseal_unbound_new(server, strlen(server), NULL, 0, MAX_LOOKUP_MS, &unbound, &error);
  Check(status, "postseal_unbound_new", error);
  Check(postseal_unbound_run(unbound, exchange, MAX_WAIT_MS), "postseal_unbound_run", NULL);
  postseal_unbound_free(unbound);
}

/* FeedFile gives |verify| the message, in chunks of any size. */
static void FeedFile(FILE* file, postseal_verify* verify) {
  unsigned char chunk[65536];
  size_t len;
  while ((len = fread(chunk, 1, sizeof(chunk), file)) > 0) {
    Check(postseal_verify_feed(verify, chunk, len), "postseal_verify_feed", NULL);
  }
  Check(postseal_verify_end_of_message(verify), "postseal_verify_end_of_message", NULL);
}

int main(int argc, char** argv) {
  const char *zone = NULL, *server = "";
  int64_t now = (int64_t)time(NULL);
  int32_t result = POSTSEAL_RESULT_NONE;
  postseal_envelope* envelope = NULL;
  postseal_verify* verify = NULL;
  postseal_error* error = NULL;
  postseal_bytes text;
  int option;

  Check(postseal_envelope_new(&envelope), "postseal_envelope_new", NULL);
  while ((option = getopt(argc, argv, "i:h:f:z:s:n:")) != -1) {
    const size_t len = option == '?' ? 0 : strlen(optarg);
    postseal_status status = POSTSEAL_OK;
    if (option == 'i') status = postseal_envelope_set_client_ip_text(envelope, optarg, len);
    if (option == 'h') status = postseal_envelope_set_helo(envelope, optarg, len);
    if (option == 'f') status = postseal_envelope_set_mail_from(envelope, optarg, len);
    if (option == 'z') zone = optarg;
    if (option == 's') server = optarg;
    if (option == 'n') now = strtoll(optarg, NULL, 10);
    if (option == '?') return 2;
    Check(status, argv[optind - 1], NULL);
  }

  Check(postseal_verify_new(NULL, envelope, now, &verify, &error), "postseal_verify_new", error);
  postseal_envelope_free(envelope);
  FeedFile(stdin, verify);
  if (zone != NULL) {
    AnswerFromFile(zone, postseal_verify_exchange(verify));
  } else {
    AnswerFromDns(server, postseal_verify_exchange(verify));
  }

  Check(postseal_verify_authentication_results(verify, "mx.example.net", 14, &text),
        "postseal_verify_authentication_results", NULL);
  fwrite(text.data, 1, text.len, stdout);
  Check(postseal_verify_explanation(verify, &text), "postseal_verify_explanation", NULL);
  fwrite(text.data, 1, text.len, stdout);
  Check(postseal_verify_result(verify, &result), "postseal_verify_result", NULL);
  postseal_verify_free(verify);
  return result == POSTSEAL_RESULT_PASS ? 0 : 1;
}
