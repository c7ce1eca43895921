#include "bench/dkim_cases.h"

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "auth/verify_session.h"
#include "base/base64.h"
#include "base/result.h"
#include "bench/corpus.h"
#include "dkim/algorithm.h"
#include "dkim/canonical_body_reference.h"
#include "dns/rdata.h"
#include "testing/forge.h"

namespace postseal::bench {
namespace {

void Require(bool condition, const std::string& what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
}

Workload MakeWorkload(std::string_view key_name, std::string_view message_name,
                      std::string message) {
  Workload w;
  w.name = absl::StrCat(key_name, ".relaxed.", message_name);
  w.message = std::move(message);
  w.body = w.message.substr(w.message.find("\r\n\r\n") + 4);
  w.canonical_body = dkim::ReferenceCanonicalBody(dkim::BodyCanon::kRelaxed, w.body);
  w.key_pem = testing::ReadTestFile(absl::StrCat("testdata/keys/", key_name, ".pem"));
  w.key = *dkim::SigningKey::FromPem(w.key_pem);
  w.key_record = absl::StrCat("v=DKIM1; k=", dkim::Name(w.key->key_type()),
                              "; p=", w.key->public_key_base64());
  auth::SigningJob job;
  job.request.domain = "example.com";
  job.request.selector = "s1";
  job.request.algorithm = w.key->key_type() == dkim::KeyType::kRsa
                              ? dkim::SignatureAlgorithm::kRsaSha256
                              : dkim::SignatureAlgorithm::kEd25519Sha256;
  job.signer = w.key;
  auto options = std::make_shared<auth::SignOptions>();
  options->jobs.push_back(std::move(job));
  w.sign_options = std::move(options);
  w.signed_message = Sign(w) + w.message;

  w.header_digest = dkim::Sha256("any digest takes the same time");
  w.signature = *w.key->Sign(w.header_digest);
  auto parsed =
      dkim::PublicKey::Parse(w.key->key_type(), *base::Base64Decode(w.key->public_key_base64()));
  w.public_key =
      std::make_shared<const dkim::PublicKey>(std::get<dkim::PublicKey>(std::move(parsed)));
  Require(VerifyFloor(w), w.name + ": the floor does not verify");
  return w;
}

}  // namespace

std::vector<Workload> MakeWorkloads() {
  std::vector<Workload> all;
  const std::string m2k = Message(10, TextBody());
  const std::string m10k = Message(30, HtmlBody());
  all.push_back(MakeWorkload("rsa2048", "m2k", m2k));
  all.push_back(MakeWorkload("rsa2048", "m10k", m10k));
  all.push_back(MakeWorkload("rsa2048", "m10m", Message(30, Base64Body())));
  all.push_back(MakeWorkload("rsa2048", "ws100k", Message(30, WhiteSpaceBody())));
  all.push_back(MakeWorkload("ed25519", "m2k", m2k));
  all.push_back(MakeWorkload("ed25519", "m10k", m10k));
  return all;
}

bool Verify(const Workload& workload, const std::shared_ptr<const auth::Options>& options,
            KeyResolver* resolver) {
  const auto session = *auth::VerifySession::Create(options, auth::Envelope(), kNow);
  std::string_view rest = workload.signed_message;
  while (!rest.empty()) {
    session->Feed(rest.substr(0, kChunkOctets)).IgnoreError();
    rest.remove_prefix(std::min(kChunkOctets, rest.size()));
  }
  session->EndOfMessage().IgnoreError();
  dns::RunBlocking(session.get(), resolver, dns::Deadline::max());
  return session->report().DkimResult() == base::Result::kPass;
}

std::string Sign(const Workload& workload) {
  const auto session = *auth::SignSession::Create(workload.sign_options, kNow);
  std::string_view rest = workload.message;
  while (!rest.empty()) {
    session->Feed(rest.substr(0, kChunkOctets)).IgnoreError();
    rest.remove_prefix(std::min(kChunkOctets, rest.size()));
  }
  session->EndOfMessage().IgnoreError();
  session->SignLocally().IgnoreError();
  return session->fields().value_or("");
}

bool VerifyFloor(const Workload& workload) {
  volatile uint8_t first = dkim::Sha256(workload.canonical_body).octets[0];
  static_cast<void>(first);
  return workload.public_key->Verify(dkim::HashAlgorithm::kSha256, workload.header_digest,
                                     workload.signature);
}

std::string SignFloor(const Workload& workload) {
  volatile uint8_t first = dkim::Sha256(workload.canonical_body).octets[0];
  static_cast<void>(first);
  return SignKey(workload);
}

std::string SignKey(const Workload& workload) {
  return workload.key->Sign(workload.header_digest).value_or("");
}

}  // namespace postseal::bench
