// What a message must have got from its filters, or the figures count for nothing.
#ifndef POSTSEAL_BENCH_MILTER_EXPECTATION_H_
#define POSTSEAL_BENCH_MILTER_EXPECTATION_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bench/milter/mail.h"

namespace postseal::bench {

// Expectation: a filter has added a field |name| that holds |text|, white space left out of both.
struct Expectation {
  std::string name;
  std::string text;
};

// WithoutSpace is |text| without spaces, tabs, CR and LF.
inline std::string WithoutSpace(std::string_view text) {
  std::string squeezed;
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') squeezed += c;
  }
  return squeezed;
}

// CheckMail is an error that names the first of |expectations| that |mail| does not meet.
inline absl::Status CheckMail(const std::vector<Expectation>& expectations, const Mail& mail) {
  for (const Expectation& expectation : expectations) {
    const std::string text = WithoutSpace(expectation.text);
    bool met = false;
    for (const Field& field : mail.fields) {
      met = met || (field.added && absl::EqualsIgnoreCase(field.name, expectation.name) &&
                    absl::StrContains(WithoutSpace(field.value), text));
    }
    if (met) continue;
    std::string have;
    for (const Field& field : mail.fields) {
      if (field.added) absl::StrAppend(&have, "\n", field.name, ":", field.value);
    }
    return absl::FailedPreconditionError(absl::StrCat(
        "no filter added ", expectation.name, " with ", expectation.text, "; added:", have));
  }
  return absl::OkStatus();
}

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_MILTER_EXPECTATION_H_
