#include "milter/decision.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "auth/dmarc_report.h"
#include "auth/report.h"
#include "auth/spf_report.h"
#include "base/result.h"
#include "dkim/reason.h"
#include "dkim/signature_report.h"
#include "dmarc/record.h"
#include "gtest/gtest.h"
#include "mail/field.h"
#include "mail/message_reader.h"
#include "milter/config.h"

namespace postseal::milter {
namespace {

using base::Result;

auth::DmarcReport Dmarc(Result result, dmarc::Policy disposition) {
  auth::DmarcReport report;
  report.result = result;
  report.disposition = disposition;
  report.from_domain = "example.com";
  return report;
}

auth::SpfReport Spf(Result result) {
  auth::SpfReport report;
  report.result = result;
  report.domain = "example.org";
  return report;
}

dkim::SignatureReport Signature(Result result, dkim::Reason reason) {
  dkim::SignatureReport report;
  report.result = result;
  report.reason = reason;
  return report;
}

struct Case {
  const char* name;
  std::function<void(Config*)> configure;
  std::function<void(auth::Report*)> find;
  bool is_outside;
  Action action;
  const char* reply;
};

void Nothing(Config*) {}

const Case kCases[] = {
    {"nothing is asked, nothing refused", Nothing,
     [](auth::Report* r) {
       r->dmarc = Dmarc(Result::kFail, dmarc::Policy::kReject);
       r->spf = Spf(Result::kFail);
       r->dkim = {Signature(Result::kFail, dkim::Reason::kBodyHashMismatch)};
     },
     true, Action::kAccept, ""},
    {"p=reject", [](Config* c) { c->reject_failures = true; },
     [](auth::Report* r) { r->dmarc = Dmarc(Result::kFail, dmarc::Policy::kReject); }, true,
     Action::kReject, "550 5.7.1 rejected by DMARC policy for example.com"},
    {"p=reject, but it is our own mail", [](Config* c) { c->reject_failures = true; },
     [](auth::Report* r) { r->dmarc = Dmarc(Result::kFail, dmarc::Policy::kReject); }, false,
     Action::kAccept, ""},
    {"p=quarantine is no reject", [](Config* c) { c->reject_failures = true; },
     [](auth::Report* r) { r->dmarc = Dmarc(Result::kFail, dmarc::Policy::kQuarantine); }, true,
     Action::kAccept, ""},
    {"p=quarantine", [](Config* c) { c->hold_quarantined_messages = true; },
     [](auth::Report* r) { r->dmarc = Dmarc(Result::kFail, dmarc::Policy::kQuarantine); }, true,
     Action::kQuarantine, "quarantined by DMARC policy for example.com"},
    {"an error is no fail", [](Config* c) { c->reject_failures = true; },
     [](auth::Report* r) { r->dmarc = Dmarc(Result::kTempError, dmarc::Policy::kNone); }, true,
     Action::kAccept, ""},
    {"p=reject, with a second author", [](Config* c) { c->reject_failures = true; },
     [](auth::Report* r) { r->dmarc = Dmarc(Result::kPermError, dmarc::Policy::kReject); }, true,
     Action::kReject, "550 5.7.1 rejected by DMARC policy for example.com"},
    {"p=quarantine, with a second author", [](Config* c) { c->hold_quarantined_messages = true; },
     [](auth::Report* r) { r->dmarc = Dmarc(Result::kPermError, dmarc::Policy::kQuarantine); },
     true, Action::kQuarantine, "quarantined by DMARC policy for example.com"},
    {"From is beyond a limit", [](Config* c) { c->reject_failures = true; },
     [](auth::Report* r) {
       r->header_fault = mail::HeaderFault::kHeaderTooLong;
       r->dmarc = Dmarc(Result::kPermError, dmarc::Policy::kNone);
     },
     true, Action::kReject, "550 5.7.1 the header is too large for DMARC to be evaluated"},
    {"From is beyond a limit, and that is accepted",
     [](Config* c) {
       c->reject_failures = true;
       c->on_security = Action::kAccept;
     },
     [](auth::Report* r) {
       r->header_fault = mail::HeaderFault::kHeaderTooLong;
       r->dmarc = Dmarc(Result::kPermError, dmarc::Policy::kNone);
     },
     true, Action::kAccept, ""},
    {"SPF fail", [](Config* c) { c->spf_rejection = SpfRejection::kFail; },
     [](auth::Report* r) { r->spf = Spf(Result::kFail); }, true, Action::kReject,
     "550 5.7.23 SPF validation failed for example.org"},
    {"SPF softfail is less", [](Config* c) { c->spf_rejection = SpfRejection::kFail; },
     [](auth::Report* r) { r->spf = Spf(Result::kSoftFail); }, true, Action::kAccept, ""},
    {"unless asked for", [](Config* c) { c->spf_rejection = SpfRejection::kFailAndSoftfail; },
     [](auth::Report* r) { r->spf = Spf(Result::kSoftFail); }, true, Action::kReject,
     "550 5.7.23 SPF validation failed for example.org"},
    {"SPF fail of what DMARC passes: forwarded, and signed",
     [](Config* c) { c->spf_rejection = SpfRejection::kFail; },
     [](auth::Report* r) {
       r->spf = Spf(Result::kFail);
       r->dmarc = Dmarc(Result::kPass, dmarc::Policy::kNone);
     },
     true, Action::kAccept, ""},
    {"SPF temperror", [](Config* c) { c->spf_temp_error_defer = true; },
     [](auth::Report* r) { r->spf = Spf(Result::kTempError); }, true, Action::kTempfail,
     "451 4.7.24 SPF validation error, try again later"},
    {"On-DNSError: a key", [](Config* c) { c->on_dns_error = Action::kTempfail; },
     [](auth::Report* r) {
       r->dkim = {Signature(Result::kTempError, dkim::Reason::kKeyLookupFailed)};
     },
     true, Action::kTempfail, "451 4.7.5 DNS lookups failed, try again later"},
    {"On-DNSError: DMARC", [](Config* c) { c->on_dns_error = Action::kReject; },
     [](auth::Report* r) { r->dmarc = Dmarc(Result::kTempError, dmarc::Policy::kNone); }, true,
     Action::kReject, "550 5.7.5 DNS lookups failed, try again later"},
    {"On-DNSError: what passes needs no other lookup",
     [](Config* c) { c->on_dns_error = Action::kTempfail; },
     [](auth::Report* r) {
       r->dmarc = Dmarc(Result::kPass, dmarc::Policy::kNone);
       r->spf = Spf(Result::kTempError);
     },
     true, Action::kAccept, ""},
    {"On-DNSError accept", [](Config* c) { c->on_dns_error = Action::kAccept; },
     [](auth::Report* r) { r->spf = Spf(Result::kTempError); }, true, Action::kAccept, ""},
    {"On-NoSignature", [](Config* c) { c->on_no_signature = Action::kReject; },
     [](auth::Report*) {}, true, Action::kReject, "550 5.7.20 no DKIM signature found"},
    {"On-BadSignature", [](Config* c) { c->on_bad_signature = Action::kReject; },
     [](auth::Report* r) { r->dkim = {Signature(Result::kFail, dkim::Reason::kBodyHashMismatch)}; },
     true, Action::kReject,
     "550 5.7.20 no passing DKIM signature: the body is not the one that was signed"},
    {"one that passes is enough", [](Config* c) { c->on_bad_signature = Action::kReject; },
     [](auth::Report* r) {
       r->dkim = {Signature(Result::kFail, dkim::Reason::kBodyHashMismatch),
                  Signature(Result::kPass, dkim::Reason::kVerified)};
     },
     true, Action::kAccept, ""},
    {"On-KeyNotFound", [](Config* c) { c->on_key_not_found = Action::kDiscard; },
     [](auth::Report* r) { r->dkim = {Signature(Result::kPermError, dkim::Reason::kNoKey)}; }, true,
     Action::kDiscard, ""},
    {"On-KeyNotFound is not On-SignatureError",
     [](Config* c) { c->on_key_not_found = Action::kDiscard; },
     [](auth::Report* r) { r->dkim = {Signature(Result::kPermError, dkim::Reason::kExpired)}; },
     true, Action::kAccept, ""},
    {"On-SignatureError is for what cannot be signed: opendkim.conf(5)",
     [](Config* c) { c->on_signature_error = Action::kReject; },
     [](auth::Report* r) { r->dkim = {Signature(Result::kPermError, dkim::Reason::kExpired)}; },
     true, Action::kAccept, ""},
    {"On-Security", [](Config* c) { c->on_security = Action::kTempfail; },
     [](auth::Report* r) { r->header_fault = mail::HeaderFault::kHeaderTooLong; }, true,
     Action::kTempfail, "451 4.7.0 the header is too large"},
    {"text of a sender stays on its line", [](Config* c) { c->reject_failures = true; },
     [](auth::Report* r) {
       r->dmarc = Dmarc(Result::kFail, dmarc::Policy::kReject);
       r->dmarc->from_domain = "x\r\n250 ok";
     },
     true, Action::kReject, "550 5.7.1 rejected by DMARC policy for x\\x0d\\x0a250 ok"},
    {"several authors' domains", [](Config* c) { c->reject_multi_value_from = true; },
     [](auth::Report* r) {
       r->dmarc = Dmarc(Result::kPermError, dmarc::Policy::kNone);
       r->dmarc->authors.resize(2);
     },
     true, Action::kReject, "550 5.7.1 the From field names several domains"},
    {"several authors' domains, where that is no fault", [](Config*) {},
     [](auth::Report* r) {
       r->dmarc = Dmarc(Result::kPermError, dmarc::Policy::kNone);
       r->dmarc->authors.resize(2);
     },
     true, Action::kAccept, ""},
    {"one author's domain", [](Config* c) { c->reject_multi_value_from = true; },
     [](auth::Report* r) {
       r->dmarc = Dmarc(Result::kNone, dmarc::Policy::kNone);
       r->dmarc->authors.resize(1);
     },
     true, Action::kAccept, ""},
};

TEST(DecisionTest, DoesWhatIsAskedAndNoMore) {
  for (const Case& c : kCases) {
    Config config;
    c.configure(&config);
    auth::Report report;
    c.find(&report);
    const Decision decision = Decide(config, report, c.is_outside);
    EXPECT_EQ(decision.action, c.action) << c.name;
    EXPECT_EQ(decision.reply, c.reply) << c.name;
    EXPECT_EQ(decision.because.empty(), c.action == Action::kAccept) << c.name;
  }
}

TEST(DecisionTest, FieldsByRfc5322) {
  struct Fields {
    std::vector<const char*> names;
    const char* wrong;
  };
  const Fields kFields[] = {
      {{"Date", "From"}, ""},
      {{"from", "DATE", "To", "Cc", "Subject", "Message-Id"}, ""},
      {{"From"}, "Date"},
      {{"Date"}, "From"},
      {{"Date", "From", "From"}, "From"},
      {{"Date", "From", "To", "to"}, "To"},
      {{"Date", "From", "Received", "Received", "Comments", "Comments"}, ""},
  };
  for (const Fields& f : kFields) {
    std::vector<mail::Field> fields;
    for (const char* name : f.names) fields.emplace_back().name = name;
    EXPECT_EQ(CheckFieldCounts(fields), f.wrong);
  }
}

}  // namespace
}  // namespace postseal::milter
