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

// Advance accounts for a block after which |written| octets have been written.
inline void Advance(Progress& progress, size_t& clean_run, size_t written) {
  const bool all_kept = written - progress.written == kKernelBlock;
  clean_run = all_kept ? clean_run + kKernelBlock : 0;
  progress.taken += kKernelBlock;
  progress.written = written;
}

// ---- scalar: eight octets in a word ----------------------------------------

constexpr size_t kWord = sizeof(uint64_t);

constexpr uint64_t EachOctet(uint64_t octet) { return octet * 0x0101010101010101; }

// MarkBelow is nonzero exactly when an octet of |word| is less than |limit|,
// which is at most 0x80. The high bit of each such octet is set; octets above
// one may be marked by mistake.
constexpr uint64_t MarkBelow(uint64_t word, uint64_t limit) {
  return (word - EachOctet(limit)) & ~word & EachOctet(0x80);
}

inline uint64_t LoadWord(const char* from) {
  uint64_t word;
  __builtin_memcpy(&word, from, kWord);
  return word;
}

// MarkUnclean is zero only when the eight octets stay as they are. It may be
// nonzero even so, which costs time only.
inline uint64_t MarkUnclean(const char* octets) {
  const uint64_t text = LoadWord(octets);
  const uint64_t tab = MarkBelow(text ^ EachOctet('\t'), 1);
  const uint64_t space = MarkBelow(text ^ EachOctet(' '), 1);
  // Not above SP: WSP, CR, and controls that are rare in mail.
  const uint64_t next_is_low = MarkBelow(LoadWord(octets + 1), ' ' + 1);
  return tab | (space & next_is_low);
}

// CompactOctet writes the canonical form of the first of |octets|, and returns
// the new end of the output. It does not branch: that would be mispredicted.
inline char* CompactOctet(const char* octets, char* out) {
  const char c = octets[0];
  const char next = octets[1];
  const bool wsp = (c == ' ') | (c == '\t');
  const bool next_is_wsp = (next == ' ') | (next == '\t');
  const bool next_is_line_end = (next == '\r') & (octets[2] == '\n');
  *out = wsp ? ' ' : c;
  return out + !(wsp & (next_is_wsp | next_is_line_end));
}

size_t CleanPrefixScalar(const char* section, size_t size) {
  size_t clean = 0;
  for (; size - clean >= kKernelBlock + kLookahead; clean += kKernelBlock) {
    uint64_t unclean = 0;
    for (size_t i = 0; i < kKernelBlock; i += kWord) unclean |= MarkUnclean(section + clean + i);
    if (unclean != 0) break;
  }
  return clean;
}

Progress CompactScalar(const char* section, size_t size, char* out, size_t room) {
  Progress progress;
  size_t clean_run = 0;
  while (clean_run < kCleanRun && CanTakeBlock(progress, size, room)) {
    const char* const block = section + progress.taken;
    char* to = out + progress.written;
    for (size_t i = 0; i < kKernelBlock; i += kWord) {
      if (MarkUnclean(block + i) == 0) {
        __builtin_memcpy(to, block + i, kWord);
        to += kWord;
      } else {
        for (size_t j = i; j < i + kWord; ++j) to = CompactOctet(block + j, to);
      }
    }
    Advance(progress, clean_run, static_cast<size_t>(to - out));
  }
  return progress;
}

constexpr BodyKernel kScalar = {"scalar", CleanPrefixScalar, CompactScalar};

#if defined(__x86_64__)

// ---- shuffles from a table, for both kinds of vectors ----------------------

// Shuffles holds, for each set of octets kept out of eight, the indices that
// bring them to the front; the eight octets are those from |first| on.
struct Shuffles {
  constexpr explicit Shuffles(uint8_t first) {
    for (size_t kept = 0; kept < 256; ++kept) {
      size_t n = 0;
      for (uint8_t i = 0; i < 8; ++i) {
        if (((kept >> i) & 1) != 0) indices[kept][n++] = first + i;
      }
    }
  }

  uint8_t indices[256][8] = {};
};
constexpr Shuffles kLowShuffles(0);
constexpr Shuffles kHighShuffles(8);

// CompactEight writes those octets out of eight of |text| that are in |kept|,
// of which only the low eight bits count, and some scratch, eight in all.
[[gnu::target("ssse3")]] inline void CompactEight(__m128i text, const Shuffles& shuffles,
                                                  uint32_t kept, char* out) {
  const __m128i indices =
      _mm_loadl_epi64(reinterpret_cast<const __m128i*>(shuffles.indices[kept & 0xFF]));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out), _mm_shuffle_epi8(text, indices));
}

// kWspByLowBits, shuffled by text, gives for each octet the WSP with the same
// low four bits if there is one, else NUL: the octet itself just when it is
// WSP. (NUL gives SP, as its low bits are those of SP.)
alignas(32) constexpr char kWspByLowBits[32] = {
    ' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', 0, 0, 0, 0, 0, 0,   // the same for
    ' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', 0, 0, 0, 0, 0, 0};  // each half of 32

// ---- ssse3 -----------------------------------------------------------------

[[gnu::target("ssse3")]] inline __m128i Load16(const char* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

// IsWsp16 and IsOctet16 have 0xFF where an octet of |text| is that.
[[gnu::target("ssse3")]] inline __m128i IsWsp16(__m128i text) {
  return _mm_cmpeq_epi8(_mm_shuffle_epi8(Load16(kWspByLowBits), text), text);
}
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
      // As in MarkUnclean.
      const __m128i next_is_low = _mm_cmpeq_epi8(_mm_min_epu8(next, _mm_set1_epi8(' ')), next);
      unclean = _mm_or_si128(unclean, IsOctet16(text, '\t'));
      unclean = _mm_or_si128(unclean, _mm_and_si128(IsOctet16(text, ' '), next_is_low));
    }
    if (_mm_movemask_epi8(unclean) != 0) break;
  }
  return clean;
}

// CompactSixteen writes the canonical form of 16 octets; the new end.
[[gnu::target("ssse3,popcnt")]] inline char* CompactSixteen(const char* from, char* out) {
  const __m128i text = Load16(from);
  const __m128i next = Load16(from + 1);
  const __m128i wsp = IsWsp16(text);
  const __m128i next_is_line_end =
      _mm_and_si128(IsOctet16(next, '\r'), IsOctet16(Load16(from + 2), '\n'));
  const __m128i dropped = _mm_and_si128(wsp, _mm_or_si128(IsWsp16(next), next_is_line_end));
  const __m128i spaced =
      _mm_or_si128(_mm_andnot_si128(wsp, text), _mm_and_si128(wsp, _mm_set1_epi8(' ')));
  const uint32_t kept = static_cast<uint32_t>(_mm_movemask_epi8(dropped)) ^ 0xFFFF;
  if (kept == 0xFFFF) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), spaced);
    return out + 16;
  }
  CompactEight(spaced, kLowShuffles, kept, out);
  CompactEight(spaced, kHighShuffles, kept >> 8, out + __builtin_popcount(kept & 0xFF));
  return out + __builtin_popcount(kept);
}

[[gnu::target("ssse3,popcnt")]] Progress CompactSsse3(const char* section, size_t size, char* out,
                                                      size_t room) {
  Progress progress;
  size_t clean_run = 0;
  while (clean_run < kCleanRun && CanTakeBlock(progress, size, room)) {
    const char* const block = section + progress.taken;
    char* to = out + progress.written;
    for (size_t i = 0; i < kKernelBlock; i += 16) to = CompactSixteen(block + i, to);
    Advance(progress, clean_run, static_cast<size_t>(to - out));
  }
  return progress;
}

constexpr BodyKernel kSsse3 = {"ssse3", CleanPrefixSsse3, CompactSsse3};

// ---- avx2 ------------------------------------------------------------------

[[gnu::target("avx2")]] inline __m256i Load32(const char* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
[[gnu::target("avx2")]] inline void Store32(__m256i text, char* to) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), text);
}

// IsWsp32 and IsOctet32 have 0xFF where an octet of |text| is that.
[[gnu::target("avx2")]] inline __m256i IsWsp32(__m256i text) {
  return _mm256_cmpeq_epi8(_mm256_shuffle_epi8(Load32(kWspByLowBits), text), text);
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
      // As in MarkUnclean.
      const __m256i next_is_low =
          _mm256_cmpeq_epi8(_mm256_min_epu8(next, _mm256_set1_epi8(' ')), next);
      unclean = _mm256_or_si256(unclean, IsOctet32(text, '\t'));
      unclean = _mm256_or_si256(unclean, _mm256_and_si256(IsOctet32(text, ' '), next_is_low));
    }
    if (!_mm256_testz_si256(unclean, unclean)) break;
  }
  return clean;
}

// Half is half a block: its text with SP for each WSP, and the set of octets
// that go.
struct Half {
  __m256i spaced;
  uint32_t dropped;
};

[[gnu::target("avx2")]] inline Half ClassifyHalf(const char* from) {
  const __m256i text = Load32(from);
  const __m256i next = Load32(from + 1);
  const __m256i wsp = IsWsp32(text);
  const __m256i next_is_line_end =
      _mm256_and_si256(IsOctet32(next, '\r'), IsOctet32(Load32(from + 2), '\n'));
  const __m256i dropped = _mm256_and_si256(wsp, _mm256_or_si256(IsWsp32(next), next_is_line_end));
  return {_mm256_blendv_epi8(text, _mm256_set1_epi8(' '), wsp),
          static_cast<uint32_t>(_mm256_movemask_epi8(dropped))};
}

// CompactHalf writes what stays of |half|; the new end. It was measured faster
// than pext from each eight octets, which has to move them to general registers
// (and on AMD processors before Zen 3 is microcode).
[[gnu::target("avx2,popcnt")]] inline char* CompactHalf(const Half& half, char* out) {
  if (half.dropped == 0) {
    Store32(half.spaced, out);
    return out + 32;
  }
  const uint32_t kept = ~half.dropped;
  const __m128i low = _mm256_castsi256_si128(half.spaced);
  const __m128i high = _mm256_extracti128_si256(half.spaced, 1);
  CompactEight(low, kLowShuffles, kept, out);
  CompactEight(low, kHighShuffles, kept >> 8, out + __builtin_popcount(kept & 0xFF));
  CompactEight(high, kLowShuffles, kept >> 16, out + __builtin_popcount(kept & 0xFFFF));
  CompactEight(high, kHighShuffles, kept >> 24, out + __builtin_popcount(kept & 0xFFFFFF));
  return out + __builtin_popcount(kept);
}

[[gnu::target("avx2,popcnt")]] Progress CompactAvx2(const char* section, size_t size, char* out,
                                                    size_t room) {
  Progress progress;
  size_t clean_run = 0;
  while (clean_run < kCleanRun && CanTakeBlock(progress, size, room)) {
    const char* const block = section + progress.taken;
    char* to = out + progress.written;
    const Half first = ClassifyHalf(block);
    const Half second = ClassifyHalf(block + 32);
    if ((first.dropped | second.dropped) == 0) {
      // One branch for most blocks of most mail.
      Store32(first.spaced, to);
      Store32(second.spaced, to + 32);
      to += kKernelBlock;
    } else {
      to = CompactHalf(second, CompactHalf(first, to));
    }
    Advance(progress, clean_run, static_cast<size_t>(to - out));
  }
  return progress;
}

constexpr BodyKernel kAvx2 = {"avx2", CleanPrefixAvx2, CompactAvx2};

#endif  // defined(__x86_64__)

// KernelList is the kernels that this processor can run, the fastest first.
struct KernelList {
  KernelList() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool has_popcnt = __builtin_cpu_supports("popcnt");
    if (has_popcnt && __builtin_cpu_supports("avx2")) kernels[count++] = &kAvx2;
    if (has_popcnt && __builtin_cpu_supports("ssse3")) kernels[count++] = &kSsse3;
#endif
    kernels[count++] = &kScalar;
  }

  std::array<const BodyKernel*, 3> kernels{};
  size_t count = 0;
};

}  // namespace

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
