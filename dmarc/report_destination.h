// CheckDestination: may reports on one domain go to a URI that another may own?
// RFC 9990 §4, which RFC 9991 §5 applies to failure reports; RFC 7489 §7.1
#ifndef POSTSEAL_DMARC_REPORT_DESTINATION_H_
#define POSTSEAL_DMARC_REPORT_DESTINATION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/ascii.h"
#include "base/task.h"
#include "dmarc/alignment.h"
#include "dmarc/context.h"
#include "dmarc/org_domain.h"
#include "dmarc/record.h"
#include "dmarc/report_uri.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"
#include "dns/rdata.h"

namespace postseal::dmarc {

// ReportKind is the tag that a destination comes from: rua= or ruf=.
enum class ReportKind : uint8_t { kAggregate, kFailure };

enum class Permission : uint8_t {
  kSameOrganization,   // no permission is needed
  kAuthorized,         // the destination says yes
  kOverridden,         // yes, but to other URIs of the same host
  kNotAuthorized,      // it does not: the URI MUST be ignored
  kOverrideElsewhere,  // it names another host: no report goes to either
  kUnsupported,        // no mailto:, so there is no host to ask
  kTempError,          // a lookup failed: not now, perhaps later
};

// PermissionName is |permission| as JSON and the C ABI spell it.
constexpr std::string_view PermissionName(Permission permission) {
  switch (permission) {
    case Permission::kSameOrganization:
      return "same-organization";
    case Permission::kAuthorized:
      return "authorized";
    case Permission::kOverridden:
      return "overridden";
    case Permission::kNotAuthorized:
      return "not-authorized";
    case Permission::kOverrideElsewhere:
      return "override-elsewhere";
    case Permission::kUnsupported:
      return "unsupported";
    case Permission::kTempError:
      return "temperror";
  }
  return "temperror";
}

struct Destination {
  Permission permission = Permission::kNotAuthorized;
  // Where to send; empty unless it may be sent. In the Context's arena.
  std::span<const ReportUri> uris;
};

// CheckDestination checks |uri| of the record found at |policy_domain|. Both must
// outlive the task, and |uri| what uses the Destination.
base::Task<Destination> CheckDestination(Context* c, const dns::Name* policy_domain,
                                         const ReportUri* uri, ReportKind kind);

// Implementation.

namespace internal {

// PermissionQuery asks |host| about |policy_domain|: steps 2 and 3; nullopt when
// the name is too long, step 4.
inline std::optional<dns::Query> PermissionQuery(const dns::Name& policy_domain,
                                                 const dns::Name& host) {
  const std::optional<dns::Name> below = host.Prepend("_report._dmarc");
  const std::optional<dns::Name> name =
      below.has_value() ? below->Prepend(policy_domain.text()) : std::nullopt;
  if (!name.has_value()) return std::nullopt;
  return dns::Query(*name, dns::Type::kTxt);
}

// ReadPermission is what |answer| permits for |uri|: steps 5 to 9.
inline Destination ReadPermission(Context* c, const dns::Answer& answer, const ReportUri* uri,
                                  ReportKind kind) {
  Destination destination;
  if (answer.outcome == dns::Outcome::kTempError) {
    destination.permission = Permission::kTempError;
    return destination;
  }
  const std::span<ReportUri> overrides = c->arena()->NewArray<ReportUri>(kMaxReportUris);
  size_t count = 0;
  bool authorized = false;
  // Step 8: at least one record, so several do not matter, other than for a policy.
  for (const std::string_view rdata : answer.rdata) {
    const std::optional<std::string_view> text = dns::JoinTxt(rdata, c->arena());
    if (!text.has_value()) continue;
    const auto record = ParseRecord(*text, c->options->mode, c->arena());
    // Step 6: "a series of tag=value pairs", all of it [choice].
    if (!record.has_value() || !record->is_tag_list) continue;
    authorized = true;
    for (const ReportUri& other : kind == ReportKind::kAggregate ? record->rua : record->ruf) {
      // Step 9: the same host, or nobody gets a report.
      if (!base::EqualsIgnoreCase(other.host, uri->host)) {
        destination.permission = Permission::kOverrideElsewhere;
        return destination;
      }
      if (count < kMaxReportUris) overrides[count++] = other;
    }
  }
  if (!authorized) return destination;  // step 7
  destination.permission = count == 0 ? Permission::kAuthorized : Permission::kOverridden;
  destination.uris =
      count == 0 ? std::span(uri, 1) : std::span<const ReportUri>(overrides.first(count));
  return destination;
}

}  // namespace internal

inline base::Task<Destination> CheckDestination(Context* c, const dns::Name* policy_domain,
                                                const ReportUri* uri, ReportKind kind) {
  Destination destination;
  const std::optional<dns::Name> host =
      uri->is_mailto() ? dns::Name::Parse(uri->host) : std::nullopt;
  if (!host.has_value()) {
    destination.permission = Permission::kUnsupported;
    co_return destination;
  }
  std::string_view policy_org;
  std::string_view host_org;
  if (!(*host == *policy_domain)) {
    AskOrgDomain(c, *policy_domain);
    AskOrgDomain(c, *host);
    base::Task<std::string_view> find_policy_org = FindOrgDomain(c, policy_domain);
    policy_org = co_await find_policy_org;
    base::Task<std::string_view> find_host_org = FindOrgDomain(c, &*host);
    host_org = co_await find_host_org;
  }
  // Organizational Domains are compared as for relaxed alignment.
  const Alignment alignment =
      Align(AlignmentMode::kRelaxed, policy_domain->text(), policy_org, host->text(), host_org);
  if (alignment == Alignment::kUnknown) {
    destination.permission = Permission::kTempError;
    co_return destination;
  }
  if (IsAligned(alignment)) {
    destination.permission = Permission::kSameOrganization;
    destination.uris = std::span(uri, 1);
    co_return destination;
  }
  const std::optional<dns::Query> query = internal::PermissionQuery(*policy_domain, *host);
  if (!query.has_value()) co_return destination;
  const dns::Answer& answer = co_await c->exchange->Ask(*query);
  co_return internal::ReadPermission(c, answer, uri, kind);
}

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_REPORT_DESTINATION_H_
