#include "testing/scenario.h"

#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "auth/evidence.h"
#include "auth/evidence_json.h"
#include "base/ascii.h"
#include "base/utf8.h"
#include "dns/address.h"
#include "dns/name.h"
#include "dns/zone_file.h"
#include "nlohmann/json.hpp"

namespace postseal::testing {
namespace {

using Json = nlohmann::json;

constexpr base::CharSet kVisible = base::CharSet::Range(33, 126);

// In the order of the file.
enum class Section : uint8_t { kComment, kZone, kEnvelope, kOptions, kExpect, kQueries, kMessage };

struct SectionName {
  std::string_view line;
  Section section;
};
constexpr std::string_view kEscapedMessage = "[message escaped]";
constexpr SectionName kSectionNames[] = {
    {"[zone]", Section::kZone},           {"[envelope]", Section::kEnvelope},
    {"[options]", Section::kOptions},     {"[expect]", Section::kExpect},
    {"[queries]", Section::kQueries},     {"[message]", Section::kMessage},
    {kEscapedMessage, Section::kMessage},
};

std::optional<Section> FindSection(std::string_view line) {
  for (const SectionName& name : kSectionNames) {
    if (name.line == line) return name.section;
  }
  return std::nullopt;
}

std::optional<dns::Type> FindType(std::string_view mnemonic) {
  for (const dns::Type type :
       {dns::Type::kA, dns::Type::kNs, dns::Type::kCname, dns::Type::kSoa, dns::Type::kPtr,
        dns::Type::kMx, dns::Type::kTxt, dns::Type::kAaaa}) {
    if (mnemonic == dns::TypeName(type)) return type;
  }
  return std::nullopt;
}

bool IsOption(std::string_view name) {
  bool found = false;
  const auth::Options options;
  auth::ForEachOption(
      &options, [&](std::string_view option, const auto*) { found = found || option == name; });
  return found;
}

// Unescape appends |line| to |out| without its escapes; false when there is one that is
// none. A backslash at the end sets |*joined|: there is no line end.
bool Unescape(std::string_view line, std::string* out, bool* joined) {
  constexpr std::string_view kLetters = "\\rnt0";
  constexpr std::string_view kOctets("\\\r\n\t\0", kLetters.size());
  constexpr std::string_view kDigits = "0123456789abcdef";
  *joined = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\') {
      *out += line[i];
      continue;
    }
    if (++i == line.size()) {
      *joined = true;
      return true;
    }
    if (const size_t letter = kLetters.find(line[i]); letter != kLetters.npos) {
      *out += kOctets[letter];
      continue;
    }
    if (line[i] != 'x' || line.size() - i <= 2) return false;
    const size_t high = kDigits.find(base::ToLower(line[++i]));
    const size_t low = kDigits.find(base::ToLower(line[++i]));
    if (high == kDigits.npos || low == kDigits.npos) return false;
    *out += static_cast<char>(high << 4 | low);
  }
  return true;
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view file_name) : rest_(text) {
    scenario_.file_name = file_name;
    evidence_ = {{"postseal_evidence", auth::kEvidenceVersion},
                 {"dns", Json::array()},
                 {"now", 1767225600},
                 {"authserv_id", "mx.example.net"},
                 {"options", Json::object()}};
  }

  absl::StatusOr<Scenario> Run() {
    if (rest_.size() > kMaxScenarioOctets) {
      return Fail(absl::StrCat("the file is above ", kMaxScenarioOctets, " octets"));
    }
    if (absl::Status status = ReadEvidence(); !status.ok()) return status;
    while (section_ != Section::kMessage && NextLine()) {
      if (absl::Status status = TakeLine(); !status.ok()) return status;
    }
    if (absl::Status status = TakeMessage(); !status.ok()) return status;
    if (scenario_.expectations.empty()) return Fail("nothing is expected");
    if (!sections_.contains(Section::kQueries)) return Fail("[queries] is missing");
    if (absl::Status status = CheckZone(); !status.ok()) return status;
    return std::move(scenario_);
  }

 private:
  absl::Status Fail(std::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat(scenario_.file_name, ":", line_number_, ": ", what));
  }

  // NextLine moves to the next line; false after the last one.
  bool NextLine() {
    if (rest_.empty()) return false;
    const size_t end = rest_.find('\n');
    line_ends_ = end != rest_.npos;
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(line_ends_ ? end + 1 : rest_.size());
    ++line_number_;
    return true;
  }

  absl::Status CheckText() const {
    if (line_.find('\r') != line_.npos) return Fail("lines end in LF alone");
    for (std::string_view rest = line_; !rest.empty();) {
      const size_t octets = base::FirstUtf8Char(rest).octets;
      if (octets == 0) return Fail("not UTF-8");
      rest.remove_prefix(octets);
    }
    return absl::OkStatus();
  }

  absl::Status TakeLine() {
    if (absl::Status status = CheckText(); !status.ok()) return status;
    if (line_number_ == 1 && !line_.starts_with('#')) {
      return Fail("the file begins with a comment that says why it exists");
    }
    if (line_.starts_with('[')) return StartSection();
    if (section_ == Section::kZone) {
      absl::StrAppend(&scenario_.zone, line_, "\n");
      return absl::OkStatus();
    }
    if (section_ == Section::kComment) TakeComment();
    if (line_.empty() || line_.starts_with('#')) return absl::OkStatus();
    switch (section_) {
      case Section::kEnvelope:
        return TakeEnvelopeField();
      case Section::kOptions:
        return TakeOption();
      case Section::kExpect:
        return TakeExpectation();
      case Section::kQueries:
        return TakeQuery();
      default:
        return Fail("this stands in no section");
    }
  }

  absl::Status StartSection() {
    const std::optional<Section> section = FindSection(line_);
    if (!section.has_value()) return Fail("no such section");
    if (*section <= section_) return Fail("the section stands twice, or after one it precedes");
    section_ = *section;
    sections_.insert(section_);
    names_.clear();
    escaped_ = line_ == kEscapedMessage;
    if (section_ == Section::kZone) scenario_.zone.assign(line_number_, '\n');
    return absl::OkStatus();
  }

  // TakeComment adds a line of the comment that the file begins with.
  void TakeComment() {
    if (!line_.starts_with('#')) why_ended_ = true;
    if (why_ended_) return;
    const std::string_view text = absl::StripAsciiWhitespace(line_.substr(1));
    absl::StrAppend(&scenario_.why, scenario_.why.empty() ? "" : " ", text);
  }

  // SplitField splits "name: value"; both are not empty and the name stands here first.
  absl::Status SplitField(std::string_view separator, std::string* name, std::string_view* value) {
    const size_t at = line_.find(separator);
    if (at == line_.npos) return Fail(absl::StrCat("expected \"", separator, "\""));
    *name = line_.substr(0, at);
    *value = absl::StripAsciiWhitespace(line_.substr(at + separator.size()));
    if (name->empty() || value->empty()) return Fail("the name or the value is empty");
    if (!names_.insert(*name).second) return Fail(absl::StrCat(*name, " stands twice"));
    return absl::OkStatus();
  }

  absl::Status TakeEnvelopeField() {
    std::string name;
    std::string_view value;
    if (absl::Status status = SplitField(":", &name, &value); !status.ok()) return status;
    auth::Envelope& envelope = scenario_.envelope;
    if (name == "client_ip") {
      envelope.client_ip = dns::IpAddress::Parse(value);
      if (!envelope.client_ip.has_value()) return Fail("not an IP address");
    } else if (name == "helo") {
      envelope.helo = value;
    } else if (name == "mail_from") {
      envelope.rfc5321_mail_from = value == "<>" ? "" : value;
    } else if (name == "receiver") {
      envelope.receiver = value;
    } else if (name == "smtputf8") {
      if (value != "true" && value != "false") return Fail("expected true or false");
      scenario_.envelope.smtputf8 = value == "true";
    } else {
      return Fail(absl::StrCat("no such field: ", name));
    }
    return absl::OkStatus();
  }

  absl::Status TakeOption() {
    std::string name;
    std::string_view text;
    if (absl::Status status = SplitField(":", &name, &text); !status.ok()) return status;
    Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (value.is_discarded()) return Fail("the value is not JSON");
    if (name == "suffixes") {
      if (!value.is_boolean()) return Fail("expected true or false");
      scenario_.needs_suffixes = value.get<bool>();
      return absl::OkStatus();
    }
    if (name == "now" || name == "authserv_id") {
      evidence_[name] = std::move(value);
    } else if (IsOption(name)) {
      evidence_["options"][name] = std::move(value);
    } else {
      return Fail(absl::StrCat("no such option: ", name));
    }
    return ReadEvidence();
  }

  // ReadEvidence takes what the options say so far: their form is that of evidence.
  absl::Status ReadEvidence() {
    auto evidence = auth::ParseEvidence(evidence_.dump());
    if (!evidence.ok()) return Fail(evidence.status().message());
    scenario_.now = evidence->now;
    scenario_.authserv_id = std::move(evidence->authserv_id);
    scenario_.options = evidence->options;
    return absl::OkStatus();
  }

  absl::Status TakeExpectation() {
    if (scenario_.expectations.size() == kMaxExpectations) {
      return Fail(absl::StrCat("more than ", kMaxExpectations, " expectations"));
    }
    Expectation expectation;
    expectation.line = line_number_;
    std::string_view json;
    if (absl::Status status = SplitField(" = ", &expectation.path, &json); !status.ok()) {
      return status;
    }
    if (!Json::accept(json)) return Fail("the value is not JSON");
    expectation.json = json;
    scenario_.expectations.push_back(std::move(expectation));
    return absl::OkStatus();
  }

  absl::Status TakeQuery() {
    if (scenario_.queries.size() == kMaxScenarioQueries) {
      return Fail(absl::StrCat("more than ", kMaxScenarioQueries, " queries"));
    }
    const std::vector<std::string_view> words = absl::StrSplit(line_, absl::MaxSplits(' ', 2));
    if (words.size() != 3) return Fail("expected ROUND TYPE NAME");
    const auto round = dns::ParseDecimal(words[0], kMaxRounds);
    if (round.value_or(0) == 0) {
      return Fail(absl::StrCat("the round is not a number from 1 to ", kMaxRounds));
    }
    const std::optional<dns::Type> type = FindType(words[1]);
    if (!type.has_value()) return Fail("no type to ask for: A, AAAA, CNAME, MX, NS, PTR, SOA, TXT");
    const std::optional<dns::Name> name = dns::Name::Parse(words[2]);
    if (!name.has_value() || name->text() != words[2] || !base::AllIn(words[2], kVisible)) {
      return Fail("not a name in lower case without the last dot");
    }
    if (!names_.insert(absl::StrCat(words[1], " ", words[2])).second) {
      return Fail("the query stands twice");
    }
    scenario_.queries.push_back({*round, dns::Query(*name, *type)});
    return absl::OkStatus();
  }

  absl::Status TakeMessage() {
    if (section_ != Section::kMessage) return Fail("[message] is missing");
    while (NextLine()) {
      if (absl::Status status = CheckText(); !status.ok()) return status;
      bool joined = false;
      if (!escaped_) {
        scenario_.message += line_;
      } else if (!Unescape(line_, &scenario_.message, &joined)) {
        return Fail("no such escape");
      }
      if (line_ends_ && !joined) scenario_.message += "\r\n";
    }
    return absl::OkStatus();
  }

  absl::Status CheckZone() const {
    return dns::ParseZone(scenario_.zone, scenario_.file_name).status();
  }

  Scenario scenario_;
  std::string_view rest_;
  std::string_view line_;
  bool line_ends_ = false;
  size_t line_number_ = 0;
  Section section_ = Section::kComment;
  std::set<Section> sections_;
  // What stands in the section already.
  std::set<std::string> names_;
  bool why_ended_ = false;
  bool escaped_ = false;
  Json evidence_;
};

}  // namespace

absl::StatusOr<Scenario> ParseScenario(std::string_view text, std::string_view file_name) {
  return Parser(text, file_name).Run();
}

}  // namespace postseal::testing
