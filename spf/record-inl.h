// The parser and the printer of spf/record.h.
#ifndef POSTSEAL_SPF_RECORD_INL_H_
#define POSTSEAL_SPF_RECORD_INL_H_

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
#include "base/result.h"
#include "dns/address.h"
#include "spf/macro.h"
#include "spf/reason.h"
#include "spf/record.h"

namespace postseal::spf {

namespace internal {

inline constexpr std::string_view kVersion = "v=spf1";

// qualifier = "+" / "-" / "?" / "~"
inline std::optional<base::Result> TakeQualifier(base::Cursor* cursor) {
  if (cursor->Take('+')) return base::Result::kPass;
  if (cursor->Take('-')) return base::Result::kFail;
  if (cursor->Take('?')) return base::Result::kNeutral;
  if (cursor->Take('~')) return base::Result::kSoftFail;
  return std::nullopt;
}

// NamedMechanism is a row of the table of names, which is in the order in which
// records use them.
struct NamedMechanism {
  constexpr explicit NamedMechanism(Mechanism named)
      : name(MechanismName(named)), mechanism(named) {}

  std::string_view name;
  Mechanism mechanism;
};
inline constexpr NamedMechanism kMechanisms[] = {
    NamedMechanism(Mechanism::kIp4), NamedMechanism(Mechanism::kInclude),
    NamedMechanism(Mechanism::kAll), NamedMechanism(Mechanism::kA),
    NamedMechanism(Mechanism::kMx),  NamedMechanism(Mechanism::kIp6),
    NamedMechanism(Mechanism::kPtr), NamedMechanism(Mechanism::kExists),
};

inline std::optional<Mechanism> FindMechanism(std::string_view name) {
  for (const NamedMechanism& named : kMechanisms) {
    if (base::EqualsIgnoreCase(name, named.name)) return named.mechanism;
  }
  return std::nullopt;
}

// TermParser reads the terms of one record into it. Its offsets are the record's.
class TermParser {
 public:
  TermParser(std::string_view record, base::Arena* arena)
      : record_(record), arena_(arena), directives_(arena), modifiers_(arena) {}

  // terms = *( 1*SP ( directive / modifier ) )
  std::variant<NotSpf, Fault, Record> Parse() {
    const std::string_view terms = record_.substr(kVersion.size());
    if (terms.size() > kLongRecordOctets) directives_.Reserve(CountTerms(terms));
    constexpr base::CharSet kSpace(" ");
    base::Cursor cursor(terms);
    for (;;) {
      cursor.TakeWhile(kSpace);
      if (cursor.at_end()) break;
      if (const auto fault = ParseTerm(cursor.TakeUntil(' '))) return *fault;
    }
    Record record;
    record.text = record_;
    record.directives = directives_.span();
    record.modifiers = modifiers_.span();
    return record;
  }

 private:
  // A record above this size, in octets, gets room for as many directives as it may
  // have: a hostile one has tens of thousands, which are not to be held twice.
  static constexpr size_t kLongRecordOctets = 512;

  static size_t CountTerms(std::string_view terms) {
    size_t count = 0;
    for (size_t i = terms.find(' '); i != std::string_view::npos; i = terms.find(' ', i + 1)) {
      count += i + 1 < terms.size() && terms[i + 1] != ' ' ? 1 : 0;
    }
    return count;
  }

  Fault FaultAt(Reason reason, std::string_view where) const {
    return Fault(reason, static_cast<size_t>(where.data() - record_.data()));
  }

  // A term is a modifier exactly when "=" follows its name. RFC 7208 §4.6.1
  // name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
  std::optional<Fault> ParseTerm(std::string_view term) {
    constexpr base::CharSet kName = base::kAlphaDigit | base::CharSet("-_.");
    base::Cursor cursor(term);
    const std::optional<base::Result> qualifier = TakeQualifier(&cursor);
    const std::string_view name_and_rest = cursor.rest();
    const std::string_view name = cursor.TakeWhile(kName);
    if (name.empty() || !base::kAlpha(name.front())) {
      return FaultAt(Reason::kBadTerm, name_and_rest);
    }
    if (cursor.Peek() == '=') {
      if (qualifier.has_value()) return FaultAt(Reason::kBadTerm, term);
      cursor.Take('=');
      return ParseModifier(term, name, cursor.rest());
    }
    const std::optional<Mechanism> mechanism = FindMechanism(name);
    if (!mechanism.has_value()) return FaultAt(Reason::kUnknownMechanism, name);
    Directive& directive = directives_.Add();
    directive.mechanism = *mechanism;
    directive.qualifier = qualifier.value_or(base::Result::kPass);
    directive.text = term;
    return ParseArguments(cursor.rest(), &directive);
  }

  // modifier = redirect / explanation / unknown-modifier
  // unknown-modifier = name "=" macro-string
  std::optional<Fault> ParseModifier(std::string_view term, std::string_view name,
                                     std::string_view value) {
    Modifier& modifier = modifiers_.Add();
    modifier.name = name;
    modifier.text = term;
    if (base::EqualsIgnoreCase(name, "redirect")) modifier.kind = Modifier::Kind::kRedirect;
    if (base::EqualsIgnoreCase(name, "exp")) modifier.kind = Modifier::Kind::kExplanation;
    if (modifier.kind == Modifier::Kind::kUnknown) {
      return Store(ParseMacroString(value, MacroContext::kTerm, arena_), value, &modifier.value);
    }
    // RFC 7208 §6 ¶2: MUST NOT appear more than once each.
    bool& seen = modifier.kind == Modifier::Kind::kRedirect ? redirect_seen_ : explanation_seen_;
    if (seen) return FaultAt(Reason::kDuplicateModifier, term);
    seen = true;
    if (value.empty()) return FaultAt(Reason::kMissingArgument, value);
    return Store(ParseDomainSpec(value, arena_), value, &modifier.value);
  }

  // ParseArguments reads what follows a mechanism's name.
  std::optional<Fault> ParseArguments(std::string_view rest, Directive* directive) {
    switch (directive->mechanism) {
      case Mechanism::kAll:  // all = "all"
        if (!rest.empty()) return FaultAt(Reason::kUnexpectedArgument, rest);
        return std::nullopt;
      case Mechanism::kInclude:  // include = "include" ":" domain-spec
      case Mechanism::kExists:   // exists = "exists" ":" domain-spec
        if (rest.empty()) return FaultAt(Reason::kMissingArgument, rest);
        return ParseDomainArgument(rest, directive);
      case Mechanism::kPtr:  // ptr = "ptr" [ ":" domain-spec ]
        if (rest.empty()) return std::nullopt;
        return ParseDomainArgument(rest, directive);
      case Mechanism::kA:   // a = "a" [ ":" domain-spec ] [ dual-cidr-length ]
      case Mechanism::kMx:  // mx = "mx" [ ":" domain-spec ] [ dual-cidr-length ]
        if (const auto fault = TakeDualCidrLength(&rest, directive)) return fault;
        if (rest.empty()) return std::nullopt;
        return ParseDomainArgument(rest, directive);
      case Mechanism::kIp4:  // ip4 = "ip4" ":" ip4-network [ ip4-cidr-length ]
      case Mechanism::kIp6:  // ip6 = "ip6" ":" ip6-network [ ip6-cidr-length ]
        return ParseNetwork(rest, directive);
    }
    return std::nullopt;
  }

  // ":" domain-spec
  std::optional<Fault> ParseDomainArgument(std::string_view rest, Directive* directive) {
    if (rest.front() != ':') return FaultAt(Reason::kUnexpectedArgument, rest);
    rest.remove_prefix(1);
    if (rest.empty()) return FaultAt(Reason::kMissingArgument, rest);
    return Store(ParseDomainSpec(rest, arena_), rest, &directive->domain_spec);
  }

  // dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ]
  // A domain-spec may hold "/", but ends neither in "/" nor in "/" and digits, so
  // the lengths are what the end of |*text| looks like.
  std::optional<Fault> TakeDualCidrLength(std::string_view* text, Directive* directive) {
    std::string_view digits = TrailingDigits(*text);
    std::string_view before = text->substr(0, text->size() - digits.size());
    if (before.ends_with("//")) {
      if (const auto fault = ParseLength(digits, kMaxV6PrefixBits, &directive->v6_bits)) {
        return fault;
      }
      *text = before.substr(0, before.size() - 2);
      digits = TrailingDigits(*text);
      before = text->substr(0, text->size() - digits.size());
    }
    if (before.ends_with("/")) {
      if (const auto fault = ParseLength(digits, kMaxV4PrefixBits, &directive->v4_bits)) {
        return fault;
      }
      *text = before.substr(0, before.size() - 1);
    }
    return std::nullopt;
  }

  static std::string_view TrailingDigits(std::string_view text) {
    return text.substr(base::StripTrailing(text, base::kDigit).size());
  }

  // ip4-cidr-length = "/" ("0" / %x31-39 0*1DIGIT) ; value range 0-32
  // ip6-cidr-length = "/" ("0" / %x31-39 0*2DIGIT) ; value range 0-128
  std::optional<Fault> ParseLength(std::string_view digits, uint8_t max, uint8_t* bits) {
    const auto value = dns::ParseDecimal(digits, max);
    if (!value.has_value()) return FaultAt(Reason::kBadPrefixLength, digits);
    *bits = static_cast<uint8_t>(*value);
    return std::nullopt;
  }

  // ":" network [ "/" length ]
  std::optional<Fault> ParseNetwork(std::string_view rest, Directive* directive) {
    base::Cursor cursor(rest);
    if (rest.empty()) return FaultAt(Reason::kMissingArgument, rest);
    if (!cursor.Take(':')) return FaultAt(Reason::kUnexpectedArgument, rest);
    const bool v4 = directive->mechanism == Mechanism::kIp4;
    const std::string_view network = cursor.TakeUntil('/');
    const auto address = v4 ? dns::IpAddress::ParseV4(network) : dns::IpAddress::ParseV6(network);
    if (!address.has_value()) return FaultAt(Reason::kBadAddress, network);
    directive->network = *address;
    if (!cursor.Take('/')) return std::nullopt;
    return v4 ? ParseLength(cursor.rest(), kMaxV4PrefixBits, &directive->v4_bits)
              : ParseLength(cursor.rest(), kMaxV6PrefixBits, &directive->v6_bits);
  }

  // Store keeps the macros of |parsed|, or makes its offset, which is in |value|,
  // one in the record.
  std::optional<Fault> Store(const std::variant<MacroString, Fault>& parsed, std::string_view value,
                             MacroString* macros) const {
    if (const auto* fault = std::get_if<Fault>(&parsed)) {
      return FaultAt(fault->reason, value.substr(fault->offset));
    }
    *macros = std::get<MacroString>(parsed);
    return std::nullopt;
  }

  std::string_view record_;
  base::Arena* arena_;
  // Nearly every record fits: a long one of addresses alone has a dozen terms.
  base::ArenaVector<Directive, 16> directives_;
  base::ArenaVector<Modifier, 2> modifiers_;
  bool redirect_seen_ = false;
  bool explanation_seen_ = false;
};

inline std::string_view QualifierText(base::Result qualifier) {
  switch (qualifier) {
    case base::Result::kFail:
      return "-";
    case base::Result::kSoftFail:
      return "~";
    case base::Result::kNeutral:
      return "?";
    default:
      return "";  // "+" is the default
  }
}

inline std::string PrefixLengths(const Directive& directive) {
  const std::string v4 = std::to_string(directive.v4_bits);
  const std::string v6 = std::to_string(directive.v6_bits);
  if (directive.mechanism == Mechanism::kIp6) {
    return directive.v6_bits == kMaxV6PrefixBits ? "" : "/" + v6;
  }
  std::string out;
  if (directive.v4_bits != kMaxV4PrefixBits) out += "/" + v4;
  if (directive.v6_bits != kMaxV6PrefixBits) out += "//" + v6;
  return out;
}

inline bool HasNetwork(Mechanism mechanism) {
  return mechanism == Mechanism::kIp4 || mechanism == Mechanism::kIp6;
}

// DumpMacros shows |macros|: literals as they are, a macro as <letter parts r delimiters>.
inline std::string DumpMacros(const MacroString& macros) {
  std::string out;
  for (const Segment& segment : macros.segments) {
    if (segment.kind == Segment::Kind::kLiteral) {
      out += segment.text;
      continue;
    }
    out += '<';
    if (segment.kind == Segment::Kind::kPercent) out += '%';
    if (segment.kind == Segment::Kind::kSpace) out += '_';
    if (segment.kind == Segment::Kind::kUrlSpace) out += '-';
    if (segment.kind == Segment::Kind::kMacro) {
      out += segment.letter;
      if (segment.escape) out += " escaped";
      if (segment.parts != 0) out += " " + std::to_string(segment.parts);
      if (segment.reverse) out += " r";
      if (!segment.text.empty()) out += " " + std::string(segment.text);
    }
    out += '>';
  }
  return out;
}

}  // namespace internal

inline bool IsSpf(std::string_view text) {
  base::Cursor cursor(text);
  return cursor.TakeIgnoreCase(internal::kVersion) && (cursor.at_end() || cursor.Peek() == ' ');
}

inline std::variant<NotSpf, Fault, Record> ParseRecord(std::string_view text, base::Arena* arena) {
  if (!IsSpf(text)) return NotSpf();
  return internal::TermParser(text, arena).Parse();
}

inline std::string Print(const Directive& directive) {
  std::string out(internal::QualifierText(directive.qualifier));
  out += MechanismName(directive.mechanism);
  if (internal::HasNetwork(directive.mechanism)) out += ":" + directive.network.Print();
  if (!directive.domain_spec.empty()) out += ":" + Print(directive.domain_spec);
  return out + internal::PrefixLengths(directive);
}

inline std::string Print(const Record& record) {
  std::string out(internal::kVersion);
  for (const Directive& directive : record.directives) out += " " + Print(directive);
  for (const Modifier& modifier : record.modifiers) {
    out += ' ';
    out += modifier.name;
    out += "=" + Print(modifier.value);
  }
  return out;
}

inline std::string Dump(const Record& record) {
  std::string out;
  for (const Directive& directive : record.directives) {
    if (!out.empty()) out += ' ';
    out += internal::QualifierText(directive.qualifier);
    out += MechanismName(directive.mechanism);
    if (internal::HasNetwork(directive.mechanism)) {
      out += "(" + directive.network.Print() + ")";
    } else if (!directive.domain_spec.empty()) {
      out += "(" + internal::DumpMacros(directive.domain_spec) + ")";
    }
    out += internal::PrefixLengths(directive);
  }
  for (const Modifier& modifier : record.modifiers) {
    if (!out.empty()) out += ' ';
    out += modifier.name;
    out += "=(" + internal::DumpMacros(modifier.value) + ")";
  }
  return out;
}

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_RECORD_INL_H_
