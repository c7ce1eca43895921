#include "dns/unbound_resolver.h"

#include <poll.h>
#include <unbound.h>

#include <algorithm>
#include <fstream>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "base/check.h"
#include "dns/address.h"

namespace postseal::dns {
namespace {

constexpr int kClassIn = 1;        // RFC 1035 §3.2.4
constexpr int kRcodeNoError = 0;   // RFC 1035 §4.1.1
constexpr int kRcodeNxDomain = 3;  // RFC 1035 §4.1.1

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

// ToAnswer translates |result|; the views are put into |rdata|.
Answer ToAnswer(int error, const ub_result* result, std::vector<std::string_view>* rdata) {
  Answer answer(Outcome::kTempError);
  if (error != 0 || result == nullptr || result->bogus != 0) return answer;
  if (result->rcode == kRcodeNxDomain) {
    answer.outcome = Outcome::kNxDomain;
  } else if (result->rcode != kRcodeNoError) {
    return answer;
  } else if (result->havedata == 0) {
    answer.outcome = Outcome::kNoData;
  } else {
    answer.outcome = Outcome::kRecords;
    for (size_t i = 0; result->data[i] != nullptr; ++i) {
      rdata->emplace_back(result->data[i], static_cast<size_t>(result->len[i]));
    }
    answer.rdata = *rdata;
  }
  answer.dnssec_secure = result->secure != 0;
  answer.ttl_seconds = static_cast<uint32_t>(std::max(result->ttl, 0));
  return answer;
}

}  // namespace

void UnboundResolver::DeleteContext::operator()(ub_ctx* context) const { ub_ctx_delete(context); }

absl::StatusOr<std::unique_ptr<UnboundResolver>> UnboundResolver::Create(
    const UnboundOptions& options) {
  if (options.lookup_timeout <= options.lookup_timeout.zero() ||
      options.lookup_timeout > kMaxLookupTimeout) {
    return absl::InvalidArgumentError("the lookup timeout is not above 0 and at most a day");
  }
  // What the first context sets up, libunbound's log, is the whole process's and unguarded.
  static std::mutex creating;
  const std::lock_guard lock(creating);
  Context context(ub_ctx_create());
  if (context == nullptr) return absl::ResourceExhaustedError("libunbound has no memory");
  // libunbound would write to standard error.
  ub_ctx_debugout(context.get(), nullptr);
  for (const auto& [name, value] : kSettings) {
    if (const int error = ub_ctx_set_option(context.get(), name, value)) {
      return UnboundError(name, error);
    }
  }
  // A thread: a forked process would take the host's descriptors along.
  if (const int error = ub_ctx_async(context.get(), /*dothread=*/1)) {
    return UnboundError("libunbound", error);
  }
  if (const auto status = SetServers(context.get(), options.forward_servers); !status.ok()) {
    return status;
  }
  if (const auto status = SetTrustAnchors(context.get(), options.trust_anchor_file); !status.ok()) {
    return status;
  }
  // Settings are checked when they are first used: removing data that is not
  // there does nothing else.
  if (const int error = ub_ctx_data_remove(context.get(), "postseal.invalid.")) {
    return UnboundError(options.trust_anchor_file.value_or("libunbound"), error);
  }
  return std::unique_ptr<UnboundResolver>(
      new UnboundResolver(std::move(context), options.lookup_timeout));
}

UnboundResolver::~UnboundResolver() {
  while (!outstanding_.empty()) Cancel(outstanding_.begin()->first);
}

void UnboundResolver::OnResult(void* outstanding, int error, ub_result* result) {
  const auto* const lookup = static_cast<const Outstanding*>(outstanding);
  std::vector<std::string_view> rdata;
  const Answer answer = ToAnswer(error, result, &rdata);
  lookup->resolver->Finish(lookup->id, answer);
  ub_resolve_free(result);
}

void UnboundResolver::Finish(LookupId id, const Answer& answer) {
  const auto node = outstanding_.extract(id);
  POSTSEAL_CHECK(!node.empty());
  ++finished_;
  // Last, and with nothing of the lookup left: |done| may call any of our functions.
  Done done = std::move(node.mapped().done);
  done(answer);
}

AsyncResolver::LookupId UnboundResolver::Start(const Query& query, Done done) {
  const LookupId id = ++last_id_;
  const Deadline timeout = std::chrono::steady_clock::now() + lookup_timeout_;
  Outstanding* const lookup =
      &outstanding_.emplace(id, Outstanding{this, id, timeout, std::move(done)}).first->second;
  int async_id = 0;
  const int error =
      ub_resolve_async(context_.get(), PresentationText(query.name).c_str(),
                       static_cast<int>(query.type), kClassIn, lookup, &OnResult, &async_id);
  if (error != 0) {
    Finish(id, Answer(Outcome::kTempError));
  } else if (const auto it = outstanding_.find(id); it != outstanding_.end()) {
    it->second.async_id = async_id;
  }
  return id;
}

void UnboundResolver::Cancel(LookupId id) {
  const auto it = outstanding_.find(id);
  if (it == outstanding_.end()) return;
  // Its result, if it is on its way, is dropped by libunbound.
  ub_cancel(context_.get(), it->second.async_id);
  outstanding_.erase(it);
}

int UnboundResolver::fd() const { return ub_fd(context_.get()); }

absl::Status UnboundResolver::Process() {
  const int error = ub_process(context_.get());
  const Deadline now = error == 0 ? std::chrono::steady_clock::now() : Deadline::max();
  // What a |done| starts meanwhile has a later timeout: this ends.
  const LookupId last = last_id_;
  while (!outstanding_.empty()) {
    const auto& [id, lookup] = *outstanding_.begin();
    if (id > last || lookup.timeout > now) break;
    ub_cancel(context_.get(), lookup.async_id);
    Finish(id, Answer(Outcome::kTempError));
  }
  if (error == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("libunbound: ", ub_strerror(error)));
}

std::optional<Deadline> UnboundResolver::next_timeout() const {
  if (outstanding_.empty()) return std::nullopt;
  return outstanding_.begin()->second.timeout;
}

bool UnboundResolver::Wait(Deadline deadline) {
  const uint64_t before = finished_;
  for (;;) {
    // When it fails, it has handed out temporary errors.
    Process().IgnoreError();
    if (finished_ != before) return true;
    const Deadline now = std::chrono::steady_clock::now();
    if (outstanding_.empty() || now >= deadline) return false;
    const auto wait =
        std::chrono::ceil<std::chrono::milliseconds>(std::min(deadline, *next_timeout()) - now);
    pollfd readable = {fd(), POLLIN, 0};
    // Interrupted or not, the loop looks again; kMaxLookupTimeout fits an int.
    poll(&readable, 1, static_cast<int>(std::max<int64_t>(wait.count(), 0)));
  }
}

void UnboundResolver::Resolve(std::span<const PendingQuery> batch, Deadline deadline,
                              Provide provide) {
  size_t left = batch.size();
  std::vector<LookupId> lookups;
  lookups.reserve(batch.size());
  for (const PendingQuery& pending : batch) {
    lookups.push_back(
        Start(pending.query, [&left, &provide, id = pending.id](const Answer& answer) {
          --left;
          provide(id, answer);
        }));
  }
  while (left > 0 && Wait(deadline)) {
  }
  for (const LookupId lookup : lookups) Cancel(lookup);
}

}  // namespace postseal::dns
