/*
 * opendkim_peer: libopendkim behind the line protocol of interop/README.md.
 *
 *   opendkim_peer KEYS
 *
 * KEYS is the text file "name TXT", which is libopendkim's own DKIM_QUERY_FILE
 * format (what opendkim.conf calls TestPublicKeys). The library gets the message
 * as OpenDKIM's filter gives it: field by field, then the body. (Its own splitter,
 * dkim_chunk, keeps the CRLF of the last field when the message ends there.)
 */

#define _GNU_SOURCE
#include <opendkim/dkim.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* The longest request line: three paths and a few words. */
#define MAX_LINE 16384
#define MAX_WORDS 8

struct buffer {
  unsigned char* data;
  size_t size;
};

/* Reads a file whole; data is NUL-terminated for the library's PEM argument. */
static bool read_file(const char* path, struct buffer* buffer) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) return false;
  bool ok = false;
  long size = -1;
  buffer->data = NULL;
  if (fseek(file, 0, SEEK_END) == 0) size = ftell(file);
  if (size >= 0 && fseek(file, 0, SEEK_SET) == 0) {
    buffer->size = (size_t)size;
    buffer->data = malloc(buffer->size + 1);
    ok = buffer->data != NULL && fread(buffer->data, 1, buffer->size, file) == buffer->size;
    if (ok) buffer->data[buffer->size] = '\0';
  }
  fclose(file);
  return ok;
}

/* Returns where the field at `start` ends: at a CRLF that does not fold (RFC 5322
 * §2.2.3), or at the end of the message. */
static size_t end_of_field(const struct buffer* message, size_t start) {
  size_t position = start;
  for (;;) {
    const unsigned char* from = message->data + position;
    const unsigned char* crlf = memmem(from, message->size - position, "\r\n", 2);
    if (crlf == NULL) return message->size;
    position = (size_t)(crlf - message->data) + 2;
    /* data has a NUL after its end. */
    if (message->data[position] != ' ' && message->data[position] != '\t') return position - 2;
  }
}

static DKIM_STAT feed(DKIM* dkim, const struct buffer* message) {
  DKIM_STAT status = DKIM_STAT_OK;
  size_t position = 0;
  while (status == DKIM_STAT_OK && position < message->size &&
         memcmp(message->data + position, "\r\n", 2) != 0) {
    const size_t end = end_of_field(message, position);
    status = dkim_header(dkim, message->data + position, end - position);
    position = end < message->size ? end + 2 : end;
  }
  if (status == DKIM_STAT_OK) status = dkim_eoh(dkim);
  position += 2; /* the empty line */
  if (status == DKIM_STAT_OK && position < message->size) {
    status = dkim_body(dkim, message->data + position, message->size - position);
  }
  return status;
}

static const char* status_text(DKIM* dkim, DKIM_STAT status) {
  const char* error = dkim == NULL ? NULL : dkim_geterror(dkim);
  return error != NULL ? error : dkim_getresultstr(status);
}

static dkim_alg_t algorithm_named(const char* name) {
  if (strcmp(name, "ed25519-sha256") == 0) return DKIM_SIGN_ED25519SHA256;
  return DKIM_SIGN_RSASHA256;
}

static dkim_canon_t canonicalization_named(const char* name, size_t size) {
  return strncmp(name, "relaxed", size) == 0 ? DKIM_CANON_RELAXED : DKIM_CANON_SIMPLE;
}

/* Writes the new field before the message. The library hashes the field as
 * "DKIM-Signature: " and the value it returns. */
static bool write_signed(const char* path, const unsigned char* value, size_t size,
                         const struct buffer* message) {
  FILE* file = fopen(path, "wb");
  if (file == NULL) return false;
  bool ok = fputs("DKIM-Signature: ", file) >= 0;
  ok = ok && fwrite(value, 1, size, file) == size && fputs("\r\n", file) >= 0;
  ok = ok && fwrite(message->data, 1, message->size, file) == message->size;
  return fclose(file) == 0 && ok;
}

/* sign MESSAGE DOMAIN SELECTOR KEY CANON ALGORITHM OUT */
static void sign(DKIM_LIB* library, char** words) {
  struct buffer message = {NULL, 0};
  struct buffer key = {NULL, 0};
  if (!read_file(words[1], &message) || !read_file(words[4], &key)) {
    printf("error\tcannot read %s or %s\n", words[1], words[4]);
    free(key.data);
    free(message.data);
    return;
  }
  const char* slash = strchr(words[5], '/');
  const size_t header_size = slash == NULL ? strlen(words[5]) : (size_t)(slash - words[5]);
  const char* body = slash == NULL ? "simple" : slash + 1;
  DKIM_STAT status = DKIM_STAT_OK;
  DKIM* dkim = dkim_sign(
      library, (const unsigned char*)words[1], NULL, key.data, (const unsigned char*)words[3],
      (const unsigned char*)words[2], canonicalization_named(words[5], header_size),
      canonicalization_named(body, strlen(body)), algorithm_named(words[6]), -1, &status);
  unsigned char* value = NULL;
  size_t size = 0;
  if (dkim != NULL) status = feed(dkim, &message);
  if (dkim != NULL && status == DKIM_STAT_OK) status = dkim_eom(dkim, NULL);
  if (dkim != NULL && status == DKIM_STAT_OK) {
    status = dkim_getsighdr_d(dkim, strlen("DKIM-Signature: "), &value, &size);
  }
  if (dkim == NULL || status != DKIM_STAT_OK) {
    printf("error\t%s\n", status_text(dkim, status));
  } else if (!write_signed(words[7], value, size, &message)) {
    printf("error\tcannot write %s\n", words[7]);
  } else {
    printf("ok\t\n");
  }
  if (dkim != NULL) dkim_free(dkim);
  free(key.data);
  free(message.data);
}

/* verify MESSAGE */
static void verify(DKIM_LIB* library, char** words) {
  struct buffer message = {NULL, 0};
  if (!read_file(words[1], &message)) {
    printf("error\tcannot read %s\n", words[1]);
    free(message.data);
    return;
  }
  DKIM_STAT status = DKIM_STAT_OK;
  DKIM* dkim = dkim_verify(library, (const unsigned char*)words[1], NULL, &status);
  if (dkim != NULL) status = feed(dkim, &message);
  if (dkim != NULL && status == DKIM_STAT_OK) status = dkim_eom(dkim, NULL);
  DKIM_SIGINFO* signature = dkim == NULL ? NULL : dkim_getsignature(dkim);
  if (status == DKIM_STAT_OK && signature != NULL && DKIM_SIG_CHECK(signature)) {
    printf("pass\t\n");
  } else if (signature != NULL) {
    printf("fail\t%s (%s%s)\n", dkim_getresultstr(status),
           dkim_sig_geterrorstr(dkim_sig_geterror(signature)),
           dkim_sig_getbh(signature) == DKIM_SIGBH_MISMATCH ? ", body hash" : "");
  } else {
    printf("fail\t%s\n", status_text(dkim, status));
  }
  if (dkim != NULL) dkim_free(dkim);
  free(message.data);
}

/* Splits `line` at its tabs, in place. Returns the number of words. */
static int split(char* line, char** words) {
  int count = 0;
  line[strcspn(line, "\n")] = '\0';
  for (char* word = line; word != NULL && count < MAX_WORDS; ++count) {
    words[count] = word;
    word = strchr(word, '\t');
    if (word != NULL) *word++ = '\0';
  }
  return count;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: opendkim_peer KEYS\n");
    return 2;
  }
  DKIM_LIB* library = dkim_init(NULL, NULL);
  dkim_query_t query = DKIM_QUERY_FILE;
  if (library == NULL ||
      dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_QUERYMETHOD, &query, sizeof query) !=
          DKIM_STAT_OK ||
      dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_QUERYINFO, argv[1], strlen(argv[1])) !=
          DKIM_STAT_OK) {
    fprintf(stderr, "opendkim_peer: libopendkim does not start\n");
    return 1;
  }
  char line[MAX_LINE];
  char* words[MAX_WORDS];
  while (fgets(line, sizeof line, stdin) != NULL) {
    const int count = split(line, words);
    if (count == 8 && strcmp(words[0], "sign") == 0) {
      sign(library, words);
    } else if (count == 2 && strcmp(words[0], "verify") == 0) {
      verify(library, words);
    } else {
      printf("error\tunknown request\n");
    }
    fflush(stdout);
  }
  dkim_close(library);
  return 0;
}
