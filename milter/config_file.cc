#include "milter/config_file.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "milter/config.h"
#include "milter/config_builder.h"
#include "milter/diagnostic.h"
#include "milter/directive.h"
#include "milter/host_list.h"
#include "milter/setting.h"
#include "milter/text_file.h"

namespace postseal::milter {
namespace {

// IsAskedFor says whether an ignored directive asks for anything: "no" does not.
bool IsAskedFor(const Directive& directive, const Setting& setting) {
  if (directive.kind != ValueKind::kBoolean) return true;
  return ConfigBuilder::ParseBoolean(setting.value).value_or(false);
}

// Known is a setting whose directive is known.
struct Known {
  const Directive* directive;
  Setting setting;
  bool counts = true;  // no later line is of the same name
};

// CheckForm says what is wrong with a value whatever its directive; false: something.
bool CheckForm(const Known& known, ConfigBuilder* builder) {
  const Setting& setting = known.setting;
  if (setting.value.empty()) {
    builder->Error(setting, absl::StrCat("required value missing after ", setting.name));
    return false;
  }
  if (known.directive->kind == ValueKind::kBoolean &&
      !ConfigBuilder::ParseBoolean(setting.value).has_value()) {
    builder->Illegal(setting, "yes or no");
    return false;
  }
  return true;
}

// Recognize finds the directive of each setting, and those that count.
std::vector<Known> Recognize(std::vector<Setting> settings, ConfigBuilder* builder) {
  std::vector<Known> all;
  absl::flat_hash_map<const Directive*, size_t> last;
  for (Setting& setting : settings) {
    const Directive* const directive = FindDirective(setting.name);
    if (directive == nullptr) {
      const std::string_view nearest = NearestDirective(setting.name);
      builder->Error(setting, absl::StrCat("unrecognized parameter \"", setting.name, "\"",
                                           nearest.empty() ? "" : ", did you mean ", nearest,
                                           nearest.empty() ? "" : "?"));
      continue;
    }
    Known known{directive, std::move(setting)};
    if (!CheckForm(known, builder)) continue;
    const bool several = directive->name == "Socket" && builder->dialect() == Dialect::kPostseal;
    const auto [it, first] = last.try_emplace(directive, all.size());
    if (!first && !several) {
      Known& earlier = all[it->second];
      earlier.counts = false;
      builder->Warning(earlier.setting, absl::StrCat(directive->name, " is overridden by ",
                                                     Print(known.setting.place)));
      it->second = all.size();
    }
    builder->Remember(known.setting);
    all.push_back(std::move(known));
  }
  return all;
}

// MeaningOf is the one line about |known|.
std::string MeaningOf(const Known& known) {
  const Directive& directive = *known.directive;
  if (!known.counts) return "overridden by a later line";
  if (directive.support != Support::kIgnored) return std::string(directive.meaning);
  if (!IsAskedFor(directive, known.setting)) return "not done here, and not asked for";
  return absl::StrCat("ignored: ", directive.meaning);
}

void Explain(const Known& known, ConfigBuilder* builder) {
  const Directive& directive = *known.directive;
  const Setting& setting = known.setting;
  builder->loaded()->meanings.push_back({std::string(directive.name),
                                         ConfigBuilder::HideSecrets(directive.name, setting.value),
                                         setting.place, MeaningOf(known)});
  if (known.counts && directive.support == Support::kIgnored && IsAskedFor(directive, setting)) {
    builder->Warning(setting, absl::StrCat(directive.name, " is ignored: ", directive.meaning));
  }
}

void Apply(const std::vector<Known>& all, ConfigBuilder* builder) {
  for (const Directive& directive : AllDirectives()) {
    if (directive.apply == nullptr) continue;
    for (const Known& known : all) {
      if (known.directive == &directive && known.counts) directive.apply(builder, known.setting);
    }
  }
}

// SetDefaults is what holds before any line.
void SetDefaults(ConfigBuilder* builder) {
  // opendkim.conf(5) names the first; OpenDKIM has both.
  absl::StatusOr<HostList> hosts = HostList::Parse({"127.0.0.1", "::1"});
  POSTSEAL_CHECK(hosts.ok());
  builder->config()->internal_hosts = *std::move(hosts);
}

void CheckTogether(ConfigBuilder* builder, const std::string& path) {
  LoadedConfig* const loaded = builder->loaded();
  if (loaded->config.sockets.empty()) {
    builder->Say(Severity::kWarning, Place{path},
                 "there is no Socket: the MTA has nowhere to connect to");
  }
  const Setting* const safe = builder->Find("RequireSafeKeys");
  if (safe != nullptr) builder->Boolean(*safe, &loaded->key_policy.require_safe);
}

}  // namespace

LoadedConfig ReadConfigBy(const std::string& path, Dialect dialect, const FileReader& read) {
  LoadedConfig loaded;
  ConfigBuilder builder(dialect, read, &loaded);
  SetDefaults(&builder);
  const std::vector<Known> all = Recognize(ReadSettings(path, read, &loaded.diagnostics), &builder);
  for (const Known& known : all) Explain(known, &builder);
  Apply(all, &builder);
  BuildSigning(&builder);
  CheckTogether(&builder, path);
  loaded.ok = std::none_of(
      loaded.diagnostics.begin(), loaded.diagnostics.end(),
      [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::kError; });
  return loaded;
}

LoadedConfig ReadConfig(const std::string& path, Dialect dialect) {
  return ReadConfigBy(path, dialect, ReadTextFile);
}

}  // namespace postseal::milter
