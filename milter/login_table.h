// LoginTable: which logins may have mail signed for which authors. SigningLoginTable
#ifndef POSTSEAL_MILTER_LOGIN_TABLE_H_
#define POSTSEAL_MILTER_LOGIN_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "mail/local_part.h"
#include "milter/address_table.h"
#include "milter/glob.h"

namespace postseal::milter {

// kMaxLogins bounds the logins of one row.
inline constexpr size_t kMaxLogins = 1000;

// LoginTable has a row for an author, as SigningTable has, with the logins that may write
// as that author. The first row that matches an author decides: in a file of patterns, put
// ceo@example.com above *@example.com.
class LoginTable {
 public:
  explicit LoginTable(AddressTable::Kind kind = AddressTable::Kind::kExact)
      : authors_(kind), kind_(kind) {}

  // Add adds the row of |author| with |logins|, separated by commas or white space. "*" in
  // a login stands for any octets, and "%" for the author's domain: "*@%" is every login of
  // the author's own domain. "@DOMAIN", as in smtpd_sender_login_maps of Postfix, is every
  // author of DOMAIN. InvalidArgument without a login, ResourceExhausted above kMaxLogins
  // and as AddressTable::Add.
  absl::Status Add(std::string_view author, std::string_view logins);

  // Permits says whether |login| may have mail of |local_part|@|domain| signed. Case does
  // not count. An empty |login| may not.
  bool Permits(std::string_view login, std::string_view local_part, std::string_view domain) const;

  size_t size() const { return rows_.size(); }

 private:
  using Logins = std::vector<std::string>;

  static bool Matches(std::string_view pattern, std::string_view login, std::string_view domain);

  AddressTable authors_;
  AddressTable::Kind kind_;
  std::vector<Logins> rows_;
};

// Implementation.

inline absl::Status LoginTable::Add(std::string_view author, std::string_view logins) {
  constexpr base::CharSet kBetween = base::kWsp | base::CharSet(",");
  Logins row;
  while (true) {
    while (!logins.empty() && kBetween(logins.front())) logins.remove_prefix(1);
    if (logins.empty()) break;
    size_t size = 0;
    while (size < logins.size() && !kBetween(logins[size])) ++size;
    if (row.size() == kMaxLogins) {
      return absl::ResourceExhaustedError(
          absl::StrCat("more than ", kMaxLogins, " logins in a row"));
    }
    row.emplace_back(logins.substr(0, size));
    logins.remove_prefix(size);
  }
  if (row.empty()) return absl::InvalidArgumentError("the row names no login");
  std::string key(author);
  if (const size_t at = key.rfind('@'); at != std::string::npos) {
    key = absl::StrCat(mail::UnquotedLocalPart(key.substr(0, at)), key.substr(at));
  }
  if (key.size() > 1 && key.front() == '@') {
    key = kind_ == AddressTable::Kind::kPatterns ? absl::StrCat("*", key) : key.substr(1);
  }
  if (absl::Status status = authors_.Add(key, static_cast<uint32_t>(rows_.size())); !status.ok()) {
    return status;
  }
  rows_.push_back(std::move(row));
  return absl::OkStatus();
}

inline bool LoginTable::Matches(std::string_view pattern, std::string_view login,
                                std::string_view domain) {
  const size_t percent = pattern.find('%');
  if (percent == std::string_view::npos) return GlobMatches(pattern, login);
  // The sender wrote the domain: a "*" in it must not act as a pattern.
  if (domain.find('*') != std::string_view::npos) return false;
  return GlobMatches(absl::StrCat(pattern.substr(0, percent), domain, pattern.substr(percent + 1)),
                     login);
}

inline bool LoginTable::Permits(std::string_view login, std::string_view local_part,
                                std::string_view domain) const {
  if (login.empty()) return false;
  // Quotes make no other mailbox, and so no other row.
  const std::vector<uint32_t> found =
      authors_.Find(mail::UnquotedLocalPart(local_part), domain, AddressTable::Which::kFirst);
  if (found.empty()) return false;
  for (const std::string& pattern : rows_[found.front()]) {
    if (Matches(pattern, login, domain)) return true;
  }
  return false;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_LOGIN_TABLE_H_
