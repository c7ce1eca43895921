// ReportToJson: a Report as the JSON object that scripts rely on. Its names only
// grow (docs, "JSON").
#ifndef POSTSEAL_AUTH_REPORT_JSON_H_
#define POSTSEAL_AUTH_REPORT_JSON_H_

#include <optional>
#include <string>
#include <string_view>

#include "auth/report.h"

namespace postseal::auth {

// ReportToJson returns |report| on one line, without a line end.
// |authentication_results| is the field's value, unfolded. |message| is what the message
// is called, where there are several. Octets that are no UTF-8 become U+FFFD.
std::string ReportToJson(const Report& report, std::string_view authentication_results,
                         std::optional<std::string_view> message = std::nullopt);

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_REPORT_JSON_H_
