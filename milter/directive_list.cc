#include "milter/directive_list.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "dkim/policy.h"
#include "mail/message_reader.h"
#include "milter/directive.h"
#include "store/quota.h"

namespace postseal::milter {
namespace {

struct Default {
  std::string_view name;
  std::string_view value;
  std::string_view opendkim = {};  // in OpenDKIM's files; empty: the same
};

// Without those that are made of constants: see DefaultOf.
constexpr Default kDefaults[] = {
    {"Include", "(none)"},
    {"BaseDirectory", "(where the process is started)"},
    {"ChangeRootDirectory", "(none)"},
    {"Socket", "(none: it must be there, or -p)"},
    {"UserID", "(who starts the process)"},
    {"UMask", "(that of who starts the process)"},
    {"PidFile", "(none)"},
    {"Background", "yes"},
    {"Threads", "0"},
    {"MetricsSocket", "(none)"},
    {"Syslog", "no"},
    {"SyslogFacility", "mail"},
    {"SyslogName", "(postseal-milter)"},
    {"SyslogSuccess", "no"},
    {"LogWhy", "no"},
    {"LogResults", "no"},
    {"Mode", "sv"},
    {"InternalHosts", "127.0.0.1, ::1"},
    {"AllowSignFromAnywhere", "no"},
    {"ExternalIgnoreList", "(none)"},
    {"PeerList", "(none)"},
    {"IgnoreHosts", "(none)"},
    {"TrustedRelays", "(none)"},
    {"IgnoreAuthenticatedClients", "yes"},
    {"ExemptDomains", "(none)"},
    {"DontSignMailTo", "(none)"},
    {"SigningLoginTable", "(none: every login may write as any author)"},
    {"MTA", "(none)"},
    {"MacroList", "(none)"},
    {"KeyTable", "(none)"},
    {"SigningTable", "(none)"},
    {"Domain", "(none)"},
    {"Selector", "(none)"},
    {"KeyFile", "(none)"},
    {"SubDomains", "no"},
    {"MultipleSignatures", "no"},
    {"Canonicalization", "relaxed/relaxed", "simple/simple"},
    {"SignatureAlgorithm", "rsa-sha256"},
    {"SignatureTTL", "0"},
    {"SignHeaders",
     "(what a reader sees, what says how the body is read, Resent- and List- fields)",
     "(OpenDKIM's)"},
    {"OmitHeaders", "(none)", "(OpenDKIM's)"},
    {"OversignHeaders",
     "(From; of those that are there, what a reader sees and what says how the "
     "body is read)",
     "(none)"},
    {"Diagnostics", "no"},
    {"RequireSafeKeys", "yes"},
    {"MinimumKeyBits", "1024"},
    {"CheckPublishedKeys", "no"},
    {"AuthservID", "(the name that the MTA gives itself, macro j)"},
    {"AuthservIDWithJobID", "no"},
    {"AlwaysAddARHeader", "no"},
    {"AddReceivedSPF", "yes"},
    {"KeepAuthResults", "no"},
    {"RemoveARAll", "no"},
    {"RemoveARFrom", "(none)"},
    {"SoftwareHeader", "no"},
    {"AllowRsaSha1", "no"},
    {"Nameservers", "(those of /etc/resolv.conf)"},
    {"MessageTimeout", "20"},
    {"DNSTimeout", "5"},
    {"TrustAnchorFile", "(none: DNSSEC is not validated)"},
    {"ZoneFile", "(none)"},
    {"TestPublicKeys", "(none)"},
    {"TestDNSData", "(none)"},
    {"On-Default", "(none)"},
    {"On-BadSignature", "(accept)"},
    {"On-DNSError", "(accept)"},
    {"On-InternalError", "(tempfail for what should be signed, else accept)"},
    {"On-KeyNotFound", "(accept)"},
    {"On-NoSignature", "(accept)"},
    {"On-Security", "(accept)"},
    {"On-SignatureError", "(On-InternalError without a usable key, else accept)"},
    {"Quarantine", "no"},
    {"CaptureUnknownErrors", "no"},
    {"RejectFailures", "no"},
    {"HoldQuarantinedMessages", "no"},
    {"RequiredHeaders", "no"},
    {"RejectMultiValueFrom", "no"},
    {"SPFReject", "never"},
    {"SPFTempErrorDefer", "no"},
    {"DMARCTempErrorDefer", "(yes with RejectFailures, unless On-DNSError is there)"},
    {"Store", "(none: nothing is kept)"},
    {"HistoryFile", "(none)"},
    {"SpoolDirectory", "(the path of the SQLite database with .spool behind it)"},
    {"SpoolFsync", "no"},
    {"NodeName", "(the host's name)"},
    {"OnStoreError", "accept"},
    {"StoreRetention", "90"},
};

std::string_view KindName(ValueKind kind) {
  switch (kind) {
    case ValueKind::kBoolean:
      return "boolean";
    case ValueKind::kInteger:
      return "integer";
    case ValueKind::kString:
      return "string";
    case ValueKind::kDataSet:
      return "dataset";
  }
  return "";
}

std::string_view SupportName(Support support) {
  switch (support) {
    case Support::kDone:
      return "done";
    case Support::kNeedless:
      return "needless";
    case Support::kIgnored:
      return "ignored";
    case Support::kObsolete:
      return "obsolete";
  }
  return "";
}

}  // namespace

std::string DefaultOf(std::string_view name, Dialect dialect) {
  if (base::EqualsIgnoreCase(name, "MaximumHeaders")) {
    return absl::StrCat("(", mail::HeaderLimits::kMaxHeaderOctets, ")");
  }
  if (base::EqualsIgnoreCase(name, "MaximumSignaturesToVerify")) {
    return absl::StrCat("(", dkim::VerifyOptions().max_signatures, ")");
  }
  if (base::EqualsIgnoreCase(name, "ClockDrift")) {
    return absl::StrCat("(", dkim::VerifyOptions().clock_skew_seconds, ")");
  }
  if (base::EqualsIgnoreCase(name, "StoreRowsPerDomain")) {
    return absl::StrCat(store::kRowsADomain);
  }
  if (base::EqualsIgnoreCase(name, "StoreRowsPerDay")) return absl::StrCat(store::kRowsADay);
  for (const Default& one : kDefaults) {
    if (!base::EqualsIgnoreCase(one.name, name)) continue;
    const bool is_other = dialect == Dialect::kOpenDkim && !one.opendkim.empty();
    return std::string(is_other ? one.opendkim : one.value);
  }
  return "";
}

std::string ListDirectives() {
  std::string out;
  for (const Directive& directive : AllDirectives()) {
    absl::StrAppend(&out, directive.name, "\t", KindName(directive.kind), "\t",
                    SupportName(directive.support), "\t",
                    DefaultOf(directive.name, Dialect::kPostseal), "\t",
                    DefaultOf(directive.name, Dialect::kOpenDkim), "\t", directive.meaning, "\n");
  }
  return out;
}

}  // namespace postseal::milter
