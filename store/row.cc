#include "store/row.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "base/utf8.h"
#include "dkim/digest.h"
#include "nlohmann/json.hpp"
#include "store/fact_codec.h"

namespace postseal::store {
namespace {

using Json = nlohmann::json;
using Text = std::optional<std::string>;

constexpr absl::CivilDay kEpoch(1970, 1, 1);

template <typename T>
Text OptionalName(const std::optional<T>& value, std::string_view (*name)(T)) {
  if (!value.has_value()) return std::nullopt;
  return std::string(name(*value));
}

std::string YesNo(bool value) { return value ? "y" : "n"; }
std::string ModeLetter(dmarc::AlignmentMode mode) {
  return mode == dmarc::AlignmentMode::kStrict ? "s" : "r";
}

std::string FailureText(const dmarc::FailureOptions& fo) {
  std::vector<std::string_view> values;
  if (fo.all_failed) values.push_back("0");
  if (fo.any_failed) values.push_back("1");
  if (fo.dkim) values.push_back("d");
  if (fo.spf) values.push_back("s");
  return absl::StrJoin(values, ":");
}

std::string ReasonsText(const std::vector<OverrideReason>& reasons) {
  Json list = Json::array();
  for (const OverrideReason& reason : reasons) {
    list.push_back({{"type", OverrideTypeName(reason.type)}, {"comment", reason.comment}});
  }
  return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string DkimText(const std::vector<DkimFact>& signatures) {
  Json list = Json::array();
  for (const DkimFact& dkim : signatures) {
    list.push_back({{"domain", dkim.domain},
                    {"selector", dkim.selector},
                    {"result", base::ResultName(dkim.result)},
                    {"human", dkim.human}});
  }
  return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// DigestText is the row's identity: of its fact, whose time is the day, and of its detail.
std::string DigestText(Fact fact, Detail detail) {
  fact.time = fact.day() * kSecondsADay;
  std::string octets;
  EncodeFact(fact, &octets);
  // Full rows have the digest that they had before there was |detail|.
  if (detail != Detail::kFull) octets.push_back(static_cast<char>(detail));
  return absl::BytesToHexString(dkim::Sha256(octets).view());
}

// ColumnReader reads columns one after the other. After the first fault it is not ok.
class ColumnReader {
 public:
  explicit ColumnReader(std::span<const Text> texts) : texts_(texts) {}

  const absl::Status& status() const { return status_; }

  void Fail() {
    if (!status_.ok()) return;
    status_ = absl::DataLossError(
        absl::StrCat("a row's column ", kColumns[next_ - 1].name, " makes no sense"));
  }

  Text OptionalText(size_t max) {
    const Text& text = texts_[next_++];
    if (text.has_value() && (text->size() > max || !base::IsUtf8(*text))) Fail();
    return text;
  }
  std::string Required(size_t max) {
    Text text = OptionalText(max);
    if (!text.has_value()) Fail();
    return std::move(text).value_or("");
  }
  // Named is the value up to |last| whose name the column has.
  template <typename T>
  T Named(T last, std::string_view (*name)(T)) {
    return NamedText(Required(kMaxWord), last, name);
  }
  template <typename T>
  std::optional<T> OptionalNamed(T last, std::string_view (*name)(T)) {
    const Text text = OptionalText(kMaxWord);
    if (!text.has_value()) return std::nullopt;
    return NamedText(*text, last, name);
  }
  template <typename T>
  T NamedText(std::string_view text, T last, std::string_view (*name)(T)) {
    for (size_t i = 0; i <= static_cast<size_t>(last); ++i) {
      if (name(static_cast<T>(i)) == text) return static_cast<T>(i);
    }
    Fail();
    return T{};
  }
  bool OneOf(std::string_view no, std::string_view yes) {
    const std::string text = Required(kMaxWord);
    if (text != no && text != yes) Fail();
    return text == yes;
  }
  std::optional<int64_t> Number(int64_t max) {
    const Text text = OptionalText(kMaxWord);
    if (!text.has_value()) return std::nullopt;
    int64_t value = 0;
    if (!absl::SimpleAtoi(*text, &value) || value < 0 || value > max) Fail();
    return value;
  }
  // List is the JSON array of the column, with at most |max| objects of texts.
  std::vector<Json> List(size_t max) {
    const Json list = Json::parse(Required(kMaxFactOctets * 2), nullptr, false);
    if (!list.is_array() || list.size() > max) {
      Fail();
      return {};
    }
    return {list.begin(), list.end()};
  }
  std::string Member(const Json& object, const char* name, size_t max) {
    const auto member = object.is_object() ? object.find(name) : object.end();
    if (!object.is_object() || member == object.end() || !member->is_string() ||
        member->template get_ref<const std::string&>().size() > max) {
      Fail();
      return "";
    }
    return member->template get<std::string>();
  }

 private:
  static constexpr size_t kMaxWord = 20;

  const std::span<const Text> texts_;
  size_t next_ = 0;
  absl::Status status_;
};

dmarc::FailureOptions ReadFailureOptions(ColumnReader* reader) {
  const std::string text = reader->Required(7);
  dmarc::FailureOptions fo;
  fo.all_failed = text.find('0') != std::string::npos;
  fo.any_failed = text.find('1') != std::string::npos;
  fo.dkim = text.find('d') != std::string::npos;
  fo.spf = text.find('s') != std::string::npos;
  if (FailureText(fo) != text) reader->Fail();
  return fo;
}

PublishedPolicy ReadPolicy(ColumnReader* reader) {
  PublishedPolicy policy;
  policy.p = reader->Named(dmarc::Policy::kReject, dmarc::PolicyName);
  policy.sp = reader->OptionalNamed(dmarc::Policy::kReject, dmarc::PolicyName);
  policy.np = reader->OptionalNamed(dmarc::Policy::kReject, dmarc::PolicyName);
  const auto mode = [reader] {
    return reader->OneOf("r", "s") ? dmarc::AlignmentMode::kStrict : dmarc::AlignmentMode::kRelaxed;
  };
  policy.adkim = mode();
  policy.aspf = mode();
  policy.testing = reader->OneOf("n", "y");
  if (const auto pct = reader->Number(100)) policy.pct = static_cast<uint8_t>(*pct);
  policy.fo = ReadFailureOptions(reader);
  policy.discovery = reader->Named(dmarc::Mode::kRfc7489, dmarc::DiscoveryName);
  policy.has_rua = reader->OneOf("n", "y");
  return policy;
}

void ReadResults(ColumnReader* reader, Fact* fact) {
  fact->disposition = reader->Named(Disposition::kReject, DispositionName);
  for (const Json& object : reader->List(kMaxOverrideReasons)) {
    OverrideReason& reason = fact->reasons.emplace_back();
    reason.type = reader->NamedText(reader->Member(object, "type", 20),
                                    OverrideType::kTrustedForwarder, OverrideTypeName);
    reason.comment = reader->Member(object, "comment", kMaxCommentOctets);
  }
  fact->aligned_dkim = reader->OneOf("fail", "pass");
  fact->aligned_spf = reader->OneOf("fail", "pass");
  for (const Json& object : reader->List(kMaxDkimFacts)) {
    DkimFact& dkim = fact->dkim.emplace_back();
    dkim.domain = reader->Member(object, "domain", kMaxDomainOctets);
    dkim.selector = reader->Member(object, "selector", kMaxSelectorOctets);
    dkim.result = reader->NamedText(reader->Member(object, "result", 20), base::Result::kPermError,
                                    base::ResultName);
    dkim.human = reader->Member(object, "human", kMaxHumanOctets);
  }
  Text domain = reader->OptionalText(kMaxDomainOctets);
  const auto result = reader->OptionalNamed(base::Result::kPermError, base::ResultName);
  if (domain.has_value() != result.has_value()) reader->Fail();
  if (domain.has_value() && result.has_value()) fact->spf = SpfFact{*std::move(domain), *result};
}

}  // namespace

std::string ColumnNames() {
  return absl::StrJoin(kColumns, ", ",
                       [](std::string* out, const Column& column) { out->append(column.name); });
}

std::string ReportOrder() {
  return "policy_domain, p, sp, np, adkim, aspf, testing, pct, fo, discovery_method, has_rua, "
         "day, digest";
}

std::string DayText(int64_t day) {
  return absl::FormatCivilTime(kEpoch + std::clamp<int64_t>(day, 0, kMaxFactTime / kSecondsADay));
}

ColumnTexts ToColumns(const Row& row) {
  const Fact& fact = row.fact;
  const PublishedPolicy& policy = fact.policy;
  return {
      fact.policy_domain,
      DayText(fact.day()),
      DigestText(fact, row.detail),
      std::string(dmarc::PolicyName(policy.p)),
      OptionalName(policy.sp, dmarc::PolicyName),
      OptionalName(policy.np, dmarc::PolicyName),
      ModeLetter(policy.adkim),
      ModeLetter(policy.aspf),
      YesNo(policy.testing),
      policy.pct.has_value() ? Text(absl::StrCat(*policy.pct)) : std::nullopt,
      FailureText(policy.fo),
      std::string(dmarc::DiscoveryName(policy.discovery)),
      YesNo(policy.has_rua),
      fact.source_ip.Print(),
      fact.header_from,
      fact.envelope_from,
      fact.envelope_to,
      std::string(DispositionName(fact.disposition)),
      ReasonsText(fact.reasons),
      fact.aligned_dkim ? "pass" : "fail",
      fact.aligned_spf ? "pass" : "fail",
      DkimText(fact.dkim),
      fact.spf.has_value() ? Text(fact.spf->domain) : std::nullopt,
      fact.spf.has_value() ? Text(std::string(base::ResultName(fact.spf->result))) : std::nullopt,
      absl::StrCat(row.messages),
      std::string(DetailName(row.detail)),
  };
}

absl::StatusOr<Row> FromColumns(std::span<const Text> texts) {
  if (texts.size() != kColumns.size()) return absl::DataLossError("a row lacks columns");
  ColumnReader reader(texts);
  Row row;
  Fact& fact = row.fact;
  fact.policy_domain = reader.Required(kMaxDomainOctets);
  absl::CivilDay day;
  if (!absl::ParseCivilTime(reader.Required(10), &day)) reader.Fail();
  fact.time = (day - kEpoch) * kSecondsADay;
  if (fact.time < 0 || fact.time > kMaxFactTime) reader.Fail();
  reader.Required(64);
  fact.policy = ReadPolicy(&reader);
  const auto address = dns::IpAddress::Parse(reader.Required(45));
  if (!address.has_value()) reader.Fail();
  fact.source_ip = address.value_or(dns::IpAddress());
  fact.header_from = reader.Required(kMaxDomainOctets);
  fact.envelope_from = reader.OptionalText(kMaxDomainOctets);
  fact.envelope_to = reader.OptionalText(kMaxDomainOctets);
  ReadResults(&reader, &fact);
  const auto messages = reader.Number(std::numeric_limits<int64_t>::max());
  if (!messages.has_value()) reader.Fail();
  row.messages = messages.value_or(0);
  row.detail = reader.Named(Detail::kDay, DetailName);
  if (!reader.status().ok()) return reader.status();
  return row;
}

}  // namespace postseal::store
