// The parser and the printer of dmarc/record.h.
#ifndef POSTSEAL_DMARC_RECORD_INL_H_
#define POSTSEAL_DMARC_RECORD_INL_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "dmarc/record.h"
#include "dmarc/report_uri.h"

namespace postseal::dmarc {

constexpr std::string_view WarningText(WarningCode code) {
  switch (code) {
    case WarningCode::kUnknownTag:
      return "the tag is unknown and ignored";
    case WarningCode::kUpperCaseName:
      return "tag names are lower case; the tag is ignored";
    case WarningCode::kHistoricTag:
      return "the tag is historic and ignored";
    case WarningCode::kDuplicateTag:
      return "the tag occurs more than once; the default is used";
    case WarningCode::kBadTag:
      return "a tag name and \"=\" are expected";
    case WarningCode::kBadValue:
      return "the value is malformed; the default is used";
    case WarningCode::kBadUri:
      return "this is no URI to report to; it is ignored";
    case WarningCode::kObsoleteSize:
      return "the size limit is obsolete and ignored";
    case WarningCode::kTooManyUris:
      return "too many URIs; the rest is ignored";
    case WarningCode::kMissingPolicy:
      return "the record has no p=";
    case WarningCode::kPolicyNotSecond:
      return "p= must follow v= directly";
    case WarningCode::kFailureOptionsUnused:
      return "fo= means nothing without ruf=";
  }
  return "";
}

namespace internal {

// TakeVersion takes the version and the white space behind it.
// dmarc-version = "v" equals %s"DMARC1", equals = *WSP "=" *WSP
inline bool TakeVersion(base::Cursor* cursor) {
  if (!cursor->Take('v')) return false;
  cursor->TakeWhile(base::kWsp);
  if (!cursor->Take('=')) return false;
  cursor->TakeWhile(base::kWsp);
  if (!cursor->Take("DMARC1")) return false;
  cursor->TakeWhile(base::kWsp);
  return cursor->at_end() || cursor->Peek() == ';';
}

// The tags that are known in either mode.
enum class Tag : uint8_t { kP, kSp, kNp, kPsd, kT, kAdkim, kAspf, kFo, kRua, kRuf, kPct, kRf, kRi };
inline constexpr std::array<std::string_view, 13> kTagNames = {
    "p", "sp", "np", "psd", "t", "adkim", "aspf", "fo", "rua", "ruf", "pct", "rf", "ri"};

inline bool IsHistoric(Tag tag) { return tag >= Tag::kPct; }
inline bool IsNew(Tag tag) { return tag == Tag::kNp || tag == Tag::kPsd || tag == Tag::kT; }

// FindTag is the tag |name|, in any case.
inline std::optional<Tag> FindTag(std::string_view name) {
  for (size_t i = 0; i < kTagNames.size(); ++i) {
    if (base::EqualsIgnoreCase(name, kTagNames[i])) return static_cast<Tag>(i);
  }
  return std::nullopt;
}

// ABNF literals are case-insensitive (RFC 5234 §2.3), and so are the values.
// dmarc-request = "none" / "quarantine" / "reject"
inline std::optional<Policy> ParsePolicy(std::string_view value) {
  for (const Policy policy : {Policy::kNone, Policy::kQuarantine, Policy::kReject}) {
    if (base::EqualsIgnoreCase(value, PolicyName(policy))) return policy;
  }
  return std::nullopt;
}

// dmarc-rors = "r" / "s"
inline std::optional<AlignmentMode> ParseAlignmentMode(std::string_view value) {
  if (base::EqualsIgnoreCase(value, "r")) return AlignmentMode::kRelaxed;
  if (base::EqualsIgnoreCase(value, "s")) return AlignmentMode::kStrict;
  return std::nullopt;
}

// dmarc-yorn = "y" / "n"
inline std::optional<bool> ParseYesOrNo(std::string_view value) {
  if (base::EqualsIgnoreCase(value, "y")) return true;
  if (base::EqualsIgnoreCase(value, "n")) return false;
  return std::nullopt;
}

// dmarc-psd = "y" / "n" / "u"
inline std::optional<Psd> ParsePsd(std::string_view value) {
  if (base::EqualsIgnoreCase(value, "y")) return Psd::kPublicSuffix;
  if (base::EqualsIgnoreCase(value, "n")) return Psd::kOrganization;
  if (base::EqualsIgnoreCase(value, "u")) return Psd::kUnknown;
  return std::nullopt;
}

// ParseFailureOptions reads fo=: in RFC 9989 each value at most once and not both
// 0 and 1 (dmarc-fo); in RFC 7489 any list, with white space around the colons.
inline std::optional<FailureOptions> ParseFailureOptions(std::string_view value, Mode mode) {
  const bool strict = mode == Mode::kRfc9989;
  FailureOptions options;
  base::Cursor cursor(value);
  for (;;) {
    std::string_view item = cursor.TakeUntil(':');
    if (!strict) item = base::Strip(item, base::kWsp);
    bool* const flag = item == "0"                         ? &options.all_failed
                       : item == "1"                       ? &options.any_failed
                       : base::EqualsIgnoreCase(item, "d") ? &options.dkim
                       : base::EqualsIgnoreCase(item, "s") ? &options.spf
                                                           : nullptr;
    if (flag == nullptr || (strict && *flag)) return std::nullopt;
    *flag = true;
    if (!cursor.Take(':')) break;
  }
  if (strict && options.all_failed && options.any_failed) return std::nullopt;
  return options;
}

// ParseNumber reads 1*DIGIT up to |max|.
inline std::optional<uint32_t> ParseNumber(std::string_view value, uint32_t max) {
  if (value.empty() || !base::AllIn(value, base::kDigit)) return std::nullopt;
  uint64_t number = 0;
  for (const char c : value) {
    number = number * 10 + static_cast<uint64_t>(c - '0');
    if (number > max) return std::nullopt;
  }
  return static_cast<uint32_t>(number);
}

// RecordParser first finds the tags, then reads the values of those that occur once.
class RecordParser {
 public:
  RecordParser(std::string_view text, Mode mode, base::Arena* arena) : mode_(mode), arena_(arena) {
    record_.text = text;
  }

  // dmarc-record = dmarc-version *(dmarc-sep dmarc-tag) [dmarc-sep]
  std::optional<Record> Parse() {
    base::Cursor cursor(record_.text);
    if (!TakeVersion(&cursor)) return std::nullopt;
    for (size_t position = 0; cursor.Take(';'); ++position) {
      const std::string_view segment = base::Strip(cursor.TakeUntil(';'), base::kWsp);
      // The separator may also end the record.
      if (segment.empty() && cursor.at_end()) break;
      FindTagIn(segment, position);
    }
    ParsePolicies();
    ParseFlags();
    record_.rua = ParseUris(Tag::kRua);
    record_.ruf = ParseUris(Tag::kRuf);
    ParseFo();
    if (mode_ == Mode::kRfc7489) ParseHistoric();
    record_.warnings = warnings_.first(warning_count_);
    return record_;
  }

 private:
  // Found is what the text has of one tag.
  struct Found {
    std::string_view name;
    std::string_view value;
    size_t count = 0;
    size_t position = 0;
  };
  Found& At(Tag tag) { return found_[static_cast<size_t>(tag)]; }

  void Warn(WarningCode code, std::string_view tag, std::string_view where) {
    if (warnings_.empty()) warnings_ = arena_->NewArray<Warning>(kMaxWarnings);
    if (warning_count_ == kMaxWarnings) return;
    Warning& warning = warnings_[warning_count_++];
    warning.code = code;
    warning.tag = tag;
    warning.offset = static_cast<size_t>(where.data() - record_.text.data());
  }

  // dmarc-tag = 1*ALPHA equals 1*dmarc-value
  void FindTagIn(std::string_view segment, size_t position) {
    base::Cursor cursor(segment);
    const std::string_view name = cursor.TakeWhile(base::kAlpha);
    cursor.TakeWhile(base::kWsp);
    if (name.empty() || !cursor.Take('=')) return Warn(WarningCode::kBadTag, name, segment);
    const std::optional<Tag> tag = FindTag(name);
    if (!tag.has_value() || (mode_ == Mode::kRfc7489 && IsNew(*tag))) {
      return Warn(WarningCode::kUnknownTag, name, name);
    }
    // Names are case-sensitive (RFC 6376 §3.2 ¶7), though the ABNF of RFC 9989
    // §4.8 does not say so [choice].
    if (name != kTagNames[static_cast<size_t>(*tag)]) {
      return Warn(WarningCode::kUpperCaseName, name, name);
    }
    if (mode_ == Mode::kRfc9989 && IsHistoric(*tag)) {
      return Warn(WarningCode::kHistoricTag, name, name);
    }
    Found& found = At(*tag);
    if (found.count++ != 0) return Warn(WarningCode::kDuplicateTag, name, name);
    found.name = name;
    found.value = base::Strip(cursor.rest(), base::kWsp);
    found.position = position;
  }

  // ReadValue sets |*field| to what |parse| makes of the value of |tag|; whether
  // the tag is absent or valid.
  template <typename T, typename Parser>
  bool ReadValue(Tag tag, T* field, const Parser& parse) {
    const Found& found = At(tag);
    if (found.count == 0) return true;
    if (found.count > 1) return false;
    const auto value = parse(found.value);
    if (!value.has_value()) {
      Warn(WarningCode::kBadValue, found.name, found.value);
      return false;
    }
    *field = *value;
    return true;
  }

  void ParsePolicies() {
    ReadValue(Tag::kP, &record_.p, ParsePolicy);
    const Found& p = At(Tag::kP);
    if (p.count == 0) Warn(WarningCode::kMissingPolicy, {}, record_.text);
    // RFC 7489 §6.3: v and p "MUST appear in that order", and dmarc-request has one
    // place in the ABNF.
    if (mode_ == Mode::kRfc7489 && p.count == 1 && p.position != 0) {
      Warn(WarningCode::kPolicyNotSecond, p.name, p.name);
      record_.p.reset();
    }
    const bool sp_valid = ReadValue(Tag::kSp, &record_.sp, ParsePolicy);
    const bool np_valid = ReadValue(Tag::kNp, &record_.np, ParsePolicy);
    record_.subdomain_policies_valid = sp_valid && np_valid;
  }

  void ParseFlags() {
    ReadValue(Tag::kPsd, &record_.psd, ParsePsd);
    ReadValue(Tag::kT, &record_.test, ParseYesOrNo);
    ReadValue(Tag::kAdkim, &record_.adkim, ParseAlignmentMode);
    ReadValue(Tag::kAspf, &record_.aspf, ParseAlignmentMode);
  }

  // dmarc-urilist = (dmarc-uri / obs-dmarc-uri) *(*WSP "," *WSP (dmarc-uri / obs-dmarc-uri))
  std::span<const ReportUri> ParseUris(Tag tag) {
    const Found& found = At(tag);
    if (found.count != 1) return {};
    const auto commas =
        static_cast<size_t>(std::count(found.value.begin(), found.value.end(), ','));
    const std::span<ReportUri> uris =
        arena_->NewArray<ReportUri>(std::min(commas + 1, kMaxReportUris));
    size_t count = 0;
    base::Cursor cursor(found.value);
    do {
      const std::string_view text = base::Strip(cursor.TakeUntil(','), base::kWsp);
      const std::optional<ReportUri> uri = ParseReportUri(text);
      if (!uri.has_value()) {
        Warn(WarningCode::kBadUri, found.name, text);
        continue;
      }
      if (count == kMaxReportUris) {
        Warn(WarningCode::kTooManyUris, found.name, text);
        break;
      }
      if (uri->text.size() != text.size()) Warn(WarningCode::kObsoleteSize, found.name, text);
      uris[count++] = *uri;
    } while (cursor.Take(','));
    return uris.first(count);
  }

  // RFC 9989 §4.7, fo: the content MUST be ignored without ruf=.
  void ParseFo() {
    record_.fo.all_failed = true;
    const Found& found = At(Tag::kFo);
    if (found.count == 1 && record_.ruf.empty()) {
      return Warn(WarningCode::kFailureOptionsUnused, found.name, found.name);
    }
    ReadValue(Tag::kFo, &record_.fo,
              [this](std::string_view value) { return ParseFailureOptions(value, mode_); });
  }

  // RFC 7489 §6.3, §6.4
  void ParseHistoric() {
    ReadValue(Tag::kPct, &record_.pct, [](std::string_view value) -> std::optional<uint8_t> {
      const auto number = ParseNumber(value, 100);
      if (!number.has_value() || value.size() > 3) return std::nullopt;
      return static_cast<uint8_t>(*number);
    });
    ReadValue(Tag::kRi, &record_.ri,
              [](std::string_view value) { return ParseNumber(value, UINT32_MAX); });
    bool afrf = true;  // the only registered format, and the default
    ReadValue(Tag::kRf, &afrf, [](std::string_view value) -> std::optional<bool> {
      if (!base::EqualsIgnoreCase(value, "afrf")) return std::nullopt;
      return true;
    });
  }

  Mode mode_;
  base::Arena* arena_;
  Record record_;
  std::array<Found, kTagNames.size()> found_;
  std::span<Warning> warnings_;
  size_t warning_count_ = 0;
};

inline std::string PrintFailureOptions(const FailureOptions& options) {
  std::string out;
  const auto add = [&out](bool flag, char letter) {
    if (!flag) return;
    if (!out.empty()) out += ':';
    out += letter;
  };
  add(options.all_failed, '0');
  add(options.any_failed, '1');
  add(options.dkim, 'd');
  add(options.spf, 's');
  return out;
}

inline std::string PrintUris(std::span<const ReportUri> uris) {
  std::string out;
  for (const ReportUri& uri : uris) {
    if (!out.empty()) out += ',';
    out += uri.text;
  }
  return out;
}

}  // namespace internal

inline bool IsDmarc(std::string_view text) {
  base::Cursor cursor(text);
  return internal::TakeVersion(&cursor);
}

inline std::optional<Record> ParseRecord(std::string_view text, Mode mode, base::Arena* arena) {
  return internal::RecordParser(text, mode, arena).Parse();
}

inline std::string Print(const Record& record) {
  std::string out = "v=DMARC1";
  const auto add = [&out](std::string_view tag, std::string_view value) {
    out += "; ";
    out += tag;
    out += '=';
    out += value;
  };
  if (record.p.has_value()) add("p", PolicyName(*record.p));
  if (record.sp.has_value()) add("sp", PolicyName(*record.sp));
  if (record.np.has_value()) add("np", PolicyName(*record.np));
  if (record.psd != Psd::kUnknown) add("psd", record.psd == Psd::kPublicSuffix ? "y" : "n");
  if (record.test) add("t", "y");
  if (record.adkim == AlignmentMode::kStrict) add("adkim", "s");
  if (record.aspf == AlignmentMode::kStrict) add("aspf", "s");
  FailureOptions default_fo;
  default_fo.all_failed = true;
  if (!(record.fo == default_fo)) add("fo", internal::PrintFailureOptions(record.fo));
  if (!record.rua.empty()) add("rua", internal::PrintUris(record.rua));
  if (!record.ruf.empty()) add("ruf", internal::PrintUris(record.ruf));
  if (record.pct.has_value()) add("pct", std::to_string(*record.pct));
  if (record.ri.has_value()) add("ri", std::to_string(*record.ri));
  return out;
}

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_RECORD_INL_H_
