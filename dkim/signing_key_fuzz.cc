// Any octets as a key file: FromPem refuses them with words of ours, or the key
// signs and its public half verifies.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "base/ascii.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"
#include "dkim/public_key.h"
#include "dkim/signing_key.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postseal;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto key = dkim::SigningKey::FromPem(text);
  if (!key.ok()) {
    // The message may be shown on a terminal: nothing of the file gets through.
    const std::string_view message = key.status().message();
    Require(key.status().code() == absl::StatusCode::kInvalidArgument && !message.empty());
    Require(base::AllIn(message, base::CharSet::Range(' ', '~')));
    return 0;
  }
  const dkim::Digest digest = dkim::Sha256(text);
  const auto signature = (*key)->Sign(digest);
  std::string public_key;
  Require(signature.ok() && absl::Base64Unescape((*key)->public_key_base64(), &public_key));
  const auto parsed = dkim::PublicKey::Parse((*key)->key_type(), public_key);
  Require(std::holds_alternative<dkim::PublicKey>(parsed));
  const auto& verifier = std::get<dkim::PublicKey>(parsed);
  Require(verifier.bits() == (*key)->bits());
  Require(verifier.Verify(dkim::HashAlgorithm::kSha256, digest, *signature));
  return 0;
}
