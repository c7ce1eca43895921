// libopendkim on the same workloads, beside ours and the floors in one process:
// `bench/run`. Needs Debian's libopendkim-dev. The library is fed as its milter
// does it: field by field, then the body; the key comes by its callback.
// The header is C99 and says bool as C99 does.
#define _Bool bool
#include <opendkim/dkim.h>
#undef _Bool

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "bench/dkim_benchmarks.h"
#include "bench/dkim_cases.h"
#include "benchmark/benchmark.h"
#include "dkim/algorithm.h"
#include "mail/message_reader.h"

namespace postseal::bench {
namespace {

const std::string* g_key_record = nullptr;

DKIM_CBSTAT LookUpKey(DKIM*, DKIM_SIGINFO*, unsigned char* buffer, size_t size) {
  const size_t n = g_key_record->copy(reinterpret_cast<char*>(buffer), size - 1);
  buffer[n] = '\0';
  return DKIM_CBSTAT_CONTINUE;
}

unsigned char* Octets(const std::string& text) {
  return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
}

// Feed gives |dkim| the message and its end.
bool Feed(DKIM* dkim, const std::vector<std::string>& fields, const std::string& body) {
  for (const std::string& field : fields) {
    if (dkim_header(dkim, Octets(field), field.size()) != DKIM_STAT_OK) return false;
  }
  if (dkim_eoh(dkim) != DKIM_STAT_OK) return false;
  if (dkim_body(dkim, Octets(body), body.size()) != DKIM_STAT_OK) return false;
  return dkim_eom(dkim, nullptr) == DKIM_STAT_OK;
}

std::vector<std::string> FieldsOf(const std::string& message) {
  mail::MessageReader reader;
  reader.Feed(message);
  std::vector<std::string> fields;
  for (const mail::Field& field : reader.fields()) fields.emplace_back(field.raw);
  return fields;
}

bool Verify(DKIM_LIB* library, const std::vector<std::string>& fields, const std::string& body) {
  DKIM_STAT status = DKIM_STAT_OK;
  DKIM* const dkim = dkim_verify(library, Octets("id"), nullptr, &status);
  if (dkim == nullptr) return false;
  const bool passed = Feed(dkim, fields, body);
  dkim_free(dkim);
  return passed;
}

bool Sign(DKIM_LIB* library, const Workload& w, const std::vector<std::string>& fields) {
  DKIM_STAT status = DKIM_STAT_OK;
  DKIM* const dkim = dkim_sign(
      library, Octets("id"), nullptr, Octets(w.key_pem), Octets("s1"), Octets("example.com"),
      DKIM_CANON_RELAXED, DKIM_CANON_RELAXED,
      w.key->key_type() == dkim::KeyType::kRsa ? DKIM_SIGN_RSASHA256 : DKIM_SIGN_ED25519SHA256, -1,
      &status);
  if (dkim == nullptr) return false;
  unsigned char* value = nullptr;
  size_t size = 0;
  const bool signed_ok =
      Feed(dkim, fields, w.body) && dkim_getsighdr_d(dkim, 16, &value, &size) == DKIM_STAT_OK;
  dkim_free(dkim);
  return signed_ok && size > 0;
}

void RegisterOpenDkim(const std::vector<Workload>& workloads, DKIM_LIB* library) {
  for (const Workload& w : workloads) {
    benchmark::RegisterBenchmark(
        ("verify/" + w.name + "/opendkim").c_str(), [&w, library](benchmark::State& state) {
          g_key_record = &w.key_record;
          const std::vector<std::string> fields = FieldsOf(w.signed_message);
          std::string changed = w.body;
          changed[changed.size() - 3] ^= 1;
          if (!Verify(library, fields, w.body) || Verify(library, fields, changed)) {
            return state.SkipWithError("wrong verdict");
          }
          for (auto _ : state) benchmark::DoNotOptimize(Verify(library, fields, w.body));
        });
    benchmark::RegisterBenchmark(("sign/" + w.name + "/opendkim").c_str(),
                                 [&w, library](benchmark::State& state) {
                                   const std::vector<std::string> fields = FieldsOf(w.message);
                                   if (!Sign(library, w, fields))
                                     return state.SkipWithError("no signature");
                                   for (auto _ : state)
                                     benchmark::DoNotOptimize(Sign(library, w, fields));
                                 });
  }
}

}  // namespace
}  // namespace postseal::bench

int main(int argc, char** argv) {
  using postseal::bench::Workload;
  benchmark::Initialize(&argc, argv);
  DKIM_LIB* const library = dkim_init(nullptr, nullptr);
  if (library == nullptr) return EXIT_FAILURE;
  dkim_set_key_lookup(library, postseal::bench::LookUpKey);
  const std::vector<Workload> workloads = postseal::bench::MakeWorkloads();
  postseal::bench::RegisterDkimBenchmarks(workloads);
  postseal::bench::RegisterOpenDkim(workloads, library);
  benchmark::RunSpecifiedBenchmarks();
  dkim_close(library);
  return EXIT_SUCCESS;
}
