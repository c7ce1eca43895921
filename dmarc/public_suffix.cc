#include "dmarc/public_suffix.h"

#include <libpsl.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dns/name.h"

namespace postseal::dmarc {

// Handle owns a list, but not the built-in one, which psl_free leaves alone.
struct PublicSuffixList::Handle {
  explicit Handle(const psl_ctx_t* list_context) : context(list_context) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { psl_free(const_cast<psl_ctx_t*>(context)); }

  const psl_ctx_t* context;
};

namespace {

// CString is |name| for libpsl, which takes C strings. Without a heap block: a name is
// looked up several times a message.
class CString {
 public:
  explicit CString(std::string_view name) {
    std::memcpy(octets_.data(), name.data(), name.size());
    octets_[name.size()] = '\0';
  }
  const char* get() const { return octets_.data(); }

 private:
  std::array<char, dns::Name::kMaxOctets + 1> octets_;
};

}  // namespace

PublicSuffixList::PublicSuffixList(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
PublicSuffixList::~PublicSuffixList() = default;

absl::StatusOr<std::unique_ptr<PublicSuffixList>> PublicSuffixList::Builtin() {
  const psl_ctx_t* const context = psl_builtin();
  if (context == nullptr) return absl::FailedPreconditionError("libpsl has no list of its own");
  return std::unique_ptr<PublicSuffixList>(new PublicSuffixList(std::make_unique<Handle>(context)));
}

absl::StatusOr<std::unique_ptr<PublicSuffixList>> PublicSuffixList::Load(std::string_view text) {
  // libpsl reads lists from a stream alone. fmemopen refuses an empty buffer, and
  // takes a pointer to octets that may change, though "r" never changes them.
  auto handle = std::make_unique<Handle>(nullptr);
  if (!text.empty()) {
    std::FILE* const stream = fmemopen(const_cast<char*>(text.data()), text.size(), "r");
    if (stream == nullptr) return absl::ResourceExhaustedError("no stream for the list");
    handle->context = psl_load_fp(stream);
    std::fclose(stream);
  }
  if (handle->context == nullptr || psl_suffix_count(handle->context) <= 0) {
    return absl::InvalidArgumentError("the text holds no public suffix");
  }
  return std::unique_ptr<PublicSuffixList>(new PublicSuffixList(std::move(handle)));
}

std::string_view PublicSuffixList::OrgDomain(const dns::Name& domain) const {
  const std::string_view text = domain.text();
  // libpsl takes C strings, for which a NUL ends the name: it would find the
  // Organizational Domain of another one.
  if (text.find('\0') != std::string_view::npos) return text;
  const CString terminated(text);
  const char* const registrable = psl_registrable_domain(handle_->context, terminated.get());
  if (registrable == nullptr) return text;
  return text.substr(static_cast<size_t>(registrable - terminated.get()));
}

bool PublicSuffixList::IsSuffix(const dns::Name& domain) const {
  const std::string_view text = domain.text();
  if (text.find('\0') != std::string_view::npos) return false;
  return psl_is_public_suffix(handle_->context, CString(text).get()) != 0;
}

}  // namespace postseal::dmarc
