// Evidence as JSON: the first line of the files that `verify --record` writes.
#ifndef POSTSEAL_AUTH_EVIDENCE_JSON_H_
#define POSTSEAL_AUTH_EVIDENCE_JSON_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "auth/evidence.h"

namespace postseal::auth {

// kEvidenceVersion is the version of the form. A reader takes no other; members
// may be added without a new one.
inline constexpr int kEvidenceVersion = 1;

// EvidenceToJson returns |evidence| on one line, without a line end. Text that is
// no UTF-8 is kept to the octet, in base64.
std::string EvidenceToJson(const Evidence& evidence);

// ParseEvidence reads that again. InvalidArgument, naming the member, when it is not of
// this form; options that are missing have their defaults.
absl::StatusOr<Evidence> ParseEvidence(std::string_view json);

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_EVIDENCE_JSON_H_
