// DomainCollector: every domain that some reader may take from a From field that is
// malformed. Use the domains to look up policies, never to let a message pass.
#ifndef POSTSEAL_MAIL_DOMAIN_COLLECTOR_H_
#define POSTSEAL_MAIL_DOMAIN_COLLECTOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/utf8.h"
#include "mail/encoded_word.h"
#include "mail/unfold.h"

namespace postseal::mail {

// kMaxCollectedDomains bounds the different domains that are kept; the others are counted.
// Well-formed mail names one author or a few (RFC 9989 §11.5 ¶3) [choice].
inline constexpr size_t kMaxCollectedDomains = 16;
// kMaxCollectedOctets bounds one collected domain, in octets. No U-label takes more than 4
// octets for one of its A-label, so a longer text is no domain name (RFC 1035 §2.3.4).
inline constexpr size_t kMaxCollectedOctets = 1024;

// DomainCollector looks behind every "@", be it a wide one, of the text that it is given: in quoted
// strings, comments, display names and angle brackets, whether they are closed or not. Readers of
// malformed text differ in what they leave out, so that one "@" can give several domains:
// the octets up to the first that no domain has; the same with controls, quotes,
// backslashes, invisible characters and, beside a dot, white space and angles left out; the same
// with all white space left out; the ASCII letters before the first other character; and
// all of these again with encoded-words decoded and comments left out. Domain-literals are
// no domains.
//
// A domain has no dot at its ends. Whether it is a name is for dns::Name to say. All work is
// linear in the text.
class DomainCollector {
 public:
  // |arena| must outlive the collector and what it found.
  explicit DomainCollector(base::Arena* arena)
      : arena_(arena), domains_(arena->NewArray<std::string_view>(kMaxCollectedDomains)) {}

  // Add collects from |value|, the text behind the colon of a field, folded or not. It must
  // outlive what was found.
  void Add(std::string_view value);
  // AddDomain adds a domain that was found in another way.
  void AddDomain(std::string_view domain);

  // domains are different from each other, whatever the case, in the order found.
  std::span<const std::string_view> domains() const { return domains_.first(count_); }
  // skipped counts what was found and not kept. Equal ones count each time.
  size_t skipped() const { return skipped_; }

 private:
  // ScanShown scans |text| with its comments and without them.
  void ScanShown(std::string_view text);
  void Scan(std::string_view text);
  void ScanBehindAt(std::string_view text);

  base::Arena* arena_;
  std::span<std::string_view> domains_;
  size_t count_ = 0;
  size_t skipped_ = 0;
};

// Implementation.

namespace internal {

// The octets that a domain may have; whether labels are well-formed is not checked.
inline constexpr base::CharSet kDomainOctet =
    base::kAlphaDigit | base::CharSet("-_.") | base::kNonAscii;
// White space, and the CR and LF that fold nothing.
inline constexpr base::CharSet kGapOctet = base::kWsp | base::CharSet("\r\n");
// What some readers drop beside a dot.
inline constexpr base::CharSet kAngle = base::CharSet("<>");
// What some readers drop, wherever it stands.
inline constexpr base::CharSet kDroppedOctet = (base::kControl - kGapOctet) | base::CharSet("\"\\");

// IsInvisible says that |c| is shown as nothing or as a space: the soft hyphen, zero-width
// and bidi characters, the byte order mark and the spaces beyond ASCII.
constexpr bool IsInvisible(char32_t c) {
  return c == 0xAD || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F ||
         c == 0x3000 || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

// IsWideDot: U+3002, U+FF0E and U+FF61, which IDNA2003 and browsers take for ".", and U+2024
// and U+FE52, which NFKC makes one.
constexpr bool IsWideDot(char32_t c) {
  return c == 0x3002 || c == 0xFF0E || c == 0xFF61 || c == 0x2024 || c == 0xFE52;
}

// kWideAts are U+FF20 and U+FE6B, of which NFKC makes "@", in UTF-8.
inline constexpr std::string_view kWideAts[] = {"\xEF\xBC\xA0", "\xEF\xB9\xAB"};

// Gaps says which white space within a domain a reader leaves out.
enum class Gaps : uint8_t {
  kBesideDots,  // and behind "@"; angles too. RFC 5322 §4.4
  kWithinText,  // all: Python's email.utils and Perl's Mail::Address join "exa mple"
};

// LooseDomain is the domain that |text| begins with for a reader who leaves out what is
// shown as nothing, and |gaps|.
class LooseDomain {
 public:
  LooseDomain(std::string_view text, Gaps gaps) {
    while (!text.empty() && size_ < octets_.size()) {
      const char c = text.front();
      before_address_ = c == '@' || c == ':';
      if (base::kNonAscii(c)) {
        text.remove_prefix(TakeCharacter(text));
      } else if (kDomainOctet(c)) {
        octets_[size_++] = c;
        text.remove_prefix(1);
      } else if (kDroppedOctet(c)) {
        text.remove_prefix(1);
      } else if (kGapOctet(c) || kAngle(c)) {
        bool joins = gaps == Gaps::kWithinText;
        size_t gap = 0;
        for (; gap < text.size(); ++gap) {
          const char next = text[gap];
          if (!kGapOctet(next) && !kDroppedOctet(next) && !kAngle(next)) break;
          joins = joins && !kAngle(next);
        }
        text.remove_prefix(gap);
        const bool beside_dot = size_ == 0 || octets_[size_ - 1] == '.' || text.starts_with('.');
        if (!joins && !beside_dot) return;
      } else {
        return;
      }
    }
  }
  std::string_view text() const { return {octets_.data(), size_}; }
  // before_address says that "@" or ":" follows: the last word is then the local part of
  // another address, or the name of a field or a group.
  bool before_address() const { return before_address_; }

 private:
  // TakeCharacter takes the character at the front of |text|, unless it is invisible or no
  // UTF-8, and says how many octets it was.
  size_t TakeCharacter(std::string_view text) {
    const base::Utf8Char character = base::FirstUtf8Char(text);
    if (character.octets == 0) return 1;
    if (IsWideDot(character.code_point)) {
      octets_[size_++] = '.';
    } else if (!IsInvisible(character.code_point)) {
      for (size_t i = 0; i < character.octets && size_ < octets_.size(); ++i) {
        octets_[size_++] = text[i];
      }
    }
    return character.octets;
  }

  std::array<char, kMaxCollectedOctets + 1> octets_;
  size_t size_ = 0;
  bool before_address_ = false;
};

// WithoutDots is |domain| without the dots at its ends.
constexpr std::string_view WithoutDots(std::string_view domain) {
  while (domain.starts_with('.')) domain.remove_prefix(1);
  while (domain.ends_with('.')) domain.remove_suffix(1);
  return domain;
}

// EncodedWordDecoder gives |text| as a reader shows it who decodes every encoded-word,
// wherever it stands. RFC 2047 §6.2 has the white space between two of them go; not all
// readers do that. An unknown encoding shows nothing.
class EncodedWordDecoder {
 public:
  // |joins_words|: the white space between two words goes.
  EncodedWordDecoder(std::string_view text, bool joins_words, base::Arena* arena)
      : text_(text), joins_words_(joins_words), out_(arena->NewOctets(text.size())) {}

  std::string_view Decode() {
    // Decoded text is never longer than encoded text.
    bool after_word = false;
    for (size_t at = 0; at < text_.size();) {
      size_t word_at = at;
      while (joins_words_ && after_word && word_at < text_.size() && base::kWsp(text_[word_at]))
        ++word_at;
      EncodedWord word;
      after_word = FindWord(word_at, &word);
      if (after_word) {
        word.ForEachShown([this](char c) { out_[size_++] = c; });
        at = end_ + 2;
        continue;
      }
      // The white space has been examined, and is not examined again.
      do {
        out_[size_++] = text_[at++];
      } while (at < word_at);
    }
    return {out_.data(), size_};
  }

 private:
  // FindWord says whether an encoded-word begins at |at|; it then ends at |end_|. If another
  // word begins within it, the outer one is not an encoded-word.
  bool FindWord(size_t at, EncodedWord* word) {
    if (at >= text_.size() || text_.substr(at, 2) != "=?") return false;
    constexpr base::CharSet kToken =
        base::CharSet::Range(33, 126) - base::CharSet("()<>@,;:\"/[]?.=");
    size_t charset_end = at + 2;
    while (charset_end < text_.size() && kToken(text_[charset_end])) ++charset_end;
    // "?", one letter and "?" behind the charset. RFC 2047 §2, §4
    const std::string_view encoding = text_.substr(charset_end, 3);
    if (encoding.size() != 3 || encoding[0] != '?' || encoding[2] != '?') return false;
    const size_t begin = charset_end + 3;
    end_ = FindFrom(begin, "?=", end_);
    if (end_ == std::string_view::npos) return false;
    next_ = FindFrom(begin, "=?", next_);
    if (next_ < end_ - 1) return false;
    word->encoding = encoding.substr(1, 1);
    word->encoded_text = text_.substr(begin, end_ - begin);
    return true;
  }

  // FindFrom finds |what| at or behind |from|; |last| is what it found for a smaller one.
  size_t FindFrom(size_t from, std::string_view what, size_t last) const {
    return last >= from ? last : text_.find(what, from);
  }

  std::string_view text_;
  bool joins_words_;
  std::span<char> out_;
  size_t size_ = 0;
  size_t end_ = 0;
  size_t next_ = 0;
};

// WithoutComments is |text| without its comments, those with no end included (RFC 5322
// §3.2.2). "(" in a quoted string does not begin a comment.
inline std::string_view WithoutComments(std::string_view text, base::Arena* arena) {
  const std::span<char> out = arena->NewOctets(text.size());
  size_t size = 0;
  size_t depth = 0;
  bool quoted = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool escapes = c == '\\' && (quoted || depth != 0) && at + 1 < text.size();
    if (depth == 0 && c == '"') quoted = !quoted;
    if (!quoted && c == '(') ++depth;
    if (depth == 0) out[size++] = c;
    if (!quoted && c == ')' && depth != 0) --depth;
    if (!escapes) continue;
    ++at;
    if (depth == 0) out[size++] = text[at];
  }
  return {out.data(), size};
}

}  // namespace internal

inline void DomainCollector::AddDomain(std::string_view domain) {
  domain = internal::WithoutDots(domain);
  if (domain.empty() || domain.size() > kMaxCollectedOctets) return;
  for (const std::string_view known : domains()) {
    if (base::EqualsIgnoreCase(known, domain)) return;
  }
  if (count_ == domains_.size()) {
    ++skipped_;
    return;
  }
  domains_[count_++] = domain;
}

inline void DomainCollector::Add(std::string_view value) {
  const std::string_view text = Unfold(value, arena_);
  ScanShown(text);
  if (text.find("=?") == std::string_view::npos) return;
  for (const bool joins_words : {true, false}) {
    const auto decoded = internal::EncodedWordDecoder(text, joins_words, arena_).Decode();
    if (decoded != text) ScanShown(decoded);
  }
}

inline void DomainCollector::ScanShown(std::string_view text) {
  Scan(text);
  if (text.find('(') != std::string_view::npos) Scan(internal::WithoutComments(text, arena_));
}

inline void DomainCollector::Scan(std::string_view text) {
  for (size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    ScanBehindAt(text.substr(at + 1));
  }
  for (const std::string_view wide : internal::kWideAts) {
    for (size_t at = text.find(wide); at != std::string_view::npos; at = text.find(wide, at + 1)) {
      ScanBehindAt(text.substr(at + wide.size()));
    }
  }
}

inline void DomainCollector::ScanBehindAt(std::string_view text) {
  size_t end = 0;
  size_t ascii_end = 0;
  while (end < text.size() && internal::kDomainOctet(text[end])) {
    if (ascii_end == end && !base::kNonAscii(text[end])) ++ascii_end;
    ++end;
  }
  AddDomain(text.substr(0, end));
  const std::string_view ascii = internal::WithoutDots(text.substr(0, ascii_end));
  if (ascii_end != end && ascii.find('.') != std::string_view::npos) AddDomain(ascii);
  std::string_view before = internal::WithoutDots(text.substr(0, end));
  for (const internal::Gaps gaps : {internal::Gaps::kBesideDots, internal::Gaps::kWithinText}) {
    const internal::LooseDomain loose(text, gaps);
    if (gaps == internal::Gaps::kWithinText && loose.before_address()) continue;
    if (internal::WithoutDots(loose.text()) == before) continue;
    before = internal::WithoutDots(arena_->Copy(loose.text()));
    AddDomain(before);
  }
}

}  // namespace postseal::mail

#endif  // POSTSEAL_MAIL_DOMAIN_COLLECTOR_H_
