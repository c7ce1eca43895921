// Who signs, looked up in SigningTable: `bazel run //bench:signing_table_benchmark`.
// What is measured is the time of one author, by the number of rows.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "milter/address_table.h"

namespace postseal::bench {
namespace {

using milter::AddressTable;

// Table has |rows| rows, the number of each between |before| and |after|.
AddressTable Table(AddressTable::Kind kind, std::string_view before, std::string_view after,
                   size_t rows) {
  AddressTable table(kind);
  for (uint32_t row = 0; row < rows; ++row) {
    table.Add(absl::StrCat(before, row, after), row).IgnoreError();
  }
  return table;
}

void Find(benchmark::State& state, const AddressTable& table, std::string_view prefix) {
  const auto rows = static_cast<uint32_t>(state.range(0));
  uint32_t row = 0;
  for (auto _ : state) {
    row = (row + 7919) % rows;
    const auto found =
        table.Find("alice", absl::StrCat(prefix, row, ".example"), AddressTable::Which::kFirst);
    if (found.size() != 1 || found.front() != row) state.SkipWithError("the wrong row");
  }
}

void BM_Patterns(benchmark::State& state) {
  Find(state,
       Table(AddressTable::Kind::kPatterns, "*@d", ".example", static_cast<size_t>(state.range(0))),
       "d");
}
BENCHMARK(BM_Patterns)->Arg(10)->Arg(1'000)->Arg(100'000);

void BM_SubdomainPatterns(benchmark::State& state) {
  Find(state,
       Table(AddressTable::Kind::kPatterns, "*@*.d", ".example",
             static_cast<size_t>(state.range(0))),
       "mail.d");
}
BENCHMARK(BM_SubdomainPatterns)->Arg(10)->Arg(1'000)->Arg(100'000);

void BM_Exact(benchmark::State& state) {
  Find(state,
       Table(AddressTable::Kind::kExact, "d", ".example", static_cast<size_t>(state.range(0))),
       "d");
}
BENCHMARK(BM_Exact)->Arg(10)->Arg(1'000)->Arg(100'000);

// Patterns that cannot be hashed are tried one after the other.
void BM_Globs(benchmark::State& state) {
  Find(
      state,
      Table(AddressTable::Kind::kPatterns, "a*@d", ".example", static_cast<size_t>(state.range(0))),
      "d");
}
BENCHMARK(BM_Globs)->Arg(10)->Arg(1'000)->Arg(10'000);

}  // namespace
}  // namespace postseal::bench

BENCHMARK_MAIN();
