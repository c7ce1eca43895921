// Any octets as a DMARC record, by both editions: what is read is printed and read
// again as the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/check.h"
#include "dmarc/record.h"
#include "dmarc/report_uri.h"

namespace postseal::dmarc {
namespace {

void CheckRecord(std::string_view text, Mode mode) {
  base::Arena arena;
  const auto record = ParseRecord(text, mode, &arena);
  POSTSEAL_CHECK(record.has_value() == IsDmarc(text));
  if (!record.has_value()) return;
  POSTSEAL_CHECK(record->warnings.size() <= kMaxWarnings);
  for (const Warning& warning : record->warnings) POSTSEAL_CHECK(warning.offset <= text.size());
  POSTSEAL_CHECK(record->rua.size() <= kMaxReportUris && record->ruf.size() <= kMaxReportUris);
  const std::string printed = Print(*record);
  const auto again = ParseRecord(printed, mode, &arena);
  POSTSEAL_CHECK(again.has_value() && *again == *record);
  POSTSEAL_CHECK(Print(*again) == printed);
  for (const ReportUri& uri : record->rua) {
    POSTSEAL_CHECK(ParseReportUri(uri.text) == uri);
    POSTSEAL_CHECK(!uri.is_mailto() || uri.address.ends_with(uri.host));
  }
}

}  // namespace
}  // namespace postseal::dmarc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  postseal::dmarc::CheckRecord(text, postseal::dmarc::Mode::kRfc9989);
  postseal::dmarc::CheckRecord(text, postseal::dmarc::Mode::kRfc7489);
  return 0;
}
