// The canonical form of a field, written in pieces, is what RFC 6376 §3.4 says in its
// words; the relaxed form of a relaxed form is itself.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/check.h"
#include "base/fuzz_input.h"
#include "dkim/algorithm.h"
#include "dkim/canonical_header.h"
#include "mail/field.h"
#include "mail/message_reader.h"

namespace postseal::dkim {
namespace {

std::string WithoutLineEnds(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\r\n") {
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

// Relaxed is RFC 6376 §3.4.2 step by step; |before| and |after| are the value's parts
// beside what is cut out of it.
std::string Relaxed(std::string_view name, std::string_view before, std::string_view after) {
  std::string out = base::ToLower(name) + ":";
  const std::string value = WithoutLineEnds(before) + WithoutLineEnds(after);
  const size_t begin = value.find_first_not_of(" \t");
  if (begin == std::string::npos) return out;
  const size_t end = value.find_last_not_of(" \t") + 1;
  for (size_t i = begin; i < end; ++i) {
    if (!base::kWsp(value[i])) {
      out += value[i];
    } else if (!base::kWsp(value[i - 1])) {
      out += ' ';
    }
  }
  return out;
}

std::string Canonicalize(HeaderCanon canon, const mail::Field& field, std::string_view cut) {
  std::string out;
  const auto sink = [&out](std::string_view piece) { out += piece; };
  HeaderCanonicalizer<decltype(sink)> canonicalizer(canon, sink);
  canonicalizer.AddUnterminated(field.raw, field.name, field.value, cut);
  canonicalizer.Flush();
  return out;
}

void CheckField(const mail::Field& field, size_t cut_at, size_t cut_size) {
  cut_at = std::min(cut_at, field.value.size());
  const std::string_view cut = field.value.substr(cut_at, cut_size);
  const std::string_view before = field.value.substr(0, cut_at);
  const std::string_view after = field.value.substr(cut_at + cut.size());
  const std::string_view name = field.raw.substr(0, field.raw.size() - field.value.size());
  POSTSEAL_CHECK(Canonicalize(HeaderCanon::kSimple, field, cut) ==
                 std::string(name).append(before).append(after));
  POSTSEAL_CHECK(Canonicalize(HeaderCanon::kRelaxed, field, cut) ==
                 Relaxed(field.name, before, after));

  const std::string relaxed = Canonicalize(HeaderCanon::kRelaxed, field, {});
  mail::Field again;
  again.raw = relaxed;
  again.name = again.raw.substr(0, field.name.size());
  again.value = again.raw.substr(field.name.size() + 1);
  // What is left of CR CR LF LF looks like a line end by then.
  if (again.value.find("\r\n") != std::string_view::npos) return;
  POSTSEAL_CHECK(Canonicalize(HeaderCanon::kRelaxed, again, {}) == relaxed);
}

}  // namespace
}  // namespace postseal::dkim

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postseal;
  base::FuzzInput input(data, size);
  const size_t cut_at = input.Octet();
  const size_t cut_size = input.Octet();
  mail::MessageReader reader;
  reader.Feed(input.Rest());
  reader.Finish();
  for (const mail::Field& field : reader.fields()) {
    if (!field.name.empty()) dkim::CheckField(field, cut_at, cut_size);
  }
  return 0;
}
