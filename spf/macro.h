// MacroString: text with macros, parsed once; spf/macro_expansion.h expands it.
// RFC 7208 §7
#ifndef POSTSEAL_SPF_MACRO_H_
#define POSTSEAL_SPF_MACRO_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/arena.h"
#include "base/arena_vector.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "spf/reason.h"

namespace postseal::spf {

// Fault is why text is malformed, and at which octet of it.
struct Fault {
  Fault(Reason fault_reason, size_t fault_offset) : reason(fault_reason), offset(fault_offset) {}
  friend bool operator==(const Fault& a, const Fault& b) = default;

  Reason reason;
  size_t offset;
};

// kMaxMacroParts bounds the number of parts that a transformer asks for. More is
// the same as this: RFC 7208 §7.3 wants at least 127, and no value has more.
inline constexpr uint16_t kMaxMacroParts = 9999;

// Segment is a piece of a MacroString.
struct Segment {
  enum class Kind : uint8_t {
    kLiteral,   // |text| as it is
    kPercent,   // "%%"
    kSpace,     // "%_"
    kUrlSpace,  // "%-"
    kMacro,     // "%{...}"; |text| holds the delimiters
  };
  friend bool operator==(const Segment& a, const Segment& b) = default;

  std::string_view text;
  uint16_t parts = 0;  // right-hand parts to keep; 0 keeps all
  Kind kind = Kind::kLiteral;
  char letter = '\0';   // in lower case
  bool escape = false;  // the letter was in upper case
  bool reverse = false;
};

// Where a MacroString stands decides what it may hold.
enum class MacroContext : uint8_t {
  kTerm,         // macro-string in a record
  kExplanation,  // explain-string: SP, and the letters c, r and t, as well
};

// MacroString is a sequence of segments that live in an arena.
struct MacroString {
  // Uses says whether the macro |letter|, in lower case, occurs.
  bool Uses(char letter) const { return (letters & uint32_t{1} << (letter - 'a')) != 0; }
  bool empty() const { return segments.empty(); }
  friend bool operator==(const MacroString& a, const MacroString& b) {
    return std::equal(a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end());
  }

  std::span<const Segment> segments;
  uint32_t letters = 0;  // which macro letters occur, bit 0 for "a"
};

// ParseMacroString reads all of |text|. The segments are views into |text|.
std::variant<MacroString, Fault> ParseMacroString(std::string_view text, MacroContext context,
                                                  base::Arena* arena);

// ParseDomainSpec reads all of |text| as a domain-spec: a macro-string that ends
// in a macro or in "." toplabel, with or without a final dot.
std::variant<MacroString, Fault> ParseDomainSpec(std::string_view text, base::Arena* arena);

// Print writes |macros| as it is spelled in a record; parsing that gives the
// same again.
std::string Print(const MacroString& macros);

// Implementation.

namespace internal {

inline constexpr base::CharSet kMacroDelimiters = base::CharSet(".-+,/_=");

// macro-literal = %x21-24 / %x26-7E ; visible characters except "%"
inline constexpr base::CharSet kMacroLiteral =
    base::CharSet::Range(0x21, 0x7E) - base::CharSet("%");

// explain-string = *( macro-string / SP )
inline constexpr base::CharSet kExplanationLiteral = kMacroLiteral | base::CharSet(" ");

// macro-letter = "s" / "l" / "o" / "d" / "i" / "p" / "h" / "c" / "r" / "t" / "v"
inline constexpr base::CharSet kMacroLetters = base::CharSet("slodiphcrtvSLODIPHCRTV");
inline constexpr base::CharSet kExplanationLetters = base::CharSet("crtCRT");

// macro-expand = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"
// transformers = *DIGIT [ "r" ]
inline std::optional<Fault> ParseMacroExpand(base::Cursor* cursor, MacroContext context,
                                             Segment* segment) {
  const size_t start = cursor->offset();
  cursor->Take('%');
  if (cursor->Take('%')) {
    segment->kind = Segment::Kind::kPercent;
    return std::nullopt;
  }
  if (cursor->Take('_')) {
    segment->kind = Segment::Kind::kSpace;
    return std::nullopt;
  }
  if (cursor->Take('-')) {
    segment->kind = Segment::Kind::kUrlSpace;
    return std::nullopt;
  }
  // RFC 7208 §7.3 ¶1: any other "%" is a syntax error.
  if (!cursor->Take('{')) return Fault(Reason::kBadMacro, start);
  const size_t letter_offset = cursor->offset();
  const char letter = cursor->Peek();
  if (!cursor->TakeIf(kMacroLetters)) return Fault(Reason::kBadMacro, letter_offset);
  if (context == MacroContext::kTerm && kExplanationLetters(letter)) {
    return Fault(Reason::kExplanationMacro, letter_offset);
  }
  segment->kind = Segment::Kind::kMacro;
  segment->letter = base::ToLower(letter);
  segment->escape = letter != segment->letter;
  const size_t digits_offset = cursor->offset();
  const std::string_view digits = cursor->TakeWhile(base::kDigit);
  for (const char digit : digits) {
    const int parts = segment->parts * 10 + (digit - '0');
    segment->parts = static_cast<uint16_t>(parts < kMaxMacroParts ? parts : kMaxMacroParts);
  }
  // RFC 7208 §7.3 ¶6: the value MUST be nonzero.
  if (!digits.empty() && segment->parts == 0) return Fault(Reason::kBadMacro, digits_offset);
  segment->reverse = cursor->Take('r') || cursor->Take('R');
  segment->text = cursor->TakeWhile(kMacroDelimiters);
  if (!cursor->Take('}')) return Fault(Reason::kBadMacro, cursor->offset());
  return std::nullopt;
}

// toplabel = ( *alphanum ALPHA *alphanum ) /
//            ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
inline bool IsTopLabel(std::string_view label) {
  constexpr base::CharSet kLabel = base::kAlphaDigit | base::CharSet("-");
  return !label.empty() && base::AllIn(label, kLabel) && label.front() != '-' &&
         label.back() != '-' && !base::AllIn(label, base::kDigit);
}

}  // namespace internal

inline std::variant<MacroString, Fault> ParseMacroString(std::string_view text,
                                                         MacroContext context, base::Arena* arena) {
  const base::CharSet& literal =
      context == MacroContext::kTerm ? internal::kMacroLiteral : internal::kExplanationLiteral;
  base::ArenaVector<Segment, 2> segments(arena);
  MacroString macros;
  base::Cursor cursor(text);
  while (!cursor.at_end()) {
    if (cursor.Peek() != '%') {
      const std::string_view taken = cursor.TakeWhile(literal);
      if (taken.empty()) return Fault(Reason::kBadCharacter, cursor.offset());
      segments.Add().text = taken;
      continue;
    }
    Segment& segment = segments.Add();
    if (const auto fault = internal::ParseMacroExpand(&cursor, context, &segment)) return *fault;
    if (segment.kind == Segment::Kind::kMacro) {
      macros.letters |= uint32_t{1} << (segment.letter - 'a');
    }
  }
  macros.segments = segments.span();
  return macros;
}

// domain-spec = macro-string domain-end
// domain-end = ( "." toplabel [ "." ] ) / macro-expand
inline std::variant<MacroString, Fault> ParseDomainSpec(std::string_view text, base::Arena* arena) {
  auto parsed = ParseMacroString(text, MacroContext::kTerm, arena);
  const auto* macros = std::get_if<MacroString>(&parsed);
  if (macros == nullptr) return parsed;
  if (macros->empty()) return Fault(Reason::kBadDomainSpec, 0);
  const Segment& last = macros->segments.back();
  if (last.kind != Segment::Kind::kLiteral) return parsed;
  std::string_view tail = last.text;
  if (tail.back() == '.') tail.remove_suffix(1);
  const size_t dot = tail.rfind('.');
  const size_t tail_offset = text.size() - last.text.size();
  if (dot == std::string_view::npos) return Fault(Reason::kBadDomainSpec, tail_offset);
  if (!internal::IsTopLabel(tail.substr(dot + 1))) {
    return Fault(Reason::kBadDomainSpec, tail_offset + dot + 1);
  }
  return parsed;
}

inline std::string Print(const MacroString& macros) {
  std::string out;
  for (const Segment& segment : macros.segments) {
    switch (segment.kind) {
      case Segment::Kind::kLiteral:
        out += segment.text;
        break;
      case Segment::Kind::kPercent:
        out += "%%";
        break;
      case Segment::Kind::kSpace:
        out += "%_";
        break;
      case Segment::Kind::kUrlSpace:
        out += "%-";
        break;
      case Segment::Kind::kMacro:
        out += "%{";
        out += segment.escape ? static_cast<char>(segment.letter - 'a' + 'A') : segment.letter;
        if (segment.parts != 0) out += std::to_string(segment.parts);
        if (segment.reverse) out += 'r';
        out += segment.text;
        out += '}';
        break;
    }
  }
  return out;
}

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_MACRO_H_
