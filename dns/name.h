// Name: a DNS name as a value, checked when it is made.
#ifndef POSTSEAL_DNS_NAME_H_
#define POSTSEAL_DNS_NAME_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "base/ascii.h"

namespace postseal::dns {

// Name is a domain name: labels of arbitrary octets joined by dots, ASCII
// letters in lower case, without the final dot. It owns its octets, allocates
// nothing and is cheap to copy. The empty Name is the root.
//
// Octets are taken as they are: there is no escape syntax, so a dot always
// separates labels. U-labels are converted beforehand (dns/idna.h).
class Name {
  // Checked is text that has been found to be a name.
  struct Checked {
    explicit Checked(std::string_view checked_text) : text(checked_text) {}
    std::string_view text;
  };

 public:
  // kMaxOctets is the longest name in octets of text: 255 octets on the wire
  // less the root label and the first length octet. RFC 1035 §2.3.4
  static constexpr size_t kMaxOctets = 253;
  // kMaxLabelOctets is the longest label in octets. RFC 1035 §2.3.4
  static constexpr size_t kMaxLabelOctets = 63;

  // Name() is the root. Octets beyond the size stay unset: names are made and
  // copied for every lookup.
  Name() {}  // NOLINT(modernize-use-equals-default): = default would zero them
  // A copy takes the octets in use. For nearly every name that is the first block
  // alone, whose length is a constant: a few moves of vectors, and no call.
  Name(const Name& other) : size_(other.size_) {  // NOLINT(*-member-init): as above
    std::memcpy(octets_.data(), other.octets_.data(), kBlockOctets);
    CopyBeyondBlock(other);
  }
  Name& operator=(const Name& other) {
    size_ = other.size_;
    // A name may be assigned to itself.
    std::memmove(octets_.data(), other.octets_.data(), kBlockOctets);
    if (this != &other) CopyBeyondBlock(other);
    return *this;
  }

  // Parse checks |text|, with or without a final dot: nullopt when a label is
  // empty or above kMaxLabelOctets, or the whole is empty or above kMaxOctets.
  static std::optional<Name> Parse(std::string_view text) {
    if (!text.empty() && text.back() == '.') text.remove_suffix(1);
    if (text.empty() || text.size() > kMaxOctets) return std::nullopt;
    size_t label = 0;
    for (const char c : text) {
      if (c == '.') {
        if (label == 0) return std::nullopt;
        label = 0;
      } else if (++label > kMaxLabelOctets) {
        return std::nullopt;
      }
    }
    if (label == 0) return std::nullopt;
    // Made where the caller wants it: a copy right after would wait for the octets.
    return std::optional<Name>(std::in_place, Checked(text));
  }

  // Only Parse can say Checked.
  explicit Name(const Checked& checked) : size_(static_cast<uint8_t>(checked.text.size())) {
    for (size_t i = 0; i < size_; ++i) octets_[i] = base::ToLower(checked.text[i]);
  }

  std::string_view text() const { return {octets_.data(), size_}; }
  bool is_root() const { return size_ == 0; }

  size_t label_count() const {
    if (size_ == 0) return 0;
    size_t count = 1;
    for (const char c : text()) count += c == '.' ? 1 : 0;
    return count;
  }

  // Prepend returns |labels| "." this, or nullopt when that is no valid name.
  std::optional<Name> Prepend(std::string_view labels) const {
    if (size_ == 0) return Parse(labels);
    const size_t size = labels.size() + 1 + size_;
    if (size > kMaxOctets) return std::nullopt;
    std::array<char, kMaxOctets> joined;
    std::memcpy(joined.data(), labels.data(), labels.size());
    joined[labels.size()] = '.';
    std::memcpy(joined.data() + labels.size() + 1, octets_.data(), size_);
    return Parse({joined.data(), size});
  }

  // Parent returns the name without its first label; the root's parent is the root.
  Name Parent() const {
    const size_t dot = text().find('.');
    Name parent;
    if (dot == std::string_view::npos) return parent;
    parent.size_ = static_cast<uint8_t>(size_ - dot - 1);
    std::memcpy(parent.octets_.data(), octets_.data() + dot + 1, parent.size_);
    return parent;
  }

  // IsAtOrBelow says whether this is |ancestor| or a subdomain of it.
  bool IsAtOrBelow(const Name& ancestor) const {
    const std::string_view mine = text();
    const std::string_view above = ancestor.text();
    if (above.empty()) return true;
    if (mine.size() < above.size() || mine.substr(mine.size() - above.size()) != above) {
      return false;
    }
    return mine.size() == above.size() || mine[mine.size() - above.size() - 1] == '.';
  }

  friend bool operator==(const Name& a, const Name& b) { return a.text() == b.text(); }
  friend bool operator<(const Name& a, const Name& b) { return a.text() < b.text(); }

  template <typename H>
  friend H AbslHashValue(H h, const Name& name) {
    return H::combine(std::move(h), name.text());
  }

 private:
  static constexpr size_t kBlockOctets = 32;

  void CopyBeyondBlock(const Name& other) {
    if (other.size_ <= kBlockOctets) return;
    std::memcpy(octets_.data() + kBlockOctets, other.octets_.data() + kBlockOctets,
                other.size_ - kBlockOctets);
  }

  std::array<char, kMaxOctets> octets_;
  uint8_t size_ = 0;
};

}  // namespace postseal::dns

#endif  // POSTSEAL_DNS_NAME_H_
