// MakeCountersSchema: the tables of Counters and Outbox in SQLite.
#ifndef POSTSEAL_STORE_COUNTERS_SCHEMA_H_
#define POSTSEAL_STORE_COUNTERS_SCHEMA_H_

#include <cstdint>

#include "absl/status/status.h"
#include "store/sqlite.h"

namespace postseal::store {

// kCountersVersion is the schema's, in PRAGMA user_version. docs/store.md lists what
// each version has changed.
inline constexpr int64_t kCountersVersion = 2;

// MakeCountersSchema makes the tables in an empty database, and changes those of an
// older version, in one transaction. FailedPrecondition when a newer postseal made them.
absl::Status MakeCountersSchema(Database* database);

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_COUNTERS_SCHEMA_H_
