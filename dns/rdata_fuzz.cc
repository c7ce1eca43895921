// Any octets as record data and as the text of an address: what is read is
// written back and read again as the same.
#include <cstddef>
#include <cstdint>

#include "base/arena.h"
#include "base/check.h"
#include "dns/address.h"
#include "dns/rdata.h"

namespace postseal::dns {
namespace {

void Check(std::string_view input) {
  base::Arena arena;
  if (const auto text = JoinTxt(input, &arena)) {
    POSTSEAL_CHECK(JoinTxt(TxtRdata(*text), &arena) == text);
  }
  POSTSEAL_CHECK(JoinTxt(TxtRdata(input), &arena) == input);
  if (const auto name = ParseName(input)) {
    POSTSEAL_CHECK(NameRdata(*name).size() == input.size());
    POSTSEAL_CHECK(ParseName(NameRdata(*name)) == name);
  }
  if (const auto mx = ParseMx(input)) POSTSEAL_CHECK(ParseMx(MxRdata(*mx)) == mx);
  if (const auto address = ParseAddress(input)) {
    POSTSEAL_CHECK(AddressRdata(*address) == input);
    POSTSEAL_CHECK(IpAddress::Parse(address->Print()) == address);
  }
  if (const auto address = IpAddress::Parse(input)) {
    POSTSEAL_CHECK(IpAddress::Parse(address->Print()) == address);
    POSTSEAL_CHECK(ParseAddress(AddressRdata(*address)) == address);
  }
}

}  // namespace
}  // namespace postseal::dns

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::dns::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
