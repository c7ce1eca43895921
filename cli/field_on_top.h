// PrintWithField: a message as a border host hands it on, with its verdict on top.
#ifndef POSTSEAL_CLI_FIELD_ON_TOP_H_
#define POSTSEAL_CLI_FIELD_ON_TOP_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "cli/message_source.h"

namespace postseal::cli {

// PrintWithField prints the message to |out| with |field|, an Authentication-Results field
// by |authserv_id|, on top, and without the fields that claim to be by the same. RFC 8601 §5
// InvalidArgument when the message begins with a line above which no field can stand.
absl::Status PrintWithField(const std::string& field, const std::string& authserv_id,
                            const MessageSource& source, std::ostream* out);

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_FIELD_ON_TOP_H_
