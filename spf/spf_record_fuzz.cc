// Any octets as an SPF record and as a macro-string: what is read is printed and
// read again as the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/arena.h"
#include "base/check.h"
#include "spf/macro.h"
#include "spf/record.h"

namespace postseal::spf {
namespace {

void CheckRecord(std::string_view text) {
  base::Arena arena;
  const auto parsed = ParseRecord(text, &arena);
  POSTSEAL_CHECK(std::holds_alternative<NotSpf>(parsed) != IsSpf(text));
  if (const auto* fault = std::get_if<Fault>(&parsed)) {
    POSTSEAL_CHECK(fault->offset <= text.size());
  }
  const auto* record = std::get_if<Record>(&parsed);
  if (record == nullptr) return;
  const std::string printed = Print(*record);
  const auto parsed_again = ParseRecord(printed, &arena);
  const auto* again = std::get_if<Record>(&parsed_again);
  POSTSEAL_CHECK(again != nullptr && *again == *record);
  POSTSEAL_CHECK(Print(*again) == printed);
  POSTSEAL_CHECK(Dump(*again) == Dump(*record));
}

void CheckMacros(std::string_view text, MacroContext context) {
  base::Arena arena;
  const auto parsed = ParseMacroString(text, context, &arena);
  if (const auto* fault = std::get_if<Fault>(&parsed)) {
    POSTSEAL_CHECK(fault->offset <= text.size());
    return;
  }
  const auto& macros = std::get<MacroString>(parsed);
  const std::string printed = Print(macros);
  const auto again = ParseMacroString(printed, context, &arena);
  POSTSEAL_CHECK(std::get<MacroString>(again) == macros);
}

}  // namespace
}  // namespace postseal::spf

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  postseal::spf::CheckRecord(text);
  postseal::spf::CheckMacros(text, postseal::spf::MacroContext::kTerm);
  postseal::spf::CheckMacros(text, postseal::spf::MacroContext::kExplanation);
  return 0;
}
