// postseal testkey: is the published key there, valid, and the pair of a file?
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "auth/key_check_json.h"
#include "base/arena.h"
#include "base/escape.h"
#include "cli/commands.h"
#include "cli/key_file.h"
#include "cli/name_service.h"
#include "cli/options.h"
#include "dkim/key_check.h"
#include "dkim/signature.h"
#include "dns/answer.h"
#include "dns/lookup_session.h"
#include "dns/rdata.h"

namespace postseal::cli {
namespace {

struct TestkeyArguments {
  CommonOptions common;
  std::string domain;
  std::string selector;
  std::optional<std::string> key_file;
};

int ExitStatus(dkim::KeyCheck::Outcome outcome) {
  switch (outcome) {
    case dkim::KeyCheck::Outcome::kGood:
      return kExitOk;
    case dkim::KeyCheck::Outcome::kTempError:
      return kExitTempError;
    default:
      return kExitNotAuthenticated;
  }
}

// PrintRecords prints the text of every record, escaped.
void PrintRecords(const dns::Answer& answer) {
  base::Arena arena;
  for (const std::string_view rdata : answer.rdata) {
    const std::string_view text = dns::JoinTxt(rdata, &arena).value_or("");
    std::cout << "  - " << base::Escape(text, base::NonAscii::kPassGraphic) << '\n';
  }
}

absl::StatusOr<int> TestKey(const TestkeyArguments& arguments) {
  const auto domain = dkim::ParseDomain(arguments.domain);
  const auto selector = dkim::ParseDomain(arguments.selector);
  const auto name = domain.has_value() && selector.has_value()
                        ? domain->Prepend(absl::StrCat(selector->text(), "._domainkey"))
                        : std::nullopt;
  if (!name.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("-d ", arguments.domain, " -s ", arguments.selector, ": no name of a key"));
  }
  std::optional<std::string> own_key;
  if (arguments.key_file.has_value()) {
    const auto key = ReadKeyFile(*arguments.key_file);
    if (!key.ok()) return key.status();
    own_key = (*key)->public_key_base64();
  }
  const auto names = NameService::Create(arguments.common);
  if (!names.ok()) return names.status();
  const auto lookup = std::make_shared<dns::LookupSession>(dns::Query(*name, dns::Type::kTxt));
  if (absl::Status status = (*names)->Run(lookup); !status.ok()) return status;
  const dkim::KeyCheck check = dkim::CheckPublishedKey(lookup->answer(), own_key);
  std::cout << (arguments.common.json ? auth::KeyCheckToJson(check, name->text())
                                      : absl::StrCat(name->text(), ": ", dkim::KeyCheckText(check)))
            << '\n';
  if (arguments.common.explain && !arguments.common.json) PrintRecords(lookup->answer());
  return ExitStatus(check.outcome);
}

}  // namespace

void AddTestkey(CLI::App* app, int* exit_status) {
  const auto arguments = std::make_shared<TestkeyArguments>();
  CLI::App* const command = AddCommand(
      app,
      {"testkey", "Check a published key",
       "Exit status: 0 good, 1 missing, invalid or another key, 2 usage, 75 DNS trouble.\n"
       "Example: postseal testkey -d example.com -s s1 -k s1.private",
       [arguments] {
         const absl::StatusOr<int> status = TestKey(*arguments);
         if (!status.ok()) PrintError(status.status().message());
         return status.ok() ? *status : kExitUsage;
       }},
      exit_status);
  AddText(command, {"-d,--domain", "DOMAIN", "The signing domain", /*required=*/true},
          &arguments->domain);
  AddText(command, {"-s,--selector", "SELECTOR", "Name of the key", /*required=*/true},
          &arguments->selector);
  AddText(command, {"-k,--key", "FILE", "Private key that must be the pair"}, &arguments->key_file);
  AddCommonOptions(command, &arguments->common);
}

}  // namespace postseal::cli
