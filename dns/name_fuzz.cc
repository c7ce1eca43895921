// A name keeps the limits of the DNS, is read again from its text and its wire form, and
// what U-labels are converted to converts to itself.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/check.h"
#include "base/fuzz_input.h"
#include "dns/idna.h"
#include "dns/name.h"
#include "dns/rdata.h"

namespace postseal::dns {
namespace {

void CheckName(const Name& name) {
  const std::string_view text = name.text();
  POSTSEAL_CHECK(!name.is_root() && text.size() <= Name::kMaxOctets);
  size_t labels = 0;
  for (std::string_view rest = text; !rest.empty(); ++labels) {
    const std::string_view label = rest.substr(0, rest.find('.'));
    POSTSEAL_CHECK(!label.empty() && label.size() <= Name::kMaxLabelOctets);
    rest.remove_prefix(std::min(label.size() + 1, rest.size()));
  }
  POSTSEAL_CHECK(labels == name.label_count());
  POSTSEAL_CHECK(Name::Parse(text) == name);
  POSTSEAL_CHECK(Name::Parse(std::string(text) + ".") == name);
  POSTSEAL_CHECK(ParseName(NameRdata(name)) == name);
  for (Name parent = name; !parent.is_root(); parent = parent.Parent()) {
    POSTSEAL_CHECK(name.IsAtOrBelow(parent) && labels-- == parent.label_count());
  }
  POSTSEAL_CHECK(name.IsAtOrBelow(Name()));
}

void CheckPrepend(const Name& name, std::string_view labels) {
  const std::optional<Name> longer = name.Prepend(labels);
  POSTSEAL_CHECK(longer == Name::Parse(std::string(labels) + "." + std::string(name.text())));
  POSTSEAL_CHECK(!longer.has_value() || longer->IsAtOrBelow(name));
}

void CheckInternational(std::string_view text) {
  const std::optional<std::string> ascii = ToAscii(text);
  if (!ascii.has_value()) return;
  POSTSEAL_CHECK(base::AllIn(*ascii, base::CharSet::Range('\0', '\x7f')));
  POSTSEAL_CHECK(ToAscii(*ascii) == ascii);
  POSTSEAL_CHECK(ParseInternational(text) == Name::Parse(*ascii));
  POSTSEAL_CHECK(std::count(ascii->begin(), ascii->end(), '.') ==
                 std::count(text.begin(), text.end(), '.'));
}

}  // namespace
}  // namespace postseal::dns

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using postseal::dns::Name;
  postseal::base::FuzzInput input(data, size);
  const std::string_view labels = input.Text();
  const std::string_view text = input.Rest();
  const std::optional<Name> name = Name::Parse(text);
  if (name.has_value()) {
    postseal::dns::CheckName(*name);
    postseal::dns::CheckPrepend(*name, labels);
  }
  postseal::dns::CheckInternational(labels);
  postseal::dns::CheckInternational(text);
  return 0;
}
