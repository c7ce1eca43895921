// LintTree: the coroutines of a lint.
#ifndef POSTSEAL_SPF_LINT_TREE_H_
#define POSTSEAL_SPF_LINT_TREE_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/arena.h"
#include "base/result.h"
#include "base/task.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "spf/lint_code.h"
#include "spf/lint_record.h"
#include "spf/lint_walk.h"
#include "spf/macro.h"
#include "spf/mechanisms.h"
#include "spf/ptr.h"
#include "spf/reason.h"
#include "spf/record.h"

namespace postseal::spf {

// LintTree looks at the records of all nodes of |walk|, of which there is one, and
// at those that come up while it goes. It ends whatever is answered.
base::Task<bool> LintTree(LintWalk* walk);

// Implementation.

namespace internal {

// LintLookup is a mechanism with the name that it looks up.
struct LintLookup {
  const Directive* directive;
  dns::Name target;
};

// The result of a coroutine here says whether all that it wanted was asked for.

// AddAddresses adds what |answer| says to the addresses that may send.
inline void AddAddresses(LintWalk* walk, size_t i, const Directive& directive,
                         const dns::Answer& answer) {
  if (directive.qualifier != base::Result::kPass || !walk->node(i).role.authorises) return;
  for (const std::string_view rdata : answer.rdata) {
    const std::optional<dns::IpAddress> address = dns::ParseAddress(rdata);
    if (!address.has_value()) continue;
    walk->addresses().Add(*address, address->is_v4() ? directive.v4_bits : directive.v6_bits);
  }
}

// AskBothFamilies sends the queries for the addresses of |name|.
inline bool AskBothFamilies(LintWalk* walk, const dns::Name& name) {
  return walk->Ask(name, dns::Type::kA) && walk->Ask(name, dns::Type::kAaaa);
}

// LintAddresses waits for the addresses of |name|, which were asked for.
inline base::Task<bool> LintAddresses(LintWalk* walk, size_t i, const Directive* directive,
                                      const dns::Name* name) {
  const dns::Query v4_query(*name, dns::Type::kA);
  const dns::Answer& v4 = co_await walk->exchange()->Ask(v4_query);
  const dns::Query v6_query(*name, dns::Type::kAaaa);
  const dns::Answer& v6 = co_await walk->exchange()->Ask(v6_query);
  AddAddresses(walk, i, *directive, v4);
  AddAddresses(walk, i, *directive, v6);
  walk->node(i).void_lookups.v4 += IsVoid(v4) ? 1 : 0;
  walk->node(i).void_lookups.v6 += IsVoid(v6) ? 1 : 0;
  if (IsVoid(v4) && IsVoid(v6)) {
    walk->Add(i, LintCode::kVoidLookup, directive->text,
              absl::StrCat(name->text(), " has no address"));
  }
  if (v4.outcome == dns::Outcome::kTempError) {
    walk->AddFailure(i, directive->text, *name, dns::Type::kA);
  }
  if (v6.outcome == dns::Outcome::kTempError) {
    walk->AddFailure(i, directive->text, *name, dns::Type::kAaaa);
  }
  co_return true;
}

// LintMx waits for the MX records of |lookup|, and then for the addresses of all
// their names together.
inline base::Task<bool> LintMx(LintWalk* walk, size_t i, const LintLookup* lookup) {
  const std::string_view term = lookup->directive->text;
  const dns::Query query(lookup->target, dns::Type::kMx);
  const dns::Answer& answer = co_await walk->exchange()->Ask(query);
  if (answer.outcome == dns::Outcome::kTempError) {
    walk->AddFailure(i, term, lookup->target, dns::Type::kMx);
  }
  if (IsVoid(answer)) {
    ++walk->node(i).void_lookups.v4;
    ++walk->node(i).void_lookups.v6;
    walk->Add(i, LintCode::kVoidLookup, term,
              absl::StrCat(lookup->target.text(), " has no MX record"));
  }
  if (answer.rdata.size() > walk->options().max_mx_names) {
    walk->Add(
        i, LintCode::kTooManyMxNames, term,
        absl::StrCat(answer.rdata.size(), ", and ", walk->options().max_mx_names, " are allowed"));
    co_return true;
  }
  const std::span<const dns::Name> names = ReadMxNames(walk->arena(), answer);
  for (const dns::Name& name : names) {
    if (!AskBothFamilies(walk, name)) co_return false;
  }
  for (const dns::Name& name : names) {
    base::Task<bool> lint = LintAddresses(walk, i, lookup->directive, &name);
    co_await lint;
  }
  co_return true;
}

// LintExists waits for the addresses of |lookup|, whose name no message changes.
inline base::Task<bool> LintExists(LintWalk* walk, size_t i, const LintLookup* lookup) {
  const std::string_view term = lookup->directive->text;
  const dns::Query query(lookup->target, dns::Type::kA);
  const dns::Answer& answer = co_await walk->exchange()->Ask(query);
  if (IsVoid(answer)) {
    ++walk->node(i).void_lookups.v4;
    ++walk->node(i).void_lookups.v6;
    walk->Add(i, LintCode::kVoidLookup, term,
              absl::StrCat(lookup->target.text(), " has no address"));
  } else if (answer.outcome == dns::Outcome::kTempError) {
    walk->AddFailure(i, term, lookup->target, dns::Type::kA);
  } else {
    walk->Add(i, LintCode::kConstantExists, term, "");
  }
  co_return true;
}

// FaultOfExplanation says what is wrong with the explanation in |answer|; empty
// when nothing is. RFC 7208 §6.2 ¶3, ¶4
inline std::string_view FaultOfExplanation(const dns::Answer& answer, base::Arena* arena) {
  if (IsVoid(answer)) return "there is no TXT record at the name";
  if (answer.rdata.size() > 1) return "there are several TXT records at the name";
  const auto text = dns::JoinTxt(answer.rdata.front(), arena);
  if (!text.has_value()) return "the TXT record is malformed";
  const auto parsed = ParseMacroString(*text, MacroContext::kExplanation, arena);
  const auto* fault = std::get_if<Fault>(&parsed);
  return fault == nullptr ? std::string_view() : InfoOf(fault->reason).text;
}

// LintExplanation looks at the exp= of node |i|.
inline base::Task<bool> LintExplanation(LintWalk* walk, size_t i, const Modifier* exp) {
  const std::optional<dns::Name> target = walk->TargetOf(i, exp->value, exp->text);
  if (!target.has_value()) co_return true;
  if (!walk->Ask(*target, dns::Type::kTxt)) co_return false;
  const dns::Query query(*target, dns::Type::kTxt);
  const dns::Answer& answer = co_await walk->exchange()->Ask(query);
  if (answer.outcome == dns::Outcome::kTempError) {
    walk->AddFailure(i, exp->text, *target, dns::Type::kTxt);
    co_return true;
  }
  const std::string_view fault = FaultOfExplanation(answer, walk->arena());
  if (!fault.empty()) walk->Add(i, LintCode::kBadExplanation, exp->text, fault);
  co_return true;
}

// Follow makes the record of |domain_spec| another node.
inline void Follow(LintWalk* walk, size_t i, const MacroString& domain_spec, std::string_view term,
                   const RecordRole& role, bool redirect) {
  ++walk->node(i).terms;
  const std::optional<dns::Name> target = walk->TargetOf(i, domain_spec, term);
  if (!target.has_value()) return;
  const std::optional<size_t> node = walk->AddNode(*target, role);
  if (node.has_value()) walk->node(i).edges.push_back({*node, term, redirect});
}

// StartLookup asks what |directive| of node |i| asks first, and keeps in |lookups|
// what has to be waited for.
inline void StartLookup(LintWalk* walk, size_t i, const Directive& directive,
                        std::vector<LintLookup>* lookups) {
  if (directive.mechanism == Mechanism::kInclude) {
    // RFC 7208 §6.2 ¶9, §5.2: an included record neither explains nor decides by
    // its "all", and what matches in it is what the include says.
    RecordRole role;
    role.top = false;
    role.authorises = walk->node(i).role.authorises && directive.qualifier == base::Result::kPass;
    return Follow(walk, i, directive.domain_spec, directive.text, role, /*redirect=*/false);
  }
  ++walk->node(i).terms;
  // Whose names a ptr looks up, and what they are, the client decides.
  if (directive.mechanism == Mechanism::kPtr) return;
  const std::optional<dns::Name> target = walk->TargetOf(i, directive.domain_spec, directive.text);
  if (!target.has_value()) return;
  const bool asked = directive.mechanism == Mechanism::kA    ? AskBothFamilies(walk, *target)
                     : directive.mechanism == Mechanism::kMx ? walk->Ask(*target, dns::Type::kMx)
                                                             : walk->Ask(*target, dns::Type::kA);
  if (asked) lookups->push_back({&directive, *target});
}

// StartLookups asks for all that the record of node |i| leads to.
inline std::vector<LintLookup> StartLookups(LintWalk* walk, size_t i) {
  const Record& record = *walk->node(i).record;
  std::vector<LintLookup> lookups;
  for (const Directive& directive : ReachableDirectives(record)) {
    if (NeedsLookup(directive.mechanism)) {
      StartLookup(walk, i, directive, &lookups);
    } else if (walk->node(i).role.authorises && directive.qualifier == base::Result::kPass) {
      if (directive.mechanism == Mechanism::kAll) {
        walk->addresses().Add(*dns::IpAddress::Parse("0.0.0.0"), 0);
        walk->addresses().Add(*dns::IpAddress::Parse("::"), 0);
      } else {
        walk->addresses().Add(directive.network,
                              directive.network.is_v4() ? directive.v4_bits : directive.v6_bits);
      }
    }
  }
  const Modifier* const redirect = record.Find(Modifier::Kind::kRedirect);
  if (redirect != nullptr && !record.HasAll()) {
    Follow(walk, i, redirect->value, redirect->text, walk->node(i).role, /*redirect=*/true);
  }
  return lookups;
}

// LintNodeRecord looks at the record of node |i|, which was asked for.
inline base::Task<bool> LintNodeRecord(LintWalk* walk, size_t i) {
  const dns::Query query(walk->node(i).domain, dns::Type::kTxt);
  const dns::Answer& answer = co_await walk->exchange()->Ask(query);
  if (!walk->ReadRecord(i, answer)) co_return true;
  const std::vector<LintLookup> lookups = StartLookups(walk, i);
  for (const LintLookup& lookup : lookups) {
    const auto start = [](LintWalk* w, size_t node, const LintLookup* of) {
      switch (of->directive->mechanism) {
        case Mechanism::kA:
          return LintAddresses(w, node, of->directive, &of->target);
        case Mechanism::kMx:
          return LintMx(w, node, of);
        default:
          return LintExists(w, node, of);
      }
    };
    base::Task<bool> lint = start(walk, i, &lookup);
    co_await lint;
  }
  const Modifier* const exp = walk->node(i).record->Find(Modifier::Kind::kExplanation);
  if (walk->node(i).role.top && exp != nullptr) {
    base::Task<bool> lint = LintExplanation(walk, i, exp);
    co_await lint;
  }
  co_return true;
}

}  // namespace internal

inline base::Task<bool> LintTree(LintWalk* walk) {
  for (size_t i = 0; i < walk->node_count(); ++i) {
    base::Task<bool> lint = internal::LintNodeRecord(walk, i);
    co_await lint;
  }
  walk->Conclude();
  co_return true;
}

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_LINT_TREE_H_
