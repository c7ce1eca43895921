// Record: an SPF record as a syntax tree. RFC 7208 §4.5, §4.6, §5, §6, §12
#ifndef POSTSEAL_SPF_RECORD_H_
#define POSTSEAL_SPF_RECORD_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/arena.h"
#include "base/result.h"
#include "dns/address.h"
#include "spf/macro.h"

namespace postseal::spf {

enum class Mechanism : uint8_t { kAll, kInclude, kA, kMx, kPtr, kIp4, kIp6, kExists };

// MechanismName is |mechanism| as a record spells it.
constexpr std::string_view MechanismName(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::kAll:
      return "all";
    case Mechanism::kInclude:
      return "include";
    case Mechanism::kA:
      return "a";
    case Mechanism::kMx:
      return "mx";
    case Mechanism::kPtr:
      return "ptr";
    case Mechanism::kIp4:
      return "ip4";
    case Mechanism::kIp6:
      return "ip6";
    case Mechanism::kExists:
      return "exists";
  }
  return "all";
}

// kMaxV4PrefixBits and kMaxV6PrefixBits are the longest prefixes, and what an
// absent prefix length means. RFC 7208 §5.6
inline constexpr uint8_t kMaxV4PrefixBits = 32;
inline constexpr uint8_t kMaxV6PrefixBits = 128;

// Directive is a mechanism with what a match of it means.
struct Directive {
  friend bool operator==(const Directive& a, const Directive& b) {
    return a.mechanism == b.mechanism && a.qualifier == b.qualifier && a.v4_bits == b.v4_bits &&
           a.v6_bits == b.v6_bits && a.network == b.network && a.domain_spec == b.domain_spec;
  }

  Mechanism mechanism = Mechanism::kAll;
  // The result of a match: pass, fail, softfail or neutral. RFC 7208 §4.6.2
  base::Result qualifier = base::Result::kPass;
  // Of a and mx both count, of ip4 and ip6 the one of the network's family.
  uint8_t v4_bits = kMaxV4PrefixBits;
  uint8_t v6_bits = kMaxV6PrefixBits;
  dns::IpAddress network;   // of ip4 and ip6
  MacroString domain_spec;  // empty when there is none
  std::string_view text;    // the whole term, in Record::text
};

// Modifier is a name with a value. RFC 7208 §6
struct Modifier {
  enum class Kind : uint8_t { kRedirect, kExplanation, kUnknown };
  friend bool operator==(const Modifier& a, const Modifier& b) {
    return a.kind == b.kind && a.name == b.name && a.value == b.value;
  }

  Kind kind = Kind::kUnknown;
  std::string_view name;  // as spelled
  MacroString value;
  std::string_view text;  // the whole term, in Record::text
};

// Record is a well-formed SPF record. Directives and modifiers keep their order
// among themselves; the order between the two kinds means nothing (RFC 7208 §6).
// All of it lives in an arena, and |text| with whoever gave it.
struct Record {
  // Equal records mean the same, wherever their terms stand.
  friend bool operator==(const Record& a, const Record& b) {
    return std::equal(a.directives.begin(), a.directives.end(), b.directives.begin(),
                      b.directives.end()) &&
           std::equal(a.modifiers.begin(), a.modifiers.end(), b.modifiers.begin(),
                      b.modifiers.end());
  }
  // Find returns the modifier of |kind|, which occurs at most once unless it is
  // kUnknown; nullptr when there is none.
  const Modifier* Find(Modifier::Kind kind) const {
    for (const Modifier& modifier : modifiers) {
      if (modifier.kind == kind) return &modifier;
    }
    return nullptr;
  }
  bool HasAll() const {
    for (const Directive& directive : directives) {
      if (directive.mechanism == Mechanism::kAll) return true;
    }
    return false;
  }
  // OffsetOf is where |term|, the text of a directive or modifier, stands.
  size_t OffsetOf(std::string_view term) const {
    return static_cast<size_t>(term.data() - text.data());
  }

  std::string_view text;
  std::span<const Directive> directives;
  std::span<const Modifier> modifiers;
};

// NotSpf says that a TXT record is none of SPF's.
struct NotSpf {};

// IsSpf says whether |text| begins with the version section "v=spf1", in any
// case, which ends at an SP or with the record. RFC 7208 §4.5, §12
bool IsSpf(std::string_view text);

// ParseRecord reads a whole TXT record. Nothing of a record with an error is
// used, so the first one ends it (RFC 7208 §4.6); its offset is in |text|.
std::variant<NotSpf, Fault, Record> ParseRecord(std::string_view text, base::Arena* arena);

// Print writes |record| in one spelling: names of mechanisms in lower case, single
// spaces, no "+", no default prefix lengths, directives before modifiers. Parsing that gives the
// same record again.
std::string Print(const Record& record);
std::string Print(const Directive& directive);

// Dump shows the syntax tree, for tests: "-include(a.example) exp=(e.<d 2 r .>)".
std::string Dump(const Record& record);

}  // namespace postseal::spf

#include "spf/record-inl.h"

#endif  // POSTSEAL_SPF_RECORD_H_
