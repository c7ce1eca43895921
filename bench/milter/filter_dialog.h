// FilterDialog: what Postfix and one milter say to each other. No sockets in here.
#ifndef POSTSEAL_BENCH_MILTER_FILTER_DIALOG_H_
#define POSTSEAL_BENCH_MILTER_FILTER_DIALOG_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/milter/mail.h"
#include "bench/milter/packet.h"

namespace postseal::bench {

// Macros are values by name, as the protocol writes names: "i", "{auth_type}".
using Macros = std::map<std::string, std::string, std::less<>>;

// FilterDialog appends packets to a string and takes the filter's packets. Every
// function that sends returns whether Postfix waits for an answer before it goes
// on: not when the filter has negotiated the step or its answer away, and not when
// it is done with the message.
class FilterDialog {
 public:
  // Negotiate offers what Postfix 3.7 offers. An answer is waited for.
  void Negotiate(std::string& out);

  bool Connect(const Macros& macros, std::string_view host, std::string_view address,
               std::string& out);
  bool Helo(const Macros& macros, std::string_view name, std::string& out);
  bool MailFrom(const Macros& macros, std::string_view path, std::string& out);
  bool RcptTo(const Macros& macros, std::string_view path, std::string& out);
  bool Data(const Macros& macros, std::string& out);
  bool Header(const Macros& macros, const Field& field, std::string& out);
  bool EndOfHeader(const Macros& macros, std::string& out);
  bool Body(const Macros& macros, std::string_view chunk, std::string& out);
  bool EndOfMessage(const Macros& macros, std::string& out);
  // Abort ends a message, also one that went well, as Postfix does; there is no answer.
  void Abort(std::string& out);
  void Quit(std::string& out);

  // Receive takes a packet and returns whether it ends the wait. Edits are done to
  // |mail|. An answer that Postfix would take for a fault, or that keeps the message
  // from being delivered, is an error.
  absl::StatusOr<bool> Receive(const Packet& packet, Mail& mail);

  // steps is what the filter made of the steps offered.
  uint32_t steps() const { return steps_; }

 private:
  // The steps that have macros, with the numbers the protocol gives them.
  enum Stage : size_t {
    kStageConnect,
    kStageHelo,
    kStageMail,
    kStageRcpt,
    kStageEndOfMessage,
    kStageData,
    kStageEndOfHeader,
    kStages,
    kStageContent = kStages  // fields and body: no number, and nothing to ask for
  };

  absl::StatusOr<bool> ReceiveNegotiation(std::string_view data);
  absl::Status ReceiveMacroLists(std::string_view data);
  absl::Status Edit(const Packet& packet, Mail& mail) const;
  void SendMacros(Stage stage, char command, const Macros& macros, std::string& out) const;
  bool Send(char command, uint32_t left_out, uint32_t unanswered, std::string_view data,
            std::string& out);

  uint32_t steps_ = 0;
  char awaited_ = 0;  // the command whose answer is waited for
  bool connection_accepted_ = false;
  bool message_accepted_ = false;
  bool body_skipped_ = false;
  // The names that Postfix sends by default (milter_*_macros), until the filter asks for others.
  std::array<std::vector<std::string>, kStages + 1> names_ = {{
      {"j", "{daemon_name}", "{daemon_addr}", "v", "_"},
      {"{tls_version}", "{cipher}", "{cipher_bits}", "{cert_subject}", "{cert_issuer}"},
      {"i", "{auth_type}", "{auth_authen}", "{auth_author}", "{mail_addr}", "{mail_host}",
       "{mail_mailer}"},
      {"i", "{rcpt_addr}", "{rcpt_host}", "{rcpt_mailer}"},
      {"i"},
      {"i"},
      {"i"},
      {"i"},
  }};
};

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_MILTER_FILTER_DIALOG_H_
