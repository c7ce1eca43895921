// FoldSpool: counts what is in a spool, each fact once.
#ifndef POSTSEAL_STORE_FOLD_H_
#define POSTSEAL_STORE_FOLD_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "store/counters.h"
#include "store/row.h"

namespace postseal::store {

// FoldTally adds up what FoldSpool did.
struct FoldTally {
  uint64_t segments = 0;
  uint64_t facts = 0;
  // Octets that were no whole record, as a loss of power leaves them, and records that
  // another version wrote: they are dropped.
  uint64_t skipped_octets = 0;
};

// CountFacts is the rows of a segment's |content|.
std::vector<Row> CountFacts(std::string_view content, FoldTally* tally);

// FoldSpool folds the segments of |directory| that nobody is writing into |counters|
// and removes them. With an error, which is the first that was met, what was not folded
// stays where it is. A segment that cannot be read does not keep the others.
absl::Status FoldSpool(const std::string& directory, Counters* counters, FoldTally* tally);

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_FOLD_H_
