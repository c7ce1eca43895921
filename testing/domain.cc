#include "testing/domain.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "auth/sign_session.h"
#include "auth/verify_session.h"
#include "base/check.h"
#include "dkim/signing_key.h"
#include "dns/address.h"
#include "dns/name.h"
#include "dns/resolver.h"

namespace postseal::testing {
namespace {

constexpr std::string_view kSelector = "s1";
// kMaxZoneString is how much of a text goes into one string of a TXT record, in octets.
// RFC 1035 §3.3 allows 255.
constexpr size_t kMaxZoneString = 250;

// AppendTxt appends a TXT record, unless |text| is empty.
void AppendTxt(std::string_view name, std::string_view text, std::string* zone) {
  if (text.empty()) return;
  absl::StrAppend(zone, name, ". TXT");
  for (; !text.empty(); text.remove_prefix(std::min(text.size(), kMaxZoneString))) {
    absl::StrAppend(zone, " \"", text.substr(0, kMaxZoneString), "\"");
  }
  absl::StrAppend(zone, "\n");
}

}  // namespace

const dkim::KeyPair& CannedKey(dkim::KeyType type) {
  static const dkim::KeyPair* const rsa =
      new dkim::KeyPair(*dkim::GenerateKeyPair(dkim::KeyType::kRsa));
  static const dkim::KeyPair* const ed25519 =
      new dkim::KeyPair(*dkim::GenerateKeyPair(dkim::KeyType::kEd25519));
  return type == dkim::KeyType::kRsa ? *rsa : *ed25519;
}

std::string MessageFrom(std::string_view author, std::string_view body, std::string_view fields) {
  return absl::StrCat("From: ", author,
                      "\r\nTo: bob@example.org\r\nSubject: Hello\r\n"
                      "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n",
                      fields, "\r\n", body);
}

Domain::Domain(std::string_view name, dkim::KeyType type) : name_(name), type_(type) {
  POSTSEAL_CHECK(dns::Name::Parse(name).has_value());
  key_record = absl::StrCat("v=DKIM1; k=", dkim::Name(type), "; p=", CannedKey(type).public_base64);
}

std::string Domain::ZoneText() const {
  std::string zone;
  AppendTxt(name_, spf, &zone);
  AppendTxt(absl::StrCat("_dmarc.", name_), dmarc, &zone);
  AppendTxt(absl::StrCat(kSelector, "._domainkey.", name_), key_record, &zone);
  return zone + extra;
}

std::unique_ptr<dns::ZoneResolver> Domain::Zone() const {
  auto resolver = std::make_unique<dns::ZoneResolver>();
  const absl::Status status = resolver->AddText(ZoneText(), name_);
  POSTSEAL_CHECK(status.ok());
  return resolver;
}

auth::Envelope Domain::Mail(std::string_view local_part) const {
  auth::Envelope envelope;
  envelope.client_ip = dns::IpAddress::Parse(client_ip);
  POSTSEAL_CHECK(envelope.client_ip.has_value());
  envelope.helo = absl::StrCat("mail.", name_);
  envelope.rfc5321_mail_from = absl::StrCat(local_part, "@", name_);
  return envelope;
}

std::string Domain::Sign(std::string_view message, int64_t now) const {
  auto options = std::make_shared<auth::SignOptions>();
  auth::SigningJob job;
  job.request.domain = name_;
  job.request.selector = kSelector;
  job.request.algorithm = type_ == dkim::KeyType::kRsa ? dkim::SignatureAlgorithm::kRsaSha256
                                                       : dkim::SignatureAlgorithm::kEd25519Sha256;
  job.signer = *dkim::SigningKey::FromPem(CannedKey(type_).private_pem.view());
  options->jobs.push_back(std::move(job));
  const auto session = *auth::SignSession::Create(std::move(options), now);
  absl::Status status = session->Feed(message);
  if (status.ok()) status = session->EndOfMessage();
  if (status.ok()) status = session->SignLocally();
  POSTSEAL_CHECK(status.ok());
  return absl::StrCat(*session->fields(), message);
}

auth::Report Domain::Verify(std::string_view message, int64_t now) const {
  const auto session = *auth::VerifySession::Create(std::make_shared<auth::Options>(), Mail(), now);
  absl::Status status = session->Feed(message);
  if (status.ok()) status = session->EndOfMessage();
  POSTSEAL_CHECK(status.ok());
  dns::RunBlocking(session.get(), Zone().get(), dns::Deadline::max());
  return session->report();
}

}  // namespace postseal::testing
