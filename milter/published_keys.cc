#include "milter/published_keys.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/escape.h"
#include "dns/name.h"

namespace postseal::milter {
namespace {

using Outcome = dkim::KeyCheck::Outcome;

std::string RecordName(std::string_view domain, std::string_view selector) {
  return absl::AsciiStrToLower(absl::StrCat(selector, "._domainkey.", domain));
}

bool HoldsBack(Outcome outcome) {
  return outcome != Outcome::kGood && outcome != Outcome::kTempError;
}

}  // namespace

void PublishedKeys::Ask(std::shared_ptr<const SigningTables> tables, dns::AsyncResolver* resolver) {
  tables_ = std::move(tables);
  resolver_ = resolver;
  ++round_;
  next_ = 0;
  outstanding_ = 0;
  AskNext();
}

void PublishedKeys::AskNext() {
  // A resolver may answer at once, from inside Start: the outer call goes on then.
  if (is_asking_) return;
  is_asking_ = true;
  while (next_ < tables_->keys().size() && outstanding_ < kMaxOutstanding) {
    const size_t number = next_++;
    const LoadedKey& key = tables_->keys()[number];
    // "%" is whatever domain the author has: there is no one record.
    const std::optional<dns::Name> name = dns::Name::Parse(RecordName(key.domain, key.selector));
    if (key.key == nullptr || key.domain == "%" || !name.has_value()) continue;
    ++outstanding_;
    resolver_->Start(
        dns::Query(*name, dns::Type::kTxt),
        [this, number, round = round_](const dns::Answer& answer) { Take(number, round, answer); });
  }
  is_asking_ = false;
}

void PublishedKeys::Take(size_t number, size_t round, const dns::Answer& answer) {
  if (round != round_) return;
  --outstanding_;
  const LoadedKey& key = tables_->keys()[number];
  const dkim::KeyCheck check = dkim::CheckPublishedKey(answer, key.key->public_key_base64());
  const std::string name = RecordName(key.domain, key.selector);
  // What was known before stays when nothing new can be.
  if (check.outcome != Outcome::kTempError) {
    bool is_news = false;
    {
      const std::lock_guard lock(mutex_);
      const auto [it, is_first] = found_.try_emplace(name, Outcome::kGood);
      is_news = it->second != check.outcome;
      it->second = check.outcome;
    }
    if (is_news) {
      const bool holds_back = HoldsBack(check.outcome);
      log_->Write(holds_back ? LogLevel::kWarning : LogLevel::kInfo,
                  absl::StrCat(base::Escape(name), ": ",
                               holds_back ? "the key signs nothing until it is published: "
                                          : "the key is published and signs: ",
                               base::Escape(dkim::KeyCheckText(check))));
    }
  }
  AskNext();
}

bool PublishedKeys::IsHeldBack(std::string_view domain, std::string_view selector) const {
  const std::string name = RecordName(domain, selector);
  const std::lock_guard lock(mutex_);
  const auto it = found_.find(name);
  return it != found_.end() && HoldsBack(it->second);
}

}  // namespace postseal::milter
