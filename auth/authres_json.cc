#include "auth/authres_json.h"

#include <optional>

#include "authres/authentication_results.h"
#include "authres/parse_fault.h"
#include "nlohmann/json.hpp"

namespace postseal::auth {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value.has_value() ? Json(*value) : Json(nullptr);
}

// TextOrNull: a reason or a comment, of which the empty one is none.
Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json ResultToJson(const authres::Result& result) {
  Json out;
  out["method"] = result.method;
  out["method_version"] = OrNull(result.method_version);
  out["result"] = result.result;
  out["reason"] = TextOrNull(result.reason);
  out["comment"] = TextOrNull(result.comment);
  out["properties"] = Json::array();
  for (const authres::Property& property : result.properties) {
    out["properties"].push_back(
        Json{{"type", property.ptype}, {"name", property.property}, {"value", property.value}});
  }
  return out;
}

}  // namespace

std::string ParsedFieldToJson(const authres::ParsedField& field) {
  Json out;
  out["valid"] = field.IsValid();
  out["authserv_id"] = OrNull(field.authserv_id);
  out["version"] = OrNull(field.version);
  out["results"] = Json::array();
  for (const authres::Result& result : field.results) {
    out["results"].push_back(ResultToJson(result));
  }
  out["error"] = field.fault.has_value() ? Json(field.fault->Text()) : Json(nullptr);
  out["faults"] = Json::array();
  for (const authres::ParseFault& fault : field.faults) {
    out["faults"].push_back(
        Json{{"fault", authres::FaultText(fault.fault)}, {"offset", fault.offset}});
  }
  return out.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

}  // namespace postseal::auth
