// Any text is read within the limits; a field that is valid, printed and read again,
// says the same; and what names us does not survive the removal plan.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "authres/authentication_results.h"
#include "authres/lexical.h"
#include "authres/own_ids.h"
#include "authres/parse_fault.h"
#include "authres/parsed_field.h"
#include "authres/removal_plan.h"
#include "base/check.h"
#include "mail/field.h"

namespace {

using postseal::authres::Charset;
using postseal::authres::ParsedField;
using postseal::authres::Property;
using postseal::authres::Result;

void CheckBounds(std::string_view value, const ParsedField& field) {
  POSTSEAL_CHECK(field.results.size() <= postseal::authres::kMaxResults);
  for (const Result& result : field.results) {
    POSTSEAL_CHECK(result.properties.size() <= postseal::authres::kMaxProperties);
  }
  POSTSEAL_CHECK(field.faults.size() <= postseal::authres::kMaxFaults);
  POSTSEAL_CHECK(field.faults.empty() == !field.fault.has_value());
  for (const auto& fault : field.faults) POSTSEAL_CHECK(fault.offset <= value.size());
  if (!field.fault.has_value()) return;
  POSTSEAL_CHECK(field.fault->offset <= value.size());
  POSTSEAL_CHECK(!postseal::authres::IsObstacle(field.fault->fault) || field.results.empty());
}

// IsPrinted says that Print writes |text| whole.
bool IsPrinted(std::string_view text) {
  return text.size() <= postseal::authres::kMaxTextOctets &&
         postseal::authres::internal::IsPrintable(text, Charset::kUtf8);
}

bool IsPrinted(const Result& result) {
  return IsPrinted(result.reason) && IsPrinted(result.comment) &&
         std::all_of(result.properties.begin(), result.properties.end(),
                     [](const Property& property) { return IsPrinted(property.value); });
}

void CheckRoundTrip(const ParsedField& field) {
  if (!std::all_of(field.results.begin(), field.results.end(),
                   [](const Result& result) { return IsPrinted(result); })) {
    return;
  }
  const absl::StatusOr<std::string> printed =
      Print(*field.authserv_id, field.results, Charset::kUtf8);
  if (!printed.ok()) {
    POSTSEAL_CHECK(!IsPrinted(*field.authserv_id));
    return;
  }
  std::string_view value = *printed;
  value.remove_prefix(postseal::authres::kFieldName.size() + 1);
  value.remove_suffix(2);
  // Quotes and folds that are written anew may take a long field over the limit.
  if (value.size() > postseal::authres::kMaxFieldOctets) return;
  const ParsedField again = postseal::authres::Parse(value);
  POSTSEAL_CHECK(again.IsValid());
  POSTSEAL_CHECK(again.authserv_id == field.authserv_id);
  POSTSEAL_CHECK(again.results == field.results);
}

void CheckRemoval(std::string_view value, const ParsedField& field) {
  if (!field.authserv_id.has_value()) return;
  const std::vector<std::string> ids = {*field.authserv_id};
  // One of nothing but dots and what is not shown is no id, and ".b" means names below b.
  const std::string plain = postseal::authres::internal::PlainId(*field.authserv_id);
  if (plain.empty() || plain.front() == '.') return;
  if (plain.size() > postseal::authres::internal::kMaxIdOctets) return;
  const std::vector<postseal::mail::Field> fields = {
      {.name = postseal::authres::kFieldName, .value = value, .raw = value}};
  POSTSEAL_CHECK(postseal::authres::PlanRemoval(fields, {.authserv_ids = ids}).size() == 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  const ParsedField field = postseal::authres::Parse(value);
  CheckBounds(value, field);
  if (field.IsValid()) CheckRoundTrip(field);
  CheckRemoval(value, field);
  return 0;
}
