// The names of the client: PTR records whose names have its address. They are for
// the ptr mechanism and for %{p}. RFC 7208 §5.5, §7.3
#ifndef POSTSEAL_SPF_PTR_H_
#define POSTSEAL_SPF_PTR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/task.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "spf/evaluation.h"
#include "spf/macro.h"
#include "spf/reason.h"

namespace postseal::spf {

// Whether a lookup counts as one of a term: those of an explanation do not.
// RFC 7208 §4.6.4 ¶1
enum class Counting : uint8_t { kTerm, kExplanation };

// PtrNames are the names of the client's PTR records, not validated: the first
// SpfOptions::max_ptr_names of them, in their order. Or the limit that stops the
// evaluation.
struct PtrNames {
  explicit PtrNames(std::span<const dns::Name> ptr_names) : names(ptr_names) {}
  explicit PtrNames(Reason limit) : error(limit) {}

  std::span<const dns::Name> names;
  std::optional<Reason> error;
};

// ValidatedName is what %{p} expands to, or the limit that stops the evaluation.
struct ValidatedName {
  explicit ValidatedName(std::string_view validated) : text(validated) {}
  explicit ValidatedName(Reason limit) : error(limit) {}

  std::string_view text;
  std::optional<Reason> error;
};

// FindPtrNames asks for the client's PTR records.
base::Task<PtrNames> FindPtrNames(Evaluation* e, Counting counting);

// IsValidated asks for the addresses of |name| and looks for the client's. An
// error of the DNS is no (RFC 7208 §5.5 ¶3). The lookup is no void lookup: who
// sends the mail, and not the domain, is at fault (§4.6.4 ¶4) [choice].
base::Task<bool> IsValidated(Evaluation* e, const dns::Name* name);

// FindValidatedName finds the name for %{p}: |domain| itself, a subdomain of it,
// or any other, in this order; "unknown" without one.
base::Task<ValidatedName> FindValidatedName(Evaluation* e, const dns::Name* domain,
                                            Counting counting);

// FindMacroName is FindValidatedName where |macros| has %{p}, and no text otherwise.
base::Task<ValidatedName> FindMacroName(Evaluation* e, const dns::Name* domain,
                                        const MacroString* macros, Counting counting);

// HasAddress says whether a record of |answer| has the first |bits| bits of |client|.
bool HasAddress(const dns::Answer& answer, const dns::IpAddress& client, int bits);

// Implementation.

inline bool HasAddress(const dns::Answer& answer, const dns::IpAddress& client, int bits) {
  const dns::Prefix prefix(client, bits);
  for (const std::string_view rdata : answer.rdata) {
    const std::optional<dns::IpAddress> address = dns::ParseAddress(rdata);
    if (address.has_value() && prefix.Contains(*address)) return true;
  }
  return false;
}

namespace internal {

// IsVoid says whether a lookup found nothing. RFC 7208 §4.6.4 ¶6
inline bool IsVoid(const dns::Answer& answer) {
  switch (answer.outcome) {
    case dns::Outcome::kNoData:
    case dns::Outcome::kNxDomain:
    case dns::Outcome::kNotFound:
      return true;
    case dns::Outcome::kRecords:
    case dns::Outcome::kTempError:
      return false;
  }
  return false;
}

// ReadPtrNames reads the first |max_names| records of |answer|.
inline std::span<const dns::Name> ReadPtrNames(Evaluation* e, const dns::Answer& answer) {
  const size_t max_names = e->options->max_ptr_names;
  const size_t size = answer.rdata.size() < max_names ? answer.rdata.size() : max_names;
  const std::span<dns::Name> names = e->arena()->NewArray<dns::Name>(size);
  size_t count = 0;
  for (const std::string_view rdata : answer.rdata.first(size)) {
    const std::optional<dns::Name> name = dns::ParseName(rdata);
    if (name.has_value() && !name->is_root()) names[count++] = *name;
  }
  return names.first(count);
}

// AskAddresses sends the query for |name|'s addresses without waiting for it, so
// that those of several names are under way together. False when the budget is spent.
inline bool AskAddresses(Evaluation* e, const dns::Name& name) {
  if (!e->budget.TakeQuery()) return false;
  e->exchange->Ask(dns::Query(name, e->address_type()));
  return true;
}

// Rank is the order in which %{p} prefers names. RFC 7208 §7.3 ¶12
inline int Rank(const dns::Name& name, const dns::Name& domain) {
  if (name == domain) return 0;
  return name.IsAtOrBelow(domain) ? 1 : 2;
}

}  // namespace internal

inline base::Task<PtrNames> FindPtrNames(Evaluation* e, Counting counting) {
  if (!e->budget.TakeQuery()) co_return PtrNames(Reason::kTooManyQueries);
  const dns::Query query(e->facts.client.ReverseName(), dns::Type::kPtr);
  const dns::Answer& answer = co_await e->exchange->Ask(query);
  if (counting == Counting::kTerm && internal::IsVoid(answer) && !e->budget.TakeVoidLookup()) {
    co_return PtrNames(Reason::kTooManyVoidLookups);
  }
  // RFC 7208 §5.5 ¶3: an error of the DNS is as no record.
  co_return PtrNames(internal::ReadPtrNames(e, answer));
}

inline base::Task<bool> IsValidated(Evaluation* e, const dns::Name* name) {
  const dns::Query query(*name, e->address_type());
  const dns::Answer& answer = co_await e->exchange->Ask(query);
  co_return HasAddress(answer, e->facts.client, e->facts.client.bit_count());
}

inline base::Task<ValidatedName> FindValidatedName(Evaluation* e, const dns::Name* domain,
                                                   Counting counting) {
  // RFC 7208 §4.6.4 ¶3: the query for PTR records is one of the terms. It is sent
  // once, and a ptr mechanism may have counted it. [choice]
  if (counting == Counting::kTerm && !e->ptr_counted) {
    if (!e->budget.TakeTerm()) co_return ValidatedName(Reason::kTooManyTerms);
    e->ptr_counted = true;
  }
  base::Task<PtrNames> find_names = FindPtrNames(e, counting);
  const PtrNames found = co_await find_names;
  if (found.error.has_value()) co_return ValidatedName(*found.error);
  for (const dns::Name& name : found.names) {
    if (!internal::AskAddresses(e, name)) co_return ValidatedName(Reason::kTooManyQueries);
  }
  for (int rank = 0; rank <= 2; ++rank) {
    for (const dns::Name& name : found.names) {
      if (internal::Rank(name, *domain) != rank) continue;
      base::Task<bool> validate = IsValidated(e, &name);
      const bool validated = co_await validate;
      if (validated) co_return ValidatedName(name.text());
    }
  }
  co_return ValidatedName(std::string_view("unknown"));
}

inline base::Task<ValidatedName> FindMacroName(Evaluation* e, const dns::Name* domain,
                                               const MacroString* macros, Counting counting) {
  if (!macros->Uses('p')) co_return ValidatedName(std::string_view());
  base::Task<ValidatedName> find = FindValidatedName(e, domain, counting);
  const ValidatedName name = co_await find;
  co_return name;
}

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_PTR_H_
