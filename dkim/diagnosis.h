// Diagnosis: why a body hash or a signature differs. It tries the usual changes
// on the way and says which of them would explain the difference; it never
// changes a verdict.
#ifndef POSTSEAL_DKIM_DIAGNOSIS_H_
#define POSTSEAL_DKIM_DIAGNOSIS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "dkim/algorithm.h"
#include "dkim/canonical_body_reference.h"
#include "dkim/digest.h"
#include "dkim/header_hash.h"
#include "dkim/header_index.h"
#include "dkim/public_key.h"
#include "dkim/signature.h"
#include "dkim/signature_report.h"
#include "mail/field.h"

namespace postseal::dkim {

// BodyDiagnosis looks for the body that was signed: it hashes the body in both
// canonical forms, as it is and with bare CR and LF made line ends, and at the
// end of each line compares with every bh= it was told of. Linear in the body
// times kMaxExpected.
class BodyDiagnosis {
 public:
  // kMaxExpected bounds the different bh= looked for.
  static constexpr size_t kMaxExpected = 10;
  // kMaxCompares bounds the lines at whose end is compared: each costs the end of
  // a hash, which is more than a short line does. The end of the body always counts.
  static constexpr size_t kMaxCompares = 20000;

  // Expect adds the bh= of |signature|; to be called before Feed. Signatures
  // over kMaxExpected, and those that use SHA-1, are not looked for.
  void Expect(const Signature& signature) {
    if (HashOf(*signature.algorithm) != HashAlgorithm::kSha256) return;
    for (const std::string& known : expected_) {
      if (known == signature.body_hash) return;
    }
    if (expected_.size() < kMaxExpected) expected_.emplace_back(signature.body_hash);
  }

  void Feed(std::string_view chunk) {
    for (Variant& variant : as_is_) FeedVariant(&variant, chunk);
    FeedWithLineEnds(chunk);
  }

  void Finish() {
    if (last_was_cr_) EndLine();
    for (auto* variants : {&as_is_, &with_line_ends_}) {
      for (Variant& variant : *variants) {
        variant.canonicalizer.Finish([&](std::string_view text) { Write(&variant, text); });
        Compare(&variant);
      }
    }
  }

  // Explain adds to |hints| what would have given the bh= of |signature|. After
  // Finish.
  void Explain(const Signature& signature, std::vector<Hint>* hints) const {
    for (size_t i = 0; i < expected_.size(); ++i) {
      if (expected_[i] == signature.body_hash) return ExplainExpected(i, signature, hints);
    }
  }

 private:
  struct Variant {
    Variant(BodyCanon canon_, bool line_ends)
        : canon(canon_), normalized(line_ends), canonicalizer(canon_) {}

    BodyCanon canon;
    bool normalized;
    ReferenceBodyCanonicalizer canonicalizer;
    Hasher hasher{HashAlgorithm::kSha256};
    uint64_t octets = 0;
    char last = '\0';
    size_t compares = 0;
    // For each expected bh=, after how many canonical octets it matched.
    std::array<std::optional<uint64_t>, kMaxExpected> matched;
  };

  void FeedVariant(Variant* variant, std::string_view chunk) {
    variant->canonicalizer.Feed(chunk, [&](std::string_view text) { Write(variant, text); });
  }

  // Write hashes canonical octets and compares at the end of each line.
  void Write(Variant* variant, std::string_view text) {
    while (!text.empty()) {
      const size_t lf = text.find('\n');
      const std::string_view piece = text.substr(0, lf == text.npos ? lf : lf + 1);
      const char before = piece.size() > 1 ? piece[piece.size() - 2] : variant->last;
      variant->hasher.Update(piece);
      variant->octets += piece.size();
      variant->last = piece.back();
      if (variant->last == '\n' && before == '\r' && variant->compares < kMaxCompares) {
        Compare(variant);
      }
      text.remove_prefix(piece.size());
    }
  }

  void Compare(Variant* variant) {
    if (expected_.empty()) return;
    ++variant->compares;
    const Digest digest = variant->hasher.Peek();
    for (size_t i = 0; i < expected_.size(); ++i) {
      if (digest.view() == expected_[i]) variant->matched[i] = variant->octets;
    }
  }

  // Bare CR, bare LF and CRLF all become CRLF.
  void FeedWithLineEnds(std::string_view chunk) {
    while (!chunk.empty()) {
      if (last_was_cr_) {
        if (chunk.front() == '\n') chunk.remove_prefix(1);
        EndLine();
        continue;
      }
      const size_t end = chunk.find_first_of("\r\n");
      for (Variant& variant : with_line_ends_) FeedVariant(&variant, chunk.substr(0, end));
      if (end == chunk.npos) return;
      last_was_cr_ = chunk[end] == '\r';
      chunk.remove_prefix(end + 1);
      if (!last_was_cr_) EndLine();
    }
  }
  void EndLine() {
    last_was_cr_ = false;
    for (Variant& variant : with_line_ends_) FeedVariant(&variant, "\r\n");
  }

  void ExplainExpected(size_t expected, const Signature& signature,
                       std::vector<Hint>* hints) const {
    // The form that c= names comes first: a body that reads alike in both was
    // not signed in the wrong one.
    for (const auto* variants : {&as_is_, &with_line_ends_}) {
      for (const bool same : {true, false}) {
        for (const Variant& variant : *variants) {
          if ((variant.canon == signature.body_canon) != same) continue;
          if (!variant.matched[expected].has_value()) continue;
          AddHints(variant, *variant.matched[expected], signature, hints);
          return;
        }
      }
    }
  }

  static void AddHints(const Variant& variant, uint64_t matched, const Signature& signature,
                       std::vector<Hint>* hints) {
    if (variant.normalized) {
      hints->push_back(Hint{"line-ends",
                            "the body hash is that of the body with bare CR or LF as line ends: "
                            "line ends were changed on the way"});
    }
    if (variant.canon != signature.body_canon) {
      hints->push_back(
          Hint{"body-canonicalization",
               absl::StrCat("the body hash is that of the ", Name(variant.canon),
                            " canonicalization, but c= says ", Name(signature.body_canon))});
    }
    if (signature.body_length.has_value() && *signature.body_length != matched) {
      hints->push_back(
          Hint{"body-length", absl::StrCat("the body hash is that of ", matched,
                                           " octets, but l= is ", *signature.body_length)});
    }
    if (!signature.body_length.has_value() && matched < variant.octets) {
      hints->push_back(
          Hint{"trailing-text", absl::StrCat("the body hash is that of the first ", matched,
                                             " octets: ", variant.octets - matched,
                                             " octets were added at the end, such as a footer")});
    }
  }

  std::vector<std::string> expected_;
  std::array<Variant, 2> as_is_{Variant(BodyCanon::kRelaxed, false),
                                Variant(BodyCanon::kSimple, false)};
  std::array<Variant, 2> with_line_ends_{Variant(BodyCanon::kRelaxed, true),
                                         Variant(BodyCanon::kSimple, true)};
  bool last_was_cr_ = false;
};

namespace internal {

// WithoutSpace is a z= value as it compares: without white space and CRLF, which
// relays change and the encoding loses.
inline std::string WithoutSpace(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!base::CharSet(" \t\r\n")(c)) out += c;
  }
  return out;
}

// CompareCopiedField compares one "name:value" of z= with the field it was
// copied from. RFC 6376 §3.5 z=
inline void CompareCopiedField(base::Arena* arena, std::string_view copy,
                               HeaderIndex::Picker* picker, std::vector<Hint>* hints) {
  base::Cursor in(copy);
  const std::string_view name = base::Strip(in.TakeUntil(':'), base::CharSet(" \t\r\n"));
  in.Take(':');
  const std::optional<std::string_view> value = DecodeQuotedPrintable(arena, in.rest());
  if (name.empty() || !value.has_value()) return;
  const mail::Field* const field = picker->Pick(name);
  if (field == nullptr) {
    hints->push_back(
        Hint{"copied-field", absl::StrCat("the field ", name, " was there when it was signed")});
  } else if (WithoutSpace(field->value) != WithoutSpace(*value)) {
    hints->push_back(Hint{"copied-field", absl::StrCat("the field ", name,
                                                       " was changed; it was signed as:", *value)});
  }
}

}  // namespace internal

// DiagnoseHeader adds to |hints| why |signature| does not verify with |key|: the
// other header canonicalization, and fields that differ from their copy in z=.
// Costs one public-key operation.
inline void DiagnoseHeader(base::Arena* arena, const Signature& signature,
                           const HeaderIndex& header, const mail::Field& field,
                           const PublicKey& key, std::vector<Hint>* hints) {
  const HeaderCanon other =
      signature.header_canon == HeaderCanon::kSimple ? HeaderCanon::kRelaxed : HeaderCanon::kSimple;
  const HashAlgorithm hash = HashOf(*signature.algorithm);
  const Digest digest = HashHeader(arena, other, hash, header, signature.signed_names, field,
                                   signature.raw_signature);
  if (key.Verify(hash, digest, signature.signature)) {
    hints->push_back(
        Hint{"header-canonicalization",
             absl::StrCat("the signature is that of the ", Name(other),
                          " canonicalization, but c= says ", Name(signature.header_canon))});
  }
  if (!signature.copied_fields.has_value()) return;
  HeaderIndex::Picker picker(arena, &header);
  base::Cursor in(*signature.copied_fields);
  size_t compared = 0;
  do {
    internal::CompareCopiedField(arena, in.TakeUntil('|'), &picker, hints);
  } while (in.Take('|') && ++compared < kMaxSignedNames);
}

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_DIAGNOSIS_H_
