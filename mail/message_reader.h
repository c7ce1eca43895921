// MessageReader: splits a message, fed in chunks of any size, into its header
// fields and its body.
#ifndef POSTSEAL_MAIL_MESSAGE_READER_H_
#define POSTSEAL_MAIL_MESSAGE_READER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/utf8.h"
#include "mail/field.h"
#include "mail/octet_census.h"

namespace postseal::mail {

// HeaderLimits bounds what the header of one message may cost. All are
// inclusive: a header at a limit is read in full.
struct HeaderLimits {
  // kMaxHeaderOctets is the default of max_header_octets; RFC 5322 sets no limit.
  static constexpr size_t kMaxHeaderOctets = 512 * 1024;
  // kMaxFields is the default of max_fields.
  static constexpr size_t kMaxFields = 5000;
  // kMaxFieldOctets is the default of max_field_octets.
  static constexpr size_t kMaxFieldOctets = 64 * 1024;

  // max_header_octets counts all fields with their CRLFs, not the blank line.
  size_t max_header_octets = kMaxHeaderOctets;
  size_t max_fields = kMaxFields;
  // max_field_octets counts one field with its folds, not its final CRLF.
  size_t max_field_octets = kMaxFieldOctets;
};

// HeaderFault names the limit that a header broke; the earliest in the text.
enum class HeaderFault : uint8_t { kNone, kHeaderTooLong, kTooManyFields, kFieldTooLong };

// HeaderFaultName is |fault| as the JSON contract spells it; empty for none.
constexpr std::string_view HeaderFaultName(HeaderFault fault) {
  switch (fault) {
    case HeaderFault::kNone:
      return "";
    case HeaderFault::kHeaderTooLong:
      return "header-too-long";
    case HeaderFault::kTooManyFields:
      return "too-many-fields";
    case HeaderFault::kFieldTooLong:
      return "field-too-long";
  }
  return "";
}

// HeaderFlags are the oddities of a header: never an error here, but what
// another reader of the same octets may see as something else.
struct HeaderFlags {
  bool bare_cr = false;         // CR without LF: an ordinary octet here. RFC 5322 §2.2
  bool bare_lf = false;         // LF without CR: an ordinary octet here. RFC 5322 §2.2
  bool nul = false;             // RFC 5322 §4: obsolete syntax at best
  bool non_ascii = false;       // octets above 127
  bool invalid_utf8 = false;    // non_ascii that RFC 6532 §3.1 does not allow either
  bool long_line = false;       // above kMaxLineOctets
  bool malformed_line = false;  // text that is no field; see Field
  bool obsolete_colon = false;  // white space before a colon. RFC 5322 §4.5
  bool mbox_line = false;       // the first line is a mailbox file's "From " line
  bool no_blank_line = false;   // the message ended within its header

  bool operator==(const HeaderFlags&) const = default;
};

// MessageReader reads one message: raw octets with Feed, or, where an MTA has
// split the header already, fields with AddField and EndOfHeader.
//
// Only CRLF ends a line. A line that begins with SP or TAB belongs to the field
// before it (RFC 5322 §2.2.3); the first empty line ends the header (§2.1). Any
// other text is a field when it has a field-name and a colon, and otherwise a
// Field without a name, flagged malformed_line: it neither ends the header nor
// hides the fields around it. The result does not depend on how the message is
// cut into chunks.
//
// When a limit is broken, header(), fields() and flags() end before the field
// that broke it, and the body is found all the same. Memory is bounded by the
// limits, time is linear in the octets fed.
class MessageReader {
 public:
  MessageReader() = default;
  explicit MessageReader(const HeaderLimits& limits) : limits_(limits) {}
  // The fields point into the reader.
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;

  // Feed takes the header's octets, with the blank line after it, off the front
  // of |chunk| and returns the rest: octets of the body, a view into |chunk|.
  // Once the header is complete that is all of it.
  std::string_view Feed(std::string_view chunk);

  // Finish ends the message, and with it a header that had not ended.
  void Finish();

  // AddField adds a field as an MTA hands it over: |value| is every octet after
  // the colon, and an LF without a CR in it is the CRLF of a fold. Whatever
  // |value| holds, one call adds at most one field; a line break in it that is
  // no fold is flagged malformed_line. FailedPrecondition after Feed was called
  // or the header is complete.
  absl::Status AddField(std::string_view name, std::string_view value);

  // EndOfHeader completes a header of AddField calls. Has no effect afterwards,
  // nor when Feed was called.
  void EndOfHeader();

  // Clear makes the reader ready for another message, which keeps the limits
  // and up to kKeptOctets of memory. Fields and views of the last one end here.
  void Clear();

  // header_complete says that the header has ended; before, the rest is empty.
  bool header_complete() const { return complete_; }
  // fields are the fields in their order, as views into header().
  std::span<const Field> fields() const { return fields_; }
  HeaderFault fault() const { return fault_; }
  const HeaderFlags& flags() const { return flags_; }
  // header is the header block as stored, without the blank line.
  std::string_view header() const { return complete_ ? std::string_view(header_) : ""; }

  // kKeptOctets bounds the memory that Clear keeps, in octets, for the header
  // block and the fields each.
  static constexpr size_t kKeptOctets = 256 * 1024;

 private:
  // Source is who splits the header: nobody yet, we or the caller.
  enum class Source : uint8_t { kUnknown, kOctets, kFields };

  // Extent is a field of AddField: header_ still moves, so it has no views yet.
  struct Extent {
    size_t offset;
    size_t octets;
    size_t name_octets;  // what is before the colon; 0 when that is no field-name
  };

  // Lines is what was seen of the lines of a field, or of the header.
  struct Lines {
    size_t crlfs = 0;
    bool has_long = false;
  };

  void Store(std::string_view octets);
  void CompleteOctets(size_t header_octets);
  size_t FindFieldEnd(std::string_view text, size_t from, Lines* lines) const;
  HeaderFault CheckField(size_t index, size_t octets) const;
  void AppendField(const Extent& extent);
  void CompleteFlags(const Lines& lines);

  HeaderLimits limits_;
  std::string header_;
  std::vector<Field> fields_;
  std::vector<Extent> extents_;
  HeaderFlags flags_;
  HeaderFault fault_ = HeaderFault::kNone;
  Source source_ = Source::kUnknown;
  bool complete_ = false;
  // The octets fed so far, where in them the current line began, and the last one.
  size_t fed_ = 0;
  size_t line_start_ = 0;
  char last_ = '\0';
};

namespace internal {

constexpr bool IsWsp(char c) { return c == ' ' || c == '\t'; }

// FindLineEnd returns the offset of the next CRLF at or after |from|, or the size.
inline size_t FindLineEnd(std::string_view text, size_t from) {
  for (size_t at = from; at < text.size();) {
    const void* const found = std::memchr(text.data() + at, '\n', text.size() - at);
    if (found == nullptr) break;
    const size_t lf = static_cast<size_t>(static_cast<const char*>(found) - text.data());
    if (lf > from && text[lf - 1] == '\r') return lf - 1;
    at = lf + 1;
  }
  return text.size();
}

// FieldNameOctets is the length of the text before the colon, white space
// included, when it is a field-name; 0 when |raw| is not a field.
//   obs-optional = field-name *WSP ":" unstructured CRLF    RFC 5322 §4.5.8
constexpr size_t FieldNameOctets(std::string_view raw) {
  size_t name = 0;
  while (name < raw.size() && IsFieldNameOctet(raw[name])) ++name;
  size_t colon = name;
  while (colon < raw.size() && IsWsp(raw[colon])) ++colon;
  return name != 0 && colon < raw.size() && raw[colon] == ':' ? colon : 0;
}

}  // namespace internal

inline std::string_view MessageReader::Feed(std::string_view chunk) {
  if (source_ == Source::kFields) EndOfHeader();
  if (complete_) return chunk;
  source_ = Source::kOctets;
  for (size_t at = 0; at < chunk.size();) {
    const void* const found = std::memchr(chunk.data() + at, '\n', chunk.size() - at);
    if (found == nullptr) break;
    const size_t lf = static_cast<size_t>(static_cast<const char*>(found) - chunk.data());
    at = lf + 1;
    if ((lf == 0 ? last_ : chunk[lf - 1]) != '\r') continue;
    // The header ends at a line of CRLF alone. RFC 5322 §2.1
    if (fed_ + at - line_start_ == 2) {
      Store(chunk.substr(0, at));
      CompleteOctets(line_start_);
      return chunk.substr(at);
    }
    line_start_ = fed_ + at;
  }
  Store(chunk);
  fed_ += chunk.size();
  if (!chunk.empty()) last_ = chunk.back();
  return {};
}

inline void MessageReader::Finish() {
  if (source_ == Source::kFields) EndOfHeader();
  if (complete_) return;
  flags_.no_blank_line = true;
  CompleteOctets(fed_);
}

inline absl::Status MessageReader::AddField(std::string_view name, std::string_view value) {
  if (source_ == Source::kOctets) return absl::FailedPreconditionError("AddField after Feed");
  if (complete_) return absl::FailedPreconditionError("AddField after the end of the header");
  source_ = Source::kFields;
  if (fault_ != HeaderFault::kNone) return absl::OkStatus();
  // Checked before the copy, too, so that an oversize value is never stored.
  fault_ = CheckField(extents_.size(), name.size() + 1 + value.size());
  if (fault_ != HeaderFault::kNone) return absl::OkStatus();

  const size_t offset = header_.size();
  header_.append(name).push_back(':');
  for (size_t at = 0; at < value.size();) {
    const size_t lf = std::min(value.find('\n', at), value.size());
    header_.append(value.substr(at, lf - at));
    if (lf < value.size()) header_.append(lf > 0 && value[lf - 1] == '\r' ? "\n" : "\r\n");
    at = lf + 1;
  }
  const size_t octets = header_.size() - offset;
  header_.append("\r\n");
  fault_ = CheckField(extents_.size(), octets);
  if (fault_ == HeaderFault::kNone && header_.size() > limits_.max_header_octets) {
    fault_ = HeaderFault::kHeaderTooLong;
  }
  if (fault_ != HeaderFault::kNone) {
    header_.resize(offset);
    return absl::OkStatus();
  }
  // The colon that we wrote is the one that counts.
  const bool is_name =
      internal::FieldNameOctets(std::string_view(header_).substr(offset)) == name.size();
  extents_.push_back(Extent{offset, octets, is_name ? name.size() : 0});
  return absl::OkStatus();
}

inline void MessageReader::EndOfHeader() {
  if (complete_ || source_ == Source::kOctets) return;
  complete_ = true;
  fields_.reserve(extents_.size());
  Lines lines;
  for (const Extent& extent : extents_) {
    AppendField(extent);
    const size_t end = extent.offset + extent.octets;
    const std::string_view text = std::string_view(header_).substr(0, end + 2);
    for (size_t at = extent.offset; at < end + 2;) {
      const size_t line_end = FindFieldEnd(text, at, &lines);
      // A line break that is no fold: the MTA's header is not what it will send.
      if (line_end != end) flags_.malformed_line = true;
      at = line_end + 2;
    }
  }
  CompleteFlags(lines);
}

inline void MessageReader::Clear() {
  header_.clear();
  fields_.clear();
  extents_.clear();
  if (header_.capacity() > kKeptOctets) std::string().swap(header_);
  if (fields_.capacity() > kKeptOctets / sizeof(Field)) std::vector<Field>().swap(fields_);
  if (extents_.capacity() > kKeptOctets / sizeof(Extent)) std::vector<Extent>().swap(extents_);
  flags_ = {};
  fault_ = HeaderFault::kNone;
  source_ = Source::kUnknown;
  complete_ = false;
  fed_ = line_start_ = 0;
  last_ = '\0';
}

// Store keeps |octets| up to the limit; the counts of Feed go on beyond it.
inline void MessageReader::Store(std::string_view octets) {
  header_.append(octets.substr(0, limits_.max_header_octets - header_.size()));
}

// CompleteOctets splits the header, whose first |header_octets| of those fed
// come before the blank line.
inline void MessageReader::CompleteOctets(size_t header_octets) {
  complete_ = true;
  const bool is_cut = header_octets > limits_.max_header_octets;
  header_.resize(std::min(header_octets, limits_.max_header_octets));
  if (is_cut && header_.empty()) fault_ = HeaderFault::kHeaderTooLong;
  const std::string_view text = header_;
  // What most mail has, in one allocation.
  constexpr size_t kUsualFields = 32;
  fields_.reserve(kUsualFields);
  Lines lines;
  size_t start = 0;
  while (start < text.size()) {
    Lines field_lines;
    const size_t end = FindFieldEnd(text, start, &field_lines);
    const size_t next = std::min(end + 2, text.size());
    fault_ = CheckField(fields_.size(), end - start);
    // The field at the cut may go on behind it.
    if (is_cut && next == text.size() && fault_ == HeaderFault::kNone) {
      fault_ = HeaderFault::kHeaderTooLong;
    }
    if (fault_ != HeaderFault::kNone) break;
    AppendField(
        Extent{start, end - start, internal::FieldNameOctets(text.substr(start, end - start))});
    lines.crlfs += field_lines.crlfs;
    lines.has_long |= field_lines.has_long;
    start = next;
  }
  header_.resize(start);  // never grows: the views stay
  CompleteFlags(lines);
}

// FindFieldEnd returns where the field at |from| ends: the offset of the first
// CRLF that no white space follows (RFC 5322 §2.2.3), or the size of |text|.
inline size_t MessageReader::FindFieldEnd(std::string_view text, size_t from, Lines* lines) const {
  for (size_t line = from;;) {
    const size_t end = internal::FindLineEnd(text, line);
    if (end - line > kMaxLineOctets) lines->has_long = true;
    if (end == text.size()) return end;
    ++lines->crlfs;
    line = end + 2;
    if (line == text.size() || !internal::IsWsp(text[line])) return end;
  }
}

// CheckField is the limit that field number |index| breaks with |octets|.
inline HeaderFault MessageReader::CheckField(size_t index, size_t octets) const {
  if (index >= limits_.max_fields) return HeaderFault::kTooManyFields;
  if (octets > limits_.max_field_octets) return HeaderFault::kFieldTooLong;
  return HeaderFault::kNone;
}

inline void MessageReader::AppendField(const Extent& extent) {
  const std::string_view raw = std::string_view(header_).substr(extent.offset, extent.octets);
  // Filled in where it will stay: a copy would wait for each of its stores.
  Field& field = fields_.emplace_back();
  field.raw = raw;
  field.offset = extent.offset;
  if (extent.name_octets == 0) {
    flags_.malformed_line = true;
    if (fields_.size() == 1 && raw.starts_with("From ")) flags_.mbox_line = true;
    field.name = raw.substr(0, 0);
    field.value = raw;
    return;
  }
  std::string_view name = raw.substr(0, extent.name_octets);
  while (internal::IsWsp(name.back())) name.remove_suffix(1);
  // A field all the same, or "From :" would be hidden from us and seen by others.
  if (name.size() != extent.name_octets) flags_.obsolete_colon = true;
  field.name = name;
  field.value = raw.substr(extent.name_octets + 1);
}

inline void MessageReader::CompleteFlags(const Lines& lines) {
  OctetCensus census;
  census.Add(header_);
  flags_.bare_cr = census.cr > lines.crlfs;
  flags_.bare_lf = census.lf > lines.crlfs;
  flags_.nul = census.nul;
  flags_.non_ascii = census.non_ascii;
  flags_.invalid_utf8 = census.non_ascii && !base::IsUtf8(header_);
  flags_.long_line = lines.has_long;
}

}  // namespace postseal::mail

#endif  // POSTSEAL_MAIL_MESSAGE_READER_H_
