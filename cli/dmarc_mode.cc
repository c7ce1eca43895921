#include "cli/dmarc_mode.h"

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "dmarc/public_suffix.h"
#include "dmarc/record.h"
#include "dmarc/suffix_list.h"

namespace postseal::cli {
namespace {

// The list lives as long as the process: every session may look at it.
const absl::StatusOr<std::unique_ptr<dmarc::PublicSuffixList>>& BuiltinList() {
  static const auto* const list = new absl::StatusOr<std::unique_ptr<dmarc::PublicSuffixList>>(
      dmarc::PublicSuffixList::Builtin());
  return *list;
}

}  // namespace

void AddDmarcMode(CLI::App* command, std::string* mode) {
  AddText(command,
          {"--mode", "MODE", "DMARC by rfc9989 (default), by rfc7489, or both and what differs"},
          mode);
}

absl::Status SetDmarcMode(const std::string& mode, auth::Options* options) {
  if (mode == "both") {
    options->compare_rfc7489 = true;
  } else if (mode == "rfc7489") {
    options->dmarc.mode = dmarc::Mode::kRfc7489;
  } else if (!mode.empty() && mode != "rfc9989") {
    return absl::InvalidArgumentError(
        absl::StrCat("--mode ", mode, ": wants rfc9989, rfc7489 or both"));
  }
  return AddSuffixList(options);
}

absl::Status AddSuffixList(auth::Options* options) {
  if (!options->compare_rfc7489 && options->dmarc.mode == dmarc::Mode::kRfc9989) {
    return absl::OkStatus();
  }
  const auto& list = BuiltinList();
  if (!list.ok()) return list.status();
  options->dmarc.suffixes = list->get();
  return absl::OkStatus();
}

}  // namespace postseal::cli
