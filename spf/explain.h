// The explanation that a domain publishes for a fail. RFC 7208 §6.2
#ifndef POSTSEAL_SPF_EXPLAIN_H_
#define POSTSEAL_SPF_EXPLAIN_H_

#include <optional>
#include <string_view>
#include <variant>

#include "base/ascii.h"
#include "base/task.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "spf/evaluation.h"
#include "spf/macro.h"
#include "spf/macro_expansion.h"
#include "spf/ptr.h"

namespace postseal::spf {

// Explain computes the explanation of a fail; anything wrong with it is as if
// there were none. Its lookups count as no term's. RFC 7208 §6.2, §4.6.4
inline base::Task<std::string_view> Explain(Evaluation* e, const Scope* scope,
                                            const MacroString* target_spec) {
  base::Task<ValidatedName> find_target_name =
      FindMacroName(e, scope->domain, target_spec, Counting::kExplanation);
  const ValidatedName target_name = co_await find_target_name;
  const std::optional<dns::Name> target = ExpandTarget(*e, *scope, *target_spec, target_name.text);
  if (!target.has_value() || target_name.error.has_value() || !e->budget.TakeQuery()) {
    co_return std::string_view();
  }
  const dns::Query query(*target, dns::Type::kTxt);
  const dns::Answer& answer = co_await e->exchange->Ask(query);
  if (answer.rdata.size() != 1 || !e->budget.TakeAnswer(answer)) co_return std::string_view();
  const auto text = dns::JoinTxt(answer.rdata.front(), e->arena());
  if (!text.has_value()) co_return std::string_view();
  const auto parsed = ParseMacroString(*text, MacroContext::kExplanation, e->arena());
  const auto* macros = std::get_if<MacroString>(&parsed);
  if (macros == nullptr || !CanExpand(*e, *macros)) co_return std::string_view();
  base::Task<ValidatedName> find_text_name =
      FindMacroName(e, scope->domain, macros, Counting::kExplanation);
  const ValidatedName text_name = co_await find_text_name;
  MacroFacts facts = e->facts;
  facts.domain = scope->domain_text;
  facts.validated_name = text_name.text;
  const auto explanation =
      ExpandText(*macros, facts, e->options->max_explanation_octets, e->arena());
  // RFC 7208 §6.2 ¶4: limited to US-ASCII. A control, from the sender's local-part
  // or the HELO name, has no place in an SMTP reply either.
  if (text_name.error.has_value() || !explanation.has_value() ||
      !base::AllIn(*explanation, internal::kPrintable)) {
    co_return std::string_view();
  }
  co_return *explanation;
}

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_EXPLAIN_H_
