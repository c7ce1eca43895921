#include "milter/log_line.h"

#include <string>
#include <vector>

#include "auth/report.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "milter/config.h"
#include "milter/outcome.h"
#include "milter/session.h"

namespace postseal::milter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class LogLineTest : public testing::Test {
 protected:
  LogLineTest() {
    transaction_.standing.why = "internal host";
    transaction_.standing.is_outside = false;
    record_.job_id = "QID";
    record_.transaction = &transaction_;
    record_.outcome = &outcome_;
  }

  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (const LogLine& line : LinesOf(record_, config_)) lines.push_back(line.text);
    return lines;
  }

  Config config_;
  Transaction transaction_;
  Outcome outcome_;
  MessageRecord record_;
};

TEST_F(LogLineTest, SuccessIsSilentUnlessAskedFor) {
  EXPECT_THAT(Lines(), IsEmpty());
  config_.syslog_success = true;
  EXPECT_THAT(Lines(), ElementsAre(StartsWith("QID: left-alone client=local ")));
  transaction_.standing.is_outside = true;
  EXPECT_THAT(Lines(), ElementsAre(StartsWith("QID: left-alone client=unknown ")));
}

TEST_F(LogLineTest, ResultsOfVerifiedMessagesAlone) {
  config_.log_results = true;
  EXPECT_THAT(Lines(), IsEmpty());
  const auth::Report report;
  record_.report = &report;
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr(" dkim=none ")));
}

TEST_F(LogLineTest, RefusalsAndErrorsAreAlwaysThere) {
  outcome_.decision = MakeDecision(Action::kReject, "RejectFailures", "7.1", "no");
  outcome_.errors = {"the disk\nis full"};
  EXPECT_THAT(Lines(), ElementsAre("QID: the disk\\x0ais full",
                                   HasSubstr("action=reject because=\"RejectFailures\"")));
}

TEST_F(LogLineTest, WhyAndSignaturesAsOpenDkimHasThem) {
  config_.log_why = true;
  config_.syslog_success = true;
  outcome_.role = Role::kSigned;
  outcome_.signatures = {"s=s1, d=example.com"};
  EXPECT_THAT(Lines(), ElementsAre("QID: internal host",
                                   "QID: DKIM-Signature field added (s=s1, d=example.com)",
                                   HasSubstr("signature=\"s=s1, d=example.com\"")));
}

TEST_F(LogLineTest, SignaturesUpToALimit) {
  auth::Report report;
  for (size_t count : {kMaxLoggedSignatures, kMaxLoggedSignatures + 1}) {
    report.dkim.resize(count);
    record_.report = &report;
    EXPECT_EQ(MessageLine(record_).find("more-signatures=1") != std::string::npos,
              count > kMaxLoggedSignatures);
  }
}

TEST_F(LogLineTest, TextsUpToALimit) {
  transaction_.envelope.helo = std::string(kMaxLoggedTextOctets, 'h');
  EXPECT_THAT(MessageLine(record_), HasSubstr("helo=" + transaction_.envelope.helo + " "));
  const std::string longest = transaction_.envelope.helo;
  transaction_.envelope.helo += "h";
  EXPECT_THAT(MessageLine(record_), HasSubstr("helo=" + longest + " "));
}

}  // namespace
}  // namespace postseal::milter
