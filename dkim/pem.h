// PEM, the textual encoding of keys (RFC 7468). Not for users of the library.
#ifndef POSTSEAL_DKIM_PEM_H_
#define POSTSEAL_DKIM_PEM_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/secret.h"

namespace postseal::dkim {

// PemBlock is one encapsulated text, as views into the file.
struct PemBlock {
  std::string_view label;  // "PRIVATE KEY"
  // What is between the BEGIN and END lines: the first line's number in the
  // file, counted from 1, and the text.
  size_t first_line = 0;
  std::string_view body;
  std::string_view rest;  // of the file, after the END line
  size_t rest_line = 0;   // the number of its first line
};

// FindPemBlock returns the first block of |text|, whose first line has the
// number |line|; nullopt when no line begins one. Text around it is allowed
// (RFC 7468 §2). kInvalidArgument when its END line is missing or has another
// label.
absl::StatusOr<std::optional<PemBlock>> FindPemBlock(std::string_view text, size_t line = 1);

// DecodePem returns the octets of |block|. White space is allowed anywhere, as
// RFC 7468 §2 wants of parsers that mean to be lax. kInvalidArgument names the
// first line that is no base64.
absl::StatusOr<base::SecretString> DecodePem(const PemBlock& block);

// DecodeBase64 decodes |text|, with white space anywhere; nullopt when it is no
// base64 or its padding is wrong. It takes the same time whatever the octets are.
std::optional<base::SecretString> DecodeBase64(std::string_view text);

// PrintPem is |octets| as a block with lines of 64 characters (RFC 7468 §2) that
// end in LF: what `openssl` writes.
base::SecretString PrintPem(std::string_view label, std::string_view octets);

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_PEM_H_
