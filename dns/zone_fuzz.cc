// Any text as a zone file. What parses is looked up under every owner, and
// several times as much text must not go wrong either.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "dns/zone_resolver.h"

namespace postseal::dns {
namespace {

void Check(std::string_view text) {
  const auto entries = ParseZone(text, "fuzz");
  ZoneResolver zone;
  POSTSEAL_CHECK(zone.AddText(text, "fuzz").ok() == entries.ok());
  if (!entries.ok()) {
    POSTSEAL_CHECK(entries.status().message().substr(0, 5) == "fuzz:");
    return;
  }
  for (const ZoneEntry& entry : *entries) {
    const Type type = entry.type.value_or(Type::kTxt);
    const auto answer = zone.Lookup(Query(entry.owner, type));
    if (entry.kind != ZoneEntry::Kind::kRecord) {
      POSTSEAL_CHECK(!answer.has_value() || answer->outcome == Outcome::kTempError);
      continue;
    }
    if (!answer.has_value() || answer->outcome == Outcome::kTempError) continue;
    if (!entry.type.has_value()) continue;
    POSTSEAL_CHECK(answer->outcome == Outcome::kRecords);
    bool found = false;
    for (size_t i = 0; i < answer->rdata.size() && i < 100 && !found; ++i) {
      found = answer->rdata[i] == entry.rdata;
    }
    POSTSEAL_CHECK(found || answer->rdata.size() > 100);
    if (const auto below = entry.owner.Prepend("no-such-label")) {
      zone.Lookup(Query(*below, type));
    }
  }
}

}  // namespace
}  // namespace postseal::dns

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::dns::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
