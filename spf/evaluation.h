// Evaluation: the arguments and the running state of one check_host().
#ifndef POSTSEAL_SPF_EVALUATION_H_
#define POSTSEAL_SPF_EVALUATION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/ascii.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/idna.h"
#include "dns/name.h"
#include "spf/budget.h"
#include "spf/macro.h"
#include "spf/macro_expansion.h"
#include "spf/reason.h"
#include "spf/record.h"
#include "spf/verdict.h"

namespace postseal::spf {

// Identity is which of the client's claims is checked. RFC 7208 §2.3, §2.4
enum class Identity : uint8_t { kMailFrom, kHelo };

// kMaxMacroOctets is the longest local-part, and the longest HELO, that macros
// expand to, in octets: four times the path of RFC 5321 §4.5.3.1.3. Terms that
// need a longer one do not match. [choice]
inline constexpr size_t kMaxMacroOctets = 1024;

// Request is what the SMTP server knows of the client. RFC 7208 §4.1, §7.2
struct Request {
  dns::IpAddress client;
  // The reverse-path without angle brackets; empty is the null reverse-path.
  std::string_view mail_from;
  std::string_view helo;
  // The name of this host, for %{r}, and Unix seconds, for %{t}.
  std::string_view receiver = "unknown";
  int64_t now = 0;
  Identity identity = Identity::kMailFrom;
};

// Evaluation belongs to one CheckHost.
struct Evaluation {
  // Everything pointed to must outlive the evaluation, as must the text of
  // |request|.
  Evaluation(const SpfOptions* spf_options, const Request& request, base::Arena* memory,
             dns::Exchange* dns_exchange);
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  base::Arena* arena() const { return arena_; }
  bool is_v4() const { return facts.client.is_v4(); }
  // The type of address record that is compared with the client. RFC 7208 §5 ¶5
  dns::Type address_type() const { return is_v4() ? dns::Type::kA : dns::Type::kAaaa; }

  const SpfOptions* options;
  dns::Exchange* exchange;
  Budget budget;
  // What the macros expand to, less |domain| and |validated_name|, which change.
  MacroFacts facts;
  // <domain> of RFC 7208 §4.1; nullopt when it is malformed.
  std::optional<dns::Name> domain;
  // What the domain has to say about a fail; see Verdict.
  std::string_view explanation;
  // The query for the client's PTR records was counted.
  bool ptr_counted = false;

 private:
  base::Arena* arena_;
};

// Scope is where evaluation stands: a record and its domain.
struct Scope {
  Place PlaceOf(std::string_view term) const {
    return Place(domain_text, record->text, record->OffsetOf(term), term.size());
  }

  const dns::Name* domain = nullptr;
  std::string_view domain_text;  // |domain| in the arena
  const Record* record = nullptr;
};

// ExpandTarget is the <target-name> of a term: its expanded |domain_spec|, or the
// domain itself where there is none. nullopt when that is no name to ask for.
//
// RFC 7208 §4.8 ¶4 leaves open what a term with a malformed name does. Here it does
// not match, without a query, so that a local-part never makes an error of a
// record [choice].
std::optional<dns::Name> ExpandTarget(const Evaluation& e, const Scope& scope,
                                      const MacroString& domain_spec,
                                      std::string_view validated_name);

// CanExpand says whether the macros of |macros| have values that may be used.
bool CanExpand(const Evaluation& e, const MacroString& macros);

// Implementation.

namespace internal {

// ToALabels is |domain| with its U-labels converted, or as it is when it has none
// or cannot be converted. RFC 8616 §4
inline std::string_view ToALabels(std::string_view domain, base::Arena* arena) {
  if (base::IsAscii(domain)) return domain;
  const std::optional<std::string> ascii = dns::ToAscii(domain);
  return ascii.has_value() ? arena->Copy(*ascii) : domain;
}

// What may stand in a name that is asked for. Labels hold any octet (RFC 2181
// §11), but a sender shall not put controls into queries (RFC 7208 §4.8, §11.5.3).
inline constexpr base::CharSet kPrintable = base::CharSet::Range(0x20, 0x7E);

// ParseIdentityDomain is the <domain> to check. RFC 7208 §4.3 ¶1: malformed names
// and names of one label have no record. Neither have address literals.
inline std::optional<dns::Name> ParseIdentityDomain(std::string_view text) {
  constexpr base::CharSet kAllowed = kPrintable - base::CharSet(" []");
  const size_t dot = text.find('.');
  const bool several_labels = dot != std::string_view::npos && dot + 1 < text.size();
  return several_labels && base::AllIn(text, kAllowed) ? dns::Name::Parse(text) : std::nullopt;
}

// FactsOf is what |request| says that macros may ask for.
inline MacroFacts FactsOf(const Request& request, base::Arena* arena) {
  MacroFacts facts;
  // RFC 7208 §5 ¶5: an IPv4-mapped client is an IPv4 client.
  facts.client = request.client.Unmapped();
  facts.helo = ToALabels(request.helo, arena);
  facts.receiver = request.receiver;
  facts.now = request.now;
  std::string_view sender = request.mail_from;
  // RFC 7208 §2.4 ¶3: of a null reverse-path, postmaster at the HELO name.
  if (request.identity == Identity::kHelo || sender.empty()) sender = request.helo;
  const size_t at = sender.rfind('@');
  if (at != std::string_view::npos) facts.local_part = sender.substr(0, at);
  // RFC 7208 §4.3 ¶2
  if (facts.local_part.empty()) facts.local_part = "postmaster";
  facts.sender_domain =
      ToALabels(at == std::string_view::npos ? sender : sender.substr(at + 1), arena);
  return facts;
}

// IsUsable says whether macros may expand to |text|, which the client said.
// RFC 8616 §4: terms with %{s} or %{l} do not match for a non-ASCII local-part.
inline bool IsUsable(std::string_view text) {
  return text.size() <= kMaxMacroOctets && base::IsAscii(text);
}

}  // namespace internal

inline Evaluation::Evaluation(const SpfOptions* spf_options, const Request& request,
                              base::Arena* memory, dns::Exchange* dns_exchange)
    : options(spf_options),
      exchange(dns_exchange),
      budget(spf_options),
      facts(internal::FactsOf(request, memory)),
      domain(internal::ParseIdentityDomain(facts.sender_domain)),
      arena_(memory) {}

inline bool CanExpand(const Evaluation& e, const MacroString& macros) {
  const bool uses_local_part = macros.Uses('l') || macros.Uses('s');
  return (!uses_local_part || internal::IsUsable(e.facts.local_part)) &&
         (!macros.Uses('h') || internal::IsUsable(e.facts.helo));
}

inline std::optional<dns::Name> ExpandTarget(const Evaluation& e, const Scope& scope,
                                             const MacroString& domain_spec,
                                             std::string_view validated_name) {
  if (domain_spec.empty()) return *scope.domain;
  if (!CanExpand(e, domain_spec)) return std::nullopt;
  MacroFacts facts = e.facts;
  facts.domain = scope.domain_text;
  facts.validated_name = validated_name;
  std::optional<dns::Name> target = ExpandName(domain_spec, facts);
  if (target.has_value() && !base::AllIn(target->text(), internal::kPrintable)) target.reset();
  return target;
}

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_EVALUATION_H_
