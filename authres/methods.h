// Results of the methods, with the properties that RFC 8601 §2.7 and the registry
// of methods give them. Values are data: Print escapes them.
#ifndef POSTSEAL_AUTHRES_METHODS_H_
#define POSTSEAL_AUTHRES_METHODS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "authres/authentication_results.h"
#include "base/result.h"

namespace postseal::authres {

// DkimProperties is what a signature says of itself. An empty member is left out.
struct DkimProperties {
  std::string_view domain;            // header.d, RFC 8601 §2.7.1
  std::string_view identity;          // header.i, RFC 8601 §2.7.1
  std::string_view algorithm;         // header.a, RFC 8601 §2.7.1
  std::string_view selector;          // header.s, RFC 8601 §2.7.1
  std::string_view signature_prefix;  // header.b, RFC 6008 §3
};

// Identity says how much of a mailbox a result names. RFC 8601 §2.7.2: the
// local-part should not be there unless it was used to arrive at the result, as by
// a macro of SPF.
enum class Identity : uint8_t { kDomain, kMailbox };

// DkimResult is the result of one signature. RFC 8601 §2.7.1
Result DkimResult(base::Result result, const DkimProperties& properties);

// SpfMailFromResult is the result of SPF for the MAIL FROM identity |mailbox|
// (postmaster@HELO for the null reverse-path, RFC 7208 §2.4); SpfHeloResult that for
// the HELO identity. Each is a result of its own. RFC 8601 §2.7.2
Result SpfMailFromResult(base::Result result, std::string_view mailbox,
                         Identity identity = Identity::kDomain);
Result SpfHeloResult(base::Result result, std::string_view helo);

// DmarcResult is the result of DMARC for the domain of the From field, with the
// policy that came to be applied unless |policy| is empty.
Result DmarcResult(base::Result result, std::string_view from_domain, std::string_view policy);

// ArcResult is the chain's status; |oldest_pass| is the instance of the oldest
// message signature that passes, 0 when all do, and |remote_ip| the client's
// address unless it is empty. RFC 8617 §6
Result ArcResult(base::Result result, std::optional<int> oldest_pass, std::string_view remote_ip);

// IprevResult is the result of the reverse lookup of |client_ip|. RFC 8601 §2.7.3
Result IprevResult(base::Result result, std::string_view client_ip);

namespace internal {

inline Result MakeResult(std::string_view method, base::Result result) {
  return {.method = std::string(method), .result = std::string(base::ResultName(result))};
}

inline void AddProperty(std::string_view ptype, std::string_view property, std::string_view value,
                        Result* result) {
  if (value.empty()) return;
  result->properties.push_back({std::string(ptype), std::string(property), std::string(value)});
}

// DomainOf is what stands after the last "@", which no domain holds; or all.
constexpr std::string_view DomainOf(std::string_view mailbox) {
  const size_t at = mailbox.rfind('@');
  return at == mailbox.npos ? mailbox : mailbox.substr(at + 1);
}

}  // namespace internal

inline Result DkimResult(base::Result result, const DkimProperties& properties) {
  Result out = internal::MakeResult("dkim", result);
  internal::AddProperty("header", "d", properties.domain, &out);
  internal::AddProperty("header", "i", properties.identity, &out);
  internal::AddProperty("header", "a", properties.algorithm, &out);
  internal::AddProperty("header", "s", properties.selector, &out);
  internal::AddProperty("header", "b", properties.signature_prefix, &out);
  return out;
}

inline Result SpfMailFromResult(base::Result result, std::string_view mailbox, Identity identity) {
  Result out = internal::MakeResult("spf", result);
  internal::AddProperty("smtp", "mailfrom",
                        identity == Identity::kMailbox ? mailbox : internal::DomainOf(mailbox),
                        &out);
  return out;
}

inline Result SpfHeloResult(base::Result result, std::string_view helo) {
  Result out = internal::MakeResult("spf", result);
  internal::AddProperty("smtp", "helo", helo, &out);
  return out;
}

inline Result DmarcResult(base::Result result, std::string_view from_domain,
                          std::string_view policy) {
  Result out = internal::MakeResult("dmarc", result);
  internal::AddProperty("header", "from", from_domain, &out);
  internal::AddProperty("policy", "dmarc", policy, &out);
  return out;
}

inline Result ArcResult(base::Result result, std::optional<int> oldest_pass,
                        std::string_view remote_ip) {
  Result out = internal::MakeResult("arc", result);
  if (oldest_pass.has_value()) {
    internal::AddProperty("header", "oldest-pass", absl::StrCat(*oldest_pass), &out);
  }
  internal::AddProperty("smtp", "remote-ip", remote_ip, &out);
  return out;
}

inline Result IprevResult(base::Result result, std::string_view client_ip) {
  Result out = internal::MakeResult("iprev", result);
  internal::AddProperty("policy", "iprev", client_ip, &out);
  return out;
}

}  // namespace postseal::authres

#endif  // POSTSEAL_AUTHRES_METHODS_H_
