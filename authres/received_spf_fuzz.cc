// Whatever the envelope says, Received-SPF is one field of lawful lines, without controls
// and without octets that its character set does not have.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "authres/lexical.h"
#include "authres/received_spf.h"
#include "base/check.h"
#include "base/fuzz_input.h"
#include "base/result.h"
#include "mail/field.h"
#include "mail/message_reader.h"

namespace postseal::authres {
namespace {

std::optional<std::string> Value(base::FuzzInput* input) {
  const std::string_view text = input->Text();
  if (text.empty()) return std::nullopt;
  // A dot alone is a value that is there and empty.
  return text == "." ? std::string() : std::string(text);
}

void Check(base::FuzzInput input) {
  const uint8_t how = input.Octet();
  const Charset charset = (how & 64) != 0 ? Charset::kUtf8 : Charset::kAscii;
  ReceivedSpf spf;
  spf.result = static_cast<base::Result>(how % 8);
  spf.envelope_from = Value(&input);
  spf.helo = Value(&input);
  spf.receiver = Value(&input);
  spf.mechanism = Value(&input);
  spf.comment = Value(&input).value_or("");
  spf.problem = Value(&input);
  spf.client_ip = Value(&input);
  spf.identity = Value(&input);
  const absl::StatusOr<std::string> printed = PrintReceivedSpf(spf, charset);
  if (!printed.ok()) return;
  mail::MessageReader reader;
  POSTSEAL_CHECK(reader.Feed(*printed + "\r\nbody") == "body");
  POSTSEAL_CHECK(reader.fault() == mail::HeaderFault::kNone && reader.fields().size() == 1);
  const mail::Field& field = reader.fields()[0];
  POSTSEAL_CHECK(field.NameIs(kReceivedSpfName));
  mail::HeaderFlags allowed;
  allowed.non_ascii = charset == Charset::kUtf8 && reader.flags().non_ascii;
  POSTSEAL_CHECK(reader.flags() == allowed);
  for (const char c : field.value) {
    POSTSEAL_CHECK(c == '\r' || c == '\n' || c == '\t' || static_cast<uint8_t>(c) >= 0x20);
  }
}

}  // namespace
}  // namespace postseal::authres

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::authres::Check(postseal::base::FuzzInput(data, size));
  return 0;
}
