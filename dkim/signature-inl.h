// Implementation of dkim/signature.h.
#ifndef POSTSEAL_DKIM_SIGNATURE_INL_H_
#define POSTSEAL_DKIM_SIGNATURE_INL_H_

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "base/cursor.h"
#include "dkim/signature.h"
#include "dns/idna.h"
#include "mail/local_part.h"
#include "mail/tag_list.h"

namespace postseal::dkim {
namespace internal {

// ftext of RFC 5322 §3.6.8, less the ";" that would end the tag.
inline constexpr base::CharSet kFieldNameChars =
    base::CharSet::Range(33, 126) - base::CharSet(":;");
inline constexpr base::CharSet kDomainChars = base::kAlphaDigit | base::CharSet("-_.");
inline constexpr base::CharSet kHexDigits = base::kDigit | base::CharSet("abcdefABCDEF");
inline constexpr base::CharSet kFoldingSpace = base::CharSet(" \t\r\n");

constexpr int HexValue(char c) { return base::kDigit(c) ? c - '0' : base::ToLower(c) - 'a' + 10; }

// SignatureParser fills in a ParsedSignature tag by tag and keeps the first fault.
class SignatureParser {
 public:
  SignatureParser(base::Arena* arena, std::string_view value)
      : arena_(arena), list_(mail::TagList::Parse(value)) {}

  // Parse may be called once.
  ParsedSignature Parse() {
    // d= and s= come first, so that a faulty signature can still be named.
    ParseSelectorAndDomain();
    std::optional<SignatureFault> name_fault = std::exchange(parsed_.fault, std::nullopt);
    CheckList();
    ParseVersion();
    // A signature of another version is not looked into any further.
    if (parsed_.fault.has_value()) return std::move(parsed_);
    ParseAlgorithm();
    ParseCanonicalization();
    ParseHashes();
    if (!parsed_.fault.has_value()) parsed_.fault = std::move(name_fault);
    ParseIdentity();
    ParseSignedNames();
    ParseNumbers();
    ParseQueryMethods();
    if (const mail::Tag* z = list_.Find("z")) sig().copied_fields = z->value;
    return std::move(parsed_);
  }

 private:
  Signature& sig() { return parsed_.signature; }

  void Fail(Reason reason, size_t offset, std::string detail) {
    if (!parsed_.fault.has_value()) {
      parsed_.fault = SignatureFault{reason, offset, std::move(detail)};
    }
  }
  void FailTag(Reason reason, const mail::Tag& tag, std::string_view detail) {
    Fail(reason, tag.offset, absl::StrCat(tag.name, "= ", detail));
  }

  // Require returns the tag |name|; its absence is a fault. RFC 6376 §6.1.1 ¶4
  const mail::Tag* Require(std::string_view name) {
    const mail::Tag* const tag = list_.Find(name);
    if (tag == nullptr) Fail(Reason::kMissingTag, 0, absl::StrCat(name, "= is missing"));
    return tag;
  }

  void CheckList() {
    if (list_.fault() == mail::TagListFault::kNone) return;
    const bool duplicate = list_.fault() == mail::TagListFault::kDuplicate;
    Fail(duplicate ? Reason::kDuplicateTag : Reason::kSignatureSyntax, list_.fault_offset(),
         std::string(mail::TagListFaultText(list_.fault())));
  }

  // sig-v-tag = %x76 [FWS] "=" [FWS] 1*DIGIT
  void ParseVersion() {
    const mail::Tag* const v = Require("v");
    if (v != nullptr && v->value != "1") {
      FailTag(Reason::kUnsupportedVersion, *v, "is not 1");
    }
  }

  void ParseAlgorithm() {
    const mail::Tag* const a = Require("a");
    if (a == nullptr) return;
    sig().algorithm_text = a->value;
    sig().algorithm = ParseSignatureAlgorithm(a->value);
    if (!sig().algorithm.has_value()) {
      FailTag(Reason::kUnsupportedAlgorithm, *a, "names an unknown algorithm");
    }
  }

  // sig-c-tag = %x63 [FWS] "=" [FWS] sig-c-tag-alg ["/" sig-c-tag-alg]
  void ParseCanonicalization() {
    const mail::Tag* const c = list_.Find("c");
    if (c == nullptr) return;
    base::Cursor in(c->value);
    const auto header = ParseHeaderCanon(in.TakeUntil('/'));
    // RFC 6376 §3.5 c=: one algorithm alone is the header's.
    const auto body = in.Take('/') ? ParseBodyCanon(in.rest()) : BodyCanon::kSimple;
    if (!header.has_value() || !body.has_value()) {
      return FailTag(Reason::kUnsupportedCanonicalization, *c, "names an unknown algorithm");
    }
    sig().header_canon = *header;
    sig().body_canon = *body;
  }

  std::optional<std::string_view> DecodeBase64(std::string_view text) {
    const std::span<char> octets = arena_->NewOctets(base::Base64MaxDecoded(text.size()));
    const std::optional<size_t> size = base::Base64Decode(text, octets);
    if (!size.has_value()) return std::nullopt;
    return std::string_view(octets.data(), *size);
  }

  void ParseHashes() {
    if (const mail::Tag* const bh = Require("bh")) {
      const auto decoded = DecodeBase64(bh->value);
      // A hash of another size than a= gives cannot be the body's. RFC 6376 §3.5 bh=
      const size_t expected = sig().algorithm.has_value() ? OctetsOf(HashOf(*sig().algorithm)) : 0;
      if (!decoded.has_value()) {
        FailTag(Reason::kBadTagValue, *bh, "is not base64");
      } else if (expected != 0 && decoded->size() != expected) {
        FailTag(Reason::kBadTagValue, *bh,
                absl::StrCat("holds ", decoded->size(), " octets, a hash has ", expected));
      } else {
        sig().body_hash = *decoded;
      }
    }
    if (const mail::Tag* const b = Require("b")) {
      sig().raw_signature = b->raw_value;
      sig().signature_text = b->value;
      const auto decoded = DecodeBase64(b->value);
      if (!decoded.has_value() || decoded->empty()) {
        FailTag(Reason::kBadTagValue, *b, "is not base64 of a signature");
      } else {
        sig().signature = *decoded;
      }
    }
  }

  void ParseSelectorAndDomain() {
    const mail::Tag* const d = Require("d");
    if (d != nullptr) {
      sig().domain_text = d->value;
      const std::optional<dns::Name> domain = ParseDomain(d->value);
      // domain-name = sub-domain 1*("." sub-domain): at least two labels.
      if (!domain.has_value() || domain->label_count() < 2) {
        FailTag(Reason::kBadDomain, *d, "is no domain name");
      } else {
        sig().domain = *domain;
      }
    }
    const mail::Tag* const s = Require("s");
    if (s == nullptr) return;
    sig().selector_text = s->value;
    // selector = sub-domain *( "." sub-domain ); RFC 6376 §3.1
    const std::optional<dns::Name> selector = ParseDomain(s->value);
    if (!selector.has_value()) return FailTag(Reason::kBadSelector, *s, "is no selector");
    if (sig().domain.is_root()) return;
    const std::optional<dns::Name> key_name =
        sig().domain.Prepend(absl::StrCat(selector->text(), "._domainkey"));
    if (!key_name.has_value()) {
      return FailTag(Reason::kBadSelector, *s, "and d= are too long for a DNS name");
    }
    sig().key_name = *key_name;
  }

  // sig-i-tag = %x69 [FWS] "=" [FWS] [ Local-part ] "@" domain-name
  void ParseIdentity() {
    sig().identity_domain = sig().domain;
    const mail::Tag* const i = list_.Find("i");
    if (i == nullptr) return;
    const std::optional<std::string_view> identity = DecodeQuotedPrintable(arena_, i->value);
    // A domain holds no "@", so the last one separates.
    const size_t at = identity.has_value() ? identity->rfind('@') : std::string_view::npos;
    if (at == std::string_view::npos) {
      return FailTag(Reason::kBadTagValue, *i, "is no identity");
    }
    const std::optional<dns::Name> domain = ParseDomain(identity->substr(at + 1));
    if (!domain.has_value()) return FailTag(Reason::kBadTagValue, *i, "holds no domain name");
    sig().identity = identity;
    sig().identity_domain = *domain;
    // Local-part is that of SMTP, and RFC 8616 §5 lets it be UTF-8.
    if (at > 0 && !mail::IsLocalPart(identity->substr(0, at))) {
      return FailTag(Reason::kBadTagValue, *i, "holds no local part");
    }
    // RFC 6376 §6.1.1 ¶6: the same as, or a subdomain of, d=.
    if (!domain->IsAtOrBelow(sig().domain)) {
      FailTag(Reason::kDomainMismatch, *i, "is not in the domain of d=");
    }
  }

  // sig-h-tag = %x68 [FWS] "=" [FWS] hdr-name *( [FWS] ":" [FWS] hdr-name )
  void ParseSignedNames() {
    const mail::Tag* const h = Require("h");
    if (h == nullptr) return;
    size_t count = 1;
    for (const char c : h->value) count += c == ':' ? 1 : 0;
    if (count > kMaxSignedNames) {
      return FailTag(Reason::kTooManyNames, *h,
                     absl::StrCat("holds ", count, " names, the limit is ", kMaxSignedNames));
    }
    const std::span<std::string_view> names = arena_->NewArray<std::string_view>(count);
    base::Cursor in(h->value);
    bool from_signed = false;
    for (std::string_view& name : names) {
      name = base::Strip(in.TakeUntil(':'), kFoldingSpace);
      in.Take(':');
      if (name.empty() || !base::AllIn(name, kFieldNameChars)) {
        return FailTag(Reason::kBadTagValue, *h, "is no list of field names");
      }
      from_signed = from_signed || base::EqualsIgnoreCase(name, "from");
    }
    sig().signed_names = names;
    // RFC 6376 §6.1.1 ¶7
    if (!from_signed) FailTag(Reason::kFromNotSigned, *h, "does not name From");
  }

  // Time is 1*12DIGIT, and more digits are infinite. RFC 6376 §3.5 t=
  std::optional<int64_t> ParseTime(std::string_view name) {
    const mail::Tag* const tag = list_.Find(name);
    if (tag == nullptr) return std::nullopt;
    if (tag->value.empty() || !base::AllIn(tag->value, base::kDigit)) {
      FailTag(Reason::kBadTagValue, *tag, "is no number");
      return std::nullopt;
    }
    if (tag->value.size() > kMaxTimeDigits) return kInfiniteTime;
    int64_t seconds = 0;
    for (const char c : tag->value) seconds = seconds * 10 + (c - '0');
    return seconds;
  }

  void ParseNumbers() {
    sig().timestamp = ParseTime("t");
    sig().expiration = ParseTime("x");
    const mail::Tag* const l = list_.Find("l");
    if (l == nullptr) return;
    if (l->value.empty() || l->value.size() > kMaxLengthDigits ||
        !base::AllIn(l->value, base::kDigit)) {
      return FailTag(Reason::kBadTagValue, *l, "is no length");
    }
    // More than any body holds stays more than any body holds.
    uint64_t octets = 0;
    for (const char c : l->value) {
      const auto digit = static_cast<uint64_t>(c - '0');
      octets = octets > (UINT64_MAX - digit) / 10 ? UINT64_MAX : octets * 10 + digit;
    }
    sig().body_length = octets;
  }

  // sig-q-tag = %x71 [FWS] "=" [FWS] sig-q-tag-method *([FWS] ":" [FWS] sig-q-tag-method)
  void ParseQueryMethods() {
    const mail::Tag* const q = list_.Find("q");
    if (q == nullptr) return;
    base::Cursor in(q->value);
    do {
      // RFC 6376 §3.5 q=: unrecognized methods are ignored.
      const std::string_view method = base::Strip(in.TakeUntil(':'), kFoldingSpace);
      if (method == "dns/txt") return;
    } while (in.Take(':'));
    FailTag(Reason::kUnsupportedQueryMethod, *q, "does not offer dns/txt");
  }

  base::Arena* arena_;
  mail::TagList list_;
  ParsedSignature parsed_;
};

}  // namespace internal

inline ParsedSignature ParseSignature(base::Arena* arena, std::string_view value) {
  return internal::SignatureParser(arena, value).Parse();
}

inline std::optional<dns::Name> ParseDomain(std::string_view text) {
  if (text.empty() || text.back() == '.') return std::nullopt;
  if (base::AllIn(text, internal::kDomainChars)) return dns::Name::Parse(text);
  if (!base::AllIn(text, internal::kDomainChars | base::kNonAscii)) return std::nullopt;
  // RFC 8616 §3: U-labels become A-labels for the DNS alone.
  return dns::ParseInternational(text);
}

inline std::optional<std::string_view> DecodeQuotedPrintable(base::Arena* arena,
                                                             std::string_view text) {
  const std::span<char> out = arena->NewOctets(text.size());
  // RFC 6376 §2.11: white space is removed before decoding; it may stand within
  // "=" and its digits.
  size_t size = 0;
  for (const char c : text) {
    if (!internal::kFoldingSpace(c)) out[size++] = c;
  }
  const std::string_view packed(out.data(), size);
  size = 0;
  for (size_t i = 0; i < packed.size(); ++i) {
    if (packed[i] != '=') {
      out[size++] = packed[i];
      continue;
    }
    // hex-octet = "=" 2(DIGIT / "A" / ... / "F"); lower case is taken too, as
    // RFC 2045 §6.7 advises a robust reader. [choice]
    if (packed.size() - i < 3 || !internal::kHexDigits(packed[i + 1]) ||
        !internal::kHexDigits(packed[i + 2])) {
      return std::nullopt;
    }
    out[size++] = static_cast<char>(internal::HexValue(packed[i + 1]) * 16 +
                                    internal::HexValue(packed[i + 2]));
    i += 2;
  }
  return std::string_view(out.data(), size);
}

inline std::string EncodeQuotedPrintable(std::string_view text) {
  // dkim-safe-char = %x21-3A / %x3C / %x3E-7E, less "|" which separates in z=.
  constexpr base::CharSet kSafe = base::CharSet::Range(0x21, 0x7E) - base::CharSet(";=|");
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (kSafe(c)) {
      out += c;
    } else {
      const auto octet = static_cast<uint8_t>(c);
      out += {'=', kHex[octet >> 4], kHex[octet & 15]};
    }
  }
  return out;
}

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_SIGNATURE_INL_H_
