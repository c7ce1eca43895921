#include "milter/config_description.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/escape.h"
#include "dkim/algorithm.h"
#include "dkim/sign.h"
#include "milter/config_file.h"
#include "milter/diagnostic.h"
#include "milter/signing_tables.h"

namespace postseal::milter {
namespace {

std::string Shown(std::string_view text) {
  return base::Escape(text, base::NonAscii::kPassGraphic);
}

std::string Count(size_t count, std::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

void DescribeSigning(const LoadedConfig& loaded, std::string* out) {
  const SigningTables& signing = loaded.signing;
  if (!loaded.config.sign || signing.empty()) {
    absl::StrAppend(out, "Nothing is signed.\n");
    return;
  }
  const dkim::SignatureRequest& request = signing.settings().request;
  absl::StrAppend(out, "Signs: ", Count(signing.signing_table().rows().size(), "row"),
                  " of authors, ", Count(signing.key_table().rows().size(), "key"),
                  ", c=", dkim::Name(request.header_canon), "/", dkim::Name(request.body_canon),
                  signing.settings().multiple_signatures ? ", every match\n" : ", first match\n");
  for (const LoadedKey& key : signing.keys()) {
    absl::StrAppend(out, "  s=", Shown(key.selector),
                    " d=", key.domain == "%" ? "the author's domain" : Shown(key.domain), ": ");
    if (key.key == nullptr) {
      absl::StrAppend(out, "cannot be used\n");
      continue;
    }
    absl::StrAppend(out, dkim::Name(key.key->key_type()), ", ", key.key->bits(), " bits\n");
  }
}

}  // namespace

std::string DescribeConfig(const LoadedConfig& loaded) {
  std::string out;
  for (const Meaning& meaning : loaded.meanings) {
    absl::StrAppend(&out, Print(meaning.place), ": ", Shown(meaning.name), " ",
                    Shown(meaning.value), "\n    ", Shown(meaning.text), "\n");
  }
  DescribeSigning(loaded, &out);
  if (!loaded.config.verify) absl::StrAppend(&out, "Nothing is verified.\n");
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    absl::StrAppend(&out, Print(diagnostic), "\n");
  }
  if (!loaded.ok) {
    absl::StrAppend(&out, "The configuration has errors and is not used.\n");
  } else if (loaded.HasFaults()) {
    absl::StrAppend(&out,
                    "The configuration has faults: what they name does not work. The milter starts "
                    "with it, but a reload keeps what is in use.\n");
  } else {
    absl::StrAppend(&out, "The configuration can be used.\n");
  }
  return out;
}

}  // namespace postseal::milter
