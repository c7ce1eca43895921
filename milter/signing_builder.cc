// BuildSigning: what several directives say together about signing.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "dkim/algorithm.h"
#include "dkim/sign.h"
#include "dns/name.h"
#include "milter/address_table.h"
#include "milter/config_builder.h"
#include "milter/config_file.h"
#include "milter/data_set.h"
#include "milter/header_selection.h"
#include "milter/key_table.h"
#include "milter/setting.h"
#include "milter/signing_table.h"
#include "milter/signing_tables.h"

namespace postseal::milter {
namespace {

FieldList ReadFields(ConfigBuilder* builder, std::string_view name) {
  const Setting* const setting = builder->Find(name);
  if (setting == nullptr) return std::nullopt;
  std::vector<std::string> fields;
  builder->Names(*setting, &fields);
  return fields;
}

// ReadCanonicalization reads "HEADER/BODY"; one word alone is the header's, and the
// body's is simple.
void ReadCanonicalization(ConfigBuilder* builder, dkim::SignatureRequest* request) {
  const Setting* const setting = builder->Find("Canonicalization");
  if (setting == nullptr) return;
  const std::string value = base::ToLower(setting->value);
  const size_t slash = value.find('/');
  const std::string header = value.substr(0, slash);
  const std::string body = slash == std::string::npos ? "simple" : value.substr(slash + 1);
  const auto header_canon = dkim::ParseHeaderCanon(header);
  const auto body_canon = dkim::ParseBodyCanon(body);
  if (!header_canon.has_value() || !body_canon.has_value()) {
    return builder->Error(*setting,
                          absl::StrCat("unknown canonicalization algorithm \"",
                                       header_canon.has_value() ? body : header,
                                       "\": relaxed and simple are known, as in relaxed/simple"));
  }
  request->header_canon = *header_canon;
  request->body_canon = *body_canon;
}

void ReadAlgorithm(ConfigBuilder* builder) {
  const Setting* const setting = builder->Find("SignatureAlgorithm");
  if (setting == nullptr) return;
  const auto algorithm = dkim::ParseSignatureAlgorithm(setting->value);
  if (!algorithm.has_value()) {
    builder->Error(*setting, absl::StrCat("unknown signing algorithm \"", setting->value,
                                          "\": rsa-sha256 and ed25519-sha256 are known"));
  } else if (*algorithm == dkim::SignatureAlgorithm::kRsaSha1) {
    builder->Warning(*setting,
                     "rsa-sha1 must not be used to sign (RFC 8301, section 3.1): RSA keys sign "
                     "rsa-sha256");
  }
}

SigningSettings ReadSettings(ConfigBuilder* builder) {
  SigningSettings settings;
  dkim::SignatureRequest& request = settings.request;
  const FieldList sign = ReadFields(builder, "SignHeaders");
  const FieldList omit = ReadFields(builder, "OmitHeaders");
  const FieldList oversign = ReadFields(builder, "OversignHeaders");
  if (builder->dialect() == Dialect::kOpenDkim) {
    request.header_canon = dkim::HeaderCanon::kSimple;
    request.body_canon = dkim::BodyCanon::kSimple;
    request.fields = SelectFields(sign, omit, oversign);
  } else {
    request.fields = AdjustFields(dkim::FieldSelection::Default(), sign, omit, oversign);
  }
  ReadCanonicalization(builder, &request);
  ReadAlgorithm(builder);
  if (const Setting* const ttl = builder->Find("SignatureTTL")) {
    const std::optional<uint32_t> seconds = builder->Integer(*ttl, kMaxSeconds);
    if (seconds.value_or(0) > 0) request.expires_in_seconds = *seconds;
  }
  request.copy_fields = builder->IsYes("Diagnostics");
  settings.multiple_signatures = builder->IsYes("MultipleSignatures");
  // All but what a key brings.
  dkim::SignatureRequest example = request;
  example.domain = "example.com";
  example.selector = "selector";
  if (absl::Status status = dkim::CheckRequest(example); !status.ok()) {
    for (const std::string_view name : {"SignHeaders", "OversignHeaders", "SignatureTTL"}) {
      if (const Setting* const setting = builder->Find(name)) {
        builder->Error(*setting, std::string(status.message()));
        break;
      }
    }
  }
  return settings;
}

// WarnOfLostPatterns is for the slip of a SigningTable without "refile:".
void WarnOfLostPatterns(ConfigBuilder* builder, const Setting& setting, const DataSet& set) {
  if (set.kind != DataSet::Kind::kFile) return;
  size_t patterns = 0;
  for (const DataRow& row : set.rows) {
    if (row.key.substr(0, 2) == "*@" && row.key.size() > 2) ++patterns;
  }
  if (patterns == 0) return;
  builder->Say(
      Severity::kFault, setting.place,
      absl::StrCat(
          "SigningTable is read without patterns, and ", patterns, " of its ", set.rows.size(),
          " rows begin with \"*@\": they match nothing. Say SigningTable refile:", set.file));
}

void BuildFromTables(ConfigBuilder* builder, const Setting& key_setting,
                     const Setting& signing_setting, SigningSettings settings) {
  std::optional<DataSet> keys = builder->ReadData(key_setting);
  const std::optional<DataSet> signing = builder->ReadData(signing_setting);
  if (!keys.has_value() || !signing.has_value()) return;
  WarnOfLostPatterns(builder, signing_setting, *signing);
  std::vector<Diagnostic>& diagnostics = builder->loaded()->diagnostics;
  KeyTable key_table = KeyTable::Read(&*keys, &diagnostics);
  SigningTable signing_table = SigningTable::Read(*signing, &diagnostics);
  for (const std::string_view name : {"Selector", "Domain", "KeyFile"}) {
    if (const Setting* const ignored = builder->Find(name)) {
      builder->Note(*ignored, absl::StrCat(name, " is ignored, since there is a KeyTable"));
    }
  }
  if (signing_table.rows().empty()) {
    builder->Warning(signing_setting, "SigningTable has no row: nothing is signed");
  }
  builder->loaded()->signing =
      SigningTables(std::move(signing_table), std::move(key_table), std::move(settings));
}

// BuildFromKeyFile makes the tables that Domain, Selector and KeyFile come to.
void BuildFromKeyFile(ConfigBuilder* builder, const Setting& key_file, const Setting& selector,
                      SigningSettings settings) {
  builder->loaded()->single_key = true;
  const Setting* const domain = builder->Find("Domain");
  if (domain == nullptr) {
    return builder->Warning(key_file, "without Domain nothing is signed with KeyFile");
  }
  const std::optional<DataSet> domains = builder->ReadData(*domain);
  if (!domains.has_value()) return;
  const bool subdomains = builder->IsYes("SubDomains");
  KeyTable keys;
  SigningTable signing;
  for (const DataRow& row : domains->rows) {
    // OpenDKIM knows "*" in patterns alone; it means what it says everywhere.
    const bool any = row.key == "*";
    const bool below = row.key.substr(0, 2) == "*.";
    KeyRow key;
    key.name = row.key;
    key.domain = any || below ? "%" : row.key;
    key.selector = selector.value;
    key.path = builder->InBase(key_file.value);
    key.place = key_file.place;
    if (!any && !dns::Name::Parse(below ? row.key.substr(2) : row.key).has_value()) {
      builder->Say(Severity::kFault, domains->PlaceOf(row),
                   absl::StrCat("\"", row.key, "\" in Domain is no domain: ignored"));
      continue;
    }
    if (!keys.Add(std::move(key))) continue;
    const auto add = [&](std::string_view pattern) {
      SigningRow signing_row;
      signing_row.key_name = row.key;
      signing_row.place = domains->PlaceOf(row);
      if (absl::Status status = signing.Add(pattern, std::move(signing_row)); !status.ok()) {
        builder->Say(Severity::kError, domains->PlaceOf(row), std::string(status.message()));
      }
    };
    add(below ? row.key.substr(1) : row.key);
    if (subdomains && !any && !below) add(absl::StrCat(".", row.key));
  }
  // A domain that is listed and is below another that is listed signs for itself.
  settings.multiple_signatures = false;
  builder->loaded()->signing =
      SigningTables(std::move(signing), std::move(keys), std::move(settings));
}

}  // namespace

void BuildSigning(ConfigBuilder* builder) {
  SigningSettings settings = ReadSettings(builder);
  builder->loaded()->signing = SigningTables(SigningTable(), KeyTable(), settings);
  const Setting* const key_table = builder->Find("KeyTable");
  const Setting* const signing_table = builder->Find("SigningTable");
  const Setting* const key_file = builder->Find("KeyFile");
  const Setting* const selector = builder->Find("Selector");
  if (key_table != nullptr && signing_table == nullptr) {
    return builder->Error(*key_table, "KeyTable requires SigningTable, which says who signs");
  }
  if (signing_table != nullptr && key_table == nullptr) {
    return builder->Error(*signing_table, "use of SigningTable requires KeyTable");
  }
  if (key_table != nullptr) {
    return BuildFromTables(builder, *key_table, *signing_table, std::move(settings));
  }
  if ((key_file != nullptr) != (selector != nullptr)) {
    return builder->Error(key_file != nullptr ? *key_file : *selector,
                          "KeyFile and Selector must both be defined or both be undefined");
  }
  if (key_file != nullptr) {
    return BuildFromKeyFile(builder, *key_file, *selector, std::move(settings));
  }
  const Setting* const mode = builder->Find("Mode");
  if (mode != nullptr && builder->config()->sign) {
    builder->Warning(*mode, "mode s without SigningTable or KeyFile: nothing is signed");
  }
}

}  // namespace postseal::milter
