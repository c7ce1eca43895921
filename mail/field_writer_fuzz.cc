// Whatever is written, the result reads back as one field of lawful lines.
// The input is a name and pieces, separated by 0xFF; a piece's first octet says
// how it is written.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/cursor.h"
#include "mail/field_writer.h"
#include "mail/message_reader.h"

namespace {

using postseal::base::Cursor;
using postseal::mail::FieldWriter;
using postseal::mail::HeaderFlags;
using postseal::mail::HeaderLimits;
using postseal::mail::MessageReader;

void Write(uint8_t how, std::string_view text, FieldWriter* writer) {
  const std::string before(writer->text());
  switch (how % 7) {
    case 0:
      return writer->AllowFold();
    case 1:
      return writer->Append(text);
    case 2:
      return writer->AppendSpace(), writer->Append(text);
    case 3:
      return writer->AppendFold(), writer->Append(text);
    case 4:
      return writer->AppendQuotedString(text);
    case 5:
      return writer->AppendComment(text);
    default:
      writer->AppendBreakable(text);
      POSTSEAL_CHECK(writer->text().starts_with(before));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  Cursor input(std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  const bool is_utf8 = (data[0] & 2) != 0;
  FieldWriter writer(input.TakeUntil('\xff'),
                     (data[0] & 1) != 0 ? FieldWriter::Fold::kSpace : FieldWriter::Fold::kTab,
                     is_utf8 ? FieldWriter::Octets::kUtf8 : FieldWriter::Octets::kAscii);
  while (input.Take('\xff')) {
    const std::string_view piece = input.TakeUntil('\xff');
    if (!piece.empty()) Write(static_cast<uint8_t>(piece[0]), piece.substr(1), &writer);
  }
  const std::string field = std::move(writer).Finish();

  HeaderLimits limits;
  limits.max_header_octets = limits.max_field_octets = field.size();
  MessageReader reader(limits);
  POSTSEAL_CHECK(reader.Feed(field + "\r\nbody") == "body");
  POSTSEAL_CHECK(reader.fields().size() == 1 && !reader.fields()[0].name.empty());
  HeaderFlags allowed;
  allowed.non_ascii = is_utf8 && reader.flags().non_ascii;
  POSTSEAL_CHECK(reader.flags() == allowed);
  // No line of white space alone.
  Cursor lines(field);
  while (!lines.at_end()) {
    const std::string_view line = lines.TakeUntil('\r');
    POSTSEAL_CHECK(line.find_first_not_of(" \t") != std::string_view::npos);
    POSTSEAL_CHECK(lines.Take("\r\n"));
  }
  return 0;
}
