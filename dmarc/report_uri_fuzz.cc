// A URI of rua= or ruf= is read the same from its own text; what a mail program would send
// to has no white space, control or second address in it.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ascii.h"
#include "base/check.h"
#include "dmarc/report_uri.h"
#include "dns/name.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postseal;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::optional<dmarc::ReportUri> uri = dmarc::ParseReportUri(text);
  if (!uri.has_value()) return 0;
  POSTSEAL_CHECK(text.starts_with(uri->text) && uri->text.starts_with(uri->scheme));
  POSTSEAL_CHECK(
      base::AllIn(uri->text, base::CharSet::Range(0x21, 0x7E) - base::CharSet(",!\"<>")));
  const std::optional<dmarc::ReportUri> again = dmarc::ParseReportUri(uri->text);
  POSTSEAL_CHECK(again.has_value() && *again == *uri);
  POSTSEAL_CHECK(again->address == uri->address && again->host == uri->host);
  POSTSEAL_CHECK(uri->is_mailto() == base::EqualsIgnoreCase(uri->scheme, "mailto"));
  if (!uri->is_mailto()) return 0;
  POSTSEAL_CHECK(dns::Name::Parse(uri->host).has_value());
  POSTSEAL_CHECK(uri->address.ends_with(uri->host) && uri->address.size() > uri->host.size() + 1);
  return 0;
}
