#include "auth/key_check_json.h"

#include "nlohmann/json.hpp"

namespace postseal::auth {

std::string KeyCheckToJson(const dkim::KeyCheck& check, std::string_view name) {
  using Json = nlohmann::ordered_json;
  Json out;
  out["name"] = name;
  out["good"] = check.outcome == dkim::KeyCheck::Outcome::kGood;
  out["outcome"] = dkim::KeyCheckName(check.outcome);
  out["detail"] = check.detail;
  out["key_type"] = check.key_type;
  out["key_bits"] = check.key_bits;
  out["testing"] = check.testing;
  out["secure"] = check.secure;
  return out.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace postseal::auth
