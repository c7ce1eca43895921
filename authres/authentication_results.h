// The Authentication-Results field: what a border host found out about a
// message, for those behind it. RFC 8601
#ifndef POSTSEAL_AUTHRES_AUTHENTICATION_RESULTS_H_
#define POSTSEAL_AUTHRES_AUTHENTICATION_RESULTS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "authres/lexical.h"
#include "mail/field_writer.h"

namespace postseal::authres {

// kFieldName is the name of the field. RFC 8601 §2.2
inline constexpr std::string_view kFieldName = "Authentication-Results";

// Property is a propspec: `ptype.property=value`, such as header.d=example.com.
struct Property {
  std::string ptype;
  std::string property;
  // value is the text that was evaluated, unquoted.
  std::string value;

  bool operator==(const Property&) const = default;
};

// Result is a resinfo: what one method said, and about what.
struct Result {
  std::string method;        // dkim, spf, dmarc, arc, iprev, auth, ...
  std::string result;        // pass, fail, ...; RFC 8601 §2.7
  std::string reason = {};   // for people; none when empty
  std::string comment = {};  // for people; none when empty
  std::vector<Property> properties = {};
  std::optional<uint32_t> method_version = {};  // 1 when absent; RFC 8601 §2.2

  bool operator==(const Result&) const = default;
};

// Print returns the whole field, CRLF and folds (CRLF TAB) included. Without
// results it says "; none".
//
// Values, reasons and comments are attacker-controlled and never an error:
// - A value is printed bare when it is a token or [[local-part] "@"]
//   domain-name, and otherwise as a quoted-string.
// - A property is left out when its value holds controls, octets above 127
//   that |charset| does not allow, or more than kMaxValueOctets: what would be
//   left after dropping octets is an identity that nobody evaluated. [choice]
// - Reasons and comments are for people: they lose such octets, and end after
//   kMaxTextOctets.
//
// InvalidArgument when |authserv_id| is empty, too long or holds such octets, or
// a method, result, ptype or property is not a Keyword (RFC 5321 §4.1.2): those
// are the caller's words.
absl::StatusOr<std::string> Print(std::string_view authserv_id, std::span<const Result> results,
                                  Charset charset = Charset::kAscii);

namespace internal {

// AppendProperty writes a propspec, or nothing when its value does not pass.
inline void AppendProperty(const Property& property, Charset charset, mail::FieldWriter* writer) {
  const std::string_view value = property.value;
  if (value.size() > kMaxValueOctets || !IsPrintable(value, charset)) return;
  writer->AppendSpace();
  writer->Append(property.ptype);
  writer->Append(".");
  writer->Append(property.property);
  writer->Append("=");
  if (IsIdentity(value)) {
    writer->Append(value);
  } else {
    AppendValue(value, writer);
  }
}

// AppendResult writes a resinfo after its semicolon.
//   resinfo = [CFWS] ";" methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]
inline void AppendResult(const Result& result, Charset charset, mail::FieldWriter* writer) {
  writer->Append(result.method);
  if (result.method_version.has_value()) {
    writer->Append(absl::StrCat("/", *result.method_version));
  }
  writer->Append("=");
  writer->Append(result.result);
  if (!result.comment.empty()) {
    writer->AppendSpace();
    writer->AppendComment(std::string_view(result.comment).substr(0, kMaxTextOctets));
  }
  if (!result.reason.empty()) {
    writer->AppendSpace();
    writer->Append("reason=");
    AppendValue(std::string_view(result.reason).substr(0, kMaxTextOctets), writer);
  }
  for (const Property& property : result.properties) AppendProperty(property, charset, writer);
}

inline absl::Status CheckWords(const Result& result) {
  if (!IsKeyword(result.method)) return absl::InvalidArgumentError("method is not a keyword");
  if (!IsKeyword(result.result)) return absl::InvalidArgumentError("result is not a keyword");
  for (const Property& property : result.properties) {
    if (!IsKeyword(property.ptype)) return absl::InvalidArgumentError("ptype is not a keyword");
    if (!IsKeyword(property.property)) {
      return absl::InvalidArgumentError("property is not a keyword");
    }
  }
  return absl::OkStatus();
}

}  // namespace internal

inline absl::StatusOr<std::string> Print(std::string_view authserv_id,
                                         std::span<const Result> results, Charset charset) {
  if (authserv_id.empty() || authserv_id.size() > kMaxValueOctets ||
      !internal::IsPrintable(authserv_id, charset)) {
    return absl::InvalidArgumentError("authserv-id is empty, too long or not printable");
  }
  mail::FieldWriter writer(kFieldName, mail::FieldWriter::Fold::kTab, internal::OctetsOf(charset));
  writer.AppendSpace();
  internal::AppendValue(authserv_id, &writer);
  if (results.empty()) writer.Append("; none");  // RFC 8601 §2.2, no-result
  for (const Result& result : results) {
    const absl::Status words = internal::CheckWords(result);
    if (!words.ok()) return words;
    writer.Append(";");
    writer.AppendFold();
    internal::AppendResult(result, charset, &writer);
  }
  return std::move(writer).Finish();
}

}  // namespace postseal::authres

#endif  // POSTSEAL_AUTHRES_AUTHENTICATION_RESULTS_H_
