// Outcome: what a message came to: the changes that are made to it, what the MTA is
// told, and what is worth a line in the log.
#ifndef POSTSEAL_MILTER_OUTCOME_H_
#define POSTSEAL_MILTER_OUTCOME_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "milter/decision.h"

namespace postseal::milter {

// Role is what was done with a message.
enum class Role : uint8_t { kLeftAlone, kSigned, kVerified };

constexpr std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kLeftAlone:
      return "left-alone";
    case Role::kSigned:
      return "signed";
    case Role::kVerified:
      return "verified";
  }
  return "";
}

// Insertion is a field that is put on top of the header. The value begins with its
// white space, and its folds are LF and white space.
struct Insertion {
  std::string name;
  std::string value;
};

struct Outcome {
  Role role = Role::kLeftAlone;
  // Authentication-Results fields to delete, in this order.
  std::vector<uint32_t> deletions;
  // In the order in which they are put on top: the last one ends up first.
  std::vector<Insertion> insertions;
  Decision decision;
  // Of each signature made: "s=SELECTOR, d=DOMAIN".
  std::vector<std::string> signatures;
  // Oddities of a signed message that a relay may change, and so break the signature:
  // see RelayWarningText.
  std::vector<std::string_view> relay_warnings;
  // Worth telling, though all went well: one line each.
  std::vector<std::string> notes;
  // What went wrong here, and not in the message: for the log, one line each.
  std::vector<std::string> errors;
};

// kRelayWarnings name what relays change, and say what to do about it.
struct RelayWarning {
  std::string_view name;
  std::string_view text;
};
inline constexpr RelayWarning kRelayWarnings[] = {
    {"long-line",
     "a line has more than 998 octets: Postfix breaks it when it sends, and the signature fails "
     "(send such content as quoted-printable or base64)"},
    {"bare-cr-lf", "CR or LF stands alone: relays change it, and the signature fails"},
    {"8bit",
     "the body has octets above 127: where the next host lacks 8BITMIME, Postfix converts it and "
     "the signature fails (disable_mime_output_conversion = yes)"},
    {"8bit-header",
     "the header has octets above 127 without SMTPUTF8: relays may change or refuse it"},
    {"nul", "there is a NUL: relays drop it, and the signature fails"},
};

// RelayWarningText is the text of the warning |name|.
constexpr std::string_view RelayWarningText(std::string_view name) {
  for (const RelayWarning& warning : kRelayWarnings) {
    if (warning.name == name) return warning.text;
  }
  return "";
}

// ToInsertions takes printed header |fields|, each with its CRLF, apart; the first one
// is to end up on top.
inline std::vector<Insertion> ToInsertions(std::string_view fields) {
  std::vector<Insertion> insertions;
  while (!fields.empty()) {
    const size_t colon = fields.find(':');
    if (colon == std::string_view::npos) break;
    Insertion insertion{std::string(fields.substr(0, colon)), ""};
    size_t at = colon + 1;
    for (; at < fields.size(); ++at) {
      if (fields[at] == '\r') continue;
      if (fields[at] == '\n') {
        const char next = at + 1 < fields.size() ? fields[at + 1] : '\0';
        if (next != ' ' && next != '\t') break;
      }
      insertion.value += fields[at];
    }
    fields.remove_prefix(std::min(at + 1, fields.size()));
    insertions.insert(insertions.begin(), std::move(insertion));
  }
  return insertions;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_OUTCOME_H_
