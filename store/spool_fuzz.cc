// Fuzzes what is read of the spool: records, facts and rows.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "store/fact_codec.h"
#include "store/fold.h"
#include "store/row.h"
#include "store/spool_record.h"

namespace postseal::store {
namespace {

void CheckFact(std::string_view octets) {
  const auto fact = DecodeFact(octets);
  if (!fact.has_value()) return;
  std::string again;
  EncodeFact(*fact, &again);
  POSTSEAL_CHECK(again == octets);
  Row row;
  row.fact = *fact;
  row.fact.time = fact->day() * kSecondsADay;
  row.messages = 1;
  const auto read = FromColumns(ToColumns(row));
  POSTSEAL_CHECK(read.ok() && *read == row);
}

}  // namespace
}  // namespace postseal::store

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace store = postseal::store;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // As a segment, in which a fuzzer rarely gets a checksum right, and as one fact.
  store::FoldTally tally;
  store::CountFacts(text, &tally);
  POSTSEAL_CHECK(tally.skipped_octets <= size);
  store::CheckFact(text);
  if (size > store::kMaxRecordOctets) return 0;
  std::string segment;
  store::AppendRecord(text, &segment);
  store::RecordReader reader(segment);
  POSTSEAL_CHECK(reader.Next() == text && !reader.Next().has_value() && reader.skipped() == 0);
  return 0;
}
