#include "dkim/canonical_header.h"

#include <string>
#include <string_view>

#include "base/ascii.h"
#include "dkim/algorithm.h"
#include "gtest/gtest.h"

namespace postseal::dkim {
namespace {

// Canonical is one field, given as it stands in a message, in canonical form.
std::string Canonical(HeaderCanon canon, std::string_view raw, std::string_view cut = {}) {
  std::string out;
  HeaderCanonicalizer canonicalizer(canon, [&out](std::string_view text) { out.append(text); });
  const size_t colon = raw.find(':');
  const std::string_view name = base::StripTrailing(raw.substr(0, colon), base::kWsp);
  if (cut.data() != nullptr) {
    canonicalizer.AddUnterminated(raw, name, raw.substr(colon + 1), cut);
  } else {
    canonicalizer.AddField(raw, name, raw.substr(colon + 1));
  }
  canonicalizer.Flush();
  return out;
}

TEST(CanonicalHeaderTest, ExampleOfRfc6376) {  // §3.4.5
  EXPECT_EQ(Canonical(HeaderCanon::kRelaxed, "A: X"), "a:X\r\n");
  EXPECT_EQ(Canonical(HeaderCanon::kRelaxed, "B : Y\t\r\n\tZ  "), "b:Y Z\r\n");
  EXPECT_EQ(Canonical(HeaderCanon::kSimple, "A: X"), "A: X\r\n");
  EXPECT_EQ(Canonical(HeaderCanon::kSimple, "B : Y\t\r\n\tZ  "), "B : Y\t\r\n\tZ  \r\n");
}

TEST(CanonicalHeaderTest, Relaxed) {  // RFC 6376 §3.4.2
  const struct {
    std::string_view raw;
    std::string_view canonical;
    const char* why;
  } cases[] = {
      {"Subject:", "subject:\r\n", "an empty value"},
      {"Subject: \t ", "subject:\r\n", "white space alone"},
      {"Subject:\r\n ", "subject:\r\n", "a fold alone"},
      {"Subject:x", "subject:x\r\n", "no space after the colon"},
      {"Subject:\r\n\tx", "subject:x\r\n", "a value that begins on the folded line"},
      {"Subject: a\r\n b", "subject:a b\r\n", "a fold is its white space"},
      {"Subject: a \r\n \t\r\n b", "subject:a b\r\n", "folds in a row"},
      {"SUBJECT: A  B", "subject:A B\r\n", "the name's case, not the value's"},
      {"Subject: a:b : c", "subject:a:b : c\r\n", "other colons are ordinary"},
      {"Subject: a\rb", "subject:a\rb\r\n", "a bare CR is an octet"},
      {"Subject: a \r b", "subject:a \r b\r\n", "also between spaces"},
      {"Subject: a\nb", "subject:a\nb\r\n", "a bare LF is an octet"},
      {"Subject: \xc3\xa9\xc2\xa0x", "subject:\xc3\xa9\xc2\xa0x\r\n", "UTF-8 is no white space"},
      {"Subject: a\x0b\x0c"
       "b",
       "subject:a\x0b\x0c"
       "b\r\n",
       "VT and FF are no WSP"},
      {"Subject: a\r\r\n b", "subject:a\r b\r\n", "a CR before a fold stays"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Canonical(HeaderCanon::kRelaxed, c.raw), c.canonical) << c.why;
    EXPECT_EQ(Canonical(HeaderCanon::kSimple, c.raw), std::string(c.raw) + "\r\n") << c.why;
  }
}

TEST(CanonicalHeaderTest, TheValueOfBIsLeftOut) {  // RFC 6376 §3.7 ¶2
  const struct {
    std::string_view raw;
    std::string_view cut;
    std::string_view relaxed;
    std::string_view simple;
  } cases[] = {
      {"D: a=1; b=xyz; c=2", "xyz", "d:a=1; b=; c=2", "D: a=1; b=; c=2"},
      {"D: a=1; b=xyz", "xyz", "d:a=1; b=", "D: a=1; b="},
      {"D: b= x\r\n y ;c=2 ", " x\r\n y ", "d:b=;c=2", "D: b=;c=2 "},
      {"D:b=", "", "d:b=", "D:b="},
  };
  for (const auto& c : cases) {
    // The cut is a part of the raw text.
    const std::string_view cut =
        c.raw.substr(c.cut.empty() ? c.raw.size() : c.raw.find(c.cut), c.cut.size());
    EXPECT_EQ(Canonical(HeaderCanon::kRelaxed, c.raw, cut), c.relaxed) << c.raw;
    EXPECT_EQ(Canonical(HeaderCanon::kSimple, c.raw, cut), c.simple) << c.raw;
  }
}

TEST(CanonicalHeaderTest, TheBufferShowsNowhere) {
  constexpr size_t kBuffer = HeaderCanonicalizer<void (*)(std::string_view)>::kBufferOctets;
  for (size_t n = kBuffer - 12; n <= kBuffer + 4; ++n) {
    const std::string x(n, 'x');
    EXPECT_EQ(Canonical(HeaderCanon::kRelaxed, "A: " + x + "  y \t"), "a:" + x + " y\r\n") << n;
    EXPECT_EQ(Canonical(HeaderCanon::kSimple, "A: " + x + "  y"), "A: " + x + "  y\r\n") << n;
  }
  const std::string long_value(3 * kBuffer, 'z');
  EXPECT_EQ(Canonical(HeaderCanon::kRelaxed, "A:" + long_value), "a:" + long_value + "\r\n");
}

}  // namespace
}  // namespace postseal::dkim
