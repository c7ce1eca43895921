// postseal-milter: signs and verifies mail beside an MTA, in place of OpenDKIM,
// OpenDMARC and an SPF policy daemon. Its options are OpenDKIM's where both have one.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "milter/config_description.h"
#include "milter/config_file.h"
#include "milter/diagnostic.h"
#include "milter/directive_list.h"
#include "milter/listener.h"
#include "milter/log.h"
#include "milter/metrics.h"
#include "milter/process.h"
#include "milter/published_keys.h"
#include "milter/server.h"
#include "milter/setup_loader.h"
#include "milter/socket_address.h"
#include "milter/trust_anchor_check.h"
#include "milter/version.h"
#include "store/store.h"

namespace postseal::milter {
namespace {

constexpr char kOwnConfig[] = "/etc/postseal-milter.conf";
constexpr char kOpenDkimConfig[] = "/etc/opendkim.conf";

// Exit codes of sysexits(3), as OpenDKIM's.
constexpr int kExitOk = 0;
constexpr int kExitUsage = 64;
constexpr int kExitUnavailable = 69;
constexpr int kExitConfig = 78;

struct Options {
  std::string own_config;
  std::string opendkim_config;
  bool foreground = false;
  bool check_only = false;
  bool list_directives = false;
  bool syslog = false;
  std::vector<std::string> sockets;
  std::string user;
  std::string pid_file;
};

void AddOptions(CLI::App* app, Options* options) {
  app->set_version_flag("-V,--version", kVersion, "Print the version and exit");
  auto* const own =
      app->add_option("-c", options->own_config, "Configuration file of postseal-milter");
  app->add_option("-x", options->opendkim_config, "Configuration file of OpenDKIM, as it stands")
      ->excludes(own);
  app->add_flag("-n", options->check_only,
                "Check the configuration, say what each directive means here, and exit");
  app->add_flag("--directives", options->list_directives,
                "Print every directive, its default and its meaning, with tabs between, and exit");
  app->add_flag("-f", options->foreground, "Stay in the foreground");
  app->add_flag("-l", options->syslog, "Log to syslog, whatever the configuration says");
  app->add_option("-p", options->sockets, "Where the MTA connects, in place of Socket");
  app->add_option("-u", options->user, "USER[:GROUP], in place of UserID");
  app->add_option("-P", options->pid_file, "File for the process's id, in place of PidFile");
  app->footer(
      "Example: postseal-milter -n -x /etc/opendkim.conf\n"
      "SIGHUP and SIGUSR1 reload the configuration, SIGTERM ends after the messages under way.");
}

void Complain(std::string_view text) {
  std::fprintf(stderr, "postseal-milter: %s\n", std::string(text).c_str());
}

// SetUser puts |text|, USER[:GROUP], in the place of UserID.
void SetUser(const std::string& text, Config* config) {
  const size_t colon = text.find_first_of(":.");
  config->user = text.substr(0, colon);
  config->group = colon == std::string::npos ? "" : text.substr(colon + 1);
}

// Override puts the other options of the command line in the place of directives.
absl::Status Override(const Options& options, Config* config) {
  if (!options.sockets.empty()) {
    config->sockets.clear();
    for (const std::string& text : options.sockets) {
      absl::StatusOr<SocketAddress> address = SocketAddress::Parse(text);
      if (!address.ok()) return address.status();
      config->sockets.push_back(*std::move(address));
    }
  }
  if (!options.pid_file.empty()) config->pid_file = options.pid_file;
  if (options.foreground) config->background = false;
  if (options.syslog) config->syslog = true;
  if (config->sockets.empty()) return absl::InvalidArgumentError("milter socket must be specified");
  return absl::OkStatus();
}

// RaiseDescriptorLimit allows as many connections as kMaxConnections, if it may.
void RaiseDescriptorLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = kMaxConnections + 256;
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
}

// OpenSockets opens the sockets of |config| that are files, or those that are not, into
// |listeners|.
absl::Status OpenSockets(const Config& config, bool is_local, std::vector<Listener>* listeners) {
  for (const SocketAddress& address : config.sockets) {
    if (address.is_local() != is_local) continue;
    absl::StatusOr<std::vector<Listener>> opened = Listener::Open(address);
    if (!opened.ok()) return opened.status();
    for (Listener& listener : *opened) listeners->push_back(std::move(listener));
  }
  return absl::OkStatus();
}

// Foothold is what the process holds as long as it runs.
struct Foothold {
  std::optional<PidFile> pid_file;
  std::vector<Listener> listeners;
};

// Prepare does what needs the rights that the process was started with, and gives
// them up. Names are looked up before the root changes. Files and sockets that another
// process holds stay as they are: a second instance ends here.
absl::StatusOr<Foothold> Prepare(const Config& config) {
  RaiseDescriptorLimit();
  if (!config.base_directory.empty() && chdir(config.base_directory.c_str()) != 0) {
    return absl::NotFoundError(
        absl::StrCat("BaseDirectory ", config.base_directory, " cannot be entered"));
  }
  const absl::StatusOr<Account> account = FindAccount(config.user, config.group);
  if (!account.ok()) return account.status();
  Foothold held;
  for (const SocketAddress& address : config.sockets) {
    if (absl::Status status = Listener::CheckFree(address); !status.ok()) return status;
  }
  if (absl::Status status = OpenSockets(config, /*is_local=*/false, &held.listeners);
      !status.ok()) {
    return status;
  }
  // Written with the rights that the process was started with: its folder may be root's.
  if (!config.pid_file.empty()) {
    absl::StatusOr<PidFile> written = PidFile::Write(config.pid_file);
    if (!written.ok()) return written.status();
    held.pid_file.emplace(*std::move(written));
  }
  if (absl::Status status = EnterRoot(config.change_root_directory); !status.ok()) return status;
  if (config.umask.has_value()) umask(*config.umask);
  if (absl::Status status = BecomeUser(*account); !status.ok()) return status;
  // A local socket belongs to whom we became: made as root it could not be removed.
  if (absl::Status status = OpenSockets(config, /*is_local=*/true, &held.listeners); !status.ok()) {
    return status;
  }
  return held;
}

// OpenStore opens the store that |config| names; null when it names none. |log| outlives it.
absl::StatusOr<std::unique_ptr<store::Store>> OpenStore(const Config& config, Log* log) {
  if (config.store_url.empty()) return std::unique_ptr<store::Store>();
  store::StoreOptions options;
  options.url = config.store_url;
  options.spool_directory = config.spool_directory;
  options.node = config.node_name;
  options.fsync = config.spool_fsync;
  options.quota = config.store_quota;
  options.retention_days = config.store_retention_days;
  options.notice = [log](const std::string& line) {
    log->Write(LogLevel::kWarning, absl::StrCat("store: ", line));
  };
  return store::Store::Open(options);
}

// HoldSignals keeps the signals that Server handles from ending the process before it
// does: what is open by then, a socket's file for one, would stay behind. Server::Create
// makes its handlers and lets them through.
void HoldSignals() {
  sigset_t held;
  sigemptyset(&held);
  for (const int number : Server::kSignals) sigaddset(&held, number);
  sigprocmask(SIG_BLOCK, &held, nullptr);
}

// Serve runs the milter of |loaded| until it is told to end.
int Serve(LoadedConfig loaded, SetupLoader* loader, Log* log, Background* background) {
  const Config config = loaded.config;
  const auto fail = [&](int code, const absl::Status& status) {
    log->Write(LogLevel::kError, status.message());
    if (config.syslog) Complain(status.message());
    background->Fail(code);
    return code;
  };
  HoldSignals();
  absl::StatusOr<Foothold> held = Prepare(config);
  if (!held.ok()) return fail(kExitUnavailable, held.status());
  absl::StatusOr<std::unique_ptr<store::Store>> facts = OpenStore(config, log);
  if (!facts.ok()) return fail(kExitUnavailable, facts.status());
  if (*facts != nullptr) loader->UseFacts((*facts)->sink());
  PublishedKeys published_keys(log);
  loader->UsePublishedKeys(&published_keys);
  absl::StatusOr<std::shared_ptr<const Setup>> setup = loader->Finish(std::move(loaded));
  if (!setup.ok()) return fail(kExitConfig, setup.status());
  ServerOptions options;
  options.load = [loader] { return loader->Reload(); };
  options.published_keys = &published_keys;
  options.has_changed = [loader] { return loader->HasChanged(); };
  if (*facts != nullptr) {
    const store::Store* const store = facts->get();
    options.check = [store] { return store->status().error(); };
    options.refresh = [store](Metrics* metrics) { metrics->ShowStore(store->status()); };
  }
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Create(*std::move(setup), std::move(held->listeners), std::move(options), log);
  if (!server.ok()) return fail(kExitUnavailable, server.status());
  log->Write(LogLevel::kInfo, absl::StrCat(kVersion, " starting"));
  background->Ready();
  NotifyManager("READY=1");
  (*server)->Run();
  NotifyManager("STOPPING=1");
  if (*facts != nullptr) {
    // What is not counted yet stays in the spool.
    if (absl::Status status = (*facts)->Stop(); !status.ok()) {
      log->Write(LogLevel::kWarning, absl::StrCat("store: ", status.message()));
    }
  }
  log->Write(LogLevel::kInfo, absl::StrCat(kVersion, " terminating with status 0"));
  return kExitOk;
}

// CheckKeys loads the keys as whom the milter would run, to say what is wrong with any.
void CheckKeys(LoadedConfig* loaded) {
  if (!loaded->ok || loaded->signing.key_table().rows().empty()) return;
  if (geteuid() == 0) {
    const absl::StatusOr<Account> account = FindAccount(loaded->config.user, loaded->config.group);
    const absl::Status status = account.ok() ? BecomeUser(*account) : account.status();
    if (!status.ok()) {
      // Whether the keys can be read is known only as the user that will read them.
      loaded->ok = false;
      loaded->diagnostics.push_back(
          {Severity::kError, Place(), absl::StrCat("UserID: ", status.message())});
      return;
    }
  }
  for (Diagnostic& diagnostic : loaded->LoadKeys()) {
    if (diagnostic.severity == Severity::kError) loaded->ok = false;
    loaded->diagnostics.push_back(std::move(diagnostic));
  }
}

// CheckNameServers asks the name servers whether TrustAnchorFile works with them. It is the
// one thing for which -n asks the DNS.
void CheckNameServers(LoadedConfig* loaded) {
  const Config& config = loaded->config;
  if (!loaded->ok || config.trust_anchor_file.empty() || !config.zones.empty()) return;
  const auto result = TrustAnchorCheck::Run(config);
  if (!result.ok()) {
    loaded->ok = false;
    loaded->diagnostics.push_back(
        {Severity::kError, Place(), absl::StrCat("the DNS: ", result.status().message())});
  } else if (*result != TrustAnchorCheck::Result::kGood) {
    const bool is_broken = *result == TrustAnchorCheck::Result::kBroken;
    loaded->diagnostics.push_back({is_broken ? Severity::kFault : Severity::kWarning, Place(),
                                   TrustAnchorCheck::Text(*result, config)});
  }
}

// WarnOfRoot warns of a milter that stays root: it would parse mail of strangers with all
// rights.
void WarnOfRoot(LoadedConfig* loaded) {
  if (geteuid() != 0) return;
  const absl::StatusOr<Account> account = FindAccount(loaded->config.user, loaded->config.group);
  if (!account.ok() || account->uid != 0) return;
  loaded->diagnostics.push_back(
      {Severity::kWarning, Place(),
       "the milter would run as root: say UserID, so that it gives up these rights"});
}

int Run(const Options& options) {
  if (options.list_directives) {
    std::fputs(ListDirectives().c_str(), stdout);
    return kExitOk;
  }
  const bool is_opendkim = options.own_config.empty() &&
                           (!options.opendkim_config.empty() || access(kOwnConfig, F_OK) != 0);
  std::string path = is_opendkim ? options.opendkim_config : options.own_config;
  if (path.empty()) path = is_opendkim ? kOpenDkimConfig : kOwnConfig;
  const Dialect dialect = is_opendkim ? Dialect::kOpenDkim : Dialect::kPostseal;

  Log log;
  SetupLoader loader(path, dialect, &log);
  LoadedConfig loaded = loader.Read();
  if (!options.user.empty()) SetUser(options.user, &loaded.config);
  WarnOfRoot(&loaded);
  if (options.check_only) {
    CheckKeys(&loaded);
    CheckNameServers(&loaded);
    std::fputs(DescribeConfig(loaded).c_str(), stdout);
    return loaded.ok && !loaded.HasFaults() ? kExitOk : kExitConfig;
  }
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.severity == Severity::kError) Complain(Print(diagnostic));
  }
  if (!loaded.ok) return kExitConfig;
  if (absl::Status status = Override(options, &loaded.config); !status.ok()) {
    Complain(status.message());
    return kExitConfig;
  }
  const Config& config = loaded.config;
  if (config.syslog) {
    const std::string name = config.syslog_name.empty() ? "postseal-milter" : config.syslog_name;
    if (absl::Status status = log.UseSyslog(name, config.syslog_facility); !status.ok()) {
      Complain(status.message());
      return kExitConfig;
    }
  }
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.severity != Severity::kWarning && diagnostic.severity != Severity::kFault) {
      continue;
    }
    log.Write(LogLevel::kWarning, Print(diagnostic));
    if (config.syslog) Complain(Print(diagnostic));
  }
  Background background;
  if (config.background) {
    absl::StatusOr<Background> entered = Background::Enter();
    if (!entered.ok()) {
      Complain(entered.status().message());
      return kExitUnavailable;
    }
    background = *std::move(entered);
  }
  return Serve(std::move(loaded), &loader, &log, &background);
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Signs and verifies mail beside Postfix or Sendmail: DKIM, SPF and DMARC in one milter.",
      "postseal-milter");
  Options options;
  AddOptions(&app, &options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    Complain(absl::StrCat(error.what(), " (see postseal-milter --help)"));
    return kExitUsage;
  }
  return Run(options);
}

}  // namespace
}  // namespace postseal::milter

int main(int argc, char** argv) { return postseal::milter::Main(argc, argv); }
