// Scenario: one message with everything that its verdict depends on, the verdict and the
// lookups that lead to it. testdata/scenarios/README.md has the format.
#ifndef POSTSEAL_TESTING_SCENARIO_H_
#define POSTSEAL_TESTING_SCENARIO_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "auth/envelope.h"
#include "auth/options.h"
#include "dns/answer.h"

namespace postseal::testing {

// kMaxScenarioOctets bounds a file, in octets: it is read by people.
inline constexpr size_t kMaxScenarioOctets = 4 * 1024 * 1024;
// kMaxExpectations bounds the lines of [expect].
inline constexpr size_t kMaxExpectations = 200;
// kMaxScenarioQueries bounds the lines of [queries]: as many as a message may have.
inline constexpr size_t kMaxScenarioQueries = auth::kMaxMessageLookups;
// kMaxRounds is the largest round of a query.
inline constexpr uint32_t kMaxRounds = 99;

// Expectation is a line of [expect].
struct Expectation {
  size_t line = 0;   // in the file, from 1
  std::string path;  // into the report
  std::string json;  // the value there
};

// ExpectedQuery is a line of [queries].
struct ExpectedQuery {
  uint32_t round = 0;  // from 1
  dns::Query query;
};

struct Scenario {
  std::string file_name;
  // The comment at the beginning, on one line.
  std::string why;
  // Zone text, below as many empty lines as are above it in the file, so that errors
  // name the right line.
  std::string zone;
  auth::Envelope envelope;
  int64_t now = 0;
  std::string authserv_id;
  // Without the public suffix list, which |needs_suffixes| asks for.
  auth::Options options;
  bool needs_suffixes = false;
  std::vector<Expectation> expectations;
  std::vector<ExpectedQuery> queries;
  std::string message;  // with CRLF
};

// ParseScenario reads |text|. InvalidArgument, "FILE_NAME:LINE: what is wrong", for all that
// the format does not have.
absl::StatusOr<Scenario> ParseScenario(std::string_view text, std::string_view file_name);

}  // namespace postseal::testing

#endif  // POSTSEAL_TESTING_SCENARIO_H_
