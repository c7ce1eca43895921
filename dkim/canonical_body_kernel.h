// BodyKernel: the inner loops of relaxed body canonicalization, in a version
// for each kind of processor.
//
// A kernel sees a *section* of a body that stands by itself: it neither begins
// inside a CRLF nor ends in WSP or in CRLF. Of such a section relaxed
// canonicalization (RFC 6376 §3.4.4 a) is local: a WSP octet goes when WSP or
// CRLF comes next and becomes SP otherwise, and every other octet stays. So
// two octets of look-ahead decide, and no state is carried. What is special at
// the ends of chunks and of the body is the caller's (canonical_body.cc).
#ifndef POSTSEAL_DKIM_CANONICAL_BODY_KERNEL_H_
#define POSTSEAL_DKIM_CANONICAL_BODY_KERNEL_H_

#include <cstddef>
#include <span>
#include <string_view>

namespace postseal::dkim {

// kKernelBlock is how many octets a kernel looks at together, and kLookahead
// how many after an octet decide whether it stays.
inline constexpr size_t kKernelBlock = 64;
inline constexpr size_t kLookahead = 2;

// kCleanRun is how many octets in a row must be kept for compaction to stop:
// from there on looking for text to hash in place is worth another call.
inline constexpr size_t kCleanRun = 512;

// BodyKernel is one version of the loops. They take whole blocks, and only
// blocks whose look-ahead is in the section: the caller pads the last octets
// with NUL, which canonicalization leaves alone.
struct BodyKernel {
  // Progress is how far compaction came: octets of the section taken, and
  // canonical octets written.
  struct Progress {
    size_t taken = 0;
    size_t written = 0;
  };

  // name is the value of POSTSEAL_CPU that chooses this kernel.
  std::string_view name;

  // clean_prefix returns how many octets at the beginning of the section
  // canonicalization leaves as they are. It may stop early, but not late.
  size_t (*clean_prefix)(const char* section, size_t size);

  // compact writes the canonical form of the section to |out| while there is a
  // block to take and |room| for one, until kCleanRun octets in a row were all
  // kept. It may use |out| beyond |written| as scratch, within |room|.
  Progress (*compact)(const char* section, size_t size, char* out, size_t room);
};

// AvailableBodyKernels are those this processor can run, the fastest first; the
// last is "scalar".
std::span<const BodyKernel* const> AvailableBodyKernels();

// ChooseBodyKernel is the available kernel called |name|, or the fastest when
// there is none of that name.
const BodyKernel& ChooseBodyKernel(std::string_view name);

// DefaultBodyKernel is ChooseBodyKernel of the environment variable
// POSTSEAL_CPU, read at the first call.
const BodyKernel& DefaultBodyKernel();

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_CANONICAL_BODY_KERNEL_H_
