#include "dkim/canonical_body.h"

#include "base/check.h"

namespace postseal::dkim {

BodyHasher::BodyHasher(BodyCanon canon, HashAlgorithm hash)
    : canonicalizer_(canon), hasher_(hash) {}

std::optional<size_t> BodyHasher::AddCut(uint64_t canonical_octets) {
  POSTSEAL_CHECK(written_ == 0);
  for (size_t i = 0; i < cut_count_; ++i) {
    if (cuts_[i].octets == canonical_octets) return i;
  }
  if (cut_count_ == kMaxCuts) return std::nullopt;
  const size_t index = cut_count_++;
  cuts_[index].octets = canonical_octets;
  size_t place = index;
  for (; place > 0 && cuts_[order_[place - 1]].octets > canonical_octets; --place) {
    order_[place] = order_[place - 1];
  }
  order_[place] = static_cast<uint8_t>(index);
  return index;
}

void BodyHasher::Feed(std::string_view chunk) {
  canonicalizer_.Feed(chunk, [this](std::string_view text) { Write(text); });
}

void BodyHasher::Finish() {
  canonicalizer_.Finish([this](std::string_view text) { Write(text); });
  Write({});
  digest_ = hasher_.Peek();
}

std::optional<Digest> BodyHasher::cut_digest(size_t index) const {
  POSTSEAL_CHECK(index < cut_count_);
  if (cuts_[index].octets > written_) return std::nullopt;
  return cuts_[index].digest;
}

void BodyHasher::Write(std::string_view text) {
  while (cuts_done_ < cut_count_) {
    Cut& cut = cuts_[order_[cuts_done_]];
    const uint64_t left = cut.octets - written_;
    if (left > text.size()) break;
    hasher_.Update(text.substr(0, left));
    written_ += left;
    text.remove_prefix(left);
    cut.digest = hasher_.Peek();
    ++cuts_done_;
  }
  hasher_.Update(text);
  written_ += text.size();
}

}  // namespace postseal::dkim
