// A socket's address that is read is read again from what it prints.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/ascii.h"
#include "base/check.h"
#include "milter/socket_address.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using postseal::milter::SocketAddress;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<SocketAddress> address = SocketAddress::Parse(text);
  if (!address.ok()) {
    const std::string_view words = address.status().message();
    POSTSEAL_CHECK(postseal::base::AllIn(words, postseal::base::CharSet::Range(0x20, 0x7E)));
    return 0;
  }
  POSTSEAL_CHECK(address->path().size() <= postseal::milter::kMaxSocketPathOctets);
  POSTSEAL_CHECK(address->is_local() != address->path().empty());
  const absl::StatusOr<SocketAddress> again = SocketAddress::Parse(address->Print());
  POSTSEAL_CHECK(again.ok() && *again == *address && again->Print() == address->Print());
  return 0;
}
