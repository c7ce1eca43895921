// Whatever a message holds: what Response makes of it are records that lie within it, or
// names that end.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "base/check.h"
#include "dns/answer.h"
#include "dns/response.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postseal::dns;
  if (size == 0) return 0;
  constexpr Type kTypes[] = {Type::kTxt, Type::kA, Type::kMx, Type::kPtr, Type::kCname};
  const Type type = kTypes[data[0] % std::size(kTypes)];
  // A copy of its own size, so that a read beyond it is seen.
  const std::string message(reinterpret_cast<const char*>(data) + 1, size - 1);
  Response response;
  response.Read(message, type);
  size_t octets = 0;
  for (const std::string_view rdata : response.answer().rdata) {
    for (const char c : rdata) octets += static_cast<uint8_t>(c);
    if (type == Type::kPtr || type == Type::kCname) POSTSEAL_CHECK(rdata.back() == '\0');
    if (type == Type::kMx) POSTSEAL_CHECK(rdata.size() > 2 && rdata.back() == '\0');
  }
  POSTSEAL_CHECK((response.answer().outcome == Outcome::kRecords) ==
                 !response.answer().rdata.empty());
  return octets == size_t(-1);
}
