// Any octets as a p=, of either type: a key or a fault, and a key verifies
// nothing that it did not sign.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "dkim/algorithm.h"
#include "dkim/digest.h"
#include "dkim/public_key.h"
#include "dkim/rsa_key.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postseal::dkim;
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  for (const KeyType type : {KeyType::kRsa, KeyType::kEd25519}) {
    const PublicKey::Parsed parsed = PublicKey::Parse(type, octets);
    if (const auto* fault = std::get_if<PublicKeyFault>(&parsed)) {
      if (PublicKeyFaultText(*fault).empty()) std::abort();
      continue;
    }
    const auto& key = std::get<PublicKey>(parsed);
    if (key.type() != type || key.bits() < 1 || key.bits() > kMaxRsaBits) std::abort();
    // The octets of the key serve as its signature: long enough to be tried.
    const std::string_view signature = octets.substr(0, static_cast<size_t>(key.bits() + 7) / 8);
    if (key.Verify(HashAlgorithm::kSha256, Sha256(octets), signature)) std::abort();
  }
  return 0;
}
