#include "milter/trust_anchor_check.h"

#include <event2/event.h>

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "base/escape.h"
#include "dns/name.h"
#include "milter/text_file.h"

namespace postseal::milter {
namespace {

constexpr base::CharSet kBlank = base::CharSet(" \t\r");

// TakeWord cuts the next word from |cursor|; empty: there is none.
std::string_view TakeWord(base::Cursor* cursor) {
  const std::string_view text = base::Strip(cursor->rest(), kBlank);
  size_t size = 0;
  while (size < text.size() && !kBlank(text[size])) ++size;
  *cursor = base::Cursor(text.substr(size));
  return text.substr(0, size);
}

}  // namespace

std::string AnchoredZone(std::string_view text) {
  base::Cursor lines(text);
  while (!lines.at_end()) {
    const std::string_view line = lines.TakeUntil('\n');
    lines.Take('\n');
    if (line.empty() || kBlank(line.front())) continue;  // without an owner of its own
    base::Cursor words(line.substr(0, line.find(';')));
    const std::string_view owner = TakeWord(&words);
    for (std::string_view word = TakeWord(&words); !word.empty(); word = TakeWord(&words)) {
      const bool is_anchor =
          base::EqualsIgnoreCase(word, "DS") || base::EqualsIgnoreCase(word, "DNSKEY");
      if (is_anchor && (owner == "." || dns::Name::Parse(owner).has_value())) {
        return std::string(owner);
      }
    }
  }
  return ".";
}

absl::StatusOr<std::unique_ptr<TrustAnchorCheck>> TrustAnchorCheck::Start(event_base* base,
                                                                          const Config& config,
                                                                          Done done) {
  dns::UnboundOptions options = ResolverOptions(config);
  auto validating = LoopResolver::Create(base, options);
  if (!validating.ok()) return validating.status();
  options.trust_anchor_file.reset();
  auto plain = LoopResolver::Create(base, options);
  if (!plain.ok()) return plain.status();
  const absl::StatusOr<std::string> text = ReadTextFile(config.trust_anchor_file, kMaxConfigOctets);
  const std::string zone = text.ok() ? AnchoredZone(*text) : ".";
  const dns::Query query(dns::Name::Parse(zone).value_or(dns::Name()), dns::Type::kSoa);

  std::unique_ptr<TrustAnchorCheck> check(new TrustAnchorCheck(std::move(done)));
  check->validating_ = *std::move(validating);
  check->plain_ = *std::move(plain);
  check->Ask(query, check->validating_.get(), &check->validated_);
  check->Ask(query, check->plain_.get(), &check->answered_);
  return check;
}

void TrustAnchorCheck::Ask(const dns::Query& query, LoopResolver* resolver,
                           std::optional<dns::Outcome>* outcome) {
  resolver->Start(query, [this, outcome](const dns::Answer& answer) {
    *outcome = answer.outcome;
    Finish();
  });
}

void TrustAnchorCheck::Finish() {
  if (!validated_.has_value() || !answered_.has_value()) return;
  if (*validated_ != dns::Outcome::kTempError) return done_(Result::kGood);
  done_(*answered_ == dns::Outcome::kTempError ? Result::kNoAnswer : Result::kBroken);
}

absl::StatusOr<TrustAnchorCheck::Result> TrustAnchorCheck::Run(const Config& config) {
  event_base* const base = event_base_new();
  if (base == nullptr) return absl::ResourceExhaustedError("no event loop");
  std::optional<Result> found;
  auto check = Start(base, config, [&found, base](Result result) {
    found = result;
    event_base_loopbreak(base);
  });
  // Every lookup ends at its timeout.
  if (check.ok() && !found.has_value()) event_base_dispatch(base);
  absl::StatusOr<Result> result = found.value_or(Result::kNoAnswer);
  if (!check.ok()) result = check.status();
  check = absl::CancelledError();  // the resolvers before their loop
  event_base_free(base);
  return result;
}

std::string TrustAnchorCheck::Text(Result result, const Config& config) {
  const std::string file = base::Escape(config.trust_anchor_file, base::NonAscii::kPassGraphic);
  switch (result) {
    case Result::kGood:
      return "";
    case Result::kNoAnswer:
      return absl::StrCat("TrustAnchorFile ", file,
                          " could not be tried: the name servers do not answer");
    case Result::kBroken:
      return absl::StrCat(
          "TrustAnchorFile ", file,
          " does not work with these name servers: they answer, but their answers cannot be "
          "validated with DNSSEC, so that every lookup is temperror. Say Nameservers with servers "
          "that support "
          "DNSSEC in Nameservers, or take TrustAnchorFile out");
  }
  return "";
}

}  // namespace postseal::milter
