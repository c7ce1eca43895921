// The signed mail that DKIM benchmarks run on, and the floors they are
// compared with: what no verifier or signer can do without.
#ifndef POSTSEAL_BENCH_DKIM_MAIL_H_
#define POSTSEAL_BENCH_DKIM_MAIL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dkim/public_key.h"
#include "dkim/signing_key.h"

namespace postseal::bench {

// kNow is when all of this happens, in Unix seconds.
inline constexpr int64_t kNow = 1795510800;
// kChunkOctets is how much a socket or file gives at a time.
inline constexpr size_t kChunkOctets = 64 * 1024;

inline constexpr std::string_view kDomain = "example.com";
inline constexpr std::string_view kSelector = "autumn";

// DkimMail is one message and one key.
struct DkimMail {
  // "html10k/rsa2048": the message and the key.
  std::string name;
  std::string message;
  // The message with the signature on top, relaxed/relaxed, of dkim's default
  // choice of fields.
  std::string signed_message;
  // signed_message with its last letter changed: no signature of it is good.
  std::string forged_message;
  // The canonical form of its body, by the reference.
  std::string canonical_body;

  std::string key_pem;
  std::shared_ptr<const dkim::SigningKey> signing_key;
  std::shared_ptr<const dkim::PublicKey> public_key;
  // The text of the key record, and the same as the RDATA of a TXT record.
  std::string key_record;
  std::string key_rdata;
  // The key's signature of the SHA-256 digest of canonical_body.
  std::string floor_signature;
};

// AllDkimMail is every message with every key, made once.
const std::vector<DkimMail>& AllDkimMail();

// VerifyFloor hashes the canonical body, already made, and does the public-key
// operation with a key already parsed. False is a fault of the benchmark.
bool VerifyFloor(const DkimMail& mail);

// SignFloor hashes the canonical body and makes one signature. False likewise.
bool SignFloor(const DkimMail& mail);

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_DKIM_MAIL_H_
