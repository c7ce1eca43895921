// postseal keygen: a key pair in the files that opendkim-genkey writes.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "dkim/algorithm.h"
#include "dkim/key_pair.h"
#include "dkim/key_record_text.h"
#include "dkim/signature.h"
#include "dns/name.h"

namespace postseal::cli {
namespace {

// kMaxBits bounds what the key generator is asked about; it has its own limits.
constexpr int64_t kMaxBits = 1 << 20;

struct KeygenArguments {
  std::string domain = "localhost";
  std::string selector = "default";
  std::string directory = ".";
  std::optional<int64_t> bits;
  std::string type = "rsa";
  std::string hashes = "sha256";
  std::optional<std::string> note;
  bool append_domain = false;
  bool restrict_to_email = false;
  bool test_mode = false;
  bool no_subdomains = false;
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
  const auto type = dkim::ParseKeyType(arguments.type);
  if (!type.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--type ", arguments.type, ": wants rsa or ed25519"));
  }
  dkim::ZoneRecord record;
  // As written, like opendkim-genkey: a KeyTable names the file so.
  const auto as_written = [](const std::string& text, const dns::Name& name) {
    const bool ascii = std::none_of(text.begin(), text.end(), base::kNonAscii);
    return ascii ? std::string_view(text) : name.text();
  };
  record.selector = as_written(arguments.selector, *selector);
  record.domain = as_written(arguments.domain, *domain);
  record.key_type = *type;
  record.append_domain = arguments.append_domain;
  record.hash_algorithms = arguments.hashes;
  if (arguments.hashes.empty()) record.hash_algorithms.reset();
  record.note = arguments.note;
  record.test_mode = arguments.test_mode;
  record.no_subdomains = arguments.no_subdomains || !arguments.subdomains;
  record.email_only = arguments.restrict_to_email;
  if (arguments.verbose) PrintError("generating private key");
  const auto pair = dkim::GenerateKeyPair(
      *type, static_cast<int>(arguments.bits.value_or(dkim::kDefaultRsaBits)));
  if (!pair.ok()) return pair.status();
  record.public_base64 = pair->public_base64;
  const auto text = dkim::PrintZoneRecord(record);
  if (!text.ok()) return text.status();
  const std::string path = absl::StrCat(arguments.directory, "/", record.selector);
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
      AddCommand(app,
                 {"keygen", "Make a key: SELECTOR.private and the DNS record SELECTOR.txt",
                  "Exit status: 0 the files are there, 2 they are not.\n"
                  "Example: postseal keygen -d example.com -s s1 -D /etc/postseal/keys",
                  [arguments] {
                    const absl::Status status = Generate(*arguments);
                    if (!status.ok()) PrintError(status.message());
                    return status.ok() ? kExitOk : kExitUsage;
                  }},
                 exit_status);
  AddText(command, {"-d,--domain", "DOMAIN", "Domain that will use the key; default: localhost"},
          &arguments->domain);
  AddText(command, {"-s,--selector", "SELECTOR", "Name of the key; default: default"},
          &arguments->selector);
  AddText(command, {"-D,--directory", "DIR", "Where to write the files; default: ."},
          &arguments->directory);
  AddNumber(command, {"-b,--bits", "BITS", "Size of an RSA key, 1024 to 4096; default: 2048"}, 1,
            kMaxBits, &arguments->bits);
  AddText(command, {"--type", "TYPE", "rsa or ed25519; default: rsa"}, &arguments->type);
  AddText(command,
          {"-h,--hash-algorithms", "HASHES",
           "Hashes the key may be used with (h=), colon-separated; '': no h=; default: sha256"},
          &arguments->hashes);
  AddText(command, {"-n,--note", "NOTE", "Note in the record (n=)"}, &arguments->note);
  AddFlag(command, "-r,--restrict,!--norestrict,!--no-restrict", "For e-mail only (s=email)",
          &arguments->restrict_to_email);
  AddFlag(command, "-t,--testmode,!--notestmode,!--no-testmode", "Test mode (t=y)",
          &arguments->test_mode);
  // Two switches, as in opendkim-genkey: either forbids.
  AddFlag(command, "-S", "Forbid subdomains in i= (t=s), like --nosubdomains",
          &arguments->no_subdomains);
  AddFlag(command, "--subdomains,!--nosubdomains,!--no-subdomains",
          "Allow subdomains in i=", &arguments->subdomains);
  AddFlag(command, "-a,--append-domain,!--noappend-domain,!--no-append-domain",
          "Write the whole name, not one relative to the zone", &arguments->append_domain);
  AddFlag(command, "-v,--verbose", "Say what is done", &arguments->verbose);
}

}  // namespace postseal::cli
