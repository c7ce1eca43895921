#include "auth/spf_json.h"

#include "auth/json_objects.h"
#include "nlohmann/json.hpp"

namespace postseal::auth {

std::string SpfToJson(const SpfReport& report, std::span<const LookupReport> lookups) {
  nlohmann::ordered_json out = SpfObject(report);
  out["dns"] = LookupObjects(lookups);
  return DumpObject(out);
}

}  // namespace postseal::auth
