// Any text as a public suffix list, and any name: the Organizational Domain is the name or
// some labels at its end, and is its own Organizational Domain.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/fuzz_input.h"
#include "dmarc/public_suffix.h"
#include "dns/name.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postseal;
  base::FuzzInput input(data, size);
  const std::optional<dns::Name> domain = dns::Name::Parse(input.Text());
  const auto list = dmarc::PublicSuffixList::Load(input.Rest());
  if (!list.ok() || !domain.has_value()) return 0;
  const std::string_view org = (*list)->OrgDomain(*domain);
  POSTSEAL_CHECK(!org.empty() && domain->text().ends_with(org));
  const std::optional<dns::Name> again = dns::Name::Parse(org);
  POSTSEAL_CHECK(again.has_value() && domain->IsAtOrBelow(*again));
  POSTSEAL_CHECK((*list)->OrgDomain(*again) == org);
  if ((*list)->IsSuffix(*domain)) POSTSEAL_CHECK(org == domain->text());
  return 0;
}
