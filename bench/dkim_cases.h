// The DKIM workloads: messages, keys, and one operation of ours and of the floor
// each. Contenders run on the same.
#ifndef POSTSEAL_BENCH_DKIM_CASES_H_
#define POSTSEAL_BENCH_DKIM_CASES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/options.h"
#include "auth/sign_session.h"
#include "dkim/digest.h"
#include "dkim/public_key.h"
#include "dkim/signing_key.h"
#include "dns/answer.h"
#include "dns/resolver.h"

namespace postseal::bench {

// kChunkOctets is how much a socket or file gives at a time.
inline constexpr size_t kChunkOctets = 64 * 1024;
// kNow is the clock of every workload.
inline constexpr int64_t kNow = 1767225600;

// KeyResolver answers every query at once with one TXT record.
class KeyResolver : public dns::BlockingResolver {
 public:
  explicit KeyResolver(std::string rdata) : rdata_(std::move(rdata)), view_(rdata_) {
    answer_.outcome = dns::Outcome::kRecords;
    answer_.rdata = std::span<const std::string_view>(&view_, 1);
  }
  void Resolve(std::span<const dns::PendingQuery> batch, dns::Deadline, Provide provide) override {
    for (const dns::PendingQuery& query : batch) provide(query.id, answer_);
  }

 private:
  const std::string rdata_;
  std::string_view view_;
  dns::Answer answer_;
};

// Workload is one message with one key, relaxed/relaxed.
struct Workload {
  std::string name;  // "rsa2048.relaxed.m10k"
  std::string message;
  std::string signed_message;
  std::string key_pem;
  std::string key_record;
  std::shared_ptr<const dkim::SigningKey> key;
  std::shared_ptr<const auth::SignOptions> sign_options;

  // The body of |message|, for who is fed it apart.
  std::string body;

  // For the floor: the body's canonical form as the reference makes it, what the
  // public-key operation works on, and the key, parsed and used once.
  std::string canonical_body;
  dkim::Digest header_digest;
  std::string signature;
  std::shared_ptr<const dkim::PublicKey> public_key;
};

// MakeWorkloads makes all of them: 2 KB with 10 fields, 10 KB with 30, 10 MB of
// base64 and 100 KB of white space, RSA-2048; the small two with Ed25519 too.
// Ends the process when a key cannot be read.
std::vector<Workload> MakeWorkloads();

// Verify verifies the signed message in chunks, as a session does from start to
// end, and says whether it passes.
bool Verify(const Workload& workload, const std::shared_ptr<const auth::Options>& options,
            KeyResolver* resolver);

// Sign returns the DKIM-Signature field of the message.
std::string Sign(const Workload& workload);

// VerifyFloor and SignFloor are what cannot be avoided: SHA-256 over the canonical
// body and the public-key operation. SignFloor's private-key operation alone is
// SignKey.
bool VerifyFloor(const Workload& workload);
std::string SignFloor(const Workload& workload);
std::string SignKey(const Workload& workload);

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_DKIM_CASES_H_
