// libopendkim on the same workloads, beside ours and the floors in one process:
// `bench/run`. Needs Debian's libopendkim-dev. The library is fed as its milter
// does it: field by field, then the body; the key comes by its callback.
// The header is C99 and says bool as C99 does.
#define _Bool bool
#include <opendkim/dkim.h>
#undef _Bool

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "auth/options.h"
#include "bench/dkim_benchmarks.h"
#include "bench/dkim_cases.h"
#include "benchmark/benchmark.h"
#include "dkim/algorithm.h"
#include "dns/rdata.h"
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

// Sign returns the value of the DKIM-Signature field; empty on failure. The key
// is PEM text, which the library parses for each message: it takes no other.
std::string Sign(DKIM_LIB* library, const Workload& w, const std::vector<std::string>& fields) {
  DKIM_STAT status = DKIM_STAT_OK;
  const dkim_alg_t algorithm =
      w.key->key_type() == dkim::KeyType::kRsa ? DKIM_SIGN_RSASHA256 : DKIM_SIGN_ED25519SHA256;
  DKIM* const dkim = dkim_sign(library, Octets("id"), nullptr, Octets(w.key_pem), Octets("s1"),
                               Octets("example.com"), DKIM_CANON_RELAXED, DKIM_CANON_RELAXED,
                               algorithm, -1, &status);
  if (dkim == nullptr) return {};
  unsigned char* value = nullptr;
  size_t size = 0;
  std::string result;
  if (Feed(dkim, fields, w.body) && dkim_getsighdr_d(dkim, 16, &value, &size) == DKIM_STAT_OK) {
    result.assign(reinterpret_cast<const char*>(value), size);
  }
  dkim_free(dkim);
  return result;
}

void RunVerify(benchmark::State& state, const Workload& w, DKIM_LIB* library) {
  g_key_record = &w.key_record;
  const std::vector<std::string> fields = FieldsOf(w.signed_message);
  std::string changed = w.body;
  changed[changed.size() - 3] ^= 1;
  if (!Verify(library, fields, w.body) || Verify(library, fields, changed)) {
    return state.SkipWithError("wrong verdict");
  }
  for (auto _ : state) benchmark::DoNotOptimize(Verify(library, fields, w.body));
}

void RunSign(benchmark::State& state, const Workload& w, DKIM_LIB* library) {
  const std::vector<std::string> fields = FieldsOf(w.message);
  Workload theirs = w;
  theirs.signed_message = "DKIM-Signature: " + Sign(library, w, fields) + "\r\n" + w.message;
  KeyResolver resolver(dns::TxtRdata(w.key_record));
  if (!Verify(theirs, std::make_shared<auth::Options>(), &resolver)) {
    return state.SkipWithError("what was signed does not verify");
  }
  for (auto _ : state) benchmark::DoNotOptimize(Sign(library, w, fields));
}

void RegisterOpenDkim(const std::vector<Workload>& workloads, DKIM_LIB* library) {
  for (const Workload& w : workloads) {
    benchmark::RegisterBenchmark(
        ("verify/" + w.name + "/opendkim").c_str(),
        [&w, library](benchmark::State& state) { RunVerify(state, w, library); });
    benchmark::RegisterBenchmark(
        ("sign/" + w.name + "/opendkim").c_str(),
        [&w, library](benchmark::State& state) { RunSign(state, w, library); });
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
  // Their t= is to be no later than what our sessions take for now.
  uint64_t now = postseal::bench::kNow;
  dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_FIXEDTIME, &now, sizeof(now));
  const std::vector<Workload> workloads = postseal::bench::MakeWorkloads();
  postseal::bench::RegisterDkimBenchmarks(workloads);
  postseal::bench::RegisterOpenDkim(workloads, library);
  benchmark::RunSpecifiedBenchmarks();
  dkim_close(library);
  return EXIT_SUCCESS;
}
