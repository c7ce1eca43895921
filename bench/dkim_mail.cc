#include "bench/dkim_mail.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auth/sign_session.h"
#include "base/base64.h"
#include "base/check.h"
#include "bench/corpus.h"
#include "dkim/algorithm.h"
#include "dkim/canonical_body_reference.h"
#include "dkim/digest.h"
#include "dkim/public_key.h"
#include "dkim/signing_key.h"
#include "dns/rdata.h"
#include "testing/forge.h"

namespace postseal::bench {
namespace {

struct MessageCase {
  std::string_view name;
  std::string header;
  std::string body;
};

struct KeyCase {
  std::string_view name;
  dkim::SignatureAlgorithm algorithm;
  std::string_view tags;  // of the key record, before p=
};

// ForgedFrom changes the last letter of |message|.
std::string ForgedFrom(std::string message) {
  const size_t last = message.find_last_not_of(" \t\r\n");
  message[last] = message[last] == 'x' ? 'y' : 'x';
  return message;
}

std::string Sign(const DkimMail& mail, dkim::SignatureAlgorithm algorithm) {
  auto options = std::make_shared<auth::SignOptions>();
  auth::SigningJob& job = options->jobs.emplace_back();
  job.request.domain = kDomain;
  job.request.selector = kSelector;
  job.request.algorithm = algorithm;
  job.signer = mail.signing_key;
  const auto session = *auth::SignSession::Create(options, kNow);
  POSTSEAL_CHECK(session->Feed(mail.message).ok() && session->EndOfMessage().ok() &&
                 session->SignLocally().ok());
  return *session->fields() + mail.message;
}

DkimMail Make(const MessageCase& message, const KeyCase& key) {
  DkimMail mail;
  mail.name = absl::StrCat(message.name, "/", key.name);
  mail.message = absl::StrCat(message.header, "\r\n", message.body);
  mail.key_pem = testing::ReadTestFile(absl::StrCat("testdata/keys/", key.name, ".pem"));
  mail.signing_key = *dkim::SigningKey::FromPem(mail.key_pem);
  const std::string& p = mail.signing_key->public_key_base64();
  mail.key_record = absl::StrCat(key.tags, "p=", p);
  mail.key_rdata = dns::TxtRdata(mail.key_record);
  std::string octets(base::Base64MaxDecoded(p.size()), '\0');
  octets.resize(*base::Base64Decode(p, octets));
  mail.public_key = std::make_shared<const dkim::PublicKey>(
      std::get<dkim::PublicKey>(dkim::PublicKey::Parse(mail.signing_key->key_type(), octets)));
  mail.signed_message = Sign(mail, key.algorithm);
  mail.forged_message = ForgedFrom(mail.signed_message);
  mail.canonical_body = dkim::ReferenceCanonicalBody(dkim::BodyCanon::kRelaxed, message.body);
  mail.floor_signature = *mail.signing_key->Sign(dkim::Sha256(mail.canonical_body));
  return mail;
}

std::vector<DkimMail> MakeAll() {
  const MessageCase messages[] = {
      {"text2k", HeaderFields(10), TextBody(1000)},
      {"html10k", HeaderFields(30), HtmlBody(7000)},
      {"white100k", HeaderFields(10), WhiteSpaceBody()},
      {"base64_10m", HeaderFields(10), Base64Body()},
  };
  constexpr KeyCase kKeys[] = {
      {"rsa2048", dkim::SignatureAlgorithm::kRsaSha256, "v=DKIM1; k=rsa; "},
      {"ed25519", dkim::SignatureAlgorithm::kEd25519Sha256, "v=DKIM1; k=ed25519; "},
  };
  std::vector<DkimMail> all;
  for (const MessageCase& message : messages) {
    for (const KeyCase& key : kKeys) all.push_back(Make(message, key));
  }
  return all;
}

}  // namespace

const std::vector<DkimMail>& AllDkimMail() {
  static const std::vector<DkimMail>& all = *new std::vector<DkimMail>(MakeAll());
  return all;
}

bool VerifyFloor(const DkimMail& mail) {
  return mail.public_key->Verify(dkim::HashAlgorithm::kSha256, dkim::Sha256(mail.canonical_body),
                                 mail.floor_signature);
}

bool SignFloor(const DkimMail& mail) {
  return mail.signing_key->Sign(dkim::Sha256(mail.canonical_body)).ok();
}

}  // namespace postseal::bench
