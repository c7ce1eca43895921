#include "auth/record_json.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "absl/strings/str_cat.h"
#include "auth/json_objects.h"
#include "base/arena.h"
#include "dkim/key_record.h"
#include "dkim/reason.h"
#include "dmarc/record.h"
#include "nlohmann/json.hpp"
#include "spf/reason.h"
#include "spf/record.h"

namespace postseal::auth {
namespace {

using Json = nlohmann::ordered_json;

// RecordObject is a record that nothing is wrong with.
Json RecordObject(std::string_view record) {
  Json out;
  out["valid"] = true;
  out["error"] = nullptr;
  out["offset"] = nullptr;
  out["record"] = record;
  out["warnings"] = Json::array();
  return out;
}

Json FaultObject(std::string_view error, std::optional<size_t> offset) {
  Json out;
  out["valid"] = false;
  out["error"] = error;
  out["offset"] = offset.has_value() ? Json(*offset) : Json(nullptr);
  out["record"] = nullptr;
  out["warnings"] = Json::array();
  return out;
}

}  // namespace

std::string SpfRecordToJson(std::string_view text) {
  base::Arena arena;
  const auto parsed = spf::ParseRecord(text, &arena);
  if (const auto* fault = std::get_if<spf::Fault>(&parsed)) {
    return DumpObject(FaultObject(spf::InfoOf(fault->reason).text, fault->offset));
  }
  if (const auto* record = std::get_if<spf::Record>(&parsed)) {
    return DumpObject(RecordObject(spf::Print(*record)));
  }
  return DumpObject(FaultObject("the text does not begin with v=spf1", std::nullopt));
}

std::string KeyRecordToJson(std::string_view text) {
  const dkim::ParsedKeyRecord parsed = dkim::ParseKeyRecord(text);
  if (!parsed.fault.has_value()) {
    return DumpObject(RecordObject(dkim::PrintKeyRecord(parsed.record)));
  }
  const std::string_view words = dkim::InfoOf(parsed.fault->reason).text;
  return DumpObject(FaultObject(parsed.fault->detail.empty()
                                    ? std::string(words)
                                    : absl::StrCat(words, ": ", parsed.fault->detail),
                                parsed.fault->offset));
}

std::string DmarcRecordToJson(std::string_view text) {
  base::Arena arena;
  const auto record = dmarc::ParseRecord(text, dmarc::Mode::kRfc9989, &arena);
  if (!record.has_value()) {
    return DumpObject(FaultObject("the text does not begin with v=DMARC1", std::nullopt));
  }
  // RFC 9989 §4.8: errors cost the tag they stand in, never the record.
  Json out = RecordObject(dmarc::Print(*record));
  for (const dmarc::Warning& warning : record->warnings) {
    out["warnings"].push_back(absl::StrCat(warning.tag, ": ", dmarc::WarningText(warning.code)));
  }
  return DumpObject(out);
}

}  // namespace postseal::auth
