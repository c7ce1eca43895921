#include "cli/name_service.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/message_source.h"

namespace postseal::cli {
namespace {

// kMaxZoneFileOctets bounds one zone file, in octets.
constexpr size_t kMaxZoneFileOctets = 256 * 1024 * 1024;

}  // namespace

absl::StatusOr<std::string> ReadTextFile(const std::string& path, size_t max_octets) {
  absl::StatusOr<MessageSource> source = MessageSource::Open(path, /*convert_unix_form=*/false);
  if (!source.ok()) return source.status();
  std::string text;
  absl::Status status = source->ForEachChunk([&](std::string_view chunk) {
    if (text.size() + chunk.size() > max_octets) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": larger than ", max_octets, " octets"));
    }
    text.append(chunk);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return text;
}

absl::StatusOr<std::unique_ptr<NameService>> NameService::Create(const CommonOptions& options) {
  std::unique_ptr<NameService> service(new NameService());
  if (options.dns.has_value() && !options.zones.empty()) {
    return absl::InvalidArgumentError("--zone and --dns cannot be given together");
  }
  service->server_ = options.dns;
  service->timeout_ =
      std::chrono::milliseconds(static_cast<int64_t>(options.timeout_seconds * 1000));
  if (options.dns.has_value()) {
    // A bad address is said at once, not when a message first needs it.
    if (absl::Status status = service->OpenUnbound(); !status.ok()) return status;
  }
  if (options.zones.empty()) return service;
  service->zone_ = std::make_shared<dns::ZoneResolver>();
  for (const std::string& path : options.zones) {
    const absl::StatusOr<std::string> text = ReadTextFile(path, kMaxZoneFileOctets);
    if (!text.ok()) return text.status();
    if (absl::Status status = service->zone_->AddText(*text, path); !status.ok()) return status;
  }
  return service;
}

std::unique_ptr<NameService> NameService::ForAnotherThread() const {
  std::unique_ptr<NameService> other(new NameService());
  other->server_ = server_;
  other->timeout_ = timeout_;
  other->zone_ = zone_;
  return other;
}

absl::Status NameService::OpenUnbound() {
  if (unbound_ != nullptr) return absl::OkStatus();
  dns::UnboundOptions options;
  if (server_.has_value()) options.forward_servers = {*server_};
  auto resolver = dns::UnboundResolver::Create(options);
  if (!resolver.ok()) return resolver.status();
  unbound_ = *std::move(resolver);
  return absl::OkStatus();
}

}  // namespace postseal::cli
