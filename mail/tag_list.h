// TagList: the tag=value list of RFC 6376 §3.2, which DKIM signatures, DKIM key
// records, DMARC records and ARC fields all share.
#ifndef POSTSEAL_MAIL_TAG_LIST_H_
#define POSTSEAL_MAIL_TAG_LIST_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/ascii.h"
#include "base/cursor.h"

namespace postseal::mail {

// kMaxTags bounds the tags of one list. RFC 6376 defines 13 for a signature and
// 7 for a key record; the rest is room for extensions.
inline constexpr size_t kMaxTags = 32;
// kMaxTagListOctets bounds one list in octets: beyond real use (a z= of a large
// header) and below the bound of a header field.
inline constexpr size_t kMaxTagListOctets = 32 * 1024;

// Tag is one tag=value, as views into the list's text.
struct Tag {
  std::string_view name;
  // The value without the white space around it.
  std::string_view value;
  // All octets between "=" and the next ";" or the end.
  std::string_view raw_value;
  // Offset of the name, and of the raw value, in the list's text.
  size_t offset = 0;
  size_t raw_value_offset = 0;
};

enum class TagListFault : uint8_t {
  kNone,
  kBadName,        // a tag-spec that does not begin with a tag-name
  kMissingEquals,  // a tag-name without "="
  kBadValue,       // a control octet in a value
  kDuplicate,      // RFC 6376 §3.2 ¶8: the whole list is then invalid
  kTooManyTags,    // more than kMaxTags
  kTooLong,        // more than kMaxTagListOctets
};

constexpr std::string_view TagListFaultText(TagListFault fault) {
  switch (fault) {
    case TagListFault::kNone:
      return "";
    case TagListFault::kBadName:
      return "a tag name is expected";
    case TagListFault::kMissingEquals:
      return "\"=\" is expected after the tag name";
    case TagListFault::kBadValue:
      return "a control octet stands in the tag's value";
    case TagListFault::kDuplicate:
      return "the tag occurs twice";
    case TagListFault::kTooManyTags:
      return "too many tags";
    case TagListFault::kTooLong:
      return "the list is too long";
  }
  return "";
}

// TagList is a parsed list; its views live as long as the text it was made from.
class TagList {
 public:
  // Parse reads |text|. On a fault the tags before it are there all the same, so
  // that a report can name the domain of a broken signature. Values may hold
  // octets above 127, which internationalized mail allows (RFC 6532 §3.1, RFC
  // 8616 §5); whoever uses a value checks them.
  static TagList Parse(std::string_view text) {
    TagList list;
    if (text.size() > kMaxTagListOctets) {
      list.fault_ = TagListFault::kTooLong;
      list.fault_offset_ = kMaxTagListOctets;
      return list;
    }
    list.is_clean_ = IsClean(text);
    base::Cursor in(text);
    while (list.ParseTagSpec(&in)) {
    }
    return list;
  }

  TagListFault fault() const { return fault_; }
  // fault_offset is where the fault stands, in octets from the list's start.
  size_t fault_offset() const { return fault_offset_; }

  std::span<const Tag> tags() const { return {tags_.data(), count_}; }

  // Find returns the tag |name|, or nullptr. Names are case-sensitive.
  // RFC 6376 §3.2 ¶7
  const Tag* Find(std::string_view name) const {
    for (const Tag& tag : tags()) {
      // Most names are one octet long, which decides without a call.
      if (tag.name.size() == name.size() && tag.name[0] == name[0] && tag.name == name) return &tag;
    }
    return nullptr;
  }

 private:
  static constexpr base::CharSet kNameChars = base::kAlphaDigit | base::CharSet("_");
  static constexpr base::CharSet kSpace = base::CharSet(" \t\r\n");

  // tag-list = tag-spec *( ";" tag-spec ) [ ";" ]
  // tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
  // Returns whether there may be another one.
  bool ParseTagSpec(base::Cursor* in) {
    in->TakeFws();
    if (in->at_end() && count_ > 0) return false;  // after the last ";"
    const size_t offset = in->offset();
    // tag-name = ALPHA *ALNUMPUNC
    if (!base::kAlpha(in->Peek())) return Fail(TagListFault::kBadName, offset);
    const std::string_view name = in->TakeWhile(kNameChars);
    in->TakeFws();
    if (!in->Take('=')) return Fail(TagListFault::kMissingEquals, in->offset());
    Tag tag;
    tag.name = name;
    tag.offset = offset;
    tag.raw_value_offset = in->offset();
    tag.raw_value = in->TakeUntil(';');
    // Trailing CRLF of a header field is no part of the value either.
    tag.value = base::Strip(tag.raw_value, kSpace);
    if (!CheckValue(tag)) return false;
    if (Find(name) != nullptr) return Fail(TagListFault::kDuplicate, offset);
    if (count_ == kMaxTags) return Fail(TagListFault::kTooManyTags, offset);
    tags_[count_++] = tag;
    return in->Take(';');
  }

  // tag-value = [ tval *( 1*(WSP / FWS) tval ) ], tval = 1*VALCHAR,
  // VALCHAR = %x21-3A / %x3C-7E (and UTF-8).
  bool CheckValue(const Tag& tag) {
    if (is_clean_) return true;
    base::Cursor in(tag.value);
    while (!in.at_end()) {
      in.TakeWhile(kValueChars);
      if (in.at_end()) break;
      if (!in.TakeFws()) {
        const auto inside = static_cast<size_t>(tag.value.data() - tag.raw_value.data());
        return Fail(TagListFault::kBadValue, tag.raw_value_offset + inside + in.offset());
      }
    }
    return true;
  }

  // IsClean says that |text| holds no octet that a value may not hold, line ends
  // only as part of FWS included: then no value has to be looked at by itself.
  static bool IsClean(std::string_view text) {
    // One wide pass: what is neither VALCHAR, UTF-8 nor white space, and line ends.
    uint8_t others = 0;
    uint8_t line_ends = 0;
    for (const char c : text) {
      const auto octet = static_cast<uint8_t>(c);
      const uint8_t control = (octet < 0x20 ? 1 : 0) | (octet == 0x7F ? 1 : 0);
      const uint8_t line_end = (octet == '\r' ? 1 : 0) | (octet == '\n' ? 1 : 0);
      const uint8_t tab = octet == '\t' ? 1 : 0;
      others |= control ^ (line_end | tab);
      line_ends |= line_end;
    }
    if (others != 0) return false;
    return line_ends == 0 || HasOnlyFolds(text);
  }

  // HasOnlyFolds says that CR and LF occur only as CRLF with WSP behind it.
  static bool HasOnlyFolds(std::string_view text) {
    size_t folds = 0;
    for (size_t cr = text.find('\r'); cr != text.npos; cr = text.find('\r', cr + 1)) {
      if (text.size() - cr < 3 || text[cr + 1] != '\n' || !base::kWsp(text[cr + 2])) return false;
      ++folds;
    }
    size_t lfs = 0;
    for (size_t lf = text.find('\n'); lf != text.npos; lf = text.find('\n', lf + 1)) ++lfs;
    return lfs == folds;
  }

  static constexpr base::CharSet kValueChars =
      base::CharSet::Range(0x21, 0x3A) | base::CharSet::Range(0x3C, 0x7E) | base::kNonAscii;

  bool Fail(TagListFault fault, size_t offset) {
    fault_ = fault;
    fault_offset_ = offset;
    return false;
  }

  std::array<Tag, kMaxTags> tags_;
  size_t count_ = 0;
  bool is_clean_ = false;
  TagListFault fault_ = TagListFault::kNone;
  size_t fault_offset_ = 0;
};

}  // namespace postseal::mail

#endif  // POSTSEAL_MAIL_TAG_LIST_H_
