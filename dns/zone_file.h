// Master-file text (RFC 1035 §5) to records: what a zone for tests, scenarios and
// offline runs is written in. Besides records there are two control lines of our
// own, "$FAIL name [type]" and "$TIMEOUT name [type]".
#ifndef POSTSEAL_DNS_ZONE_FILE_H_
#define POSTSEAL_DNS_ZONE_FILE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/idna.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/zone_scanner.h"

namespace postseal::dns {

// kDefaultTtlSeconds is the TTL where the text states none.
inline constexpr uint32_t kDefaultTtlSeconds = 3600;
// kMaxTtlSeconds is the largest TTL: 31 bits. RFC 2181 §8
inline constexpr uint32_t kMaxTtlSeconds = 0x7fffffff;

// ZoneEntry is one record or control line.
struct ZoneEntry {
  enum class Kind : uint8_t {
    kRecord,
    kFail,     // $FAIL: the lookup is a temporary error
    kTimeout,  // $TIMEOUT: the lookup is never answered
  };

  Kind kind = Kind::kRecord;
  Name owner;
  // Of a record: nullopt for a type that is not in Type, whose data is not read.
  // Of a control line: nullopt for lookups of every type.
  std::optional<Type> type;
  uint32_t ttl_seconds = kDefaultTtlSeconds;
  // Wire form, as Answer has it. Empty without a type.
  std::string rdata;
};

// ParseZone reads all of |text|. Records may stand in any order and of any number
// of zones: there is no check that they belong together. Relative names are below
// the root until $ORIGIN says otherwise. A name without a backslash may hold
// U-labels; one with a backslash is taken octet by octet.
//
// The error is InvalidArgument, "FILE_NAME:LINE:COLUMN: what is wrong", with the
// line and the octet in it counted from 1.
absl::StatusOr<std::vector<ZoneEntry>> ParseZone(std::string_view text, std::string_view file_name);

// Implementation.

namespace internal {

class ZoneParser {
 public:
  explicit ZoneParser(std::string_view text) : scanner_(text) {}

  // Run says whether the whole text was read; if not, fault() says why.
  bool Run() {
    while (scanner_.NextEntry()) {
      next_ = 0;
      if (!ReadEntry()) return false;
    }
    return !scanner_.fault().has_value();
  }
  const ZoneFault& fault() const { return *scanner_.fault(); }
  std::vector<ZoneEntry> TakeEntries() { return std::move(entries_); }

 private:
  bool Fail(const ZoneToken& token, std::string_view what) {
    return scanner_.Fail(token.begin, what);
  }

  bool ReadEntry() {
    const ZoneToken& first = scanner_.tokens().front();
    if (scanner_.starts_blank()) {
      if (!owner_.has_value()) return Fail(first, "no owner name stands before this line");
      return ReadRecord();
    }
    if (!first.quoted && first.text.front() == '$') return ReadControlLine();
    owner_ = TakeName("an owner name");
    return owner_.has_value() && ReadRecord();
  }

  // $ORIGIN (RFC 1035 §5.1), $TTL (RFC 2308 §4), and our own two.
  bool ReadControlLine() {
    const ZoneToken& command = scanner_.tokens()[next_++];
    const auto is = [&](std::string_view name) {
      return base::EqualsIgnoreCase(command.text, name);
    };
    if (is("$ORIGIN")) {
      const auto origin = TakeName("a name");
      if (!origin.has_value()) return false;
      origin_ = *origin;
    } else if (is("$TTL")) {
      const auto ttl = TakeNumber(kMaxTtlSeconds);
      if (!ttl.has_value()) return false;
      default_ttl_ = ttl;
    } else if (is("$FAIL") || is("$TIMEOUT")) {
      const auto kind = is("$FAIL") ? ZoneEntry::Kind::kFail : ZoneEntry::Kind::kTimeout;
      if (!ReadFault(kind)) return false;
    } else {
      return Fail(command, "no such control line: $ORIGIN, $TTL, $FAIL or $TIMEOUT");
    }
    return ExpectEnd();
  }

  bool ReadFault(ZoneEntry::Kind kind) {
    ZoneEntry entry;
    entry.kind = kind;
    const auto owner = TakeName("a name");
    if (!owner.has_value()) return false;
    entry.owner = *owner;
    if (next_ < scanner_.tokens().size()) {
      const ZoneToken& token = scanner_.tokens()[next_++];
      entry.type = FindType(token.text);
      if (!entry.type.has_value()) {
        return Fail(token, "no type to ask for: A, AAAA, CNAME, MX, NS, PTR, SOA or TXT");
      }
    }
    entries_.push_back(std::move(entry));
    return true;
  }

  // <rr> = [<TTL>] [<class>] <type> <RDATA> | [<class>] [<TTL>] <type> <RDATA>
  bool ReadRecord() {
    constexpr base::CharSet kMnemonic = base::kAlphaDigit | base::CharSet("-");
    std::optional<uint32_t> ttl;
    bool has_class = false;
    const ZoneToken* type = nullptr;
    for (;;) {
      type = TakeWord("a record type");
      if (type == nullptr) return false;
      if (!ttl.has_value() && base::kDigit(type->text.front())) {
        --next_;
        ttl = TakeNumber(kMaxTtlSeconds);
        if (!ttl.has_value()) return false;
      } else if (IsClass(type->text)) {
        if (has_class) return Fail(*type, "expected a record type");
        if (!base::EqualsIgnoreCase(type->text, "IN")) return Fail(*type, "the class is not IN");
        has_class = true;
      } else {
        break;
      }
    }
    // RFC 1035 §5.1: an omitted TTL is the last one stated; RFC 2308 §4: unless
    // there is a $TTL.
    if (ttl.has_value()) stated_ttl_ = *ttl;
    ZoneEntry entry;
    entry.owner = *owner_;
    entry.ttl_seconds = ttl.value_or(default_ttl_.value_or(stated_ttl_));
    entry.type = FindType(type->text);
    if (entry.type.has_value()) {
      if (!ReadRdata(*entry.type, &entry.rdata) || !ExpectEnd()) return false;
      if (entry.rdata.size() > kMaxRdataOctets) {
        return Fail(*type, "the record data is above 65535 octets");
      }
    } else if (!base::kAlpha(type->text.front()) || !base::AllIn(type->text, kMnemonic)) {
      return Fail(*type, "expected a record type");
    }
    entries_.push_back(std::move(entry));
    return true;
  }

  bool ReadRdata(Type type, std::string* rdata) {
    switch (type) {
      case Type::kA:
        return ReadAddress(IpAddress::ParseV4, "an IPv4 address", rdata);
      case Type::kAaaa:
        return ReadAddress(IpAddress::ParseV6, "an IPv6 address", rdata);
      case Type::kTxt:
        return ReadStrings(rdata);
      case Type::kNs:
      case Type::kCname:
      case Type::kPtr:
        return ReadName(rdata);
      case Type::kMx:
        return AppendNumber(2, rdata) && ReadName(rdata);
      case Type::kSoa:
        return ReadSoa(rdata);
    }
    return false;
  }

  bool ReadAddress(std::optional<IpAddress> (*parse)(std::string_view), std::string_view what,
                   std::string* rdata) {
    const ZoneToken* const word = TakeWord(what);
    if (word == nullptr) return false;
    const auto address = parse(word->text);
    if (!address.has_value()) return Fail(*word, absl::StrCat("expected ", what));
    *rdata = AddressRdata(*address);
    return true;
  }

  bool ReadName(std::string* rdata) {
    const auto name = TakeName("a name");
    if (!name.has_value()) return false;
    *rdata += NameRdata(*name);
    return true;
  }

  // RFC 1035 §3.3.14: one or more character-strings.
  bool ReadStrings(std::string* rdata) {
    if (next_ == scanner_.tokens().size()) return scanner_.FailAtEnd("expected a string");
    std::string text;
    for (; next_ < scanner_.tokens().size(); ++next_) {
      const ZoneToken& token = scanner_.tokens()[next_];
      text.clear();
      if (!scanner_.Decode(token, &text)) return false;
      if (text.size() > kMaxCharacterStringOctets) {
        return Fail(token, "the string is above 255 octets: write it as several");
      }
      *rdata += TxtRdata(text);
    }
    return true;
  }

  // RFC 1035 §3.3.13: MNAME RNAME SERIAL REFRESH RETRY EXPIRE MINIMUM
  bool ReadSoa(std::string* rdata) {
    if (!ReadName(rdata) || !ReadName(rdata)) return false;
    for (int i = 0; i < 5; ++i) {
      if (!AppendNumber(4, rdata)) return false;
    }
    return true;
  }

  bool AppendNumber(int octets, std::string* rdata) {
    const auto number = TakeNumber(octets == 2 ? 0xffff : 0xffffffff);
    if (!number.has_value()) return false;
    for (int i = octets; i-- > 0;) *rdata += static_cast<char>(*number >> (8 * i) & 0xff);
    return true;
  }

  // TakeWord takes the next token when it is there and not quoted.
  const ZoneToken* TakeWord(std::string_view what) {
    if (next_ == scanner_.tokens().size()) {
      scanner_.FailAtEnd(absl::StrCat("expected ", what));
      return nullptr;
    }
    const ZoneToken& token = scanner_.tokens()[next_++];
    if (!token.quoted) return &token;
    Fail(token, absl::StrCat("expected ", what, " without quotes"));
    return nullptr;
  }

  std::optional<uint32_t> TakeNumber(uint32_t max) {
    const std::string what = absl::StrCat("a number from 0 to ", max);
    const ZoneToken* const word = TakeWord(what);
    if (word == nullptr) return std::nullopt;
    const auto number = ParseDecimal(word->text, max);
    if (!number.has_value()) Fail(*word, absl::StrCat("expected ", what));
    return number;
  }

  // <domain-name>s end with a dot or are relative to the origin, which "@" stands
  // for (RFC 1035 §5.1).
  std::optional<Name> TakeName(std::string_view what) {
    const ZoneToken* const word = TakeWord(what);
    if (word == nullptr) return std::nullopt;
    if (word->text == "@") return origin_;
    if (word->text == ".") return Name();
    std::string text;
    if (word->text.find('\\') != std::string_view::npos) {
      if (!scanner_.DecodeName(*word, &text)) return std::nullopt;
    } else if (base::AllIn(word->text, base::CharSet::Range(0, 127))) {
      text = word->text;
    } else if (auto ascii = ToAscii(word->text)) {
      text = *std::move(ascii);
    } else {
      Fail(*word, "the name has no A-label form (IDNA)");
      return std::nullopt;
    }
    const auto name = text.ends_with('.') ? Name::Parse(text) : origin_.Prepend(text);
    if (!name.has_value()) {
      Fail(*word, "not a domain name: labels have 1 to 63 octets, and all together 253");
    }
    return name;
  }

  bool ExpectEnd() {
    if (next_ == scanner_.tokens().size()) return true;
    return Fail(scanner_.tokens()[next_], "nothing more belongs on this line");
  }

  static std::optional<Type> FindType(std::string_view mnemonic) {
    for (const Type type : {Type::kA, Type::kNs, Type::kCname, Type::kSoa, Type::kPtr, Type::kMx,
                            Type::kTxt, Type::kAaaa}) {
      if (base::EqualsIgnoreCase(mnemonic, TypeName(type))) return type;
    }
    return std::nullopt;
  }

  // RFC 1035 §3.2.4
  static bool IsClass(std::string_view word) {
    const std::string_view classes[] = {"IN", "CS", "CH", "HS"};
    return std::any_of(std::begin(classes), std::end(classes),
                       [&](std::string_view name) { return base::EqualsIgnoreCase(word, name); });
  }

  ZoneScanner scanner_;
  size_t next_ = 0;  // the token to take next
  Name origin_;
  std::optional<Name> owner_;
  std::optional<uint32_t> default_ttl_;
  uint32_t stated_ttl_ = kDefaultTtlSeconds;
  std::vector<ZoneEntry> entries_;
};

}  // namespace internal

inline absl::StatusOr<std::vector<ZoneEntry>> ParseZone(std::string_view text,
                                                        std::string_view file_name) {
  internal::ZoneParser parser(text);
  if (parser.Run()) return parser.TakeEntries();
  const std::string_view before = text.substr(0, parser.fault().offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  // npos + 1 is 0: the first line begins at the beginning.
  const size_t column = before.size() - (before.rfind('\n') + 1);
  return absl::InvalidArgumentError(
      absl::StrCat(file_name, ":", lines + 1, ":", column + 1, ": ", parser.fault().what));
}

}  // namespace postseal::dns

#endif  // POSTSEAL_DNS_ZONE_FILE_H_
