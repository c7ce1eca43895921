#include "dkim/canonical_body.h"

#include <array>

#include "base/check.h"
#include "dkim/canonical_body_kernel.h"

namespace postseal::dkim {
namespace {

constexpr std::string_view kCrlf = "\r\n";

// kBufferOctets is how much canonical text is gathered before it is hashed.
constexpr size_t kBufferOctets = 8 * 1024;

// kScanOctets is how far text is looked through before that much is hashed.
// Longer stretches run ahead of what the processor has fetched, and then wait
// for memory instead of hashing meanwhile (measured on 10 MB: 8 %).
constexpr size_t kScanOctets = 2 * 1024;
static_assert(kScanOctets >= kCleanRun);

// kLastOctets is the whole blocks that hold what a kernel leaves of a section.
constexpr size_t kLastOctets = 2 * kKernelBlock;
static_assert(kLastOctets >= kKernelBlock + kLookahead);

constexpr bool IsWsp(char c) { return c == ' ' || c == '\t'; }

// StripWsp takes the WSP at the end of |text|, and says whether there was any.
bool StripWsp(std::string_view& text) {
  const size_t before = text.size();
  while (!text.empty() && IsWsp(text.back())) text.remove_suffix(1);
  return text.size() != before;
}

}  // namespace

BodyHasher::BodyHasher(BodyCanon canon, HashAlgorithm hash)
    : BodyHasher(canon, hash, DefaultBodyKernel()) {}

BodyHasher::BodyHasher(BodyCanon canon, HashAlgorithm hash, const BodyKernel& kernel)
    : canon_(canon), kernel_(&kernel), hasher_(hash) {}

std::optional<size_t> BodyHasher::AddCut(uint64_t canonical_octets) {
  POSTSEAL_CHECK(!started_);
  for (size_t i = 0; i < cut_count_; ++i) {
    if (cuts_[i].octets == canonical_octets) return i;
  }
  if (cut_count_ == kMaxCuts) return std::nullopt;
  const size_t index = cut_count_++;
  cuts_[index].octets = canonical_octets;
  // Insertion into the sorted order.
  size_t place = index;
  for (; place > 0 && cuts_[cut_order_[place - 1]].octets > canonical_octets; --place) {
    cut_order_[place] = cut_order_[place - 1];
  }
  cut_order_[place] = static_cast<uint8_t>(index);
  return index;
}

void BodyHasher::Feed(std::string_view chunk) {
  POSTSEAL_CHECK(!finished_);
  started_ = true;
  if (held_wsp_ || held_cr_) SettleHeld(chunk);
  if (chunk.empty()) return;

  // HoldEnd makes |chunk| a section that stands by itself: what remains of it
  // neither begins with the LF of a CRLF nor ends in anything undecided.
  const uint64_t line_ends_after = HoldEnd(chunk);
  if (!chunk.empty()) {
    WriteLineEnds(held_line_ends_);
    held_line_ends_ = 0;
    if (canon_ == BodyCanon::kSimple) {
      Write(chunk);
    } else {
      WriteRelaxed(chunk);
    }
  }
  held_line_ends_ += line_ends_after;
}

void BodyHasher::Finish() {
  POSTSEAL_CHECK(!finished_);
  started_ = finished_ = true;
  // A CR at the very end is bare. CRLFs and, before no further text, WSP go.
  if (held_cr_) WriteHeld();
  // RFC 6376 §3.4.3: one CRLF ends every simple body, also the empty one.
  // §3.4.4 b: it ends every relaxed body but the empty one. [choice] A body of
  // white space and empty lines is empty by then, after step a.
  if (canon_ == BodyCanon::kSimple || written_ > 0) Write(kCrlf);
  Write({});  // A cut at 0 of an empty body.
  digest_ = hasher_.Peek();
}

std::optional<Digest> BodyHasher::cut_digest(size_t index) const {
  POSTSEAL_CHECK(finished_ && index < cut_count_);
  if (cuts_[index].octets > written_) return std::nullopt;
  return cuts_[index].digest;
}

void BodyHasher::SettleHeld(std::string_view& chunk) {
  if (held_wsp_ && !held_cr_ && chunk.starts_with('\r')) {
    held_cr_ = true;
    chunk.remove_prefix(1);
  }
  if (chunk.empty()) return;
  if (held_cr_ && chunk.front() == '\n') {
    ++held_line_ends_;
    chunk.remove_prefix(1);
  } else if (held_cr_ || !IsWsp(chunk.front())) {
    WriteHeld();
  }
  // Otherwise the run of WSP goes on in |chunk|, which stands for all of it.
  held_wsp_ = held_cr_ = false;
}

uint64_t BodyHasher::HoldEnd(std::string_view& chunk) {
  if (chunk.ends_with('\r')) {
    held_cr_ = true;
    chunk.remove_suffix(1);
  }
  if (canon_ == BodyCanon::kRelaxed) held_wsp_ = StripWsp(chunk);
  uint64_t line_ends = 0;
  for (; chunk.ends_with(kCrlf); ++line_ends) {
    chunk.remove_suffix(kCrlf.size());
    if (canon_ == BodyCanon::kRelaxed) StripWsp(chunk);
  }
  return line_ends;
}

void BodyHasher::WriteHeld() {
  WriteLineEnds(held_line_ends_);
  held_line_ends_ = 0;
  if (held_wsp_) Write(" ");
  if (held_cr_) Write("\r");
  held_wsp_ = held_cr_ = false;
}

void BodyHasher::WriteLineEnds(uint64_t count) {
  static constexpr std::string_view kMany =
      "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n";
  for (uint64_t octets = count * kCrlf.size(); octets > 0;) {
    const std::string_view piece = kMany.substr(0, octets);
    Write(piece);
    octets -= piece.size();
  }
}

void BodyHasher::WriteRelaxed(std::string_view section) {
  // Where changes are few, the text is hashed where it is; where they are many,
  // so are the pieces, and hashing those singly costs several times what
  // bringing them together here does.
  std::array<char, kBufferOctets> buffer;
  size_t filled = 0;
  const auto flush = [&] {
    Write({buffer.data(), filled});
    filled = 0;
  };
  while (section.size() >= kKernelBlock + kLookahead) {
    const std::string_view scanned = section.substr(0, kScanOctets + kLookahead);
    const size_t clean = kernel_->clean_prefix(scanned.data(), scanned.size());
    if (clean >= kCleanRun) {
      flush();
      Write(section.substr(0, clean));
      section.remove_prefix(clean);
      continue;
    }
    const BodyKernel::Progress progress = kernel_->compact(
        section.data(), section.size(), buffer.data() + filled, buffer.size() - filled);
    section.remove_prefix(progress.taken);
    filled += progress.written;
    if (buffer.size() - filled < kLastOctets) flush();
  }
  // The last octets, padded with NUL, which stays as it is.
  std::array<char, kLastOctets + kLookahead> last{};
  section.copy(last.data(), section.size());
  const BodyKernel::Progress progress =
      kernel_->compact(last.data(), last.size(), buffer.data() + filled, buffer.size() - filled);
  filled += progress.written - (progress.taken - section.size());
  flush();
}

void BodyHasher::Write(std::string_view text) {
  while (cuts_done_ < cut_count_) {
    const uint64_t until_cut = cuts_[cut_order_[cuts_done_]].octets - written_;
    if (until_cut > text.size()) break;
    hasher_.Update(text.substr(0, until_cut));
    written_ += until_cut;
    text.remove_prefix(until_cut);
    cuts_[cut_order_[cuts_done_++]].digest = hasher_.Peek();
  }
  hasher_.Update(text);
  written_ += text.size();
}

}  // namespace postseal::dkim
