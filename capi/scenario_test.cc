// Every scenario through the C ABI: the same report as through C++, by each style of
// feeding and of answering.
#include "testing/scenario.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auth/authentication_results.h"
#include "auth/evidence.h"
#include "auth/options.h"
#include "auth/report_json.h"
#include "auth/verify_session.h"
#include "authres/authentication_results.h"
#include "capi/postseal.h"
#include "dmarc/public_suffix.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "mail/field.h"
#include "mail/message_reader.h"
#include "testing/forge.h"

namespace postseal::capi {
namespace {

using ::postseal::testing::Scenario;

template <typename T, void (*kFree)(T*)>
struct Free {
  void operator()(T* handle) const { kFree(handle); }
};
using Config = std::unique_ptr<postseal_config, Free<postseal_config, postseal_config_free>>;
using Envelope =
    std::unique_ptr<postseal_envelope, Free<postseal_envelope, postseal_envelope_free>>;
using Verify = std::unique_ptr<postseal_verify, Free<postseal_verify, postseal_verify_free>>;
using Zone = std::unique_ptr<postseal_zone, Free<postseal_zone, postseal_zone_free>>;
using Evidence =
    std::unique_ptr<postseal_evidence, Free<postseal_evidence, postseal_evidence_free>>;

std::string_view View(postseal_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.len};
}
const uint8_t* Octets(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// Number is the number that postseal_config_set takes for an option; nullopt for one that it
// does not have.
template <typename Value>
std::optional<int64_t> Number(const Value& value) {
  if constexpr (std::is_enum_v<Value> || std::is_integral_v<Value>) {
    return static_cast<int64_t>(value);
  } else if constexpr (std::is_same_v<Value, std::optional<uint8_t>>) {
    return value.has_value() ? int64_t{*value} : -1;
  } else {
    return std::nullopt;
  }
}

Config MakeConfig(const Scenario& scenario) {
  postseal_config* made = nullptr;
  EXPECT_EQ(postseal_config_new(&made), POSTSEAL_OK);
  Config config(made);
  auth::ForEachOption(&scenario.options, [&](std::string_view name, const auto* value) {
    if (const auto number = Number(*value)) {
      EXPECT_EQ(postseal_config_set(made, name.data(), name.size(), *number), POSTSEAL_OK) << name;
    }
  });
  EXPECT_EQ(postseal_config_set(made, "record_message", 14, 1), POSTSEAL_OK);
  if (scenario.needs_suffixes) {
    EXPECT_EQ(postseal_config_set_public_suffixes(made, nullptr, 0), POSTSEAL_OK);
  }
  return config;
}

Envelope MakeEnvelope(const auth::Envelope& known) {
  postseal_envelope* made = nullptr;
  EXPECT_EQ(postseal_envelope_new(&made), POSTSEAL_OK);
  if (known.client_ip.has_value()) {
    const std::string address = known.client_ip->Print();
    EXPECT_EQ(postseal_envelope_set_client_ip_text(made, address.data(), address.size()),
              POSTSEAL_OK);
  }
  EXPECT_EQ(postseal_envelope_set_helo(made, known.helo.data(), known.helo.size()), POSTSEAL_OK);
  if (known.rfc5321_mail_from.has_value()) {
    EXPECT_EQ(postseal_envelope_set_mail_from(made, known.rfc5321_mail_from->data(),
                                              known.rfc5321_mail_from->size()),
              POSTSEAL_OK);
  }
  EXPECT_EQ(postseal_envelope_set_receiver(made, known.receiver.data(), known.receiver.size()),
            POSTSEAL_OK);
  EXPECT_EQ(postseal_envelope_set_smtputf8(made, known.smtputf8 ? 1 : 0), POSTSEAL_OK);
  return Envelope(made);
}

// Face is one way to use the C ABI.
enum class Face { kOctets, kFields, kDriven };

// FeedFields feeds |message| as a milter does; false when it has no such form.
bool FeedFields(postseal_verify* verify, std::string_view message) {
  mail::MessageReader reader;
  const std::string_view body = reader.Feed(message);
  if (!reader.header_complete() || reader.fault() != mail::HeaderFault::kNone) return false;
  for (const mail::Field& field : reader.fields()) {
    const size_t colon = field.raw.find(':');
    if (field.name.empty() || colon == field.raw.npos) return false;
  }
  for (const mail::Field& field : reader.fields()) {
    const size_t colon = field.raw.find(':');
    // Milters have folds with LF alone.
    std::string value;
    for (const char c : field.raw.substr(colon + 1)) {
      if (c == '\n' && !value.empty() && value.back() == '\r') value.pop_back();
      value += c;
    }
    EXPECT_EQ(postseal_verify_header(verify, field.raw.data(), colon, value.data(), value.size()),
              POSTSEAL_OK);
  }
  EXPECT_EQ(postseal_verify_end_of_headers(verify), POSTSEAL_OK);
  EXPECT_EQ(postseal_verify_body(verify, Octets(body), body.size()), POSTSEAL_OK);
  return true;
}

// AnswerFromZone is a postseal_resolve_fn; its |userdata| is a ZoneResolver.
void AnswerFromZone(void* userdata, postseal_exchange* exchange, uint32_t id, uint16_t type,
                    const char* name, size_t name_len) {
  const auto* const zone = static_cast<const dns::ZoneResolver*>(userdata);
  const auto parsed = dns::Name::Parse({name, name_len});
  ASSERT_TRUE(parsed.has_value());
  const auto answer = zone->Lookup(dns::Query(*parsed, static_cast<dns::Type>(type)));
  if (!answer.has_value()) return;
  std::vector<postseal_bytes> rdata;
  for (const std::string_view record : answer->rdata) {
    rdata.push_back({Octets(record), record.size()});
  }
  EXPECT_EQ(postseal_exchange_provide(exchange, id, static_cast<int32_t>(answer->outcome),
                                      answer->dnssec_secure, answer->ttl_seconds, rdata.data(),
                                      rdata.size()),
            POSTSEAL_OK);
}

// RunFace verifies by |face|; null when the message does not have its form.
Verify RunFace(const Scenario& scenario, Face face, const postseal_zone* zone,
               dns::ZoneResolver* resolver) {
  const Config config = MakeConfig(scenario);
  const Envelope envelope = MakeEnvelope(scenario.envelope);
  postseal_verify* made = nullptr;
  EXPECT_EQ(postseal_verify_new(config.get(), envelope.get(), scenario.now, &made, nullptr),
            POSTSEAL_OK);
  Verify verify(made);
  if (face == Face::kFields) {
    if (!FeedFields(made, scenario.message)) return nullptr;
  } else {
    EXPECT_EQ(postseal_verify_feed(made, Octets(scenario.message), scenario.message.size()),
              POSTSEAL_OK);
  }
  EXPECT_EQ(postseal_verify_end_of_message(made), POSTSEAL_OK);
  postseal_exchange* const exchange = postseal_verify_exchange(made);
  if (face == Face::kDriven) {
    EXPECT_EQ(postseal_exchange_drive(exchange, AnswerFromZone, resolver), POSTSEAL_OK);
  } else {
    EXPECT_EQ(postseal_zone_answer(zone, exchange), POSTSEAL_OK);
  }
  EXPECT_EQ(postseal_exchange_expire(exchange), POSTSEAL_OK);
  EXPECT_EQ(postseal_exchange_is_done(exchange), 1);
  return verify;
}

std::string Json(postseal_verify* verify, const std::string& authserv_id) {
  postseal_bytes json = {nullptr, 0};
  EXPECT_EQ(postseal_verify_json(verify, authserv_id.data(), authserv_id.size(), &json),
            POSTSEAL_OK);
  return std::string(View(json));
}

// Replay is the JSON of the verdict that |verify|'s evidence leads to.
std::string Replay(const Scenario& scenario, postseal_verify* verify) {
  postseal_bytes json = {nullptr, 0};
  EXPECT_EQ(postseal_verify_evidence(verify, scenario.authserv_id.data(),
                                     scenario.authserv_id.size(), &json),
            POSTSEAL_OK);
  postseal_evidence* evidence = nullptr;
  EXPECT_EQ(
      postseal_evidence_new(reinterpret_cast<const char*>(json.data), json.len, &evidence, nullptr),
      POSTSEAL_OK);
  const Evidence owner(evidence);
  postseal_verify* again = nullptr;
  EXPECT_EQ(postseal_evidence_verify(evidence, &again, nullptr), POSTSEAL_OK);
  const Verify again_owner(again);
  EXPECT_EQ(postseal_verify_feed(again, Octets(scenario.message), scenario.message.size()),
            POSTSEAL_OK);
  EXPECT_EQ(postseal_verify_end_of_message(again), POSTSEAL_OK);
  EXPECT_EQ(postseal_evidence_answer(evidence, postseal_verify_exchange(again)), POSTSEAL_OK);
  return Json(again, scenario.authserv_id);
}

// FromCpp is the JSON of the C++ session.
std::string FromCpp(const Scenario& scenario, dns::ZoneResolver* resolver) {
  auto options = std::make_shared<auth::Options>(scenario.options);
  std::unique_ptr<dmarc::PublicSuffixList> suffixes;
  if (scenario.needs_suffixes) {
    suffixes = *dmarc::PublicSuffixList::Builtin();
    options->dmarc.suffixes = suffixes.get();
  }
  auto session = *auth::VerifySession::Create(options, scenario.envelope, scenario.now);
  session->Feed(scenario.message).IgnoreError();
  session->EndOfMessage().IgnoreError();
  dns::RunBlocking(session.get(), resolver, dns::Deadline::max());
  const auto field = auth::PrintAuthenticationResults(
      session->report(), scenario.authserv_id,
      scenario.envelope.smtputf8 ? authres::Charset::kUtf8 : authres::Charset::kAscii);
  return auth::ReportToJson(session->report(), auth::FieldValue(*field));
}

TEST(CapiScenarioTest, EveryFaceGivesTheReportOfCpp) {
  std::vector<std::string> paths;
  for (const char* folder : {"testdata/attacks", "testdata/scenarios"}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".case") paths.push_back(entry.path().string());
    }
  }
  for (const std::string& path : paths) {
    SCOPED_TRACE(path);
    const auto scenario =
        postseal::testing::ParseScenario(postseal::testing::ReadTestFile(path), path);
    ASSERT_TRUE(scenario.ok()) << scenario.status();
    dns::ZoneResolver resolver;
    ASSERT_TRUE(resolver.AddText(scenario->zone, "zone").ok());
    postseal_zone* zone = nullptr;
    ASSERT_EQ(postseal_zone_new(&zone), POSTSEAL_OK);
    const Zone owner(zone);
    ASSERT_EQ(postseal_zone_add(zone, scenario->zone.data(), scenario->zone.size(), "zone", 4),
              POSTSEAL_OK);
    const std::string want = FromCpp(*scenario, &resolver);
    for (const Face face : {Face::kOctets, Face::kFields, Face::kDriven}) {
      const Verify verify = RunFace(*scenario, face, zone, &resolver);
      if (verify == nullptr) continue;
      EXPECT_EQ(Json(verify.get(), scenario->authserv_id), want) << static_cast<int>(face);
      if (face == Face::kOctets) {
        EXPECT_EQ(Replay(*scenario, verify.get()), want);
      }
    }
  }
  std::printf("%zu scenarios\n", paths.size());
  EXPECT_FALSE(paths.empty());
}

}  // namespace
}  // namespace postseal::capi
