// Differential: BodyHasher with each kernel of this processor, fed in the
// chunks that the input asks for, against the reference fed at once.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "dkim/algorithm.h"
#include "dkim/canonical_body.h"
#include "dkim/canonical_body_kernel.h"
#include "dkim/canonical_body_reference.h"
#include "dkim/digest.h"

namespace postseal::dkim {
namespace {

// The first octets of the input: the canonicalization, a cut in two octets, and
// three chunk sizes that are used in turn; 0 means the rest of the body.
constexpr size_t kPlanOctets = 6;

void TestOne(std::string_view plan, std::string_view body) {
  const auto octet = [plan](size_t i) { return static_cast<uint8_t>(plan[i]); };
  const BodyCanon canon = (octet(0) & 1) ? BodyCanon::kRelaxed : BodyCanon::kSimple;
  const uint64_t cut = octet(1) * 256 + octet(2);
  const std::string canonical = ReferenceCanonicalBody(canon, body);

  for (const BodyKernel* const kernel : AvailableBodyKernels()) {
    BodyHasher hasher(canon, HashAlgorithm::kSha256, *kernel);
    const std::optional<size_t> index = hasher.AddCut(cut);
    std::string_view rest = body;
    for (size_t turn = 0; !rest.empty(); turn = (turn + 1) % 3) {
      const size_t size = octet(3 + turn);
      const std::string_view chunk = rest.substr(0, size == 0 ? rest.size() : size);
      hasher.Feed(chunk);
      rest.remove_prefix(chunk.size());
    }
    hasher.Finish();
    POSTSEAL_CHECK(hasher.canonical_octets() == canonical.size());
    POSTSEAL_CHECK(hasher.digest() == Sha256(canonical));
    const std::optional<Digest> cut_digest = hasher.cut_digest(index.value());
    POSTSEAL_CHECK(cut_digest.has_value() == (cut <= canonical.size()));
    POSTSEAL_CHECK(!cut_digest.has_value() || *cut_digest == Sha256(canonical.substr(0, cut)));
  }
}

}  // namespace
}  // namespace postseal::dkim

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (size < postseal::dkim::kPlanOctets) return 0;
  postseal::dkim::TestOne(input.substr(0, postseal::dkim::kPlanOctets),
                          input.substr(postseal::dkim::kPlanOctets));
  return 0;
}
