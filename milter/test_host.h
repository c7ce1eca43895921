// TestHost: for tests, a session's host in memory: a zone in place of the DNS, and what was
// recorded of messages.
#ifndef POSTSEAL_MILTER_TEST_HOST_H_
#define POSTSEAL_MILTER_TEST_HOST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "auth/verify_session.h"
#include "base/check.h"
#include "dns/answer.h"
#include "dns/zone_resolver.h"
#include "milter/log_line.h"
#include "milter/session.h"
#include "milter/setup.h"
#include "milter/signing_tables.h"
#include "store/fact.h"

namespace postseal::milter {

class TestHost final : public SessionHost {
 public:
  // TestHost answers from |zone|, and does what |config| says; |signing| may be null.
  TestHost(std::string_view zone, Config config,
           std::shared_ptr<const SigningTables> signing = nullptr) {
    auto resolver = std::make_shared<dns::ZoneResolver>();
    POSTSEAL_CHECK(resolver->AddText(zone, "zone").ok());
    Setup setup;
    setup.zone = std::move(resolver);
    setup.signing = signing != nullptr ? std::move(signing) : std::make_shared<SigningTables>();
    setup_ = std::make_shared<const Setup>(std::move(setup));
    Reload(std::move(config));
  }

  // Reload makes |config| the current one.
  void Reload(Config config) {
    auto setup = std::make_shared<Setup>(*setup_);
    setup->config = std::move(config);
    setup->MakeOptions();
    setup->facts = &facts_;
    setup_ = std::move(setup);
  }

  std::shared_ptr<const Setup> CurrentSetup() override { return setup_; }
  void OnMessage(const MessageRecord& record) override {
    lines_.push_back(MessageLine(record));
    const std::vector<std::string>& notes = record.outcome->notes;
    notes_.insert(notes_.end(), notes.begin(), notes.end());
    const std::vector<std::string>& errors = record.outcome->errors;
    errors_.insert(errors_.end(), errors.begin(), errors.end());
  }
  void OnFault(std::string_view text) override { faults_.emplace_back(text); }

  // Answer answers what |session| asks; what has no answer stays open.
  void Answer(Session* session) {
    while (session->message() != nullptr) {
      // The session lives on while it is answered.
      const std::shared_ptr<auth::VerifySession> verification = session->message()->verification();
      std::optional<dns::PendingQuery> query;
      if (verification != nullptr) query = verification->NextQuery();
      if (!query.has_value()) return;
      const std::optional<dns::Answer> answer = setup_->zone->Lookup(query->query);
      if (answer.has_value()) verification->Provide(query->id, *answer).IgnoreError();
    }
  }

  // Talk gives |octets| to |session|, answers what it asks and returns what it says.
  std::string Talk(Session* session, std::string_view octets) {
    session->Receive(octets, kNow);
    for (Answer(session); session->awaits_verdict() && session->message()->done();) {
      session->Resume(kNow);
      Answer(session);
    }
    return session->TakeOutput();
  }

  const std::vector<std::string>& lines() const { return lines_; }
  const std::vector<std::string>& notes() const { return notes_; }
  const std::vector<store::Fact>& facts() const { return facts_.all; }
  const std::vector<std::string>& errors() const { return errors_; }
  const std::vector<std::string>& faults() const { return faults_; }

  // 2026-01-01T00:00:00Z.
  static constexpr Now kNow = {1767225600, 5'000'000};

 private:
  struct Facts final : store::FactSink {
    absl::Status Append(const store::Fact& fact) override {
      all.push_back(fact);
      return absl::OkStatus();
    }
    std::vector<store::Fact> all;
  };

  Facts facts_;
  std::shared_ptr<const Setup> setup_;
  std::vector<std::string> lines_;
  std::vector<std::string> notes_;
  std::vector<std::string> errors_;
  std::vector<std::string> faults_;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_TEST_HOST_H_
