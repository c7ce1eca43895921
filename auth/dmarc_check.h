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
// §4.2), those that are no DNS name left out, which makes the field malformed.
// |header_truncated| says that a From field may be missing among them.
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

inline dmarc::Authors ToDmarcAuthors(const mail::Authors& authors, bool header_truncated,
                                     base::Arena* arena) {
  dmarc::FromForm form = internal::ToFromForm(authors.state);
  if (header_truncated) form = dmarc::FromForm::kNotAllSeen;
  const std::span<dns::Name> names = arena->NewArray<dns::Name>(authors.domains.size());
  size_t count = 0;
  for (const std::string_view domain : authors.domains) {
    const std::optional<dns::Name> name = dns::ParseInternational(domain);
    if (name.has_value()) {
      names[count++] = *name;
    } else if (form == dmarc::FromForm::kOneField) {
      form = dmarc::FromForm::kMalformed;
    }
  }
  return dmarc::Authors(form, names.first(count));
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_DMARC_CHECK_H_
