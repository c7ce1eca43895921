// STUB until branch config is merged.
#ifndef POSTSEAL_MILTER_SIGNING_TABLES_H_
#define POSTSEAL_MILTER_SIGNING_TABLES_H_
#include <string>
#include <string_view>
#include <vector>

#include "auth/sign_session.h"
namespace postseal::milter {
struct SigningChoice {
  bool matched = false;
  std::vector<auth::SigningJob> jobs;
  std::vector<std::string> faults;
};
class SigningTables {
 public:
  SigningChoice Choose(std::string_view, std::string_view) const { return {}; }
};
}  // namespace postseal::milter
#endif
