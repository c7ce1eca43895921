// OwnIds: the authserv-ids of this domain's hosts, and whether a text claims to be
// written under one of them.
#ifndef POSTSEAL_AUTHRES_OWN_IDS_H_
#define POSTSEAL_AUTHRES_OWN_IDS_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/utf8.h"
#include "dns/idna.h"

namespace postseal::authres {

// OwnIds compares as the most forgiving reader does: without regard to ASCII case, to
// final dots, to octets that nothing is shown for (controls, format characters such as
// U+200B or U+FEFF, spaces beyond ASCII such as U+00A0, what is not UTF-8), to whether
// a label is a U-label or an A-label, and to what follows a slash, where OpenDKIM's
// AuthservIDWithJobID puts the queue id. An id that begins with a dot, such as
// ".example.net", means every name below that domain and not the domain itself.
class OwnIds {
 public:
  explicit OwnIds(std::span<const std::string> ids);

  bool empty() const { return names_.empty() && suffixes_.empty() && phrases_.empty(); }

  // Has says whether |id|, an unquoted authserv-id, is one of them.
  bool Has(std::string_view id) const;

  // IsHiddenIn says whether the authserv-id of |value|, the value of a field, is one of them
  // for a reader who first takes comments, quotes and white space off: "mx.(c)example.net".
  // Time is linear in |value|.
  bool IsHiddenIn(std::string_view value) const;

  // IsNamedIn says whether |text|, which could not be read as a field, holds one of
  // them as a word. Time is linear in |text|.
  bool IsNamedIn(std::string_view text) const;

 private:
  bool HasPlain(std::string_view id) const;
  bool HasWordOf(std::string_view text) const;

  std::set<std::string, std::less<>> names_;
  // With their first dot.
  std::vector<std::string> suffixes_;
  // Those of names_ that are more than one word, such as "my host".
  std::vector<std::string> phrases_;
};

namespace internal {

// kMaxIdOctets is the longest id that is compared, in octets of its plain form: above
// any domain (RFC 1035 §2.3.4) and any authserv-id that Print writes.
inline constexpr size_t kMaxIdOctets = 1024;

inline constexpr base::CharSet kIdWordOctets =
    base::kAlphaDigit | base::kNonAscii | base::CharSet("-._");

// IsBlank: the spaces of Unicode beyond ASCII (Zs).
constexpr bool IsBlank(char32_t c) {
  return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

// IsFullStop: what Unicode TR 46 maps to a dot.
constexpr bool IsFullStop(char32_t c) { return c == 0x3002 || c == 0xFF0E || c == 0xFF61; }

// WithoutInvisible is |text| less the octets that nothing is shown for.
inline std::string WithoutInvisible(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const base::Utf8Char c = base::FirstUtf8Char(text);
    const size_t octets = std::max<size_t>(c.octets, 1);
    if (IsFullStop(c.code_point)) {
      shown.push_back('.');
    } else if (c.octets != 0 && base::IsGraphic(c.code_point) && !IsBlank(c.code_point)) {
      shown.append(text.substr(0, octets));
    }
    text.remove_prefix(octets);
  }
  return shown;
}

// PlainId is the form in which ids are compared.
inline std::string PlainId(std::string_view id) {
  std::string plain = WithoutInvisible(id);
  const auto is_edge = [](char c) { return c == '.' || base::kWsp(c); };
  while (!plain.empty() && is_edge(plain.back())) plain.pop_back();
  const size_t first = plain.find_first_not_of(" \t");
  if (first != std::string::npos) plain.erase(0, first);
  if (std::any_of(plain.begin(), plain.end(), base::kNonAscii)) {
    if (std::optional<std::string> ascii = dns::ToAscii(plain)) plain = *std::move(ascii);
  }
  return base::ToLower(plain);
}

// HasPhrase says whether |phrase| stands in |text| with nothing of a word beside it.
inline bool HasPhrase(std::string_view text, std::string_view phrase) {
  for (size_t at = 0; at + phrase.size() <= text.size(); ++at) {
    if (at > 0 && kIdWordOctets(text[at - 1])) continue;
    if (!base::EqualsIgnoreCase(text.substr(at, phrase.size()), phrase)) continue;
    const std::string_view after = text.substr(at + phrase.size());
    if (after.empty() || after.front() == '.' || !kIdWordOctets(after.front())) return true;
  }
  return false;
}

}  // namespace internal

inline OwnIds::OwnIds(std::span<const std::string> ids) {
  for (const std::string& id : ids) {
    std::string plain = internal::PlainId(id);
    if (plain.empty()) continue;
    if (plain.front() == '.') {
      // The name behind the dot may have U-labels.
      suffixes_.push_back("." + internal::PlainId(std::string_view(plain).substr(1)));
      continue;
    }
    const bool is_word = std::all_of(plain.begin(), plain.end(), internal::kIdWordOctets);
    if (!is_word) phrases_.push_back(plain);
    names_.insert(std::move(plain));
  }
}

inline bool OwnIds::HasPlain(std::string_view id) const {
  if (id.size() > internal::kMaxIdOctets) return false;
  if (names_.contains(id)) return true;
  return std::any_of(suffixes_.begin(), suffixes_.end(), [id](const std::string& suffix) {
    return id.size() > suffix.size() && id.ends_with(suffix);
  });
}

inline bool OwnIds::Has(std::string_view id) const {
  const size_t slash = id.find('/');
  if (slash != id.npos && HasPlain(internal::PlainId(id.substr(0, slash)))) return true;
  return HasPlain(internal::PlainId(id));
}

inline bool OwnIds::HasWordOf(std::string_view text) const {
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && internal::kIdWordOctets(text[end])) ++end;
    std::string_view word = text.substr(at, end - at);
    while (word.starts_with('.')) word.remove_prefix(1);
    if (!word.empty() && HasPlain(internal::PlainId(word))) return true;
    at = end + 1;
  }
  return std::any_of(phrases_.begin(), phrases_.end(), [text](const std::string& phrase) {
    return internal::HasPhrase(text, phrase);
  });
}

inline bool OwnIds::IsHiddenIn(std::string_view value) const {
  std::string id;
  size_t depth = 0;
  for (size_t at = 0; at < value.size() && id.size() <= internal::kMaxIdOctets; ++at) {
    const char c = value[at];
    if (c == ';' && depth == 0) break;
    if (c == '(') ++depth;
    if (c == ')' && depth > 0) {
      --depth;
    } else if (depth == 0 && c != '"' && c != '\\' && !base::kWsp(c) && !base::kControl(c)) {
      id.push_back(c);
    }
  }
  return Has(id);
}

inline bool OwnIds::IsNamedIn(std::string_view text) const {
  if (HasWordOf(text)) return true;
  // As a reader has it who unquotes octets and skips what is not shown.
  std::string shown = internal::WithoutInvisible(text);
  std::erase(shown, '\\');
  if (HasWordOf(shown)) return true;
  // As one has it who also takes the white space out of the authserv-id.
  std::string first = shown.substr(0, shown.find(';'));
  std::erase_if(first, base::kWsp);
  return HasWordOf(first);
}

}  // namespace postseal::authres

#endif  // POSTSEAL_AUTHRES_OWN_IDS_H_
