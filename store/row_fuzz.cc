// What is read from a table's columns is written to the same columns and read again as the
// same row. The columns are texts; "-" is NULL.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ascii.h"
#include "base/check.h"
#include "base/fuzz_input.h"
#include "store/fact_codec.h"
#include "store/row.h"

namespace postseal::store {
namespace {

void Check(base::FuzzInput input) {
  ColumnTexts texts;
  for (size_t i = 0; i < kColumns.size(); ++i) {
    const std::string_view text = input.Text();
    texts.push_back(text == "-" ? std::nullopt : std::optional<std::string>(text));
  }
  const absl::StatusOr<Row> row = FromColumns(texts);
  if (!row.ok()) {
    POSTSEAL_CHECK(row.status().code() == absl::StatusCode::kDataLoss);
    const std::string_view words = row.status().message();
    POSTSEAL_CHECK(base::AllIn(words, base::CharSet::Range(0x20, 0x7E)));
    return;
  }
  const ColumnTexts written = ToColumns(*row);
  POSTSEAL_CHECK(written.size() == kColumns.size());
  const absl::StatusOr<Row> again = FromColumns(written);
  POSTSEAL_CHECK(again.ok() && *again == *row && ToColumns(*again) == written);
  std::string octets;
  EncodeFact(row->fact, &octets);
  const auto fact = DecodeFact(octets);
  POSTSEAL_CHECK(!fact.has_value() || *fact == row->fact);
}

}  // namespace
}  // namespace postseal::store

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::store::Check(postseal::base::FuzzInput(data, size));
  return 0;
}
