#include "dns/unbound_context.h"

#include <unbound.h>

#include <fstream>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "dns/address.h"

namespace postseal::dns::internal {
namespace {

constexpr std::pair<const char*, const char*> kSettings[] = {
    // A server on this machine is as good as any.
    {"do-not-query-localhost:", "no"},
    // The server, not libunbound, knows whom private addresses belong to.
    {"unblock-lan-zones:", "yes"},
    {"insecure-lan-zones:", "yes"},
    // Verdicts do not depend on chance.
    {"rrset-roundrobin:", "no"},
    // libunbound's own 16 sockets would let a few dead servers hold up the rest.
    {"outgoing-range:", "512"},
    {"num-queries-per-thread:", "4096"},
    {"outgoing-num-tcp:", "64"},
};

absl::Status UnboundError(std::string_view what, int error) {
  return absl::InvalidArgumentError(absl::StrCat(what, ": ", ub_strerror(error)));
}

// ForwardAddress turns what UnboundOptions says into libunbound's "ADDRESS@PORT".
std::optional<std::string> ForwardAddress(std::string_view server) {
  if (const auto address = IpAddress::Parse(server)) return address->Print();
  const size_t colon = server.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = ParseDecimal(server.substr(colon + 1), 65535);
  std::string_view host = server.substr(0, colon);
  std::optional<IpAddress> address;
  if (host.starts_with('[') && host.ends_with(']')) {
    address = IpAddress::ParseV6(host.substr(1, host.size() - 2));
  } else {
    address = IpAddress::ParseV4(host);
  }
  if (!address.has_value() || port.value_or(0) == 0) return std::nullopt;
  return absl::StrCat(address->Print(), "@", *port);
}

absl::Status SetServers(ub_ctx* context, const std::vector<std::string>& servers) {
  if (servers.empty()) {
    const int error = ub_ctx_resolvconf(context, "/etc/resolv.conf");
    return error == 0 ? absl::OkStatus() : UnboundError("/etc/resolv.conf", error);
  }
  for (const std::string& server : servers) {
    const auto address = ForwardAddress(server);
    if (!address.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("not an address with or without a port: \"", server, "\""));
    }
    const int error = ub_ctx_set_fwd(context, address->c_str());
    if (error != 0) return UnboundError(server, error);
  }
  return absl::OkStatus();
}

absl::Status SetTrustAnchors(ub_ctx* context, const std::optional<std::string>& file) {
  if (!file.has_value()) return absl::OkStatus();
  // libunbound reads the file later, and says of any error only that there is one.
  if (!std::ifstream(*file)) {
    return absl::InvalidArgumentError(absl::StrCat(*file, ": cannot be read"));
  }
  const int error = ub_ctx_add_ta_file(context, file->c_str());
  return error == 0 ? absl::OkStatus() : UnboundError(*file, error);
}

}  // namespace

void DeleteUnboundContext::operator()(ub_ctx* context) const { ub_ctx_delete(context); }

absl::StatusOr<UnboundContext> MakeUnboundContext(const UnboundOptions& options,
                                                  absl::FunctionRef<ub_ctx*()> create) {
  if (options.lookup_timeout <= options.lookup_timeout.zero() ||
      options.lookup_timeout > kMaxLookupTimeout) {
    return absl::InvalidArgumentError("the lookup timeout is not above 0 and at most a day");
  }
  // What the first context sets up, libunbound's log, is the whole process's and unguarded.
  static std::mutex creating;
  const std::lock_guard lock(creating);
  UnboundContext context(create());
  if (context == nullptr) return absl::ResourceExhaustedError("libunbound has no memory");
  // libunbound would write to standard error.
  ub_ctx_debugout(context.get(), nullptr);
  for (const auto& [name, value] : kSettings) {
    if (const int error = ub_ctx_set_option(context.get(), name, value)) {
      return UnboundError(name, error);
    }
  }
  if (const auto status = SetServers(context.get(), options.forward_servers); !status.ok()) {
    return status;
  }
  if (const auto status = SetTrustAnchors(context.get(), options.trust_anchor_file); !status.ok()) {
    return status;
  }
  return context;
}

// PresentationText is |name| as master-file text, which libunbound takes names in:
// unusual octets as \DDD (RFC 1035 §5.1).
std::string PresentationText(const Name& name) {
  constexpr base::CharSet kPlain = base::kAlphaDigit | base::CharSet("-_.");
  std::string text;
  for (const char c : name.text()) {
    if (kPlain(c)) {
      text += c;
      continue;
    }
    const auto octet = static_cast<uint8_t>(c);
    text += '\\';
    text += static_cast<char>('0' + octet / 100);
    text += static_cast<char>('0' + octet / 10 % 10);
    text += static_cast<char>('0' + octet % 10);
  }
  return text + ".";
}

}  // namespace postseal::dns::internal
