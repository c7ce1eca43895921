// capi_instructions cpp|c COUNT: verifies the same 10 KB message COUNT times through one
// face. bench/run --only capi counts the instructions of both.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "auth/options.h"
#include "bench/dkim_cases.h"
#include "capi/postseal.h"
#include "dkim/public_key_cache.h"
#include "dns/rdata.h"

namespace {

using postseal::bench::KeyResolver;
using postseal::bench::kNow;
using postseal::bench::Workload;

// kCachedKeys is the same for both faces.
constexpr size_t kCachedKeys = 16;

bool RunCpp(const Workload& workload, int count) {
  postseal::dkim::PublicKeyCache keys(kCachedKeys);
  auto options = std::make_shared<postseal::auth::Options>();
  options->check_dmarc = false;
  options->dkim.key_cache = &keys;
  KeyResolver resolver(postseal::dns::TxtRdata(workload.key_record));
  bool passed = true;
  for (int i = 0; i < count; ++i) passed &= Verify(workload, options, &resolver);
  return passed;
}

// Resolve answers with the key, a string in |userdata|.
void Resolve(void* userdata, postseal_exchange* exchange, uint32_t id, uint16_t, const char*,
             size_t) {
  const auto& rdata = *static_cast<const std::string*>(userdata);
  const postseal_bytes record = {reinterpret_cast<const uint8_t*>(rdata.data()), rdata.size()};
  postseal_exchange_provide(exchange, id, POSTSEAL_DNS_RECORDS, 0, 0, &record, 1);
}

bool VerifyC(const Workload& workload, postseal_config* config, std::string* rdata) {
  postseal_verify* verify = nullptr;
  if (postseal_verify_new(config, nullptr, kNow, &verify, nullptr) != POSTSEAL_OK) return false;
  const std::string_view message = workload.signed_message;
  postseal_verify_feed(verify, reinterpret_cast<const uint8_t*>(message.data()), message.size());
  postseal_verify_end_of_message(verify);
  postseal_exchange_drive(postseal_verify_exchange(verify), Resolve, rdata);
  int32_t result = -1;
  int32_t reason = -1;
  int32_t bits = 0;
  postseal_bytes domain = {nullptr, 0};
  postseal_bytes selector = {nullptr, 0};
  postseal_verify_signature(verify, 0, &result, &reason, &domain, &selector, &bits);
  postseal_verify_free(verify);
  return result == POSTSEAL_RESULT_PASS;
}

bool RunC(const Workload& workload, int count) {
  postseal_config* config = nullptr;
  if (postseal_config_new(&config) != POSTSEAL_OK) return false;
  postseal_config_set(config, "check_dmarc", 11, 0);
  postseal_config_set(config, "cached_keys", 11, kCachedKeys);
  std::string rdata = postseal::dns::TxtRdata(workload.key_record);
  bool passed = true;
  for (int i = 0; i < count; ++i) passed &= VerifyC(workload, config, &rdata);
  postseal_config_free(config);
  return passed;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string_view face = argv[1];
  const int count = std::atoi(argv[2]);
  for (const Workload& workload : postseal::bench::MakeWorkloads()) {
    if (workload.name != "rsa2048.relaxed.m10k") continue;
    const bool passed = face == "c" ? RunC(workload, count) : RunCpp(workload, count);
    if (!passed) std::fprintf(stderr, "%s: the message does not pass\n", argv[1]);
    return passed ? 0 : 1;
  }
  return 1;
}
