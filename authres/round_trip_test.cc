// What Print writes, Parse reads: exactly the results that were meant, whatever the
// sender put into them.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authres/authentication_results.h"
#include "authres/lexical.h"
#include "authres/parsed_field.h"
#include "base/utf8.h"
#include "gtest/gtest.h"
#include "mail/message_reader.h"

namespace postseal::authres {
namespace {

using std::string_view_literals::operator""sv;

// Shown is what a field may hold of |text|, octet by octet: printable ASCII, and in
// SMTPUTF8 mail graphic UTF-8.
std::string Shown(std::string_view text, Charset charset) {
  std::string out;
  while (!text.empty()) {
    const base::Utf8Char c = base::FirstUtf8Char(text);
    const bool is_ascii = text[0] >= ' ' && text[0] <= '~';
    const bool is_graphic =
        charset == Charset::kUtf8 && c.octets > 1 && base::IsGraphic(c.code_point);
    if (is_ascii || is_graphic) out += text.substr(0, c.octets);
    text.remove_prefix(c.octets == 0 ? 1 : c.octets);
  }
  return out;
}

// Meant is what is to be read back of |results|, by the contract of Print.
std::vector<Result> Meant(std::vector<Result> results, Charset charset) {
  for (Result& result : results) {
    result.reason = Shown(result.reason.substr(0, kMaxTextOctets), charset);
    result.comment = Shown(result.comment.substr(0, kMaxTextOctets), charset);
    std::vector<Property> left;
    for (Property& property : result.properties) {
      const bool fits = property.value.size() <= kMaxValueOctets;
      if (fits && Shown(property.value, charset) == property.value) {
        left.push_back(std::move(property));
      }
    }
    result.properties = std::move(left);
  }
  return results;
}

// Hostile makes texts of what has a meaning in the grammar, and of octets at large.
class Hostile {
 public:
  std::string Text() {
    static constexpr std::string_view kPieces[] = {"\"",
                                                   "\\",
                                                   "(",
                                                   ")",
                                                   ";",
                                                   "=",
                                                   " ",
                                                   "  ",
                                                   "a",
                                                   "@",
                                                   ".",
                                                   "\r\n",
                                                   "\n",
                                                   "\r",
                                                   "\r\n ",
                                                   "\0"sv,
                                                   "\t",
                                                   "/",
                                                   "1",
                                                   "none",
                                                   "b.example",
                                                   "dkim=pass",
                                                   "; dkim=pass ",
                                                   "header.d=x ",
                                                   "\x7f",
                                                   "reason=",
                                                   "\xfc",
                                                   "\xc3\xbc",
                                                   "\"a b\"@",
                                                   "\xe2\x80\xae",
                                                   "((((",
                                                   "\\\"",
                                                   "From: x",
                                                   "<>",
                                                   "\xe6\x97\xa5"};
    std::string text;
    switch (random_() % 8) {
      case 0:  // huge: around the limits, and far beyond
        return std::string(random_() % 2 == 0 ? 398 + random_() % 5 : random_() % 100000,
                           kPieces[random_() % 12].front());
      case 1:
        for (size_t i = random_() % 40; i > 0; --i) text += static_cast<char>(random_() % 256);
        return text;
      default:
        for (size_t i = random_() % 40; i > 0; --i) text += kPieces[random_() % std::size(kPieces)];
        return text;
    }
  }

  std::vector<Result> Results() {
    static constexpr const char* kWords[] = {"dkim", "spf", "none", "reason", "x-1", "pass"};
    const auto word = [this] { return std::string(kWords[random_() % std::size(kWords)]); };
    std::vector<Result> results(random_() % 5);
    for (Result& result : results) {
      result = {.method = word(), .result = word(), .reason = Text(), .comment = Text()};
      if (random_() % 4 == 0) result.method_version = static_cast<uint32_t>(random_());
      for (size_t i = random_() % 5; i > 0; --i) {
        result.properties.push_back({word(), word(), Text()});
      }
    }
    return results;
  }

  // AuthservId is an id that Print takes.
  std::string AuthservId(Charset charset) {
    for (;;) {
      const std::string id = Shown(Text(), charset);
      if (!id.empty() && id.size() <= kMaxValueOctets) return id;
    }
  }

 private:
  std::mt19937 random_{8601};
};

TEST(RoundTripTest, HostileValuesAreReadBackAsTheyWereMeant) {
  Hostile hostile;
  for (int round = 0; round < 8000; ++round) {
    const Charset charset = round % 2 == 0 ? Charset::kUtf8 : Charset::kAscii;
    const std::vector<Result> results = hostile.Results();
    const std::string id = hostile.AuthservId(charset);
    const std::string field = Print(id, results, charset).value();
    mail::MessageReader reader;
    ASSERT_EQ(reader.Feed(field + "\r\nbody"), "body") << round;
    ASSERT_EQ(reader.fields().size(), 1u) << round;
    const std::string_view value = reader.fields()[0].value;
    const ParsedField parsed = Parse(value);
    // More than is read can be printed; then nothing is read.
    if (value.size() > kMaxFieldOctets) {
      ASSERT_FALSE(parsed.IsReadable()) << round;
      continue;
    }
    ASSERT_TRUE(parsed.IsValid()) << round << " " << parsed.fault->Text() << "\n" << field;
    ASSERT_EQ(parsed.authserv_id, id) << round << "\n" << field;
    ASSERT_EQ(parsed.version, std::nullopt) << round << "\n" << field;
    ASSERT_EQ(parsed.results, Meant(results, charset)) << round << "\n" << field;
  }
}

}  // namespace
}  // namespace postseal::authres
