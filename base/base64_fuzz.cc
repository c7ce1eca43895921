// Whatever decodes encodes to text of the same octets, and any octets come back.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using postseal::base::Base64Decode;
  using postseal::base::Base64Encode;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  POSTSEAL_CHECK(Base64Decode(Base64Encode(input)) == input);
  const std::optional<std::string> octets = Base64Decode(input);
  if (!octets.has_value()) return 0;
  POSTSEAL_CHECK(Base64Decode(Base64Encode(*octets)) == octets);
  return 0;
}
