#include "auth/evidence_json.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/base64.h"
#include "base/utf8.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "nlohmann/json.hpp"

namespace postseal::auth {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kOutcomes = {dns::Outcome::kRecords, dns::Outcome::kNoData,
                                  dns::Outcome::kNxDomain, dns::Outcome::kNotFound,
                                  dns::Outcome::kTempError};
// What VerifyOptions::service may be: it is a view of text that lives on.
constexpr std::array<std::string_view, 2> kServices = {"email", "tlsrpt"};

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t octets = base::FirstUtf8Char(text).octets;
    if (octets == 0) return false;
    text.remove_prefix(octets);
  }
  return true;
}

// OctetsToJson keeps every octet: a JSON string where it can be one, which is what a
// person wants to read.
Json OctetsToJson(std::string_view octets) {
  if (IsUtf8(octets)) return Json(octets);
  return Json{{"base64", base::Base64Encode(octets)}};
}

// Reader reads members of an object and remembers the first that is not as it should
// be.
class Reader {
 public:
  explicit Reader(const Json& object) : object_(object) {}

  const absl::Status& status() const { return status_; }

  void Read(const char* name, std::string* octets) {
    const Json* const member = Find(name);
    if (member != nullptr && !ReadOctets(*member, octets)) Fail(name);
  }
  void Read(const char* name, std::optional<std::string>* octets) {
    const Json* const member = Find(name);
    if (member == nullptr || member->is_null()) return;
    if (!ReadOctets(*member, &octets->emplace())) Fail(name);
  }
  void Read(const char* name, bool* flag) {
    const Json* const member = Find(name);
    if (member == nullptr) return;
    if (!member->is_boolean()) return Fail(name);
    *flag = member->get<bool>();
  }
  void Read(const char* name, std::string_view* service) {
    std::string text(*service);
    Read(name, &text);
    const auto* const known = std::find(kServices.begin(), kServices.end(), text);
    if (known == kServices.end()) return Fail(name);
    *service = *known;
  }
  // Read takes an enum by its number.
  template <typename Enum>
    requires std::is_enum_v<Enum>
  void Read(const char* name, Enum* value) {
    uint8_t number = static_cast<uint8_t>(*value);
    Read(name, &number);
    if (number > 1) return Fail(name);
    *value = static_cast<Enum>(number);
  }
  template <typename Number>
    requires std::is_integral_v<Number>
  void Read(const char* name, std::optional<Number>* number) {
    const Json* const member = Find(name);
    if (member == nullptr || member->is_null()) return;
    Read(name, &number->emplace());
  }
  // Read takes numbers that are not negative: no other is recorded.
  template <typename Number>
    requires std::is_integral_v<Number>
  void Read(const char* name, Number* number) {
    const Json* const member = Find(name);
    if (member == nullptr) return;
    if (!member->is_number_unsigned()) return Fail(name);
    const uint64_t value = member->get<uint64_t>();
    if (value > static_cast<uint64_t>(std::numeric_limits<Number>::max())) return Fail(name);
    *number = static_cast<Number>(value);
  }

  // Find is the member |name|, nullptr when there is none.
  const Json* Find(const char* name) const {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
  }
  void Fail(std::string_view name) {
    if (status_.ok()) {
      status_ = absl::InvalidArgumentError(absl::StrCat("evidence: bad member \"", name, "\""));
    }
  }
  void Add(const absl::Status& status) {
    if (status_.ok()) status_ = status;
  }

 private:
  static bool ReadOctets(const Json& value, std::string* octets) {
    if (value.is_string()) {
      *octets = value.get<std::string>();
      return true;
    }
    const auto encoded = value.is_object() ? value.find("base64") : value.end();
    if (encoded == value.end() || !encoded->is_string()) return false;
    auto decoded = base::Base64Decode(encoded->get<std::string>());
    if (!decoded.has_value()) return false;
    *octets = *std::move(decoded);
    return true;
  }

  const Json& object_;
  absl::Status status_;
};

template <typename Value>
Json OptionToJson(const Value& value) {
  if constexpr (std::is_enum_v<Value>) {
    return static_cast<std::underlying_type_t<Value>>(value);
  } else {
    return value;
  }
}

template <typename Value>
Json OptionToJson(const std::optional<Value>& value) {
  return value.has_value() ? Json(*value) : Json(nullptr);
}

Json LookupToJson(const LookupReport& lookup) {
  Json out;
  out["name"] = OctetsToJson(lookup.name);
  out["type"] = static_cast<uint16_t>(lookup.type);
  out["outcome"] = dns::OutcomeName(lookup.outcome);
  out["secure"] = lookup.secure;
  out["ttl"] = lookup.ttl_seconds;
  if (lookup.expired) out["expired"] = true;
  if (lookup.refused) out["refused"] = true;
  if (lookup.oversized) out["oversized"] = true;
  if (lookup.unused) out["unused"] = true;
  out["rdata"] = Json::array();
  for (const std::string& rdata : lookup.rdata) out["rdata"].push_back(base::Base64Encode(rdata));
  return out;
}

absl::Status ReadLookup(const Json& json, LookupReport* lookup) {
  Reader reader(json);
  reader.Read("name", &lookup->name);
  auto type = static_cast<uint16_t>(lookup->type);
  reader.Read("type", &type);
  lookup->type = static_cast<dns::Type>(type);
  std::string outcome;
  reader.Read("outcome", &outcome);
  const auto* const known =
      std::find_if(kOutcomes.begin(), kOutcomes.end(),
                   [&outcome](dns::Outcome o) { return dns::OutcomeName(o) == outcome; });
  if (known == kOutcomes.end()) {
    reader.Fail("outcome");
  } else {
    lookup->outcome = *known;
  }
  reader.Read("secure", &lookup->secure);
  reader.Read("ttl", &lookup->ttl_seconds);
  reader.Read("expired", &lookup->expired);
  reader.Read("refused", &lookup->refused);
  reader.Read("oversized", &lookup->oversized);
  reader.Read("unused", &lookup->unused);
  const Json* const records = reader.Find("rdata");
  if (records == nullptr || !records->is_array()) {
    reader.Fail("rdata");
    return reader.status();
  }
  for (const Json& record : *records) {
    auto rdata = record.is_string() ? base::Base64Decode(record.get<std::string>()) : std::nullopt;
    if (!rdata.has_value()) {
      reader.Fail("rdata");
      break;
    }
    lookup->rdata.push_back(*std::move(rdata));
  }
  return reader.status();
}

void ReadEnvelope(Reader* reader, Envelope* envelope) {
  std::optional<std::string> client;
  reader->Read("client_ip", &client);
  if (client.has_value()) {
    envelope->client_ip = dns::IpAddress::Parse(*client);
    if (!envelope->client_ip.has_value()) reader->Fail("client_ip");
  }
  reader->Read("helo", &envelope->helo);
  reader->Read("mail_from", &envelope->rfc5321_mail_from);
  reader->Read("receiver", &envelope->receiver);
  // Evidence recorded before there was this member has none.
  if (reader->Find("smtputf8") != nullptr) reader->Read("smtputf8", &envelope->smtputf8);
  reader->Read("pct_draw", &envelope->pct_draw);
  if (envelope->pct_draw.value_or(0) > kMaxPctDraw) reader->Fail("pct_draw");
}

}  // namespace

std::string EvidenceToJson(const Evidence& evidence) {
  const Envelope& envelope = evidence.envelope;
  Json out;
  out["postseal_evidence"] = kEvidenceVersion;
  out["now"] = evidence.now;
  out["authserv_id"] = OctetsToJson(evidence.authserv_id);
  out["client_ip"] =
      envelope.client_ip.has_value() ? Json(envelope.client_ip->Print()) : Json(nullptr);
  out["helo"] = OctetsToJson(envelope.helo);
  out["mail_from"] = envelope.rfc5321_mail_from.has_value()
                         ? OctetsToJson(*envelope.rfc5321_mail_from)
                         : Json(nullptr);
  out["receiver"] = OctetsToJson(envelope.receiver);
  out["smtputf8"] = envelope.smtputf8;
  if (envelope.pct_draw.has_value()) out["pct_draw"] = *envelope.pct_draw;
  Json& options = out["options"] = Json::object();
  ForEachOption(&evidence.options, [&options](const char* name, const auto* value) {
    options[name] = OptionToJson(*value);
  });
  out["dns"] = Json::array();
  for (const LookupReport& lookup : evidence.dns) out["dns"].push_back(LookupToJson(lookup));
  out["message_octets"] = evidence.message_octets;
  out["message_sha256"] = evidence.message_sha256;
  return out.dump();
}

absl::StatusOr<Evidence> ParseEvidence(std::string_view json) {
  const Json root = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  Reader reader(root);
  int version = 0;
  reader.Read("postseal_evidence", &version);
  if (version != kEvidenceVersion) {
    return absl::InvalidArgumentError(absl::StrCat(
        "evidence: want a JSON object with \"postseal_evidence\": ", kEvidenceVersion));
  }
  Evidence evidence;
  reader.Read("now", &evidence.now);
  reader.Read("authserv_id", &evidence.authserv_id);
  ReadEnvelope(&reader, &evidence.envelope);
  if (const Json* const object = reader.Find("options")) {
    Reader options(*object);
    ForEachOption(&evidence.options,
                  [&options](const char* name, auto* value) { options.Read(name, value); });
    reader.Add(options.status());
  }
  const Json* const dns = reader.Find("dns");
  if (dns == nullptr || !dns->is_array()) {
    reader.Fail("dns");
  } else {
    for (const Json& lookup : *dns) reader.Add(ReadLookup(lookup, &evidence.dns.emplace_back()));
  }
  reader.Read("message_octets", &evidence.message_octets);
  reader.Read("message_sha256", &evidence.message_sha256);
  if (!reader.status().ok()) return reader.status();
  return evidence;
}

}  // namespace postseal::auth
