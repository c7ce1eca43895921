// RunScenario: a scenario through every face of VerifySession.
#ifndef POSTSEAL_TESTING_SCENARIO_RUNNER_H_
#define POSTSEAL_TESTING_SCENARIO_RUNNER_H_

#include <string>
#include <vector>

#include "testing/scenario.h"

namespace postseal::testing {

// RunScenario verifies the message of |scenario| blocking, from an event loop, octet by octet
// and from recorded evidence. It returns what is wrong, a line each that begins with the
// file: an expectation that is not met, a lookup that is missing, unexpected or in another
// round, a face that comes to another report. Empty when all is well.
std::vector<std::string> RunScenario(const Scenario& scenario);

}  // namespace postseal::testing

#endif  // POSTSEAL_TESTING_SCENARIO_RUNNER_H_
