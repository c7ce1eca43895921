#include "dkim/canonical_body_kernel.h"

#include <array>
#include <cstdint>
#include <cstdlib>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace postseal::dkim {
namespace {

using Progress = BodyKernel::Progress;

// CanTakeBlock says whether a block and its look-ahead are left in the section,
// and room for the block in the output.
inline bool CanTakeBlock(const Progress& progress, size_t size, size_t room) {
  return size - progress.taken >= kKernelBlock + kLookahead &&
         room - progress.written >= kKernelBlock;
}

// CompactOctet writes the canonical form of |c|, which |next| and |after_next|
// follow, and returns the new end of the output. It does not branch: in text
// with much white space that would be mispredicted.
inline char* CompactOctet(char c, char next, char after_next, char* out) {
  const bool wsp = (c == ' ') | (c == '\t');
  const bool next_is_wsp = (next == ' ') | (next == '\t');
  const bool next_is_line_end = (next == '\r') & (after_next == '\n');
  *out = wsp ? ' ' : c;
  return out + !(wsp & (next_is_wsp | next_is_line_end));
}

// ---- scalar: eight octets in a word ----------------------------------------

constexpr uint64_t EachOctet(uint64_t octet) { return octet * 0x0101010101010101; }

// MarkBelow is nonzero exactly when an octet of |word| is less than |limit|,
// which is at most 0x80. The high bit of each such octet is set; octets above
// one may be marked by mistake.
constexpr uint64_t MarkBelow(uint64_t word, uint64_t limit) {
  return (word - EachOctet(limit)) & ~word & EachOctet(0x80);
}

// IsCleanBlock says whether the block is canonical as it is. What it calls
// unclean may be clean, which costs time only.
inline bool IsCleanBlock(const char* block) {
  uint64_t unclean = 0;
  for (size_t i = 0; i < kKernelBlock; i += 8) {
    uint64_t octets;
    uint64_t next;
    __builtin_memcpy(&octets, block + i, 8);
    __builtin_memcpy(&next, block + i + 1, 8);
    const uint64_t tab = MarkBelow(octets ^ EachOctet('\t'), 1);
    const uint64_t space = MarkBelow(octets ^ EachOctet(' '), 1);
    // What is not above SP: WSP, CR, and controls that are rare in mail.
    unclean |= tab | (space & MarkBelow(next, ' ' + 1));
  }
  return unclean == 0;
}

size_t CleanPrefixScalar(const char* section, size_t size) {
  size_t clean = 0;
  while (size - clean >= kKernelBlock + kLookahead && IsCleanBlock(section + clean)) {
    clean += kKernelBlock;
  }
  return clean;
}

Progress CompactScalar(const char* section, size_t size, char* out, size_t room) {
  Progress progress;
  size_t clean_run = 0;
  while (clean_run < kCleanRun && CanTakeBlock(progress, size, room)) {
    const char* const block = section + progress.taken;
    char* to = out + progress.written;
    if (IsCleanBlock(block)) {
      __builtin_memcpy(to, block, kKernelBlock);
      to += kKernelBlock;
      clean_run += kKernelBlock;
    } else {
      for (size_t i = 0; i < kKernelBlock; ++i) {
        to = CompactOctet(block[i], block[i + 1], block[i + 2], to);
      }
      clean_run = 0;
    }
    progress.taken += kKernelBlock;
    progress.written = static_cast<size_t>(to - out);
  }
  return progress;
}

constexpr BodyKernel kScalar = {"scalar", CleanPrefixScalar, CompactScalar};

#if defined(__x86_64__)

// ---- ssse3: shuffles from a table ------------------------------------------

// kShuffles holds for each set of octets kept out of eight the indices that
// bring them to the front.
constexpr std::array<std::array<uint8_t, 8>, 256> kShuffles = [] {
  std::array<std::array<uint8_t, 8>, 256> shuffles{};
  for (size_t kept = 0; kept < 256; ++kept) {
    size_t n = 0;
    for (uint8_t i = 0; i < 8; ++i) {
      if ((kept >> i) & 1) shuffles[kept][n++] = i;
    }
  }
  return shuffles;
}();

[[gnu::target("ssse3")]] inline __m128i Load16(const char* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

// IsOctet16 has 0xFF where an octet of |text| is |octet|.
[[gnu::target("ssse3")]] inline __m128i IsOctet16(__m128i text, char octet) {
  return _mm_cmpeq_epi8(text, _mm_set1_epi8(octet));
}

[[gnu::target("ssse3")]] size_t CleanPrefixSsse3(const char* section, size_t size) {
  size_t clean = 0;
  for (; size - clean >= kKernelBlock + kLookahead; clean += kKernelBlock) {
    __m128i unclean = _mm_setzero_si128();
    for (size_t i = 0; i < kKernelBlock; i += 16) {
      const __m128i text = Load16(section + clean + i);
      const __m128i next = Load16(section + clean + i + 1);
      const __m128i next_is_low = _mm_cmpeq_epi8(_mm_min_epu8(next, _mm_set1_epi8(' ')), next);
      unclean = _mm_or_si128(unclean, IsOctet16(text, '\t'));
      unclean = _mm_or_si128(unclean, _mm_and_si128(IsOctet16(text, ' '), next_is_low));
    }
    if (_mm_movemask_epi8(unclean) != 0) break;
  }
  return clean;
}

[[gnu::target("ssse3,popcnt")]] Progress CompactSsse3(const char* section, size_t size, char* out,
                                                      size_t room) {
  Progress progress;
  size_t clean_run = 0;
  while (clean_run < kCleanRun && CanTakeBlock(progress, size, room)) {
    const char* const block = section + progress.taken;
    char* to = out + progress.written;
    __m128i unclean = _mm_setzero_si128();
    for (size_t i = 0; i < kKernelBlock; i += 16) {
      const __m128i text = Load16(block + i);
      const __m128i next = Load16(block + i + 1);
      const __m128i tab = IsOctet16(text, '\t');
      const __m128i wsp = _mm_or_si128(tab, IsOctet16(text, ' '));
      const __m128i next_is_wsp = _mm_or_si128(IsOctet16(next, '\t'), IsOctet16(next, ' '));
      const __m128i next_is_line_end =
          _mm_and_si128(IsOctet16(next, '\r'), IsOctet16(Load16(block + i + 2), '\n'));
      const __m128i dropped = _mm_and_si128(wsp, _mm_or_si128(next_is_wsp, next_is_line_end));
      unclean = _mm_or_si128(unclean, _mm_or_si128(tab, dropped));
      // TAB + 23 is SP.
      const __m128i spaced = _mm_add_epi8(text, _mm_and_si128(tab, _mm_set1_epi8(' ' - '\t')));
      const unsigned kept = ~static_cast<unsigned>(_mm_movemask_epi8(dropped)) & 0xFFFF;
      const __m128i low =
          _mm_loadl_epi64(reinterpret_cast<const __m128i*>(kShuffles[kept & 0xFF].data()));
      const __m128i high = _mm_or_si128(
          _mm_loadl_epi64(reinterpret_cast<const __m128i*>(kShuffles[kept >> 8].data())),
          _mm_set1_epi8(8));
      _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_shuffle_epi8(spaced, low));
      to += __builtin_popcount(kept & 0xFF);
      _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_shuffle_epi8(spaced, high));
      to += __builtin_popcount(kept >> 8);
    }
    clean_run = _mm_movemask_epi8(unclean) == 0 ? clean_run + kKernelBlock : 0;
    progress.taken += kKernelBlock;
    progress.written = static_cast<size_t>(to - out);
  }
  return progress;
}

constexpr BodyKernel kSsse3 = {"ssse3", CleanPrefixSsse3, CompactSsse3};

// ---- avx2: octets extracted by pext ----------------------------------------

[[gnu::target("avx2")]] inline __m256i Load32(const char* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

[[gnu::target("avx2")]] inline __m256i IsOctet32(__m256i text, char octet) {
  return _mm256_cmpeq_epi8(text, _mm256_set1_epi8(octet));
}

[[gnu::target("avx2")]] size_t CleanPrefixAvx2(const char* section, size_t size) {
  size_t clean = 0;
  for (; size - clean >= kKernelBlock + kLookahead; clean += kKernelBlock) {
    __m256i unclean = _mm256_setzero_si256();
    for (size_t i = 0; i < kKernelBlock; i += 32) {
      const __m256i text = Load32(section + clean + i);
      const __m256i next = Load32(section + clean + i + 1);
      const __m256i next_is_low =
          _mm256_cmpeq_epi8(_mm256_min_epu8(next, _mm256_set1_epi8(' ')), next);
      unclean = _mm256_or_si256(unclean, IsOctet32(text, '\t'));
      unclean = _mm256_or_si256(unclean, _mm256_and_si256(IsOctet32(text, ' '), next_is_low));
    }
    if (!_mm256_testz_si256(unclean, unclean)) break;
  }
  return clean;
}

[[gnu::target("avx2,bmi2,popcnt")]] Progress CompactAvx2(const char* section, size_t size,
                                                         char* out, size_t room) {
  Progress progress;
  size_t clean_run = 0;
  while (clean_run < kCleanRun && CanTakeBlock(progress, size, room)) {
    const char* const block = section + progress.taken;
    char* to = out + progress.written;
    __m256i unclean = _mm256_setzero_si256();
    // The block with TAB turned into SP, and 0xFF for each octet of it kept.
    alignas(32) uint64_t spaced[kKernelBlock / 8];
    alignas(32) uint64_t kept[kKernelBlock / 8];
    for (size_t i = 0; i < kKernelBlock; i += 32) {
      const __m256i text = Load32(block + i);
      const __m256i next = Load32(block + i + 1);
      const __m256i tab = IsOctet32(text, '\t');
      const __m256i wsp = _mm256_or_si256(tab, IsOctet32(text, ' '));
      const __m256i next_is_wsp = _mm256_or_si256(IsOctet32(next, '\t'), IsOctet32(next, ' '));
      const __m256i next_is_line_end =
          _mm256_and_si256(IsOctet32(next, '\r'), IsOctet32(Load32(block + i + 2), '\n'));
      const __m256i dropped = _mm256_and_si256(wsp, _mm256_or_si256(next_is_wsp, next_is_line_end));
      unclean = _mm256_or_si256(unclean, _mm256_or_si256(tab, dropped));
      _mm256_store_si256(reinterpret_cast<__m256i*>(spaced + i / 8),
                         _mm256_blendv_epi8(text, _mm256_set1_epi8(' '), tab));
      _mm256_store_si256(reinterpret_cast<__m256i*>(kept + i / 8),
                         _mm256_andnot_si256(dropped, _mm256_set1_epi8(-1)));
    }
    for (size_t i = 0; i < kKernelBlock / 8; ++i) {
      const uint64_t octets = _pext_u64(spaced[i], kept[i]);
      __builtin_memcpy(to, &octets, 8);
      to += __builtin_popcountll(kept[i]) / 8;
    }
    clean_run = _mm256_testz_si256(unclean, unclean) ? clean_run + kKernelBlock : 0;
    progress.taken += kKernelBlock;
    progress.written = static_cast<size_t>(to - out);
  }
  return progress;
}

constexpr BodyKernel kAvx2 = {"avx2", CleanPrefixAvx2, CompactAvx2};

// HasFastPext: the AMD processors before Zen 3 have pext in microcode, which
// takes up to some 300 cycles. Other makers' are not known and take ssse3.
bool HasFastPext() {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi2")) return false;
  if (__builtin_cpu_is("intel")) return true;
  return __builtin_cpu_is("amd") && !__builtin_cpu_is("amdfam15h") &&
         !__builtin_cpu_is("amdfam17h");
}

#endif  // defined(__x86_64__)

// KernelList is the kernels that this processor can run, the fastest first.
struct KernelList {
  KernelList() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (HasFastPext()) kernels[count++] = &kAvx2;
    if (__builtin_cpu_supports("ssse3") && __builtin_cpu_supports("popcnt")) {
      kernels[count++] = &kSsse3;
    }
#endif
    kernels[count++] = &kScalar;
  }

  std::array<const BodyKernel*, 3> kernels{};
  size_t count = 0;
};

}  // namespace

size_t CompactTail(const char* section, size_t size, char* out) {
  char* const begin = out;
  for (size_t i = 0; i < size; ++i) {
    // NUL stands for what follows the section: it is neither WSP nor CRLF.
    const char next = i + 1 < size ? section[i + 1] : '\0';
    const char after_next = i + 2 < size ? section[i + 2] : '\0';
    out = CompactOctet(section[i], next, after_next, out);
  }
  return static_cast<size_t>(out - begin);
}

std::span<const BodyKernel* const> AvailableBodyKernels() {
  static const KernelList list;
  return {list.kernels.data(), list.count};
}

const BodyKernel& ChooseBodyKernel(std::string_view name) {
  const std::span<const BodyKernel* const> available = AvailableBodyKernels();
  for (const BodyKernel* const kernel : available) {
    if (kernel->name == name) return *kernel;
  }
  return *available.front();
}

const BodyKernel& DefaultBodyKernel() {
  static const BodyKernel& kernel = []() -> const BodyKernel& {
    const char* const name = std::getenv("POSTSEAL_CPU");
    return ChooseBodyKernel(name == nullptr ? "" : name);
  }();
  return kernel;
}

}  // namespace postseal::dkim
