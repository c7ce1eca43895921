// PublicSuffixList: the list of publicsuffix.org, read by libpsl. It serves the
// RFC 7489 mode alone: RFC 9989 replaced it by the tree walk.
#ifndef POSTSEAL_DMARC_PUBLIC_SUFFIX_H_
#define POSTSEAL_DMARC_PUBLIC_SUFFIX_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "dmarc/suffix_list.h"
#include "dns/name.h"

namespace postseal::dmarc {

// PublicSuffixList may be used by several threads at once.
class PublicSuffixList : public SuffixList {
 public:
  // Builtin is the list that libpsl was built with, as old as that is.
  // FailedPrecondition when it was built without.
  static absl::StatusOr<std::unique_ptr<PublicSuffixList>> Builtin();
  // Load reads |text| in the format of public_suffix_list.dat, from wherever the
  // host has it. InvalidArgument when there is no rule in it.
  static absl::StatusOr<std::unique_ptr<PublicSuffixList>> Load(std::string_view text);

  ~PublicSuffixList() override;
  PublicSuffixList(const PublicSuffixList&) = delete;
  PublicSuffixList& operator=(const PublicSuffixList&) = delete;

  std::string_view OrgDomain(const dns::Name& domain) const override;
  // IsSuffix says whether |domain| is a public suffix itself. RFC 7489 §3.2 counts
  // top-level domains that the list does not know too, by its rule "*".
  bool IsSuffix(const dns::Name& domain) const;

 private:
  struct Handle;
  explicit PublicSuffixList(std::unique_ptr<Handle> handle);

  std::unique_ptr<Handle> handle_;
};

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_PUBLIC_SUFFIX_H_
