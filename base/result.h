// Result: the result words of RFC 8601 §2.7, which every method shares.
#ifndef POSTSEAL_BASE_RESULT_H_
#define POSTSEAL_BASE_RESULT_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace postseal::base {

// Result is a method's verdict. The numbers are stable: the C ABI exports them.
enum class Result : uint8_t {
  kNone = 0,
  kPass = 1,
  kFail = 2,
  kSoftFail = 3,  // SPF alone
  kPolicy = 4,
  kNeutral = 5,
  kTempError = 6,
  kPermError = 7,
};

// ResultName is the word that RFC 8601 §2.7 has for |result|.
constexpr std::string_view ResultName(Result result) {
  switch (result) {
    case Result::kNone:
      return "none";
    case Result::kPass:
      return "pass";
    case Result::kFail:
      return "fail";
    case Result::kSoftFail:
      return "softfail";
    case Result::kPolicy:
      return "policy";
    case Result::kNeutral:
      return "neutral";
    case Result::kTempError:
      return "temperror";
    case Result::kPermError:
      return "permerror";
  }
  return "permerror";
}

// ParseResult is the Result of the word |name|, in lower case; nullopt for another.
constexpr std::optional<Result> ParseResult(std::string_view name) {
  for (uint8_t i = 0; i <= static_cast<uint8_t>(Result::kPermError); ++i) {
    if (ResultName(static_cast<Result>(i)) == name) return static_cast<Result>(i);
  }
  return std::nullopt;
}

}  // namespace postseal::base

#endif  // POSTSEAL_BASE_RESULT_H_
