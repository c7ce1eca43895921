// Any message that can be signed is signed alike however it is cut, and what was signed
// verifies with the key that signed it, by any canonicalization and choice of fields.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "auth/envelope.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/sign_session.h"
#include "auth/verify_session.h"
#include "base/check.h"
#include "base/fuzz_input.h"
#include "base/result.h"
#include "dkim/algorithm.h"
#include "dkim/sign.h"
#include "dkim/signing_key.h"
#include "dns/answer.h"
#include "dns/rdata.h"

namespace postseal::auth {
namespace {

constexpr int64_t kNow = 1767225600;

// Key is that of RFC 8463 appendix A.2: Ed25519 signs the same alike each time.
const std::shared_ptr<const dkim::SigningKey>& Key() {
  static const auto* const key = new std::shared_ptr<const dkim::SigningKey>(
      *dkim::SigningKey::FromPem("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\n"));
  return *key;
}

// Sign returns the signature field, or nullopt for a message that cannot be signed.
std::optional<std::string> Sign(std::shared_ptr<const SignOptions> options,
                                std::string_view message, size_t first, size_t second) {
  auto session = *SignSession::Create(std::move(options), kNow);
  base::InPieces(message, first, second,
                 [&session](std::string_view piece) { POSTSEAL_CHECK(session->Feed(piece).ok()); });
  POSTSEAL_CHECK(session->EndOfMessage().ok());
  if (session->fault() != dkim::SignFault::kNone) return std::nullopt;
  POSTSEAL_CHECK(session->SignLocally().ok() && session->done());
  return *session->fields();
}

// IsPass says that |message| has one signature, and that it verifies.
bool IsPass(const std::string& message) {
  auto options = std::make_shared<Options>();
  options->check_dmarc = false;
  // The signatures nearest to the bottom are tried first; ours is on top of all.
  options->dkim.max_signatures = options->header.max_fields + 1;
  // One field more than the signed message had.
  options->header.max_fields += 1;
  options->header.max_header_octets *= 2;
  options->header.max_field_octets *= 2;
  auto session = *VerifySession::Create(options, Envelope(), kNow);
  POSTSEAL_CHECK(session->Feed(message).ok() && session->EndOfMessage().ok());
  const std::string record = dns::TxtRdata("v=DKIM1; k=ed25519; p=" + Key()->public_key_base64());
  const std::string_view rdata[] = {record};
  while (const auto query = session->NextQuery()) {
    dns::Answer answer(dns::Outcome::kRecords);
    answer.rdata = rdata;
    POSTSEAL_CHECK(session->Provide(query->id, answer).ok());
  }
  POSTSEAL_CHECK(session->done());
  return !session->report().dkim.empty() && session->report().dkim[0].result == base::Result::kPass;
}

void Check(base::FuzzInput input) {
  const uint8_t choice = input.Octet();
  const size_t first = input.Octet();
  const size_t second = input.Octet() % 8;
  auto options = std::make_shared<SignOptions>();
  SigningJob& job = options->jobs.emplace_back();
  job.signer = Key();
  job.request.domain = "football.example.com";
  job.request.selector = "brisbane";
  job.request.algorithm = dkim::SignatureAlgorithm::kEd25519Sha256;
  if ((choice & 1) != 0) job.request.header_canon = dkim::HeaderCanon::kSimple;
  if ((choice & 2) != 0) job.request.body_canon = dkim::BodyCanon::kSimple;
  job.request.copy_fields = (choice & 4) != 0;
  if ((choice & 8) != 0) job.request.expires_in_seconds = 3600;
  const std::string_view more = input.Text();
  if (!more.empty()) job.request.fields.oversign.emplace_back(more);
  const std::string_view identity = input.Text();
  if (!identity.empty()) job.request.identity = identity;
  const std::string_view message = input.Rest();
  if (!dkim::CheckRequest(job.request).ok()) return;

  const std::optional<std::string> field = Sign(options, message, 0, 0);
  POSTSEAL_CHECK(Sign(options, message, first, second) == field);
  if (field.has_value()) POSTSEAL_CHECK(IsPass(*field + std::string(message)));
}

}  // namespace
}  // namespace postseal::auth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::auth::Check(postseal::base::FuzzInput(data, size));
  return 0;
}
