#include "cli/envelope_options.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "dns/address.h"

namespace postseal::cli {

void AddEnvelopeOptions(CLI::App* command, EnvelopeOptions* options) {
  AddText(command, {"--client-ip", "IP", "Address of the SMTP client: evaluates SPF"},
          &options->client_ip);
  AddText(command, {"--helo", "NAME", "What the client said in HELO or EHLO"}, &options->helo);
  AddText(command,
          {"--mail-from", "ADDR", "The reverse-path; '' is the null reverse-path of a bounce"},
          &options->mail_from);
}

absl::StatusOr<auth::Envelope> ToEnvelope(const EnvelopeOptions& options) {
  auth::Envelope envelope;
  envelope.helo = options.helo;
  envelope.rfc5321_mail_from = options.mail_from;
  if (options.client_ip.has_value()) {
    envelope.client_ip = dns::IpAddress::Parse(*options.client_ip);
    if (!envelope.client_ip.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--client-ip ", *options.client_ip, ": not an IPv4 or IPv6 address"));
    }
  }
  return envelope;
}

}  // namespace postseal::cli
