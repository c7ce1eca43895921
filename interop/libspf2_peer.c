/*
 * libspf2_peer: libspf2 behind the line protocol of interop/README.md.
 *
 * The library resolves through a layer of ours, which answers from the zone.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <spf2/spf.h>
#include <spf2/spf_dns.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RECEIVER "receiver.example"
#define NOW 1700000000
/* What the library is told to say where the domain says nothing. */
#define NO_EXPLANATION "default"

/* The longest line of a zone or a request, and the most records of a zone. */
#define MAX_LINE 16384
#define MAX_RECORDS 1024
#define MAX_QUERIES 65536
/* How many CNAME records a lookup follows, as dns/zone_resolver.h does. */
#define MAX_CNAME_DEPTH 8

struct record {
  char* owner; /* in lower case, without the final dot */
  ns_type type;
  bool fails;
  char* data;
  size_t size;
};

static struct record records[MAX_RECORDS];
static int record_count;
static char queries[MAX_QUERIES];

/* For %{t}: the executable's time() is the one that the library calls. */
time_t time(time_t* out) {
  if (out != NULL) *out = NOW;
  return NOW;
}

static const struct {
  const char* name;
  ns_type type;
} types[] = {{"A", ns_t_a},   {"AAAA", ns_t_aaaa}, {"CNAME", ns_t_cname},
             {"MX", ns_t_mx}, {"PTR", ns_t_ptr},   {"TXT", ns_t_txt}};
enum { TYPE_COUNT = sizeof types / sizeof types[0] };

static ns_type type_named(const char* name) {
  for (int i = 0; i < TYPE_COUNT; ++i) {
    if (strcmp(name, types[i].name) == 0) return types[i].type;
  }
  return ns_t_any;
}

static const char* name_of(ns_type type) {
  for (int i = 0; i < TYPE_COUNT; ++i) {
    if (types[i].type == type) return types[i].name;
  }
  return "ANY";
}

/* Undoes \DDD, in place; returns the size. */
static size_t unescape(char* text) {
  char* out = text;
  for (const char* in = text; *in != '\0';) {
    if (in[0] == '\\') {
      *out++ = (char)((in[1] - '0') * 100 + (in[2] - '0') * 10 + (in[3] - '0'));
      in += 4;
    } else {
      *out++ = *in++;
    }
  }
  *out = '\0';
  return (size_t)(out - text);
}

/* A name as it is compared: in lower case, without the final dot. */
static char* canonical_name(const char* text) {
  char* name = strdup(text);
  size_t size = strlen(name);
  if (size > 0 && name[size - 1] == '.') name[--size] = '\0';
  for (size_t i = 0; i < size; ++i) {
    if (name[i] >= 'A' && name[i] <= 'Z') name[i] = (char)(name[i] + ('a' - 'A'));
  }
  return name;
}

/* Joins the quoted strings of TXT data, in place. */
static void join_strings(char* data) {
  char* out = data;
  bool inside = false;
  for (const char* in = data; *in != '\0'; ++in) {
    if (*in == '"') {
      inside = !inside;
    } else if (inside) {
      *out++ = *in;
    }
  }
  *out = '\0';
}

static bool add_line(char* line) {
  if (record_count == MAX_RECORDS) return false;
  struct record* record = &records[record_count++];
  char* rest = line;
  const char* first = strsep(&rest, " ");
  record->fails = strcmp(first, "$FAIL") == 0;
  char* owner = record->fails ? strsep(&rest, " ") : line;
  unescape(owner);
  record->owner = canonical_name(owner);
  const char* type = strsep(&rest, " ");
  record->type = type == NULL ? ns_t_any : type_named(type);
  record->data = strdup(rest == NULL ? "" : rest);
  if (record->type == ns_t_txt) join_strings(record->data);
  record->size = unescape(record->data);
  return true;
}

static bool load_zone(const char* path) {
  for (int i = 0; i < record_count; ++i) {
    free(records[i].owner);
    free(records[i].data);
  }
  record_count = 0;
  FILE* file = fopen(path, "rb");
  if (file == NULL) return false;
  static char line[MAX_LINE];
  bool ok = true;
  while (ok && fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    ok = add_line(line);
  }
  fclose(file);
  return ok;
}

/* Whether a record, not of $FAIL, has `name` or a name below it. */
static bool name_exists(const char* name) {
  const size_t size = strlen(name);
  for (int i = 0; i < record_count; ++i) {
    const size_t owner_size = strlen(records[i].owner);
    if (records[i].fails || owner_size < size) continue;
    const char* tail = records[i].owner + owner_size - size;
    if (strcmp(tail, name) == 0 && (owner_size == size || tail[-1] == '.')) return true;
  }
  return false;
}

static const struct record* find(const char* name, ns_type type, bool fails) {
  for (int i = 0; i < record_count; ++i) {
    const bool right_type = records[i].type == type || (fails && records[i].type == ns_t_any);
    if (records[i].fails == fails && right_type && strcmp(records[i].owner, name) == 0) {
      return &records[i];
    }
  }
  return NULL;
}

/* Puts the data of `record` into the answer, in the forms of spf_dns_rr.h. */
static void add_answer(SPF_dns_rr_t* answer, const struct record* record) {
  const char* data = record->data;
  if (record->type == ns_t_mx) data = strchr(data, ' ') + 1;
  size_t size = strlen(data) + 1;
  if (record->type == ns_t_txt) size = record->size + 1;
  if (SPF_dns_rr_buf_realloc(answer, answer->num_rr, size) != SPF_E_SUCCESS) abort();
  SPF_dns_rr_data_t* out = answer->rr[answer->num_rr++];
  if (record->type == ns_t_a) {
    inet_pton(AF_INET, data, &out->a);
  } else if (record->type == ns_t_aaaa) {
    inet_pton(AF_INET6, data, &out->aaaa);
  } else {
    memcpy(out->txt, data, size);
    /* Names have no final dot, as the library's own resolver gives them. */
    if (record->type != ns_t_txt && size > 1 && out->txt[size - 2] == '.') {
      out->txt[size - 2] = '\0';
    }
  }
}

/* Adds "TYPE:name" to the queries of the request under way. */
static void note_query(const char* name, ns_type type) {
  size_t used = strlen(queries);
  if (used + 4 * strlen(name) + sizeof " CNAME:" > sizeof queries) abort();
  used += (size_t)sprintf(queries + used, "%s%s:", used > 0 ? " " : "", name_of(type));
  for (const unsigned char* c = (const unsigned char*)name; *c != '\0'; ++c) {
    const bool plain = *c > 0x20 && *c < 0x7f && *c != '\\';
    used += (size_t)sprintf(queries + used, plain ? "%c" : "\\%03d", *c);
  }
}

/* Follows the aliases of `domain`. Returns the name that has the records, if any do,
 * or NULL when the lookup fails. */
static char* resolve(const char* domain, ns_type type) {
  char* name = canonical_name(domain);
  for (int followed = 0; followed <= MAX_CNAME_DEPTH; ++followed) {
    if (find(name, type, true) != NULL) break;
    const struct record* alias = find(name, ns_t_cname, false);
    if (alias == NULL || find(name, type, false) != NULL) return name;
    free(name);
    name = canonical_name(alias->data);
  }
  free(name);
  return NULL;
}

static SPF_dns_rr_t* lookup(SPF_dns_server_t* server, const char* domain, ns_type type,
                            int should_cache) {
  (void)should_cache;
  char* asked = canonical_name(domain);
  note_query(asked, type);
  free(asked);
  SPF_dns_rr_t* answer = SPF_dns_rr_new_init(server, domain, type, 0, NETDB_SUCCESS);
  char* name = resolve(domain, type);
  if (name == NULL) {
    answer->herrno = TRY_AGAIN;
    return answer;
  }
  for (int i = 0; i < record_count; ++i) {
    if (!records[i].fails && records[i].type == type && strcmp(records[i].owner, name) == 0) {
      add_answer(answer, &records[i]);
    }
  }
  if (answer->num_rr == 0) answer->herrno = name_exists(name) ? NO_DATA : HOST_NOT_FOUND;
  free(name);
  return answer;
}

static void print_escaped(const char* text) {
  for (const unsigned char* c = (const unsigned char*)text; *c != '\0'; ++c) {
    const bool plain = *c > 0x20 && *c < 0x7f && *c != '\\';
    printf(plain ? "%c" : "\\%03d", *c);
  }
}

/* The library's first error; NULL when there is none. */
static SPF_error_t* first_error(SPF_response_t* response) {
  for (int i = 0; i < SPF_response_messages(response); ++i) {
    SPF_error_t* message = SPF_response_message(response, i);
    if (SPF_error_errorp(message)) return message;
  }
  return NULL;
}

/* What a caller makes of the response. The library leaves the result invalid when
 * it does not get a record to evaluate; its first error says why. */
static const char* result_of(SPF_response_t* response) {
  const SPF_result_t result = SPF_response_result(response);
  SPF_error_t* error = first_error(response);
  if (result != SPF_RESULT_INVALID || error == NULL) return SPF_strresult(result);
  switch (SPF_error_code(error)) {
    case SPF_E_NOT_SPF:
      return "none";
    case SPF_E_DNS_ERROR:
      return "temperror";
    default:
      return "permerror";
  }
}

static void check(SPF_server_t* server, const char* client, const char* mail_from,
                  const char* helo) {
  SPF_request_t* request = SPF_request_new(server);
  SPF_response_t* response = NULL;
  queries[0] = '\0';
  const bool v6 = strchr(client, ':') != NULL;
  const SPF_errcode_t error =
      v6 ? SPF_request_set_ipv6_str(request, client) : SPF_request_set_ipv4_str(request, client);
  if (error != SPF_E_SUCCESS) {
    printf("error\t\t\tno client\n");
    SPF_request_free(request);
    return;
  }
  SPF_request_set_helo_dom(request, helo);
  SPF_request_set_env_from(request, mail_from);
  SPF_request_query_mailfrom(request, &response);
  printf("%s\t%s\t", result_of(response), queries);
  const char* explanation = SPF_response_get_explanation(response);
  if (SPF_response_result(response) == SPF_RESULT_FAIL && explanation != NULL &&
      strcmp(explanation, NO_EXPLANATION) != 0) {
    print_escaped(explanation);
  }
  SPF_error_t* problem = first_error(response);
  printf("\t%s", SPF_strerror(SPF_response_errcode(response)));
  if (problem != NULL) {
    printf(": ");
    print_escaped(SPF_error_message(problem));
  }
  printf("\n");
  SPF_response_free(response);
  SPF_request_free(request);
}

int main(void) {
  static SPF_dns_server_t layer = {.lookup = lookup, .name = "zone"};
  SPF_server_t* server = SPF_server_new_dns(&layer, 0);
  SPF_response_t* response = NULL;
  if (server == NULL || SPF_server_set_rec_dom(server, RECEIVER) != SPF_E_SUCCESS ||
      SPF_server_set_explanation(server, NO_EXPLANATION, &response) != SPF_E_SUCCESS) {
    fprintf(stderr, "libspf2_peer: libspf2 does not start\n");
    return 1;
  }
  if (response != NULL) SPF_response_free(response);
  static char line[MAX_LINE];
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    char* rest = line;
    const char* request = strsep(&rest, "\t");
    const char* words[3] = {NULL, NULL, NULL};
    for (int i = 0; i < 3; ++i) words[i] = strsep(&rest, "\t");
    if (strcmp(request, "zone") == 0 && words[0] != NULL) {
      printf(load_zone(words[0]) ? "ok\t\t\t\n" : "error\t\t\tcannot read the zone\n");
    } else if (strcmp(request, "check") == 0 && words[2] != NULL) {
      check(server, words[0], words[1], words[2]);
    } else {
      printf("error\t\t\tunknown request\n");
    }
    fflush(stdout);
  }
  SPF_server_free(server);
  return 0;
}
