#include "store/fold.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "store/fact_codec.h"
#include "store/segment.h"
#include "store/spool_record.h"

namespace postseal::store {
namespace {

// FoldSegment folds and removes one segment. |counters_failed| says whose fault an
// error is.
absl::Status FoldSegment(const std::string& directory, const std::string& name, Counters* counters,
                         FoldTally* tally, bool* counters_failed) {
  const auto segment = Segment::Take(directory, name);
  if (!segment.ok()) return segment.status();
  if (*segment == nullptr) return absl::OkStatus();
  const auto content = (*segment)->Read();
  if (!content.ok()) return content.status();
  FoldTally found;
  const std::vector<Row> rows = CountFacts(*content, &found);
  if (!content->empty()) {
    const auto added = counters->Fold(directory, name, rows);
    *counters_failed = !added.ok();
    if (!added.ok()) return added.status();
    if (*added) {
      tally->segments += 1;
      tally->facts += found.facts;
      tally->skipped_octets += found.skipped_octets;
    }
  }
  return (*segment)->Remove();
}

// ForgetRemoved forgets the segments that are gone for good.
absl::Status ForgetRemoved(const std::string& directory, Counters* counters) {
  const auto folded = counters->FoldedSegments(directory);
  if (!folded.ok() || folded->empty()) return folded.status();
  const auto list = ListSegments(directory);
  if (!list.ok()) return list.status();
  // What a loss of power brings back must still be known.
  if (absl::Status status = SyncDirectory(directory); !status.ok()) return status;
  for (const std::string& name : *folded) {
    if (std::binary_search(list->names.begin(), list->names.end(), name)) continue;
    if (absl::Status status = counters->Forget(name); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<Row> CountFacts(std::string_view content, FoldTally* tally) {
  absl::flat_hash_map<std::string, Row> rows;
  RecordReader reader(content);
  std::string key;
  while (const auto payload = reader.Next()) {
    auto fact = DecodeFact(*payload);
    if (!fact.has_value()) {
      tally->skipped_octets += kRecordHeadOctets + payload->size();
      continue;
    }
    ++tally->facts;
    fact->time = fact->day() * kSecondsADay;
    key.clear();
    EncodeFact(*fact, &key);
    Row& row = rows[key];
    if (row.messages++ == 0) row.fact = *std::move(fact);
  }
  tally->skipped_octets += reader.skipped();
  std::vector<Row> counted;
  counted.reserve(rows.size());
  for (auto& entry : rows) counted.push_back(std::move(entry.second));
  return counted;
}

absl::Status FoldSpool(const std::string& directory, Counters* counters, FoldTally* tally) {
  const auto list = ListSegments(directory);
  if (!list.ok()) return list.status();
  absl::Status first;
  for (const std::string& name : list->names) {
    bool counters_failed = false;
    const absl::Status status = FoldSegment(directory, name, counters, tally, &counters_failed);
    if (first.ok()) first = status;
    if (counters_failed) return status;
  }
  const absl::Status forgotten = ForgetRemoved(directory, counters);
  return first.ok() ? forgotten : first;
}

}  // namespace postseal::store
