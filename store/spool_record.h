// SpoolRecord: how facts follow each other in a segment of the spool, so that a torn
// or damaged one is seen and the next one found.
#ifndef POSTSEAL_STORE_SPOOL_RECORD_H_
#define POSTSEAL_STORE_SPOOL_RECORD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"

namespace postseal::store {

// kMaxRecordOctets bounds a record's payload, in octets.
inline constexpr size_t kMaxRecordOctets = 64 * 1024;
// A record is kRecordMark, the payload's size and a checksum (4 octets each, the least
// significant first), and the payload. The mark is no UTF-8, so no text of a message
// can look like one.
inline constexpr std::string_view kRecordMark = "\xff\xfePS";
inline constexpr size_t kRecordHeadOctets = 12;

// Crc32c is the checksum of RFC 3720 §12.1 (Castagnoli), of |text| that follows what
// |crc| is the checksum of.
constexpr uint32_t Crc32c(std::string_view text, uint32_t crc = 0);

// AppendRecord appends the record of |payload|, which has at most kMaxRecordOctets, to
// |out|.
void AppendRecord(std::string_view payload, std::string* out);

// RecordReader reads the records of |text|, which outlives it.
class RecordReader {
 public:
  explicit RecordReader(std::string_view text) : rest_(text) {}

  // Next is the payload of the next whole record; nullopt at the end. What is between
  // records, torn or damaged, is skipped.
  std::optional<std::string_view> Next();

  // skipped counts the octets that belonged to no whole record.
  size_t skipped() const { return skipped_; }

 private:
  std::string_view rest_;
  size_t skipped_ = 0;
};

// Implementation.

namespace internal {

constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
    table[i] = crc;
  }
  return table;
}

inline constexpr std::array<uint32_t, 256> kCrcTable = MakeCrcTable();

inline void AppendNumber(uint32_t value, std::string* out) {
  for (int shift = 0; shift < 32; shift += 8) {
    out->push_back(static_cast<char>(value >> shift & 0xff));
  }
}

inline uint32_t NumberAt(std::string_view text, size_t offset) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    value |= static_cast<uint32_t>(static_cast<uint8_t>(text[offset + i])) << (8 * i);
  }
  return value;
}

// WholeRecord is the payload of the record that |text| begins with.
inline std::optional<std::string_view> WholeRecord(std::string_view text) {
  if (text.size() < kRecordHeadOctets || !text.starts_with(kRecordMark)) return std::nullopt;
  const size_t size = NumberAt(text, 4);
  if (size > kMaxRecordOctets || text.size() - kRecordHeadOctets < size) return std::nullopt;
  const std::string_view payload = text.substr(kRecordHeadOctets, size);
  const uint32_t crc = Crc32c(payload, Crc32c(text.substr(4, 4)));
  if (crc != NumberAt(text, 8)) return std::nullopt;
  return payload;
}

}  // namespace internal

constexpr uint32_t Crc32c(std::string_view text, uint32_t crc) {
  crc = ~crc;
  for (const char c : text) {
    crc = (crc >> 8) ^ internal::kCrcTable[(crc ^ static_cast<uint8_t>(c)) & 0xff];
  }
  return ~crc;
}

inline void AppendRecord(std::string_view payload, std::string* out) {
  POSTSEAL_CHECK(payload.size() <= kMaxRecordOctets);
  std::string size;
  internal::AppendNumber(static_cast<uint32_t>(payload.size()), &size);
  *out += kRecordMark;
  *out += size;
  internal::AppendNumber(Crc32c(payload, Crc32c(size)), out);
  *out += payload;
}

inline std::optional<std::string_view> RecordReader::Next() {
  while (!rest_.empty()) {
    if (const auto payload = internal::WholeRecord(rest_)) {
      rest_.remove_prefix(kRecordHeadOctets + payload->size());
      return payload;
    }
    // The next mark behind the one that leads nowhere.
    const size_t mark = rest_.find(kRecordMark, 1);
    const size_t size = mark == std::string_view::npos ? rest_.size() : mark;
    skipped_ += size;
    rest_.remove_prefix(size);
  }
  return std::nullopt;
}

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_SPOOL_RECORD_H_
