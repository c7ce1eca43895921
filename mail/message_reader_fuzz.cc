// A message in two chunkings gives the same; its fields tile its header; the
// body begins where a plain search says.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "mail/field.h"
#include "mail/message_reader.h"

namespace {

using postseal::mail::Field;
using postseal::mail::HeaderFault;
using postseal::mail::HeaderLimits;
using postseal::mail::MessageReader;

std::string FeedAll(MessageReader* reader, std::string_view message, size_t first, size_t second) {
  std::string body;
  while (!message.empty()) {
    body += reader->Feed(message.substr(0, first));
    message.remove_prefix(std::min(first, message.size()));
    std::swap(first, second);
  }
  reader->Finish();
  return body;
}

void CheckAgainstSearch(const MessageReader& reader, std::string_view message,
                        std::string_view body) {
  const size_t blank = ("\r\n" + std::string(message)).find("\r\n\r\n");
  const bool has_blank = blank != std::string::npos;
  POSTSEAL_CHECK(reader.flags().no_blank_line == !has_blank);
  POSTSEAL_CHECK(body == (has_blank ? message.substr(blank + 2) : ""));
  if (reader.fault() == HeaderFault::kNone) {
    POSTSEAL_CHECK(reader.header() == message.substr(0, has_blank ? blank : message.size()));
  }
}

void CheckTiles(const MessageReader& reader) {
  size_t at = 0;
  for (const Field& field : reader.fields()) {
    POSTSEAL_CHECK(field.offset == at);
    POSTSEAL_CHECK(reader.header().substr(at, field.raw.size()) == field.raw);
    at += field.raw.size();
    const std::string_view line_end = reader.header().substr(at, 2);
    POSTSEAL_CHECK(line_end == "\r\n" || (line_end.empty() && reader.flags().no_blank_line));
    at += line_end.size();
  }
  POSTSEAL_CHECK(at == reader.header().size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const size_t first = data[0] + size_t{1};
  const size_t second = data[1] % 8 + size_t{1};
  HeaderLimits limits;
  if ((data[2] & 1) != 0) limits.max_fields = 4;
  if ((data[2] & 2) != 0) limits.max_field_octets = 20;
  if ((data[2] & 4) != 0) limits.max_header_octets = 60;
  const std::string_view message(reinterpret_cast<const char*>(data) + 3, size - 3);

  MessageReader whole(limits);
  MessageReader cut(limits);
  const std::string body = FeedAll(&whole, message, size, size);
  POSTSEAL_CHECK(FeedAll(&cut, message, first, second) == body);
  POSTSEAL_CHECK(cut.header() == whole.header());
  POSTSEAL_CHECK(cut.flags() == whole.flags());
  POSTSEAL_CHECK(cut.fault() == whole.fault());
  POSTSEAL_CHECK(cut.fields().size() == whole.fields().size());
  CheckTiles(whole);
  CheckTiles(cut);
  CheckAgainstSearch(whole, message, body);
  return 0;
}
