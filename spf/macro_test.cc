#include "spf/macro.h"

#include <string>
#include <string_view>
#include <variant>

#include "base/arena.h"
#include "gtest/gtest.h"
#include "spf/reason.h"

namespace postseal::spf {
namespace {

// Faults are shown as "REASON OFFSET", good text as what it prints.
std::string Show(const std::variant<MacroString, Fault>& parsed) {
  if (const auto* fault = std::get_if<Fault>(&parsed)) {
    return std::string(InfoOf(fault->reason).name) + " " + std::to_string(fault->offset);
  }
  return Print(std::get<MacroString>(parsed));
}

TEST(MacroTest, DomainSpecs) {
  const struct {
    std::string_view text;
    std::string_view want;
    std::string_view why;
  } cases[] = {
      {"example.com", "example.com", "domain-end = \".\" toplabel"},
      {"example.com.", "example.com.", "§7.3: trailing dots must be accepted"},
      {".com", ".com", "the macro-string before domain-end may be empty"},
      {"%{d}", "%{d}", "domain-end = macro-expand"},
      {"a%%", "a%%", "domain-end = macro-expand, \"%%\" too"},
      {"a%_", "a%_", ""},
      {"a%-", "a%-", ""},
      {"%{D2R.-+,/_=}.example", "%{D2r.-+,/_=}.example", "\"r\" is case-insensitive"},
      {"%{l0005r-}.x1", "%{l5r-}.x1", "*DIGIT, the value counts"},
      {"%{d99999999999999999999}", "%{d9999}", "more parts than there are"},
      {"a.b-c", "a.b-c", "toplabel with a hyphen"},
      {"a.1-2", "a.1-2", "1*alphanum \"-\" *( alphanum / \"-\" ) alphanum"},
      {"a.1-", "bad-domain-spec 2", ""},
      {"a.-1", "bad-domain-spec 2", ""},
      {"a.123", "bad-domain-spec 2", "toplabel is not all digits"},
      {"museum", "bad-domain-spec 0", "suite: bare toplabel"},
      {"museum.", "bad-domain-spec 0", "suite: bare toplabel with a dot"},
      {"example.com..", "bad-domain-spec 12", "an empty toplabel"},
      {"", "bad-domain-spec 0", ""},
      {"%{d}com", "bad-domain-spec 4", "toplabel needs its dot"},
      {"foo:bar/baz.example.com", "foo:bar/baz.example.com", "suite: any visible character"},
      {"a.b%", "bad-macro 3", "§7.3: a lone %"},
      {"%(ir).sbl.example.org", "bad-macro 0", "§7.3 example"},
      {"%{}.com", "bad-macro 2", ""},
      {"%{x}.com", "bad-macro 2", "no such letter"},
      {"%{d0}.com", "bad-macro 3", "§7.3: DIGIT must be nonzero"},
      {"%{d000}.com", "bad-macro 3", "§7.3: DIGIT must be nonzero"},
      {"%{dr2}.com", "bad-macro 4", "digits stand before r"},
      {"%{d!}.com", "bad-macro 3", "no delimiter"},
      {"%{d", "bad-macro 3", ""},
      {"%{", "bad-macro 2", ""},
      {"%{c}.com", "explanation-macro 2", "§7.2: only in exp text"},
      {"%{R}.com", "explanation-macro 2", "§7.2: only in exp text"},
      {"a b.com", "bad-character 1", "SP ends a term"},
      {"a\tb.com", "bad-character 1", ""},
      {std::string_view("a\0b.com", 7), "bad-character 1", "suite: NUL"},
      {"a.b\x7f", "bad-character 3", ""},
      {"b\xc3\xbc.com", "bad-character 1", "§7.1: visible ASCII"},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    EXPECT_EQ(Show(ParseDomainSpec(c.text, &arena)), c.want) << c.text << ": " << c.why;
  }
}

TEST(MacroTest, Explanations) {
  const struct {
    std::string_view text;
    std::string_view want;
    std::string_view why;
  } cases[] = {
      {"", "", "explain-string may be empty"},
      {"See %{c} %{r} %{t}", "See %{c} %{r} %{t}", "§7.2"},
      {"100%", "bad-macro 3", ""},
      {"tab\there", "bad-character 3", "explain-string = *( macro-string / SP )"},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    EXPECT_EQ(Show(ParseMacroString(c.text, MacroContext::kExplanation, &arena)), c.want)
        << c.text << ": " << c.why;
  }
}

TEST(MacroTest, KnowsWhichLettersOccur) {
  base::Arena arena;
  const auto parsed = ParseMacroString("%{S}.%{ir}.x", MacroContext::kTerm, &arena);
  const auto& macros = std::get<MacroString>(parsed);
  EXPECT_TRUE(macros.Uses('s'));
  EXPECT_TRUE(macros.Uses('i'));
  EXPECT_FALSE(macros.Uses('x')) << "a literal";
  EXPECT_FALSE(macros.Uses('p'));
}

}  // namespace
}  // namespace postseal::spf
