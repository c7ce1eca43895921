// postseal keygen: a key pair in the files that opendkim-genkey writes.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "dkim/algorithm.h"
#include "dkim/key_pair.h"
#include "dkim/key_record_text.h"
#include "dkim/signature.h"

namespace postseal::cli {
namespace {

struct KeygenArguments {
  std::string domain = "localhost";
  std::string selector = "default";
  std::string directory = ".";
  int bits = dkim::kDefaultRsaBits;
  std::string type = "rsa";
  std::string hashes = "sha256";
  std::optional<std::string> note;
  bool append_domain = false;
  bool restrict_to_email = false;
  bool test_mode = false;
  bool subdomains = true;
  bool verbose = false;
};

// KeepOld gives a file that is at |path| another name too, one that nothing has
// yet: it may be the only copy of a key in use.
bool KeepOld(const std::string& path) {
  constexpr int kMaxOld = 1000;
  for (int i = 0; i < kMaxOld; ++i) {
    const std::string old = i == 0 ? path + ".old" : absl::StrCat(path, ".old", i);
    if (link(path.c_str(), old.c_str()) == 0) {
      PrintError(absl::StrCat(path, ": was there; kept as ", old));
      return true;
    }
    if (errno == ENOENT) return true;
    if (errno != EEXIST) return false;
  }
  return false;
}

// WriteFile makes |path| with mode 0600 and |text| in it, complete or not at
// all. A file that was there is kept (KeepOld).
absl::Status WriteFile(const std::string& path, std::string_view text) {
  const auto error = [&path] {
    return absl::UnavailableError(absl::StrCat(path, ": ", std::strerror(errno)));
  };
  const std::string temporary = path + ".new";
  // A file that someone else holds open must not receive the key.
  unlink(temporary.c_str());
  const int fd =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return error();
  bool ok = fchmod(fd, S_IRUSR | S_IWUSR) == 0;
  while (ok && !text.empty()) {
    const ssize_t n = write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    ok = n > 0;
    if (ok) text.remove_prefix(static_cast<size_t>(n));
  }
  ok = ok && fsync(fd) == 0;
  ok = close(fd) == 0 && ok;
  ok = ok && KeepOld(path);
  ok = ok && std::rename(temporary.c_str(), path.c_str()) == 0;
  if (ok) return absl::OkStatus();
  const absl::Status status = error();
  unlink(temporary.c_str());
  return status;
}

absl::Status Generate(const KeygenArguments& arguments) {
  const auto domain = dkim::ParseDomain(arguments.domain);
  if (!domain.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("-d ", arguments.domain, ": no domain name"));
  }
  // The selector names the files, so nothing but a DNS name may pass.
  const auto selector = dkim::ParseDomain(arguments.selector);
  if (!selector.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("-s ", arguments.selector, ": no selector"));
  }
  const auto type = *dkim::ParseKeyType(arguments.type);
  dkim::ZoneRecord record;
  record.selector = selector->text();
  record.domain = domain->text();
  record.key_type = type;
  record.append_domain = arguments.append_domain;
  if (!arguments.hashes.empty()) record.hash_algorithms = arguments.hashes;
  record.note = arguments.note;
  record.test_mode = arguments.test_mode;
  record.no_subdomains = !arguments.subdomains;
  record.email_only = arguments.restrict_to_email;
  if (arguments.verbose) PrintError("generating private key");
  const auto pair = dkim::GenerateKeyPair(type, arguments.bits);
  if (!pair.ok()) return pair.status();
  record.public_base64 = pair->public_base64;
  const auto text = dkim::PrintZoneRecord(record);
  if (!text.ok()) return text.status();
  const std::string path = absl::StrCat(arguments.directory, "/", selector->text());
  absl::Status status = WriteFile(path + ".private", pair->private_pem.view());
  if (!status.ok()) return status;
  if (arguments.verbose) PrintError(absl::StrCat("private key written to ", path, ".private"));
  status = WriteFile(path + ".txt", *text);
  if (status.ok() && arguments.verbose) {
    PrintError(absl::StrCat("DNS TXT record written to ", path, ".txt"));
  }
  return status;
}

}  // namespace

void AddKeygen(CLI::App* app, int* exit_status) {
  const auto arguments = std::make_shared<KeygenArguments>();
  CLI::App* const command =
      app->add_subcommand("keygen", "Make a key: SELECTOR.private and the DNS record SELECTOR.txt");
  command->add_option("-d,--domain", arguments->domain, "Domain that will use the key")
      ->type_name("DOMAIN")
      ->capture_default_str();
  command->add_option("-s,--selector", arguments->selector, "Name of the key")
      ->type_name("SELECTOR")
      ->capture_default_str();
  command->add_option("-D,--directory", arguments->directory, "Where to write the files")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_option("-b,--bits", arguments->bits, "Size of an RSA key, 1024 to 4096")
      ->type_name("BITS")
      ->capture_default_str();
  command->add_option("--type", arguments->type, "rsa or ed25519")
      ->check(CLI::IsMember({"rsa", "ed25519"}))
      ->type_name("TYPE")
      ->capture_default_str();
  command
      ->add_option("-h,--hash-algorithms", arguments->hashes,
                   "Hashes the key may be used with (h=), colon-separated")
      ->type_name("HASHES")
      ->capture_default_str();
  command->add_option("-n,--note", arguments->note, "Note in the record (n=)")->type_name("NOTE");
  command->add_flag("-r,--restrict,!--norestrict", arguments->restrict_to_email,
                    "For e-mail only (s=email)");
  command->add_flag("-t,--testmode,!--notestmode", arguments->test_mode, "Test mode (t=y)");
  command->add_flag("-S{false},--nosubdomains{false},--subdomains{true}", arguments->subdomains,
                    "Forbid subdomains in i= (t=s)");
  command->add_flag("-a,--append-domain,!--noappend-domain", arguments->append_domain,
                    "Write the whole name, not one relative to the zone");
  command->add_flag("-v,--verbose", arguments->verbose, "Say what is done");
  command->footer("Example: postseal keygen -d example.com -s s1 -D /etc/postseal/keys");
  command->callback([arguments, exit_status] {
    const absl::Status status = Generate(*arguments);
    if (!status.ok()) PrintError(std::string(status.message()));
    *exit_status = status.ok() ? kExitOk : kExitUsage;
  });
}

}  // namespace postseal::cli
