// LoadKeyFile: a private key from its file, if the file is kept as it should be.
#ifndef POSTSEAL_MILTER_KEY_FILE_H_
#define POSTSEAL_MILTER_KEY_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dkim/signer.h"
#include "dkim/signing_key.h"

namespace postseal::milter {

// kMaxKeyFileOctets bounds a key file, in octets: an RSA key of 8192 bits takes
// 6,400 in PEM, and other blocks may stand before it.
inline constexpr size_t kMaxKeyFileOctets = size_t{64} << 10;

// kMinKeyBits and kMaxKeyBits are the sizes of RSA keys that are used at all, in bits.
// RFC 8301 §3.2
inline constexpr int kMinKeyBits = 1024;
inline constexpr int kMaxKeyBits = 8192;

// KeyPolicy is what a key must be.
struct KeyPolicy {
  // RequireSafeKeys: an unsafe file is not used. Otherwise it is, with a warning.
  bool require_safe = true;
  int minimum_bits = kMinKeyBits;  // MinimumKeyBits
};

// FileStamp tells a file from another, and from itself after a change of its octets,
// its owner or its mode.
struct FileStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t size = 0;
  int64_t modified_ns = 0;
  int64_t changed_ns = 0;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

// LoadedFile is a key, with what is wrong with its file but does not matter enough.
struct LoadedFile {
  std::shared_ptr<const dkim::SigningKey> key;
  // What signs with it: |key|, or the same key in the system's OpenSSL, which makes RSA
  // signatures in half the time (dkim/openssl_signer.h).
  std::shared_ptr<const dkim::Signer> signer;
  std::string warning;  // empty: nothing
  FileStamp stamp;
};

// LoadKeyFile reads the key of |path| as the user that the process runs as now. A
// file is safe when it and the folders above it belong to that user or root, nobody
// else can write to them, and nobody else can read the file: its group may read it if the
// process is in it, and may write to file and folders if only that user and root are in
// it. A key that is |known| from the file as it still is is taken again
// without reading it: to prove a key costs as much as a signature. The error names the path, the
// cause and, where it can be seen, what to do: a file of the same name in a folder beside, or who
// owns it.
absl::StatusOr<LoadedFile> LoadKeyFile(const std::string& path, const KeyPolicy& policy,
                                       const LoadedFile* known = nullptr);

// LoadKeyText reads the key that stands in a table: PEM on one line, or DER in
// base64.
absl::StatusOr<LoadedFile> LoadKeyText(std::string_view text, const KeyPolicy& policy);

// kMaxExpandedKeys bounds the domains that one "%" stands for.
inline constexpr size_t kMaxExpandedKeys = 100'000;

// ExpandKeyPath returns the domains that "%" in the path |pattern| may stand for, in
// order: those for which the first part of the path with "%" is there. The error
// names a folder that cannot be read or that holds more than kMaxExpandedKeys.
absl::StatusOr<std::vector<std::string>> ExpandKeyPath(const std::string& pattern);

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_KEY_FILE_H_
