// postseal testkey: is the published key there, valid, and the pair of a file?
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/key_file.h"
#include "cli/name_service.h"
#include "cli/options.h"
#include "dkim/key_check.h"
#include "dkim/signature.h"
#include "dns/lookup_session.h"
#include "nlohmann/json.hpp"

namespace postseal::cli {
namespace {

struct TestkeyArguments {
  CommonOptions common;
  std::string domain;
  std::string selector;
  std::string key_file;
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

void Print(const TestkeyArguments& arguments, const std::string& name,
           const dkim::KeyCheck& check) {
  if (!arguments.common.json) {
    std::cout << name << ": " << dkim::KeyCheckText(check) << '\n';
    return;
  }
  nlohmann::ordered_json out;
  out["name"] = name;
  out["good"] = check.outcome == dkim::KeyCheck::Outcome::kGood;
  out["outcome"] = dkim::KeyCheckName(check.outcome);
  out["detail"] = check.detail;
  out["key_type"] = check.key_type;
  out["key_bits"] = check.key_bits;
  out["testing"] = check.testing;
  out["secure"] = check.secure;
  std::cout << out.dump(-1, ' ', /*ensure_ascii=*/true,
                        nlohmann::ordered_json::error_handler_t::replace)
            << '\n';
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
  if (!arguments.key_file.empty()) {
    const auto key = ReadKeyFile(arguments.key_file);
    if (!key.ok()) return key.status();
    own_key = (*key)->public_key_base64();
  }
  const auto names = NameService::Create(arguments.common);
  if (!names.ok()) return names.status();
  const auto lookup = std::make_shared<dns::LookupSession>(dns::Query(*name, dns::Type::kTxt));
  if (absl::Status status = (*names)->Run(lookup); !status.ok()) return status;
  const dkim::KeyCheck check = dkim::CheckPublishedKey(lookup->answer(), own_key);
  Print(arguments, std::string(name->text()), check);
  return ExitStatus(check.outcome);
}

}  // namespace

void AddTestkey(CLI::App* app, int* exit_status) {
  const auto arguments = std::make_shared<TestkeyArguments>();
  CLI::App* const command = app->add_subcommand("testkey", "Check a published key");
  AddCommonOptions(command, &arguments->common);
  command->add_option("-d,--domain", arguments->domain, "The signing domain")
      ->type_name("DOMAIN")
      ->required();
  command->add_option("-s,--selector", arguments->selector, "Name of the key")
      ->type_name("SELECTOR")
      ->required();
  command->add_option("-k,--key", arguments->key_file, "Private key that must be the pair")
      ->type_name("FILE");
  command->footer(
      "Exit status: 0 good, 1 missing, invalid or another key, 2 usage, 75 DNS trouble.\n"
      "Example: postseal testkey -d example.com -s s1 -k s1.private");
  command->callback([arguments, exit_status] {
    const absl::StatusOr<int> status = TestKey(*arguments);
    if (!status.ok()) PrintError(std::string(status.status().message()));
    *exit_status = status.ok() ? *status : kExitUsage;
  });
}

}  // namespace postseal::cli
