#include "store/fact_codec.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/utf8.h"

namespace postseal::store {
namespace {

// kVersion is the first octet. Another layout has another one.
constexpr uint8_t kVersion = 1;
constexpr uint8_t kMaxPct = 100;

class Writer {
 public:
  explicit Writer(std::string* out) : out_(*out) {}

  // Number writes |octets| octets, the least significant first.
  void Number(uint64_t value, int octets) {
    for (int i = 0; i < octets; ++i) out_.push_back(static_cast<char>(value >> (8 * i) & 0xff));
  }
  void Octet(uint64_t value) { Number(value, 1); }
  void Text(std::string_view text, size_t max) {
    text = text.substr(0, max);
    Number(text.size(), 2);
    out_ += text;
  }
  void OptionalText(const std::optional<std::string>& text, size_t max) {
    Octet(text.has_value());
    if (text.has_value()) Text(*text, max);
  }
  // OptionalOctet is for values below 255.
  template <typename T>
  void OptionalOctet(const std::optional<T>& value) {
    Octet(value.has_value() ? static_cast<uint64_t>(*value) : 255);
  }

 private:
  std::string& out_;
};

// Reader reads what Writer wrote. After the first fault it is not ok, and whatever it
// returns means nothing.
class Reader {
 public:
  explicit Reader(std::string_view octets) : rest_(octets) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

  std::string_view Octets(size_t size) {
    if (rest_.size() < size) {
      Fail();
      return {};
    }
    const std::string_view octets = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return octets;
  }
  uint64_t Number(int octets) {
    uint64_t value = 0;
    int shift = 0;
    for (const char c : Octets(static_cast<size_t>(octets))) {
      value |= static_cast<uint64_t>(static_cast<uint8_t>(c)) << shift;
      shift += 8;
    }
    return value;
  }
  // AtMost is a number of |octets| octets up to |max|.
  uint64_t AtMost(uint64_t max, int octets = 1) {
    const uint64_t value = Number(octets);
    if (value > max) Fail();
    return ok_ ? value : 0;
  }
  template <typename T>
  T Enum(T max) {
    return static_cast<T>(AtMost(static_cast<uint64_t>(max)));
  }
  template <typename T>
  std::optional<T> OptionalOctet(T max) {
    const uint64_t value = Number(1);
    if (value == 255) return std::nullopt;
    if (value > static_cast<uint64_t>(max)) Fail();
    return ok_ ? std::optional<T>(static_cast<T>(value)) : std::nullopt;
  }
  bool Bool() { return AtMost(1) == 1; }
  std::string Text(size_t max) {
    const std::string_view text = Octets(AtMost(max, 2));
    if (!base::IsUtf8(text)) Fail();
    return std::string(text);
  }
  std::optional<std::string> OptionalText(size_t max) {
    if (!Bool()) return std::nullopt;
    return Text(max);
  }
  void Fail() {
    ok_ = false;
    rest_ = {};
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

void EncodePolicy(const PublishedPolicy& policy, Writer* writer) {
  writer->Octet(static_cast<uint64_t>(policy.p));
  writer->OptionalOctet(policy.sp);
  writer->OptionalOctet(policy.np);
  writer->Octet(static_cast<uint64_t>(policy.adkim));
  writer->Octet(static_cast<uint64_t>(policy.aspf));
  writer->Octet(policy.testing);
  writer->OptionalOctet(policy.pct);
  writer->Octet(policy.fo.all_failed);
  writer->Octet(policy.fo.any_failed);
  writer->Octet(policy.fo.dkim);
  writer->Octet(policy.fo.spf);
  writer->Octet(static_cast<uint64_t>(policy.discovery));
  writer->Octet(policy.has_rua);
}

PublishedPolicy DecodePolicy(Reader* reader) {
  PublishedPolicy policy;
  policy.p = reader->Enum(dmarc::Policy::kReject);
  policy.sp = reader->OptionalOctet(dmarc::Policy::kReject);
  policy.np = reader->OptionalOctet(dmarc::Policy::kReject);
  policy.adkim = reader->Enum(dmarc::AlignmentMode::kStrict);
  policy.aspf = reader->Enum(dmarc::AlignmentMode::kStrict);
  policy.testing = reader->Bool();
  policy.pct = reader->OptionalOctet(kMaxPct);
  policy.fo.all_failed = reader->Bool();
  policy.fo.any_failed = reader->Bool();
  policy.fo.dkim = reader->Bool();
  policy.fo.spf = reader->Bool();
  policy.discovery = reader->Enum(dmarc::Mode::kRfc7489);
  policy.has_rua = reader->Bool();
  return policy;
}

void EncodeResults(const Fact& fact, Writer* writer) {
  const size_t reasons = std::min(fact.reasons.size(), kMaxOverrideReasons);
  writer->Octet(reasons);
  for (const OverrideReason& reason : std::span(fact.reasons).first(reasons)) {
    writer->Octet(static_cast<uint64_t>(reason.type));
    writer->Text(reason.comment, kMaxCommentOctets);
  }
  const size_t signatures = std::min(fact.dkim.size(), kMaxDkimFacts);
  writer->Octet(signatures);
  for (const DkimFact& dkim : std::span(fact.dkim).first(signatures)) {
    writer->Text(dkim.domain, kMaxDomainOctets);
    writer->Text(dkim.selector, kMaxSelectorOctets);
    writer->Octet(static_cast<uint64_t>(dkim.result));
    writer->Text(dkim.human, kMaxHumanOctets);
  }
  writer->Octet(fact.spf.has_value());
  if (fact.spf.has_value()) {
    writer->Text(fact.spf->domain, kMaxDomainOctets);
    writer->Octet(static_cast<uint64_t>(fact.spf->result));
  }
}

void DecodeResults(Reader* reader, Fact* fact) {
  for (uint64_t left = reader->AtMost(kMaxOverrideReasons); left > 0 && reader->ok(); --left) {
    OverrideReason& reason = fact->reasons.emplace_back();
    reason.type = reader->Enum(OverrideType::kTrustedForwarder);
    reason.comment = reader->Text(kMaxCommentOctets);
  }
  for (uint64_t left = reader->AtMost(kMaxDkimFacts); left > 0 && reader->ok(); --left) {
    DkimFact& dkim = fact->dkim.emplace_back();
    dkim.domain = reader->Text(kMaxDomainOctets);
    dkim.selector = reader->Text(kMaxSelectorOctets);
    dkim.result = reader->Enum(base::Result::kPermError);
    dkim.human = reader->Text(kMaxHumanOctets);
  }
  if (reader->Bool()) {
    SpfFact& spf = fact->spf.emplace();
    spf.domain = reader->Text(kMaxDomainOctets);
    spf.result = reader->Enum(base::Result::kPermError);
  }
}

dns::IpAddress DecodeAddress(Reader* reader) {
  const std::string_view octets = reader->Octets(reader->AtMost(dns::IpAddress::kV6Octets));
  const auto address = dns::IpAddress::FromBytes(
      std::span(reinterpret_cast<const uint8_t*>(octets.data()), octets.size()));
  if (!address.has_value()) reader->Fail();
  return address.value_or(dns::IpAddress());
}

}  // namespace

void EncodeFact(const Fact& fact, std::string* out) {
  Writer writer(out);
  writer.Octet(kVersion);
  writer.Number(static_cast<uint64_t>(fact.time), 8);
  const auto address = fact.source_ip.bytes();
  writer.Octet(address.size());
  for (const uint8_t octet : address) writer.Octet(octet);
  writer.Text(fact.header_from, kMaxDomainOctets);
  writer.OptionalText(fact.envelope_from, kMaxDomainOctets);
  writer.OptionalText(fact.envelope_to, kMaxDomainOctets);
  writer.Text(fact.policy_domain, kMaxDomainOctets);
  EncodePolicy(fact.policy, &writer);
  writer.Octet(static_cast<uint64_t>(fact.disposition));
  writer.Octet(fact.aligned_dkim);
  writer.Octet(fact.aligned_spf);
  EncodeResults(fact, &writer);
}

std::optional<Fact> DecodeFact(std::string_view octets) {
  Reader reader(octets);
  if (reader.Number(1) != kVersion) return std::nullopt;
  Fact fact;
  fact.time = static_cast<int64_t>(reader.AtMost(static_cast<uint64_t>(kMaxFactTime), 8));
  fact.source_ip = DecodeAddress(&reader);
  fact.header_from = reader.Text(kMaxDomainOctets);
  fact.envelope_from = reader.OptionalText(kMaxDomainOctets);
  fact.envelope_to = reader.OptionalText(kMaxDomainOctets);
  fact.policy_domain = reader.Text(kMaxDomainOctets);
  fact.policy = DecodePolicy(&reader);
  fact.disposition = reader.Enum(Disposition::kReject);
  fact.aligned_dkim = reader.Bool();
  fact.aligned_spf = reader.Bool();
  DecodeResults(&reader, &fact);
  if (!reader.ok() || !reader.at_end()) return std::nullopt;
  return fact;
}

}  // namespace postseal::store
