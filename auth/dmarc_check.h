// DmarcCheck: DMARC within a session: it asks ahead at the end of the header, and
// joins when SPF and DKIM have their verdicts.
#ifndef POSTSEAL_AUTH_DMARC_CHECK_H_
#define POSTSEAL_AUTH_DMARC_CHECK_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "auth/dmarc_report.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/task.h"
#include "dmarc/authors.h"
#include "dmarc/context.h"
#include "dmarc/evaluate.h"
#include "dmarc/options.h"
#include "dmarc/verdict.h"
#include "dns/exchange.h"
#include "dns/idna.h"
#include "dns/name.h"
#include "mail/author.h"

namespace postseal::auth {

// ToDmarcAuthors is |authors| as DMARC takes them: domains in A-labels (RFC 9989
// §4.2), those that are no DNS name left out, which makes the field malformed. For a
// malformed field they are the policy domains, so that a policy is asked for wherever a
// reader may see an author (RFC 9989 §11.5). |header_truncated| says that a From field may
// be missing among them.
dmarc::Authors ToDmarcAuthors(const mail::Authors& authors, bool header_truncated,
                              base::Arena* arena);

// DmarcCheck serves one message and one edition of DMARC. Everything pointed to must
// outlive it.
class DmarcCheck {
 public:
  // Everything that can be asked for without SPF and DKIM is asked for at once.
  DmarcCheck(const dmarc::DmarcOptions* options, const dmarc::Authors& authors, base::Arena* arena,
             dns::Exchange* exchange)
      : context_(options, arena, exchange),
        authors_(authors),
        preparation_(dmarc::Prepare(&context_, &authors_)) {
    preparation_.Start();
  }
  DmarcCheck(const DmarcCheck&) = delete;
  DmarcCheck& operator=(const DmarcCheck&) = delete;

  // Join starts the evaluation. |identifiers| must outlive this.
  void Join(std::span<const dmarc::Identifier> identifiers) {
    identifiers_ = identifiers;
    task_.emplace(Evaluate(&context_, this));
    task_->Start();
  }

  bool joined() const { return task_.has_value(); }
  // done says whether there is a verdict.
  bool done() const { return task_.has_value() && task_->done(); }
  // verdict and Report require done().
  const dmarc::Verdict& verdict() const { return task_->result(); }
  DmarcReport Report() const { return MakeDmarcReport(verdict(), identifiers_); }

 private:
  static base::Task<dmarc::Verdict> Evaluate(dmarc::Context* c, DmarcCheck* check) {
    const dmarc::Prepared prepared = co_await check->preparation_;
    base::Task<dmarc::Verdict> evaluate =
        dmarc::EvaluatePrepared(c, &check->authors_, &prepared, check->identifiers_);
    const dmarc::Verdict verdict = co_await evaluate;
    co_return verdict;
  }

  dmarc::Context context_;
  const dmarc::Authors authors_;
  std::span<const dmarc::Identifier> identifiers_;
  base::Task<dmarc::Prepared> preparation_;
  // Last: it is dropped before what it uses.
  std::optional<base::Task<dmarc::Verdict>> task_;
};

// Implementation.

namespace internal {

constexpr dmarc::FromForm ToFromForm(mail::AuthorState state) {
  switch (state) {
    case mail::AuthorState::kMissing:
      return dmarc::FromForm::kMissing;
    case mail::AuthorState::kSeveralFields:
      return dmarc::FromForm::kSeveralFields;
    case mail::AuthorState::kMalformed:
    case mail::AuthorState::kNoDomain:
      return dmarc::FromForm::kMalformed;
    case mail::AuthorState::kSeveralDomains:
    case mail::AuthorState::kSeveralMailboxes:
    case mail::AuthorState::kOneAuthor:
      return dmarc::FromForm::kOneField;
  }
  return dmarc::FromForm::kMalformed;
}

}  // namespace internal

namespace internal {

// ToMailDomain is |domain| as a name, in A-labels; nullopt when no mailbox can have such a
// domain. RFC 5322 §3.4.1 has any atext in it, as in "victim.example'" or an encoded-word,
// RFC 5321 §4.1.2 letters, digits and hyphens. "_" occurs in mail [deviation].
inline std::optional<dns::Name> ToMailDomain(std::string_view domain) {
  constexpr base::CharSet kOctets = base::kAlphaDigit | base::kNonAscii | base::CharSet("-_.");
  return base::AllIn(domain, kOctets) ? dns::ParseInternational(domain) : std::nullopt;
}

// ToNames are |domains| as names. Empty when one of them is none.
inline std::span<const dns::Name> ToNames(std::span<const std::string_view> domains,
                                          base::Arena* arena) {
  const std::span<dns::Name> names = arena->NewArray<dns::Name>(domains.size());
  for (size_t i = 0; i < domains.size(); ++i) {
    const std::optional<dns::Name> name = ToMailDomain(domains[i]);
    if (!name.has_value()) return {};
    names[i] = *name;
  }
  return names;
}

// ToPolicyNames are |domains| as names, where a label that is none, such as a U-label that
// IDNA refuses, is left out with those before it: the policy of the rest applies to what a
// reader shows.
inline std::span<const dns::Name> ToPolicyNames(std::span<const std::string_view> domains,
                                                base::Arena* arena) {
  const std::span<dns::Name> names = arena->NewArray<dns::Name>(domains.size());
  size_t count = 0;
  for (std::string_view domain : domains) {
    while (!domain.empty()) {
      if (const std::optional<dns::Name> name = ToMailDomain(domain)) {
        names[count++] = *name;
        break;
      }
      const size_t dot = domain.find('.');
      domain = dot == std::string_view::npos ? std::string_view() : domain.substr(dot + 1);
    }
  }
  return names.first(count);
}

}  // namespace internal

inline dmarc::Authors ToDmarcAuthors(const mail::Authors& authors, bool header_truncated,
                                     base::Arena* arena) {
  dmarc::FromForm form = internal::ToFromForm(authors.state);
  if (form == dmarc::FromForm::kOneField) {
    const std::span<const dns::Name> names = internal::ToNames(authors.domains, arena);
    // RFC 2047 §5 (3): an encoded-word must not stand in an addr-spec; readers that decode
    // it show another address.
    if (!names.empty() && !header_truncated && !authors.flags.encoded_word_in_address) {
      return dmarc::Authors(form, names);
    }
    form = dmarc::FromForm::kMalformed;
  }
  if (header_truncated) form = dmarc::FromForm::kNotAllSeen;
  // What was not seen may name one more.
  const size_t unseen = header_truncated ? 1 : 0;
  return dmarc::Authors(form, internal::ToPolicyNames(authors.policy_domains, arena),
                        authors.policy_domains_skipped + unseen);
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_DMARC_CHECK_H_
