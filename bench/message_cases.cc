#include "bench/message_cases.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/envelope.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/verify_session.h"
#include "base/result.h"
#include "bench/dkim_cases.h"
#include "bench/spf_cases.h"
#include "bench/zone.h"
#include "dkim/public_key_cache.h"
#include "dmarc/authors.h"
#include "dmarc/dmarc_session.h"
#include "dmarc/verdict.h"
#include "dns/address.h"
#include "dns/name.h"
#include "spf/evaluation.h"
#include "spf/spf_session.h"

namespace postseal::bench {
namespace {

constexpr size_t kCachedKeys = 16;
constexpr std::string_view kReceiver = "mx.example.net";

// Setting is the message with its surroundings.
struct Setting {
  Setting() {
    for (const Workload& made : MakeWorkloads()) {
      if (made.name != "rsa2048.relaxed.m10k") continue;
      signed_message = made.signed_message;
      zone.AddTxt("s1._domainkey.example.com", made.key_record);
    }
    changed_message = signed_message;
    changed_message[changed_message.size() - 3] ^= 1;
    zone.AddTxt("bounces.example.com",
                "v=spf1 include:_spf.example.com include:_spf.example.net -all");
    zone.AddTxt("_spf.example.com", "v=spf1 ip4:192.0.2.0/25 ip4:198.51.100.0/24 -all");
    zone.AddTxt("_spf.example.net", "v=spf1 ip6:2001:db8::/32 ip4:203.0.113.0/25 -all");
    zone.AddTxt("_dmarc.example.com", "v=DMARC1; p=reject; rua=mailto:dmarc@example.com");
    client = *dns::IpAddress::ParseV4("203.0.113.25");
    stranger = *dns::IpAddress::ParseV4("203.0.113.225");
  }

  Zone zone;
  std::string signed_message;
  std::string changed_message;
  dns::IpAddress client;
  dns::IpAddress stranger;
  const std::string mail_from = "letters@bounces.example.com";
  dkim::PublicKeyCache keys{kCachedKeys};
};

// Verify feeds the message to a new session, and says whether |result_of| its report
// is pass.
template <typename ResultOf>
bool Verify(const Setting& setting, const std::shared_ptr<const auth::Options>& options,
            const auth::Envelope& envelope, bool changed, const ResultOf& result_of) {
  const auto session = *auth::VerifySession::Create(options, envelope, kNow);
  std::string_view rest = changed ? setting.changed_message : setting.signed_message;
  // As a resolver does that is asked at once: SPF's queries are out before the message,
  // the others before its body.
  AnswerAll(setting.zone, session.get());
  while (!rest.empty()) {
    session->Feed(rest.substr(0, kChunkOctets)).IgnoreError();
    rest.remove_prefix(std::min(kChunkOctets, rest.size()));
  }
  AnswerAll(setting.zone, session.get());
  session->EndOfMessage().IgnoreError();
  AnswerAll(setting.zone, session.get());
  return result_of(session->report()) == base::Result::kPass;
}

MessagePart MakeWhole(std::string name, bool cached, Setting* setting) {
  auto options = std::make_shared<auth::Options>();
  if (cached) options->dkim.key_cache = &setting->keys;
  return MessagePart(std::move(name), [setting, options](bool changed) {
    auth::Envelope envelope;
    envelope.client_ip = changed ? setting->stranger : setting->client;
    envelope.rfc5321_mail_from = setting->mail_from;
    envelope.receiver = kReceiver;
    return Verify(*setting, options, envelope, changed, [](const auth::Report& report) {
      // DMARC passes by either; here both are to.
      const bool both = report.DkimResult() == base::Result::kPass && report.spf.has_value() &&
                        report.spf->result == base::Result::kPass;
      return both ? report.dmarc->result : base::Result::kFail;
    });
  });
}

MessagePart MakeDkim(std::string name, bool cached, Setting* setting) {
  auto options = std::make_shared<auth::Options>();
  options->check_dmarc = false;
  if (cached) options->dkim.key_cache = &setting->keys;
  return MessagePart(std::move(name), [setting, options](bool changed) {
    return Verify(*setting, options, auth::Envelope(), changed,
                  [](const auth::Report& report) { return report.DkimResult(); });
  });
}

MessagePart MakeSpf(Setting* setting) {
  const auto session = std::make_shared<spf::SpfSession>();
  return MessagePart("spf", [setting, session](bool changed) {
    spf::Request request;
    request.client = changed ? setting->stranger : setting->client;
    request.mail_from = setting->mail_from;
    request.receiver = kReceiver;
    return CheckSpf(request, setting->zone, session.get());
  });
}

MessagePart MakeDmarc(Setting* setting) {
  const auto session = std::make_shared<dmarc::DmarcSession>();
  return MessagePart("dmarc", [setting, session](bool changed) {
    const base::Result result = changed ? base::Result::kFail : base::Result::kPass;
    const dns::Name author = dns::Name::Parse("example.com").value();
    const std::array<dmarc::Identifier, 2> identifiers = {
        dmarc::Identifier(dmarc::Method::kSpf, dns::Name::Parse("bounces.example.com").value(),
                          result),
        dmarc::Identifier(dmarc::Method::kDkim, author, result)};
    session->Start(dmarc::Authors(&author), identifiers).IgnoreError();
    AnswerAll(setting->zone, session.get());
    return session->verdict().result() == base::Result::kPass;
  });
}

}  // namespace

std::span<const MessagePart> MessageParts() {
  static const std::vector<MessagePart>* const parts = [] {
    auto* const setting = new Setting();
    return new std::vector<MessagePart>{MakeWhole("whole.cached", true, setting),
                                        MakeWhole("whole.fresh", false, setting),
                                        MakeDkim("dkim.cached", true, setting),
                                        MakeDkim("dkim.fresh", false, setting),
                                        MakeSpf(setting),
                                        MakeDmarc(setting)};
  }();
  return *parts;
}

}  // namespace postseal::bench
