#include "milter/key_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/ascii.h"
#include "base/secret.h"
#include "dkim/algorithm.h"
#include "dkim/openssl_signer.h"
#include "dkim/signing_key.h"
#include "dns/name.h"
#include "milter/descriptor.h"
#include "milter/key_file_advice.h"

namespace postseal::milter {
namespace {

bool InGroup(gid_t group) {
  if (group == getegid()) return true;
  const int count = getgroups(0, nullptr);
  if (count <= 0) return false;
  std::vector<gid_t> groups(static_cast<size_t>(count));
  const int got = getgroups(count, groups.data());
  if (got < 0) return false;
  groups.resize(static_cast<size_t>(got));
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

// OtherMember is the name of a user of |group| who is neither root nor us; empty: there is
// none. Who has the group as the main one is in it, too.
std::string OtherMember(gid_t group) {
  // The database of users is one for the process; two threads never load keys.
  const auto is_other = [](const struct passwd& user) {
    return user.pw_uid != 0 && user.pw_uid != geteuid();
  };
  std::string other;
  setpwent();
  while (const struct passwd* const user = getpwent()) {
    if (user->pw_gid != group || !is_other(*user)) continue;
    other = user->pw_name;
    break;
  }
  endpwent();
  if (!other.empty()) return other;
  const struct group* const entry = getgrgid(group);
  if (entry == nullptr) return "";
  std::vector<std::string> members;  // getpwnam may overwrite |entry|
  for (char** member = entry->gr_mem; *member != nullptr; ++member) members.emplace_back(*member);
  for (const std::string& member : members) {
    const struct passwd* const user = getpwnam(member.c_str());
    if (user == nullptr || is_other(*user)) return member;
  }
  return "";
}

// WhyUnsafeFile says who besides us can touch the file of |info|; empty: nobody.
std::string WhyUnsafeFile(const struct stat& info) {
  if (info.st_uid != 0 && info.st_uid != geteuid()) {
    return absl::StrCat("belongs to ", UserName(info.st_uid), ", and we run as ", WhoWeAre());
  }
  const std::string mode = absl::StrFormat("mode %04o: chmod 600", info.st_mode & 07777);
  if ((info.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    return absl::StrCat("can be read or written by other users (", mode, ")");
  }
  if ((info.st_mode & (S_IRGRP | S_IWGRP)) != 0 && !InGroup(info.st_gid)) {
    return absl::StrCat("can be read or written by a group that we are not in (", mode, ")");
  }
  if ((info.st_mode & S_IWGRP) != 0) {
    if (const std::string other = OtherMember(info.st_gid); !other.empty()) {
      return absl::StrCat("can be written by its group, which ", other, " is in (", mode, ")");
    }
  }
  return "";
}

// WhyUnsafeFolders looks at each folder above |path|. Where a folder is sticky, as
// that for temporary files is, others cannot replace what is ours in it.
std::string WhyUnsafeFolders(const std::string& path) {
  for (size_t slash = path.rfind('/'); slash != std::string::npos;
       slash = slash == 0 ? std::string::npos : path.rfind('/', slash - 1)) {
    const std::string folder = slash == 0 ? "/" : path.substr(0, slash);
    struct stat info = {};
    if (stat(folder.c_str(), &info) != 0) continue;
    if (info.st_uid != 0 && info.st_uid != geteuid()) {
      return absl::StrCat("is in the folder ", folder, ", which belongs to ",
                          UserName(info.st_uid));
    }
    if ((info.st_mode & S_IWOTH) != 0 && (info.st_mode & S_ISVTX) == 0) {
      return absl::StrCat("is in the folder ", folder, ", which other users can write to");
    }
    // OpenDKIM refuses it likewise: of its group only we and root may be.
    if ((info.st_mode & S_IWGRP) != 0 && (info.st_mode & S_ISVTX) == 0) {
      if (const std::string other = OtherMember(info.st_gid); !other.empty()) {
        return absl::StrCat("is in the folder ", folder, ", which ", other,
                            " can write to by its group: chmod g-w");
      }
    }
  }
  return "";
}

std::string WhyUnsafe(const std::string& path, const struct stat& info) {
  if (std::string why = WhyUnsafeFile(info); !why.empty()) return why;
  if (std::string why = WhyUnsafeFolders(path); !why.empty()) return why;
  // And of where the file really is, when a link leads there.
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real == nullptr ? "" : WhyUnsafeFolders(real.get());
}

absl::Status Fault(const std::string& path, std::string_view what, const std::string& advice) {
  return absl::FailedPreconditionError(
      absl::StrCat(path, ": ", what, advice.empty() ? "" : "; ", advice));
}

absl::Status OpenFault(const std::string& path, int error) {
  std::string advice;
  if (error == ENOENT || error == ENOTDIR) advice = AdviseMissing(path);
  if (error == EACCES || error == EPERM) advice = AdviseDenied(path);
  return Fault(path, std::strerror(error), advice);
}

absl::StatusOr<base::SecretString> ReadSecret(const std::string& path, int fd) {
  base::SecretString text = base::SecretString::WithSize(kMaxKeyFileOctets + 1);
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fault(path, std::strerror(errno), "");
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > kMaxKeyFileOctets) {
    return Fault(path, absl::StrCat("has more than ", kMaxKeyFileOctets, " octets"),
                 "a key file has a few thousand");
  }
  text.Truncate(size);
  return text;
}

// SetKey makes |loaded| the key of |text|.
absl::Status SetKey(std::string_view text, LoadedFile* loaded) {
  absl::StatusOr<std::shared_ptr<const dkim::SigningKey>> key = dkim::SigningKey::FromPem(text);
  if (!key.ok()) return key.status();
  loaded->key = *std::move(key);
  loaded->signer = loaded->key;
  if (loaded->key->key_type() == dkim::KeyType::kRsa) {
    // Without OpenSSL it is our own that signs.
    if (auto signer = dkim::OpenSslSigner::FromPem(text); signer.ok()) {
      loaded->signer = *std::move(signer);
    }
  }
  return absl::OkStatus();
}

absl::Status ReadKey(const std::string& path, int fd, LoadedFile* loaded) {
  const absl::StatusOr<base::SecretString> text = ReadSecret(path, fd);
  if (!text.ok()) return text.status();
  const absl::Status status = SetKey(text->view(), loaded);
  return status.ok() ? status : Fault(path, status.message(), "");
}

FileStamp StampOf(const struct stat& info) {
  constexpr int64_t kNanoseconds = 1'000'000'000;
  return FileStamp{.device = info.st_dev,
                   .inode = info.st_ino,
                   .size = info.st_size,
                   .modified_ns = info.st_mtim.tv_sec * kNanoseconds + info.st_mtim.tv_nsec,
                   .changed_ns = info.st_ctim.tv_sec * kNanoseconds + info.st_ctim.tv_nsec};
}

absl::Status CheckBits(const dkim::SigningKey& key, const KeyPolicy& policy) {
  if (key.key_type() != dkim::KeyType::kRsa || key.bits() >= policy.minimum_bits) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat("the private key is too small (", key.bits(),
                                                    " bits, MinimumKeyBits is ",
                                                    policy.minimum_bits, ")"));
}

// PemFromLine puts line ends back into PEM that stands on one line, with white space or
// nothing in their place. Other text stays as it is.
base::SecretString PemFromLine(std::string_view text) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  constexpr std::string_view kDashes = "-----";
  const size_t label_end = text.find(kDashes, kBegin.size());
  const size_t end = text.rfind("-----END ");
  const bool has_begin =
      text.substr(0, kBegin.size()) == kBegin && label_end != std::string_view::npos;
  // The dashes of the two lines are not the same ones.
  const bool has_end = end != std::string_view::npos && end >= label_end + kDashes.size();
  if (!has_begin || !has_end) return base::SecretString(text);
  base::SecretString out = base::SecretString::WithSize(text.size() + 2);
  size_t size = 0;
  const auto append = [&](char c) { out.data()[size++] = c; };
  const size_t body = label_end + kDashes.size();
  for (const char c : text.substr(0, body)) append(c);
  append('\n');
  for (const char c : text.substr(body, end - body)) {
    if (!base::kWsp(c)) append(c);
  }
  append('\n');
  for (const char c : text.substr(end)) append(c);
  out.Truncate(size);
  return out;
}

// PemAround wraps DER in base64 in the label |label|.
base::SecretString PemAround(std::string_view label, std::string_view base64) {
  const std::string begin = absl::StrCat("-----BEGIN ", label, "-----\n");
  const std::string end = absl::StrCat("\n-----END ", label, "-----\n");
  base::SecretString out = base::SecretString::WithSize(begin.size() + base64.size() + end.size());
  char* at = std::copy(begin.begin(), begin.end(), out.data());
  at = std::copy(base64.begin(), base64.end(), at);
  std::copy(end.begin(), end.end(), at);
  return out;
}

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

}  // namespace

absl::StatusOr<LoadedFile> LoadKeyFile(const std::string& path, const KeyPolicy& policy,
                                       const LoadedFile* known) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) return OpenFault(path, errno);
  struct stat info = {};
  if (fstat(file.get(), &info) != 0) return Fault(path, std::strerror(errno), "");
  if (!S_ISREG(info.st_mode)) {
    return Fault(path, S_ISDIR(info.st_mode) ? "is a directory" : "is no regular file",
                 "KeyTable wants the key file itself");
  }
  LoadedFile loaded;
  if (const std::string why = WhyUnsafe(path, info); !why.empty()) {
    if (policy.require_safe) {
      return Fault(path, absl::StrCat("the key is not secure: it ", why),
                   "RequireSafeKeys no would use it all the same");
    }
    loaded.warning = absl::StrCat(path, ": the key is not secure: it ", why);
  }
  loaded.stamp = StampOf(info);
  if (known != nullptr && known->stamp == loaded.stamp) {
    loaded.key = known->key;
    loaded.signer = known->signer;
  } else if (absl::Status status = ReadKey(path, file.get(), &loaded); !status.ok()) {
    return status;
  }
  if (absl::Status status = CheckBits(*loaded.key, policy); !status.ok()) {
    return Fault(path, status.message(), "");
  }
  return loaded;
}

absl::StatusOr<LoadedFile> LoadKeyText(std::string_view text, const KeyPolicy& policy) {
  constexpr std::string_view kMark = "-----BEGIN";
  LoadedFile loaded;
  absl::Status found = SetKey(PemFromLine(text).view(), &loaded);
  if (!found.ok() && text.substr(0, kMark.size()) != kMark) {
    for (const std::string_view label : {"PRIVATE KEY", "RSA PRIVATE KEY"}) {
      found = SetKey(PemAround(label, text).view(), &loaded);
      if (found.ok()) break;
    }
  }
  if (!found.ok()) {
    return absl::InvalidArgumentError(
        "the key in the table is neither PEM nor DER in base64 (a path begins with \"/\" or "
        "\"./\")");
  }
  if (absl::Status status = CheckBits(*loaded.key, policy); !status.ok()) return status;
  return loaded;
}

absl::StatusOr<std::vector<std::string>> ExpandKeyPath(const std::string& pattern) {
  const size_t percent = pattern.find('%');
  if (percent == std::string::npos) return std::vector<std::string>();
  const size_t begin = pattern.rfind('/', percent) + 1;  // of the part with "%"
  const std::string folder = begin == 0 ? "." : begin == 1 ? "/" : pattern.substr(0, begin - 1);
  std::string_view part = std::string_view(pattern).substr(begin);
  part = part.substr(0, part.find('/'));
  const std::string_view before = part.substr(0, percent - begin);
  const std::string_view rest = part.substr(percent - begin + 1);
  // What follows a second "%" is settled by the whole path below.
  const std::string_view after = rest.find('%') == std::string_view::npos ? rest : "";
  const std::unique_ptr<DIR, CloseFolder> open(opendir(folder.c_str()));
  if (open == nullptr) return OpenFault(folder, errno);
  std::vector<std::string> domains;
  while (const struct dirent* const entry = readdir(open.get())) {
    std::string_view name = entry->d_name;
    if (name.size() <= before.size() + after.size() || name.substr(0, before.size()) != before ||
        name.substr(name.size() - after.size()) != after || name == "..") {
      continue;
    }
    name = name.substr(before.size(), name.size() - before.size() - after.size());
    if (!dns::Name::Parse(name).has_value()) continue;
    if (domains.size() == kMaxExpandedKeys) {
      return Fault(folder, absl::StrCat("more than ", kMaxExpandedKeys, " domains"), "");
    }
    domains.emplace_back(name);
  }
  std::sort(domains.begin(), domains.end());
  return domains;
}

}  // namespace postseal::milter
