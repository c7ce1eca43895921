// opendmarc_peer: libopendmarc behind the line protocol of interop/README.md.
//
//   from VALUE    the domain that it takes for the author's; VALUE, a From field's value as
//                 a milter gets it, and the answer are in hexadecimal.
#include <opendmarc/dmarc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kMaxLine = 1 << 17, kMaxDomain = 1024 };

// decode turns hexadecimal |text| into a string of its own.
static char* decode(const char* text) {
  const size_t size = strlen(text) / 2;
  char* out = malloc(size + 1);
  if (out == NULL) abort();
  for (size_t i = 0; i < size; ++i) {
    unsigned octet = 0;
    if (sscanf(text + 2 * i, "%2x", &octet) != 1) abort();
    out[i] = (char)octet;
  }
  out[size] = '\0';
  return out;
}

static void answer_from(const char* text) {
  char* value = decode(text);
  unsigned char domain[kMaxDomain] = "";
  unsigned char ip[] = "192.0.2.1";
  DMARC_POLICY_T* policy = opendmarc_policy_connect_init(ip, 4);
  if (policy == NULL) abort();
  const OPENDMARC_STATUS_T stored =
      opendmarc_policy_store_from_domain(policy, (unsigned char*)value);
  if (stored == DMARC_PARSE_OKAY &&
      opendmarc_policy_fetch_from_domain(policy, domain, sizeof(domain)) == DMARC_PARSE_OKAY) {
    printf("ok\t");
    for (const unsigned char* c = domain; *c != '\0'; ++c) printf("%02x", *c);
    printf("\n");
  } else {
    printf("error\t%s\n", opendmarc_policy_status_to_str(stored));
  }
  opendmarc_policy_connect_shutdown(policy);
  free(value);
}

int main(void) {
  static char line[kMaxLine];
  while (fgets(line, sizeof(line), stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    char* const space = strchr(line, '\t');
    if (space == NULL || strncmp(line, "from\t", 5) != 0) {
      printf("error\tunknown request\n");
    } else {
      answer_from(space + 1);
    }
    fflush(stdout);
  }
  return 0;
}
