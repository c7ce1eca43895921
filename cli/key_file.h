// ReadKeyFile: a private key from a file.
#ifndef POSTSEAL_CLI_KEY_FILE_H_
#define POSTSEAL_CLI_KEY_FILE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "dkim/signing_key.h"

namespace postseal::cli {

// kMaxKeyFileOctets bounds a key file, in octets; an RSA key of 8192 bits takes
// about 6,400.
inline constexpr size_t kMaxKeyFileOctets = 64 * 1024;

// ReadKeyFile reads the private key in |path| and wipes the text behind it. The
// error names the file and what is wrong with it. Warns on standard error when
// others may read the file.
absl::StatusOr<std::shared_ptr<const dkim::SigningKey>> ReadKeyFile(const std::string& path);

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_KEY_FILE_H_
