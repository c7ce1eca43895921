// ReferenceBodyCanonicalizer: the body canonicalizations of DKIM, one octet at
// a time. It is the oracle of the fast one (canonical_body.h), and shows what
// was hashed when a failure is explained.
#ifndef POSTSEAL_DKIM_CANONICAL_BODY_REFERENCE_H_
#define POSTSEAL_DKIM_CANONICAL_BODY_REFERENCE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "dkim/algorithm.h"

namespace postseal::dkim {

// ReferenceBodyCanonicalizer turns a body, given in chunks of any size, into
// its canonical form, given in pieces of any size to |sink|, which is called as
// sink(std::string_view) and keeps nothing of it. Constant memory.
//
// Only CRLF ends a line: a bare CR or LF is an octet like any other.
class ReferenceBodyCanonicalizer {
 public:
  explicit ReferenceBodyCanonicalizer(BodyCanon canon) : canon_(canon) {}

  // Feed takes the next octets of the body.
  template <typename Sink>
  void Feed(std::string_view chunk, Sink&& sink) {
    for (const char c : chunk) {
      if (held_cr_) {
        held_cr_ = false;
        if (c == '\n') {
          EndLine();
          continue;
        }
        AddToLine('\r', sink);
      }
      if (c == '\r') {
        held_cr_ = true;
      } else if (canon_ == BodyCanon::kRelaxed && (c == ' ' || c == '\t')) {
        held_wsp_ = true;
      } else {
        AddToLine(c, sink);
      }
    }
  }

  // Finish takes the end of the body. Nothing is fed afterwards.
  template <typename Sink>
  void Finish(Sink&& sink) {
    if (held_cr_) AddToLine('\r', sink);
    // RFC 6376 §3.4.3: "*CRLF" at the end becomes one CRLF, also in an empty
    // body. §3.4.4 b: an empty body stays empty, any other ends in one CRLF.
    // [choice] A body of nothing but white space and empty lines is empty after
    // step a, and so stays empty.
    if (canon_ == BodyCanon::kSimple || wrote_) sink(std::string_view("\r\n"));
  }

 private:
  // EndLine: white space before it is ignored (§3.4.4 a); the CRLF is held
  // until something follows, as it may be among the last ones.
  void EndLine() {
    held_wsp_ = false;
    ++held_line_ends_;
  }

  // AddToLine writes what is held, then |c|, an octet that is neither part of
  // a CRLF nor, when relaxed, WSP.
  template <typename Sink>
  void AddToLine(char c, Sink& sink) {
    for (; held_line_ends_ > 0; --held_line_ends_) sink(std::string_view("\r\n"));
    // §3.4.4 a: a sequence of WSP within a line becomes one SP.
    if (held_wsp_) sink(std::string_view(" "));
    held_wsp_ = false;
    sink(std::string_view(&c, 1));
    wrote_ = true;
  }

  BodyCanon canon_;
  uint64_t held_line_ends_ = 0;
  bool held_wsp_ = false;
  bool held_cr_ = false;
  bool wrote_ = false;
};

// ReferenceCanonicalBody is the canonical form of the whole |body|.
inline std::string ReferenceCanonicalBody(BodyCanon canon, std::string_view body) {
  std::string out;
  const auto append = [&out](std::string_view piece) { out.append(piece); };
  ReferenceBodyCanonicalizer canonicalizer(canon);
  canonicalizer.Feed(body, append);
  canonicalizer.Finish(append);
  return out;
}

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_CANONICAL_BODY_REFERENCE_H_
