#include "bench/dkim_benchmark.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/sign_session.h"
#include "auth/verify_session.h"
#include "bench/dkim_mail.h"
#include "benchmark/benchmark.h"
#include "dkim/algorithm.h"
#include "dkim/public_key_cache.h"
#include "dkim/reason.h"
#include "dns/answer.h"

namespace postseal::bench {
namespace {

// FeedAll feeds |message| the way a host does.
template <typename Session>
bool FeedAll(Session* session, std::string_view message) {
  while (!message.empty()) {
    const std::string_view chunk = message.substr(0, kChunkOctets);
    if (!session->Feed(chunk).ok()) return false;
    message.remove_prefix(chunk.size());
  }
  return session->EndOfMessage().ok();
}

// Verify is what a host does with one message: a session, the DNS, the report.
bool Verify(const std::shared_ptr<const auth::Options>& options, const DkimMail& mail,
            std::string_view message) {
  const auto session = *auth::VerifySession::Create(options, kNow);
  if (!FeedAll(session.get(), message)) return false;
  const std::string_view rdata[] = {mail.key_rdata};
  dns::Answer answer(dns::Outcome::kRecords);
  answer.ttl_seconds = 3600;
  answer.rdata = rdata;
  while (const auto query = session->NextQuery()) {
    if (!session->Provide(query->id, answer).ok()) return false;
  }
  const auth::Report& report = session->report();
  return report.dkim.size() == 1 && report.dkim[0].reason == dkim::Reason::kVerified;
}

void RunVerify(benchmark::State& state, const DkimMail& mail, dkim::PublicKeyCache* cache) {
  auto options = std::make_shared<auth::Options>();
  options->dkim.key_cache = cache;
  if (!Verify(options, mail, mail.signed_message) || Verify(options, mail, mail.forged_message)) {
    state.SkipWithError("wrong verdict");
    return;
  }
  for (auto _ : state) {
    if (!Verify(options, mail, mail.signed_message)) state.SkipWithError("does not verify");
  }
}

// SignFields makes the DKIM-Signature field of |mail|; empty for a fault.
std::string SignFields(const std::shared_ptr<const auth::SignOptions>& options,
                       const DkimMail& mail) {
  const auto session = *auth::SignSession::Create(options, kNow);
  if (!FeedAll(session.get(), mail.message) || !session->SignLocally().ok()) return {};
  return *session->fields();
}

void RunSign(benchmark::State& state, const DkimMail& mail) {
  auto options = std::make_shared<auth::SignOptions>();
  auth::SigningJob& job = options->jobs.emplace_back();
  job.request.domain = kDomain;
  job.request.selector = kSelector;
  if (mail.signing_key->key_type() == dkim::KeyType::kEd25519) {
    job.request.algorithm = dkim::SignatureAlgorithm::kEd25519Sha256;
  }
  job.signer = mail.signing_key;
  const std::string signed_message = SignFields(options, mail) + mail.message;
  if (!Verify(std::make_shared<auth::Options>(), mail, signed_message)) {
    state.SkipWithError("what was signed does not verify");
    return;
  }
  for (auto _ : state) {
    if (SignFields(options, mail).empty()) state.SkipWithError("does not sign");
  }
}

void RunFloor(benchmark::State& state, const DkimMail& mail, bool (*floor)(const DkimMail&)) {
  for (auto _ : state) {
    if (!floor(mail)) state.SkipWithError("the floor is wrong");
  }
}

}  // namespace

void RegisterDkimBenchmarks() {
  static dkim::PublicKeyCache& cache = *new dkim::PublicKeyCache(100);
  const auto add = [](const std::string& name, auto run) {
    benchmark::RegisterBenchmark(name.c_str(), run);
  };
  for (const DkimMail& mail : AllDkimMail()) {
    const std::string verify = absl::StrCat("verify/", mail.name, "/");
    const std::string sign = absl::StrCat("sign/", mail.name, "/");
    add(verify + "floor", [&mail](benchmark::State& s) { RunFloor(s, mail, VerifyFloor); });
    add(verify + "postseal_cached", [&mail](benchmark::State& s) { RunVerify(s, mail, &cache); });
    add(verify + "postseal_fresh", [&mail](benchmark::State& s) { RunVerify(s, mail, nullptr); });
    add(sign + "floor", [&mail](benchmark::State& s) { RunFloor(s, mail, SignFloor); });
    add(sign + "postseal", [&mail](benchmark::State& s) { RunSign(s, mail); });
  }
}

}  // namespace postseal::bench
