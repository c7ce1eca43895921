// SpfToJson: an SpfReport as the JSON object that scripts rely on.
#ifndef POSTSEAL_AUTH_SPF_JSON_H_
#define POSTSEAL_AUTH_SPF_JSON_H_

#include <span>
#include <string>

#include "auth/lookup_report.h"
#include "auth/spf_report.h"

namespace postseal::auth {

// SpfToJson returns |report| with its |lookups| on one line, without a line end.
// Octets that are no UTF-8 become U+FFFD.
std::string SpfToJson(const SpfReport& report, std::span<const LookupReport> lookups);

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_SPF_JSON_H_
