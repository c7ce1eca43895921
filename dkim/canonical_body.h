// BodyHasher: the digest of a message body in canonical form, and of its first
// n octets for each l=, in one pass.
#ifndef POSTSEAL_DKIM_CANONICAL_BODY_H_
#define POSTSEAL_DKIM_CANONICAL_BODY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dkim/algorithm.h"
#include "dkim/digest.h"

namespace postseal::dkim {

struct BodyKernel;

// BodyHasher hashes the canonical form of a body that is fed in chunks. How the
// body is cut into chunks makes no difference. RFC 6376 §3.4.3, §3.4.4, §3.7
//
// Signatures with the same canonicalization and hash share one BodyHasher,
// whatever their l=. Memory is constant, time linear, nothing is allocated.
//
// Only CRLF ends a line: a bare CR or LF is an octet like any other.
class BodyHasher {
 public:
  // kMaxCuts is how many different l= one BodyHasher serves.
  static constexpr size_t kMaxCuts = 16;

  BodyHasher(BodyCanon canon, HashAlgorithm hash);
  // With the inner loops of |kernel| instead of those that suit the processor:
  // for tests and benchmarks (canonical_body_kernel.h).
  BodyHasher(BodyCanon canon, HashAlgorithm hash, const BodyKernel& kernel);

  // AddCut asks for the digest of the first |canonical_octets| octets of the
  // canonical body (l=, RFC 6376 §3.5) and returns an index for cut_digest;
  // equal cuts have equal indices. nullopt: there are kMaxCuts others already.
  // To be called before the first Feed.
  std::optional<size_t> AddCut(uint64_t canonical_octets);

  // Feed takes the next octets of the body, any number. Not after Finish.
  void Feed(std::string_view chunk);

  // Finish takes the end of the body, once.
  void Finish();

  // digest is that of the whole canonical body. After Finish.
  const Digest& digest() const { return digest_; }

  // cut_digest is the digest that AddCut asked for; nullopt: the canonical body
  // is shorter than the cut. After Finish.
  std::optional<Digest> cut_digest(size_t index) const;

  // canonical_octets is the length of the canonical body. After Finish.
  uint64_t canonical_octets() const { return written_; }

 private:
  struct Cut {
    uint64_t octets = 0;
    Digest digest;
  };

  // SettleHeld takes from the front of |chunk| what decides about held WSP and
  // CR. After it either nothing is left of |chunk| or they are not held.
  void SettleHeld(std::string_view& chunk);
  // HoldEnd takes from the back of |chunk| what only later octets decide about:
  // WSP and CR, which are held from then on, and CRLFs, of which it returns the
  // number; relaxed, without the WSP before each.
  uint64_t HoldEnd(std::string_view& chunk);
  // WriteHeld writes all that is held.
  void WriteHeld();
  void WriteLineEnds(uint64_t count);
  // WriteRelaxed writes the relaxed form of a section (canonical_body_kernel.h).
  void WriteRelaxed(std::string_view section);
  // Write hashes canonical octets, and keeps the digest at each cut on the way.
  void Write(std::string_view text);

  BodyCanon canon_;
  const BodyKernel* kernel_;
  Hasher hasher_;
  Digest digest_;
  uint64_t written_ = 0;

  // What has been fed and not written: CRLFs, which are dropped if the body
  // ends here, then (relaxed) a run of WSP, dropped if a line ends here, then a
  // CR, which may be half of a CRLF.
  uint64_t held_line_ends_ = 0;
  bool held_wsp_ = false;
  bool held_cr_ = false;

  bool started_ = false;
  bool finished_ = false;

  // The first |cut_count_| of |cuts_|, in the order of AddCut; |cut_order_|
  // lists them by octets, and the first |cuts_done_| of it have their digest.
  std::array<Cut, kMaxCuts> cuts_;
  std::array<uint8_t, kMaxCuts> cut_order_{};
  size_t cut_count_ = 0;
  size_t cuts_done_ = 0;
};

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_CANONICAL_BODY_H_
