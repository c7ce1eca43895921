#include "auth/dmarc_json.h"

#include "auth/json_objects.h"
#include "nlohmann/json.hpp"

namespace postseal::auth {

std::string DmarcToJson(const DmarcReport& report, const std::optional<DmarcReport>& rfc7489,
                        std::span<const dmarc::Difference> differences,
                        std::span<const LookupReport> lookups) {
  nlohmann::ordered_json out = DmarcObjects(report, rfc7489, differences);
  out["dns"] = LookupObjects(lookups);
  return DumpObject(out);
}

}  // namespace postseal::auth
