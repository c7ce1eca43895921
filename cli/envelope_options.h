// EnvelopeOptions: --client-ip, --helo and --mail-from, what SPF needs to know.
#ifndef POSTSEAL_CLI_ENVELOPE_OPTIONS_H_
#define POSTSEAL_CLI_ENVELOPE_OPTIONS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "auth/envelope.h"
#include "cli/options.h"

namespace postseal::cli {

struct EnvelopeOptions {
  std::optional<std::string> client_ip;
  std::string helo;
  // '' is the null reverse-path.
  std::optional<std::string> mail_from;
};

// AddEnvelopeOptions adds the three options.
void AddEnvelopeOptions(CLI::App* command, EnvelopeOptions* options);

// ToEnvelope is |options| as a session takes them. InvalidArgument for an address
// that is none.
absl::StatusOr<auth::Envelope> ToEnvelope(const EnvelopeOptions& options);

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_ENVELOPE_OPTIONS_H_
