// SpfCheck: one check_host() within a session that asks for other things too.
#ifndef POSTSEAL_AUTH_SPF_CHECK_H_
#define POSTSEAL_AUTH_SPF_CHECK_H_

#include "auth/spf_report.h"
#include "base/arena.h"
#include "base/task.h"
#include "dns/exchange.h"
#include "spf/budget.h"
#include "spf/check_host.h"
#include "spf/evaluation.h"
#include "spf/verdict.h"

namespace postseal::auth {

// SpfCheck starts when it is made. Everything pointed to, and the text of the
// request, must outlive it.
class SpfCheck {
 public:
  SpfCheck(const spf::SpfOptions* options, const spf::Request& request, base::Arena* arena,
           dns::Exchange* exchange)
      : identity_(request.identity),
        evaluation_(options, request, arena, exchange),
        task_(spf::CheckHost(&evaluation_)) {
    task_.Start();
  }
  SpfCheck(const SpfCheck&) = delete;
  SpfCheck& operator=(const SpfCheck&) = delete;

  // done says whether there is a verdict.
  bool done() const { return task_.done(); }
  // verdict requires done().
  const spf::Verdict& verdict() const { return task_.result(); }
  SpfReport Report() const { return MakeSpfReport(verdict(), identity_); }

 private:
  const spf::Identity identity_;
  spf::Evaluation evaluation_;
  // Last: it is dropped before what it uses.
  base::Task<spf::Verdict> task_;
};

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_SPF_CHECK_H_
