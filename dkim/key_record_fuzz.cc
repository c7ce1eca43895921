// A record that parses, printed and parsed again, says the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "dkim/key_record.h"
#include "mail/tag_list.h"

namespace {

using postseal::dkim::KeyRecord;
using postseal::dkim::ParsedKeyRecord;
using postseal::dkim::ParseKeyRecord;

void CheckSame(const KeyRecord& a, const KeyRecord& b) {
  POSTSEAL_CHECK(a.has_version == b.has_version);
  POSTSEAL_CHECK(a.key_type == b.key_type);
  POSTSEAL_CHECK(a.key_type_text == b.key_type_text);
  POSTSEAL_CHECK(a.allows_sha1 == b.allows_sha1);
  POSTSEAL_CHECK(a.allows_sha256 == b.allows_sha256);
  POSTSEAL_CHECK(a.for_email == b.for_email);
  POSTSEAL_CHECK(a.services == b.services);
  POSTSEAL_CHECK(a.testing == b.testing);
  POSTSEAL_CHECK(a.forbids_subdomains == b.forbids_subdomains);
  POSTSEAL_CHECK(a.notes == b.notes);
  POSTSEAL_CHECK(a.public_key == b.public_key);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ParsedKeyRecord parsed = ParseKeyRecord(text);
  if (parsed.fault.has_value()) {
    POSTSEAL_CHECK(parsed.fault->offset <= text.size() && !parsed.fault->detail.empty());
    return 0;
  }
  const std::string printed = PrintKeyRecord(parsed.record);
  // The defaults that are written out may take a long record over the limit.
  if (printed.size() > postseal::mail::kMaxTagListOctets) return 0;
  const ParsedKeyRecord again = ParseKeyRecord(printed);
  POSTSEAL_CHECK(!again.fault.has_value());
  CheckSame(parsed.record, again.record);
  POSTSEAL_CHECK(PrintKeyRecord(again.record) == printed);
  return 0;
}
