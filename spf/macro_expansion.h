// Macro expansion: what a MacroString becomes, as a name to ask for or as the
// text of an explanation. RFC 7208 §7.2, §7.3
#ifndef POSTSEAL_SPF_MACRO_EXPANSION_H_
#define POSTSEAL_SPF_MACRO_EXPANSION_H_

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/ascii.h"
#include "dns/address.h"
#include "dns/name.h"
#include "spf/macro.h"

namespace postseal::spf {

// MacroFacts is what the macro letters stand for. RFC 7208 §7.2
struct MacroFacts {
  std::string_view local_part;      // l
  std::string_view sender_domain;   // o; s is l "@" o
  std::string_view domain;          // d
  dns::IpAddress client;            // i, c, v; never IPv4-mapped
  std::string_view validated_name;  // p
  std::string_view helo;            // h
  std::string_view receiver;        // r
  int64_t now = 0;                  // t
};

// ExpandName expands a domain-spec to the name it stands for, without labels from
// the left as far as it is too long (RFC 7208 §7.3). nullopt when the result is
// no domain name. The cost is bounded by the text and not by what it expands to:
// expansion goes from the right and stops when the name is full.
std::optional<dns::Name> ExpandName(const MacroString& macros, const MacroFacts& facts);

// ExpandText expands an explain-string into |arena|; nullopt when it is longer
// than |max_octets|.
std::optional<std::string_view> ExpandText(const MacroString& macros, const MacroFacts& facts,
                                           size_t max_octets, base::Arena* arena);

// Implementation.

namespace internal {

// Backfill is text written from its end to its front, as much as there is room for.
class Backfill {
 public:
  explicit Backfill(std::span<char> room) : room_(room), start_(room.size()) {}

  bool overflowed() const { return overflowed_; }
  std::string_view text() const { return {room_.data() + start_, room_.size() - start_}; }

  void Prepend(std::string_view text) {
    if (text.size() > start_) {
      text.remove_prefix(text.size() - start_);
      overflowed_ = true;
    }
    // memcpy takes no null pointer, which an empty view may hold.
    if (text.empty()) return;
    start_ -= text.size();
    std::memcpy(room_.data() + start_, text.data(), text.size());
  }

  // PrependEscaped escapes what is not unreserved. RFC 7208 §7.3, RFC 3986 §2.1, §2.3
  void PrependEscaped(std::string_view text) {
    constexpr base::CharSet kUnreserved = base::kAlphaDigit | base::CharSet("-._~");
    constexpr std::string_view kHex = "0123456789ABCDEF";
    while (!text.empty() && !overflowed_) {
      const char c = text.back();
      text.remove_suffix(1);
      const auto octet = static_cast<uint8_t>(c);
      const char escaped[] = {'%', kHex[octet >> 4], kHex[octet & 0xf]};
      Prepend(kUnreserved(c) ? std::string_view(&c, 1) : std::string_view(escaped, 3));
    }
  }

 private:
  std::span<char> room_;
  size_t start_;
  bool overflowed_ = false;
};

// MacroValue is the untransformed value of a macro: up to three pieces, so that
// "s" need not be joined, and room for what has to be written out.
class MacroValue {
 public:
  MacroValue(char letter, const MacroFacts& facts) {
    switch (letter) {
      case 's':
        sender_domain_ = facts.sender_domain;
        text_ = facts.local_part;
        is_sender_ = true;
        return;
      case 'l':
        text_ = facts.local_part;
        return;
      case 'o':
        text_ = facts.sender_domain;
        return;
      case 'd':
        text_ = facts.domain;
        return;
      case 'p':
        text_ = facts.validated_name;
        return;
      case 'h':
        text_ = facts.helo;
        return;
      case 'r':
        text_ = facts.receiver;
        return;
      case 'v':
        text_ = facts.client.is_v4() ? "in-addr" : "ip6";
        return;
      case 'i':
        WriteAddress(facts.client);
        return;
      case 'c':
        Write(facts.client.Print());
        return;
      case 't':
        Write(facts.now);
        return;
      default:
        return;
    }
  }
  MacroValue(const MacroValue&) = delete;
  MacroValue& operator=(const MacroValue&) = delete;

  size_t size() const { return text_.size() + (is_sender_ ? 1 + sender_domain_.size() : 0); }
  char operator[](size_t i) const {
    if (i < text_.size()) return text_[i];
    return i == text_.size() ? '@' : sender_domain_[i - text_.size() - 1];
  }
  // Prepend puts the octets from |begin| up to |end| in front of |out|.
  void Prepend(size_t begin, size_t end, bool escape, Backfill* out) const {
    const auto prepend = [escape, out](std::string_view text) {
      escape ? out->PrependEscaped(text) : out->Prepend(text);
    };
    const size_t at = text_.size();
    if (end > at + 1) {
      const size_t from = begin > at + 1 ? begin - at - 1 : 0;
      prepend(sender_domain_.substr(from, end - at - 1 - from));
    }
    if (begin <= at && end > at) prepend("@");
    if (begin < at) prepend(text_.substr(begin, (end < at ? end : at) - begin));
  }

 private:
  void Write(std::string_view text) {
    std::memcpy(room_.data(), text.data(), text.size());
    text_ = {room_.data(), text.size()};
  }
  void Write(int64_t number) {
    const auto end = std::to_chars(room_.data(), room_.data() + room_.size(), number).ptr;
    text_ = {room_.data(), static_cast<size_t>(end - room_.data())};
  }
  // RFC 7208 §7.3: a dotted quad, or 32 hexadecimal digits between dots.
  void WriteAddress(const dns::IpAddress& address) {
    constexpr std::string_view kHex = "0123456789abcdef";
    char* out = room_.data();
    for (const uint8_t octet : address.bytes()) {
      if (address.is_v4()) {
        out = std::to_chars(out, room_.data() + room_.size(), octet).ptr;
      } else {
        *out++ = kHex[octet >> 4];
        *out++ = '.';
        *out++ = kHex[octet & 0xf];
      }
      *out++ = '.';
    }
    text_ = {room_.data(), static_cast<size_t>(out - room_.data()) - 1};
  }

  // Any address: 32 digits and as many dots.
  std::array<char, 64> room_;
  std::string_view text_;
  std::string_view sender_domain_;
  bool is_sender_ = false;
};

// PrependMacro expands one macro. Parts are taken in the order in which they end
// up from the right: those of a reversed value from its front. RFC 7208 §7.3
inline void PrependMacro(const Segment& macro, const MacroFacts& facts, Backfill* out) {
  const MacroValue value(macro.letter, facts);
  if (macro.parts == 0 && !macro.reverse && macro.text.empty()) {
    return value.Prepend(0, value.size(), macro.escape, out);
  }
  const base::CharSet delimiters(macro.text.empty() ? std::string_view(".") : macro.text);
  size_t begin = 0;
  size_t end = value.size();
  for (size_t part = 1; !out->overflowed(); ++part) {
    size_t cut;
    if (macro.reverse) {
      cut = begin;
      while (cut < end && !delimiters(value[cut])) ++cut;
      value.Prepend(begin, cut, macro.escape, out);
      if (cut == end || part == macro.parts) return;
      begin = cut + 1;
    } else {
      cut = end;
      while (cut > begin && !delimiters(value[cut - 1])) --cut;
      value.Prepend(cut, end, macro.escape, out);
      if (cut == begin || part == macro.parts) return;
      end = cut - 1;
    }
    out->Prepend(".");
  }
}

inline void PrependAll(const MacroString& macros, const MacroFacts& facts, Backfill* out) {
  for (size_t i = macros.segments.size(); i-- > 0 && !out->overflowed();) {
    const Segment& segment = macros.segments[i];
    switch (segment.kind) {
      case Segment::Kind::kLiteral:
        out->Prepend(segment.text);
        break;
      case Segment::Kind::kPercent:
        out->Prepend("%");
        break;
      case Segment::Kind::kSpace:
        out->Prepend(" ");
        break;
      case Segment::Kind::kUrlSpace:
        out->Prepend("%20");
        break;
      case Segment::Kind::kMacro:
        PrependMacro(segment, facts, out);
        break;
    }
  }
}

}  // namespace internal

inline std::optional<dns::Name> ExpandName(const MacroString& macros, const MacroFacts& facts) {
  // A full name, the dot before it, and a final dot: what lies further left is
  // cut off in any case.
  std::array<char, dns::Name::kMaxOctets + 2> room;
  internal::Backfill out(room);
  internal::PrependAll(macros, facts, &out);
  std::string_view text = out.text();
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  if (text.size() > dns::Name::kMaxOctets || out.overflowed()) {
    const size_t dot = text.find('.', text.size() - dns::Name::kMaxOctets - 1);
    if (dot == std::string_view::npos) return std::nullopt;
    text.remove_prefix(dot + 1);
  }
  // Name::Parse would take one more final dot.
  if (!text.empty() && text.back() == '.') return std::nullopt;
  return dns::Name::Parse(text);
}

inline std::optional<std::string_view> ExpandText(const MacroString& macros,
                                                  const MacroFacts& facts, size_t max_octets,
                                                  base::Arena* arena) {
  internal::Backfill out(arena->NewArray<char>(max_octets));
  internal::PrependAll(macros, facts, &out);
  if (out.overflowed()) return std::nullopt;
  return out.text();
}

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_MACRO_EXPANSION_H_
