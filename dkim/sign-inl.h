// Implementation of dkim/sign.h.
#ifndef POSTSEAL_DKIM_SIGN_INL_H_
#define POSTSEAL_DKIM_SIGN_INL_H_

#include <utility>

#include "dkim/sign.h"
#include "mail/local_part.h"

namespace postseal::dkim {
namespace internal {

// CheckFieldNames says which of |names| may not stand in h=.
inline absl::Status CheckFieldNames(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name.empty() || name.size() > kMaxSignedNameOctets || !base::AllIn(name, kFieldNameChars)) {
      return absl::InvalidArgumentError(absl::StrCat("\"", name, "\" is no field name"));
    }
    // RFC 6376 §3.5 h=: not the field being created. §5.4: not what every relay
    // changes.
    if (base::EqualsIgnoreCase(name, "DKIM-Signature") ||
        base::EqualsIgnoreCase(name, "Return-Path")) {
      return absl::InvalidArgumentError(absl::StrCat(name, " must not be signed"));
    }
  }
  return absl::OkStatus();
}

// IsWritable says whether |text| passes the border of mail::FieldWriter whole.
inline bool IsWritable(std::string_view text) {
  while (!text.empty()) {
    const base::Utf8Char c = base::FirstUtf8Char(text);
    if (c.octets == 0 || !base::IsGraphic(c.code_point)) return false;
    text.remove_prefix(c.octets);
  }
  return true;
}

// FindName returns |name| as |names| spells it, or nullptr.
inline const std::string* FindName(const std::vector<std::string>& names, std::string_view name) {
  for (const std::string& candidate : names) {
    if (base::EqualsIgnoreCase(candidate, name)) return &candidate;
  }
  return nullptr;
}

// WriteCopies writes z=: the fields that |names| pick, in that order, as many as
// leave the field one that verifiers read (mail::kMaxTagListOctets). Folds may
// stand anywhere in it. RFC 6376 §3.5 z=
inline void WriteCopies(std::span<const std::string_view> names, const HeaderIndex& header,
                        base::Arena* arena, mail::FieldWriter* out) {
  // What bh= and the b= of the largest key take with their folds, in octets.
  constexpr size_t kTailOctets = 2048;
  std::string copies;
  HeaderIndex::Picker picker(arena, &header);
  for (const std::string_view name : names) {
    const mail::Field* const field = picker.Pick(name);
    // A name that holds the separator could not be told from two fields.
    if (field == nullptr || name.find('|') != name.npos) continue;
    const std::string copy =
        absl::StrCat(copies.empty() ? "z=" : "|", name, ":", EncodeQuotedPrintable(field->value));
    // A fold adds three octets to a line's 75. Not all fields are required.
    const size_t octets = copies.size() + copy.size();
    if (out->text().size() + octets + octets / 25 + kTailOctets > mail::kMaxTagListOctets) continue;
    copies += copy;
  }
  if (copies.empty()) return;  // sig-z-tag has one copy at least
  out->AppendSpace();
  out->AppendBreakable(copies);
  out->Append(";");
}

// WriteTags writes the field up to and with "b=". What is folded where is left
// to the writer; h= may be folded after each colon (RFC 6376 §3.5 h=).
inline mail::FieldWriter WriteTags(base::Arena* arena, const SignatureRequest& request,
                                   std::span<const std::string_view> names,
                                   const HeaderIndex& header, const Digest& body_hash,
                                   int64_t now) {
  const bool ascii =
      !std::any_of(request.domain.begin(), request.domain.end(), base::kNonAscii) &&
      !std::any_of(request.selector.begin(), request.selector.end(), base::kNonAscii);
  mail::FieldWriter out(
      "DKIM-Signature", mail::FieldWriter::Fold::kTab,
      ascii ? mail::FieldWriter::Octets::kAscii : mail::FieldWriter::Octets::kUtf8);
  const auto tag = [&out](std::string_view text) {
    out.AppendSpace();
    out.Append(text);
  };
  tag("v=1;");
  tag(absl::StrCat("a=", Name(request.algorithm), ";"));
  tag(absl::StrCat("c=", Name(request.header_canon), "/", Name(request.body_canon), ";"));
  tag(absl::StrCat("d=", request.domain, ";"));
  tag(absl::StrCat("s=", request.selector, ";"));
  if (request.identity.has_value()) {
    tag(absl::StrCat("i=", EncodeQuotedPrintable(*request.identity), ";"));
  }
  if (request.with_timestamp) tag(absl::StrCat("t=", now, ";"));
  if (request.expires_in_seconds.has_value()) {
    tag(absl::StrCat("x=", now + *request.expires_in_seconds, ";"));
  }
  out.AppendSpace();
  out.Append("h=");
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out.AllowFold();
    out.Append(names[i]);
    out.Append(i + 1 < names.size() ? ":" : ";");
  }
  if (request.copy_fields) WriteCopies(names, header, arena, &out);
  tag(absl::StrCat("bh=", base::Base64Encode(body_hash.view()), ";"));
  tag("b=");
  return out;
}

}  // namespace internal

inline absl::Status CheckRequest(const SignatureRequest& request) {
  const std::optional<dns::Name> domain = ParseDomain(request.domain);
  if (!domain.has_value() || domain->label_count() < 2 || !internal::IsWritable(request.domain)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", request.domain, "\" is no domain to sign for"));
  }
  const std::optional<dns::Name> selector = ParseDomain(request.selector);
  if (!selector.has_value() || !internal::IsWritable(request.selector) ||
      !domain->Prepend(absl::StrCat(selector->text(), "._domainkey")).has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("\"", request.selector, "\" is no selector"));
  }
  // RFC 8301 §3.1
  if (request.algorithm == SignatureAlgorithm::kRsaSha1) {
    return absl::InvalidArgumentError("rsa-sha1 must not be used to sign");
  }
  if (request.expires_in_seconds.has_value() && *request.expires_in_seconds <= 0) {
    return absl::InvalidArgumentError("x= must be later than t=");  // RFC 6376 §3.5 x=
  }
  if (request.expires_in_seconds.has_value() && *request.expires_in_seconds > kMaxLifetimeSeconds) {
    return absl::InvalidArgumentError(
        absl::StrCat("x= is more than ", kMaxLifetimeSeconds, " seconds away"));
  }
  if (request.identity.has_value()) {
    const size_t at = request.identity->rfind('@');
    const auto identity_domain =
        at == std::string::npos ? std::nullopt
                                : ParseDomain(std::string_view(*request.identity).substr(at + 1));
    // RFC 6376 §3.5 i=
    if (!identity_domain.has_value() || !identity_domain->IsAtOrBelow(*domain) ||
        request.identity->size() > kMaxIdentityOctets) {
      return absl::InvalidArgumentError(
          absl::StrCat("the identity \"", *request.identity, "\" is not in ", request.domain));
    }
    if (at > 0 && !mail::IsLocalPart(std::string_view(*request.identity).substr(0, at))) {
      return absl::InvalidArgumentError(
          absl::StrCat("the identity \"", *request.identity, "\" has no local part"));
    }
  }
  const FieldSelection& fields = request.fields;
  for (const auto* names : {&fields.sign, &fields.oversign, &fields.oversign_present}) {
    if (absl::Status status = internal::CheckFieldNames(*names); !status.ok()) return status;
  }
  // RFC 6376 §5.4: From must be signed.
  if (internal::FindName(fields.sign, "From") == nullptr &&
      internal::FindName(fields.oversign, "From") == nullptr &&
      internal::FindName(fields.oversign_present, "From") == nullptr) {
    return absl::InvalidArgumentError("From must be signed");
  }
  return absl::OkStatus();
}

inline std::vector<std::string_view> ChooseNames(const FieldSelection& selection,
                                                 const HeaderIndex& header) {
  // Each name as the selection spells it: to a verifier that compares names in
  // h= with regard to case, all instances of a field then stay one field's.
  std::vector<std::string_view> names;
  for (const mail::Field& field : header.fields()) {
    for (const auto* selected :
         {&selection.oversign, &selection.oversign_present, &selection.sign}) {
      const std::string* const name = internal::FindName(*selected, field.name);
      if (name == nullptr) continue;
      names.push_back(*name);
      break;
    }
  }
  for (const std::string& name : selection.oversign) names.push_back(name);
  for (const std::string& name : selection.oversign_present) {
    if (header.Count(name) > 0 && internal::FindName(selection.oversign, name) == nullptr) {
      names.push_back(name);
    }
  }
  return names;
}

inline SignatureDraft::SignatureDraft(base::Arena* arena, const SignatureRequest& request,
                                      std::span<const std::string_view> names,
                                      const HeaderIndex& header, const Digest& body_hash,
                                      int64_t now)
    : algorithm_(request.algorithm),
      writer_(internal::WriteTags(arena, request, names, header, body_hash, now)) {
  // The field that is hashed is the one that is sent, less the value of b=.
  constexpr std::string_view kName = "DKIM-Signature";
  mail::Field field;
  field.raw = writer_.text();
  field.name = field.raw.substr(0, kName.size());
  field.value = field.raw.substr(kName.size() + 1);
  digest_ = HashHeader(arena, request.header_canon, HashOf(request.algorithm), header, names, field,
                       /*signature_value=*/{});
}

inline std::string SignatureDraft::Print(std::string_view signature) const {
  mail::FieldWriter out = writer_;
  out.AppendBreakable(base::Base64Encode(signature));
  return std::move(out).Finish();
}

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_SIGN_INL_H_
