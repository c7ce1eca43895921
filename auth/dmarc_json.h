// DmarcToJson: a DmarcReport as the JSON object that scripts rely on.
#ifndef POSTSEAL_AUTH_DMARC_JSON_H_
#define POSTSEAL_AUTH_DMARC_JSON_H_

#include <optional>
#include <span>
#include <string>

#include "auth/dmarc_report.h"
#include "auth/lookup_report.h"
#include "dmarc/difference.h"

namespace postseal::auth {

// DmarcToJson returns |report| with its |lookups| on one line, without a line end;
// with |rfc7489|, that edition's report and the |differences| too. Octets that are no
// UTF-8 become U+FFFD.
std::string DmarcToJson(const DmarcReport& report, const std::optional<DmarcReport>& rfc7489,
                        std::span<const dmarc::Difference> differences,
                        std::span<const LookupReport> lookups);

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_DMARC_JSON_H_
