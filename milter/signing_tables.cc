#include "milter/signing_tables.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "auth/sign_session.h"
#include "base/ascii.h"
#include "dkim/algorithm.h"
#include "dkim/sign.h"
#include "dkim/signing_key.h"
#include "milter/diagnostic.h"
#include "milter/key_file.h"
#include "milter/key_table.h"
#include "milter/signing_table.h"

namespace postseal::milter {
namespace {

// kMaxLoadDiagnostics bounds what LoadKeys says: a folder that cannot be entered makes
// every key of it a fault.
constexpr size_t kMaxLoadDiagnostics = 1000;

std::string ReplacePercent(std::string_view text, std::string_view domain) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += domain;
    } else {
      out += c;
    }
  }
  return out;
}

std::string RowKey(uint32_t number, std::string_view domain) {
  return absl::StrCat(number, "%", domain);
}

// IsInDomain says whether i= |identity| may stand beside d= |domain|. RFC 6376 §3.5
bool IsInDomain(std::string_view identity, std::string_view domain) {
  const size_t at = identity.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string_view host = identity.substr(at + 1);
  if (base::EqualsIgnoreCase(host, domain)) return true;
  return host.size() > domain.size() &&
         base::EqualsIgnoreCase(host.substr(host.size() - domain.size()), domain) &&
         host[host.size() - domain.size() - 1] == '.';
}

dkim::SignatureAlgorithm AlgorithmOf(const dkim::SigningKey& key) {
  return key.key_type() == dkim::KeyType::kRsa ? dkim::SignatureAlgorithm::kRsaSha256
                                               : dkim::SignatureAlgorithm::kEd25519Sha256;
}

}  // namespace

SigningTables::SigningTables(SigningTable signing, KeyTable keys, SigningSettings settings)
    : signing_(std::move(signing)), keys_(std::move(keys)), settings_(std::move(settings)) {}

std::vector<Diagnostic> SigningTables::LoadKeys(const KeyPolicy& policy,
                                                const SigningTables* previous) {
  std::vector<Diagnostic> diagnostics;
  loaded_.clear();
  by_row_.clear();
  files_.clear();
  for (uint32_t i = 0; i < keys_.rows().size(); ++i) LoadRow(i, policy, previous, &diagnostics);
  CheckSigningRows(&diagnostics);
  if (diagnostics.size() > kMaxLoadDiagnostics) {
    const size_t more = diagnostics.size() - kMaxLoadDiagnostics;
    diagnostics.resize(kMaxLoadDiagnostics);
    diagnostics.push_back({Severity::kFault, Place(), absl::StrCat("and ", more, " more")});
  }
  return diagnostics;
}

void SigningTables::LoadRow(uint32_t number, const KeyPolicy& policy, const SigningTables* previous,
                            std::vector<Diagnostic>* diagnostics) {
  const KeyRow& row = keys_.rows()[number];
  if (!row.any_domain() || row.path.find('%') == std::string::npos || !row.fault.empty()) {
    LoadOne(number, row.path, row.domain, policy, previous, diagnostics);
    return;
  }
  const absl::StatusOr<std::vector<std::string>> domains = ExpandKeyPath(row.path);
  if (!domains.ok()) {
    diagnostics->push_back(
        {Severity::kFault, row.place,
         absl::StrCat("key \"", row.name, "\" cannot be loaded: ", domains.status().message())});
    return;
  }
  for (const std::string& domain : *domains) {
    LoadOne(number, ReplacePercent(row.path, domain), domain, policy, previous, diagnostics);
  }
}

const absl::StatusOr<LoadedFile>& SigningTables::LoadPath(const std::string& path,
                                                          const KeyPolicy& policy,
                                                          const SigningTables* previous) {
  const auto it = files_.find(path);
  if (it != files_.end()) return it->second;
  const LoadedFile* known = nullptr;
  if (previous != nullptr) {
    const auto before = previous->files_.find(path);
    if (before != previous->files_.end() && before->second.ok()) known = &*before->second;
  }
  return files_.emplace(path, LoadKeyFile(path, policy, known)).first->second;
}

void SigningTables::LoadOne(uint32_t number, const std::string& path, const std::string& domain,
                            const KeyPolicy& policy, const SigningTables* previous,
                            std::vector<Diagnostic>* diagnostics) {
  const KeyRow& row = keys_.rows()[number];
  LoadedKey loaded;
  loaded.name = row.name;
  loaded.domain = domain;
  loaded.selector = row.selector;
  loaded.path = path;
  loaded.fault = row.fault;
  loaded.place = row.place;
  if (loaded.fault.empty()) {
    const absl::StatusOr<LoadedFile> inline_key =
        path.empty() ? LoadKeyText(row.inline_key.view(), policy) : LoadedFile();
    const absl::StatusOr<LoadedFile>* const file =
        path.empty() ? &inline_key : &LoadPath(path, policy, previous);
    if (file->ok()) {
      loaded.key = (*file)->key;
      loaded.signer = (*file)->signer;
      // A request of fixed domain is the same for every message: checked once, here.
      dkim::SignatureRequest request = settings_.request;
      request.domain = row.any_domain() ? "example.com" : domain;
      request.selector = row.selector;
      if (absl::Status status = dkim::CheckRequest(request); !status.ok()) {
        loaded.fault = std::string(status.message());
        loaded.key = nullptr;
      } else if (!(*file)->warning.empty()) {
        diagnostics->push_back({Severity::kWarning, row.place, (*file)->warning});
      }
    } else {
      loaded.fault = std::string(file->status().message());
    }
    if (!loaded.fault.empty()) {
      diagnostics->push_back(
          {Severity::kFault, row.place,
           absl::StrCat("key \"", row.name, "\" cannot be loaded: ", loaded.fault)});
    }
  }
  // LoadRow gives a domain of its own for each file that a "%" stands for.
  const bool expanded = row.any_domain() && domain != row.domain;
  by_row_.emplace(RowKey(number, expanded ? base::ToLower(domain) : ""), loaded_.size());
  loaded_.push_back(std::move(loaded));
}

void SigningTables::CheckSigningRows(std::vector<Diagnostic>* diagnostics) const {
  absl::flat_hash_map<std::string, std::string> by_lower;
  for (const KeyRow& row : keys_.rows()) by_lower.emplace(base::ToLower(row.name), row.name);
  for (const SigningRow& row : signing_.rows()) {
    if (row.key_name.empty() || row.key_name == "%") continue;
    for (const std::string& name : NamesIn(row.key_name, "")) {
      const std::optional<uint32_t> number = keys_.Find(name);
      if (!number.has_value()) {
        const auto alike = by_lower.find(base::ToLower(name));
        diagnostics->push_back(
            {Severity::kFault, row.place,
             absl::StrCat("KeyTable has no key \"", name, "\"",
                          alike == by_lower.end()
                              ? ""
                              : absl::StrCat(", only \"", alike->second, "\": case counts"))});
        continue;
      }
      const KeyRow& key = keys_.rows()[*number];
      if (!row.identity.empty() && !key.any_domain() &&
          row.identity.find('%') == std::string::npos && !IsInDomain(row.identity, key.domain)) {
        diagnostics->push_back({Severity::kWarning, row.place,
                                absl::StrCat("the identity \"", row.identity, "\" is not in ",
                                             key.domain, ": i= is left out")});
      }
    }
  }
}

std::vector<std::string> SigningTables::NamesIn(std::string_view key_name,
                                                std::string_view domain) const {
  if (key_name == "%") return {base::ToLower(domain)};
  std::vector<std::string> names;
  // "KEY1,KEY2" is our own, and only where KeyTable has no key of the whole name.
  if (key_name.find(',') == std::string_view::npos || keys_.Find(key_name).has_value()) {
    names.emplace_back(key_name);
    return names;
  }
  while (!key_name.empty()) {
    const size_t comma = key_name.find(',');
    const std::string_view name = base::Strip(key_name.substr(0, comma), base::kWsp);
    if (!name.empty()) names.emplace_back(name);
    if (comma == std::string_view::npos) break;
    key_name.remove_prefix(comma + 1);
  }
  return names;
}

const LoadedKey* SigningTables::FindKey(uint32_t number, std::string_view domain) const {
  auto it = by_row_.find(RowKey(number, ""));
  if (it == by_row_.end()) it = by_row_.find(RowKey(number, base::ToLower(domain)));
  return it == by_row_.end() ? nullptr : &loaded_[it->second];
}

void SigningTables::AddJob(const SigningRow& row, const std::string& name, std::string_view domain,
                           SigningChoice* choice) const {
  const auto fault = [&](std::string_view what) {
    choice->faults.push_back(absl::StrCat("key '", name, "' (", Print(row.place), "): ", what));
  };
  const std::optional<uint32_t> number = keys_.Find(name);
  if (!number.has_value()) return fault("signing table references unknown key");
  const LoadedKey* const loaded = FindKey(*number, domain);
  if (loaded == nullptr) return fault("no key file was found for the domain when keys were loaded");
  if (loaded->key == nullptr) return fault(loaded->fault);
  auth::SigningJob job;
  job.request = settings_.request;
  job.request.domain = keys_.rows()[*number].any_domain() ? base::ToLower(domain) : loaded->domain;
  job.request.selector = loaded->selector;
  job.request.algorithm = AlgorithmOf(*loaded->key);
  job.signer = loaded->signer;
  std::string identity = ReplacePercent(row.identity, domain);
  if (IsInDomain(identity, job.request.domain)) job.request.identity = std::move(identity);
  for (const auth::SigningJob& other : choice->jobs) {
    if (other.signer == job.signer && other.request.domain == job.request.domain &&
        other.request.selector == job.request.selector) {
      return;  // two rows of the table name one key
    }
  }
  if (absl::Status status = dkim::CheckRequest(job.request); !status.ok()) {
    return fault(status.message());
  }
  if (choice->jobs.size() == auth::kMaxKeys) {
    return fault(absl::StrCat("more than ", auth::kMaxKeys, " keys sign for the author"));
  }
  choice->jobs.push_back(std::move(job));
}

SigningChoice SigningTables::Choose(std::string_view local_part, std::string_view domain) const {
  using Which = SigningTable::Which;
  SigningChoice choice;
  const std::vector<uint32_t> rows = signing_.Find(
      local_part, domain, settings_.multiple_signatures ? Which::kAll : Which::kFirst);
  choice.matched = !rows.empty();
  for (const uint32_t number : rows) {
    const SigningRow& row = signing_.rows()[number];
    const std::vector<std::string> names = NamesIn(row.key_name, domain);
    if (names.empty()) {
      choice.faults.push_back(absl::StrCat(Print(row.place), ": the row names no key"));
    }
    for (const std::string& name : names) AddJob(row, name, domain, &choice);
  }
  return choice;
}

}  // namespace postseal::milter
