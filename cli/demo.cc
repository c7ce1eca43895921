// postseal demo: the whole of it without network: makes keys and a zone, signs a
// message, verifies it and says why.
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "auth/authentication_results.h"
#include "auth/envelope.h"
#include "auth/explanation.h"
#include "auth/options.h"
#include "auth/sign_session.h"
#include "auth/verify_session.h"
#include "base/result.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "dkim/algorithm.h"
#include "dkim/key_pair.h"
#include "dkim/key_record_text.h"
#include "dkim/signing_key.h"
#include "dns/address.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"

namespace postseal::cli {
namespace {

constexpr std::string_view kDomain = "example.tech-mmmm.com";
constexpr std::string_view kPolicies =
    "example.tech-mmmm.com. TXT \"v=spf1 +ip4:192.0.2.25 -all\"\n"
    "_dmarc.example.tech-mmmm.com. TXT \"v=DMARC1; p=none; "
    "rua=mailto:dmarc-report@example.tech-mmmm.com; "
    "ruf=mailto:dmarc-report@example.tech-mmmm.com;\"\n";
// 2026-01-01T00:00:00Z: the demo is the same every time, but for its keys.
constexpr int64_t kNow = 1767225600;
constexpr std::string_view kMessage =
    "From: Alice <alice@example.tech-mmmm.com>\r\n"
    "To: Bob <bob@example.org>\r\n"
    "Subject: Lunch?\r\n"
    "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
    "Message-ID: <demo@example.tech-mmmm.com>\r\n"
    "\r\n"
    "Bob, are you free at noon?\r\n";

// AddKey makes a key, publishes it in |zone| and has |options| sign with it.
absl::Status AddKey(dkim::KeyType type, std::string_view selector, auth::SignOptions* options,
                    std::string* zone) {
  auto pair = dkim::GenerateKeyPair(type);
  if (!pair.ok()) return pair.status();
  dkim::ZoneRecord record;
  record.selector = selector;
  record.domain = kDomain;
  record.key_type = type;
  record.public_base64 = pair->public_base64;
  record.append_domain = true;
  const auto text = dkim::PrintZoneRecord(record);
  if (!text.ok()) return text.status();
  *zone += *text;
  auto key = dkim::SigningKey::FromPem(pair->private_pem.view());
  if (!key.ok()) return key.status();
  auth::SigningJob job;
  job.request.domain = kDomain;
  job.request.selector = selector;
  job.request.algorithm = type == dkim::KeyType::kRsa ? dkim::SignatureAlgorithm::kRsaSha256
                                                      : dkim::SignatureAlgorithm::kEd25519Sha256;
  job.signer = *std::move(key);
  options->jobs.push_back(std::move(job));
  return absl::OkStatus();
}

absl::StatusOr<std::string> SignedMessage(std::shared_ptr<const auth::SignOptions> options) {
  auto session = auth::SignSession::Create(std::move(options), kNow);
  if (!session.ok()) return session.status();
  absl::Status status = (*session)->Feed(kMessage);
  if (status.ok()) status = (*session)->EndOfMessage();
  if (status.ok()) status = (*session)->SignLocally();
  if (!status.ok()) return status;
  const auto fields = (*session)->fields();
  if (!fields.ok()) return fields.status();
  return absl::StrCat(*fields, kMessage);
}

absl::StatusOr<auth::Report> Verify(std::string_view message, dns::ZoneResolver* resolver) {
  auth::Envelope envelope;
  envelope.client_ip = dns::IpAddress::Parse("192.0.2.25");
  envelope.rfc5321_mail_from = "alice@example.tech-mmmm.com";
  auto session = auth::VerifySession::Create(std::make_shared<auth::Options>(), envelope, kNow);
  if (!session.ok()) return session.status();
  absl::Status status = (*session)->Feed(message);
  if (status.ok()) status = (*session)->EndOfMessage();
  if (!status.ok()) return status;
  dns::RunBlocking(session->get(), resolver, dns::Deadline::max());
  return (*session)->report();
}

absl::StatusOr<int> Demo() {
  auto options = std::make_shared<auth::SignOptions>();
  std::string zone(kPolicies);
  absl::Status status = AddKey(dkim::KeyType::kRsa, "myselector", options.get(), &zone);
  if (status.ok())
    status = AddKey(dkim::KeyType::kEd25519, "myselector-ed25519", options.get(), &zone);
  if (!status.ok()) return status;
  std::cout << "1. The DNS of the domain: SPF, DMARC and two new keys:\n\n" << zone << '\n';
  const auto message = SignedMessage(std::move(options));
  if (!message.ok()) return message.status();
  std::cout << "2. A message signed with both:\n\n" << *message << '\n';
  dns::ZoneResolver resolver;
  status = resolver.AddText(zone, "demo zone");
  if (!status.ok()) return status;
  const auto report = Verify(*message, &resolver);
  if (!report.ok()) return report.status();
  const auto field = auth::PrintAuthenticationResults(*report, "mx.example.org");
  if (!field.ok()) return field.status();
  std::cout << "3. What its receiver finds:\n\n"
            << *field << '\n'
            << auth::PrintExplanation(auth::Explain(*report));
  return report->Verdict() == base::Result::kPass ? kExitOk : kExitNotAuthenticated;
}

}  // namespace

void AddDemo(CLI::App* app, int* exit_status) {
  AddCommand(
      app,
      {"demo", "Sign and verify a message with new keys, without network", "Example: postseal demo",
       [] {
         const absl::StatusOr<int> status = Demo();
         if (!status.ok()) PrintError(status.status().message());
         return status.ok() ? *status : kExitUsage;
       }},
      exit_status);
}

}  // namespace postseal::cli
