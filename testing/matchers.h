// Matchers for GoogleTest over auth::Report: EXPECT_THAT(report, DkimIs(Result::kPass)).
// A mismatch shows the explanation, which says why.
#ifndef POSTSEAL_TESTING_MATCHERS_H_
#define POSTSEAL_TESTING_MATCHERS_H_

#include <string>

#include "auth/explanation.h"
#include "auth/explanation_node.h"
#include "auth/report.h"
#include "base/result.h"
#include "gmock/gmock.h"

namespace postseal::testing {

namespace internal {

// Listen says why |matches| is what it is.
inline bool Listen(bool matches, const auth::Report& report,
                   ::testing::MatchResultListener* listener) {
  if (!matches) *listener << "\n" << auth::PrintExplanation(auth::Explain(report));
  return matches;
}

}  // namespace internal

// Passes matches a message that is authenticated: auth::Report::Verdict.
MATCHER(Passes, "is authenticated") {
  return internal::Listen(arg.Verdict() == base::Result::kPass, arg, result_listener);
}

// VerdictIs matches what the message comes to.
MATCHER_P(VerdictIs, result, "comes to " + std::string(base::ResultName(result))) {
  return internal::Listen(arg.Verdict() == result, arg, result_listener);
}

// DkimIs matches the best result of all signatures.
MATCHER_P(DkimIs, result, "has dkim=" + std::string(base::ResultName(result))) {
  return internal::Listen(arg.DkimResult() == result, arg, result_listener);
}

// SpfIs matches SPF of the MAIL FROM identity.
MATCHER_P(SpfIs, result, "has spf=" + std::string(base::ResultName(result))) {
  return internal::Listen(arg.spf.has_value() && arg.spf->result == result, arg, result_listener);
}

// DmarcIs matches DMARC's result.
MATCHER_P(DmarcIs, result, "has dmarc=" + std::string(base::ResultName(result))) {
  return internal::Listen(arg.dmarc.has_value() && arg.dmarc->result == result, arg,
                          result_listener);
}

}  // namespace postseal::testing

#endif  // POSTSEAL_TESTING_MATCHERS_H_
