// Quota: how many rows a day may have, and what becomes of the messages beyond.
#ifndef POSTSEAL_STORE_QUOTA_H_
#define POSTSEAL_STORE_QUOTA_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "store/row.h"

namespace postseal::store {

// kRowsADomain and kRowsADay are the defaults of Quota, in units (RowUnits).
inline constexpr int64_t kRowsADomain = 10'000;
inline constexpr int64_t kRowsADay = 100'000;
// kUnitOctets is how many octets of signatures and reasons count as another row.
inline constexpr size_t kUnitOctets = 1024;

// Quota bounds the rows of a day with all their detail. Messages that are like a row
// which is there are added to it whatever the quota says; others become a row with less
// detail (DetailFor). The sums of the messages by Policy Domain and disposition stay
// exact as long as a day has fewer than twice |rows_a_day| units, and those by
// disposition always.
struct Quota {
  int64_t rows_a_domain = kRowsADomain;  // of one day and one Policy Domain
  int64_t rows_a_day = kRowsADay;        // of one day and all Policy Domains
};

// kNoQuota is no bound at all.
inline constexpr Quota kNoQuota = {std::numeric_limits<int64_t>::max(),
                                   std::numeric_limits<int64_t>::max()};

// Usage is how many units there are.
struct Usage {
  int64_t domain = 0;  // of the day and the Policy Domain
  int64_t day = 0;     // of the day
};

// RowUnits is what a row with these columns counts for: 1, and 1 more for each
// kUnitOctets of its signatures and reasons, which alone can be large.
int64_t RowUnits(const ColumnTexts& texts);

// UnitsSql is the sum of RowUnits in SQL. A column between |length_before| and
// |length_after| is its length in octets: "octet_length(" and ")" in PostgreSQL.
std::string UnitsSql(std::string_view length_before, std::string_view length_after);

// DetailFor is the most detail, |least| or less, that a new row may have.
Detail DetailFor(const Quota& quota, const Usage& usage, Detail least = Detail::kFull);

// Reduce is |row| with |detail|, which is no more than it has.
Row Reduce(Row row, Detail detail);

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_QUOTA_H_
