// A mailbox file is split and unquoted alike, however it is cut into pieces; its messages
// stand one behind another, and unquoting takes ">"s away and nothing else.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "cli/mbox_scanner.h"
#include "cli/mbox_unquoter.h"

namespace {

using postseal::cli::MboxMessage;
using postseal::cli::MboxScanner;
using postseal::cli::MboxUnquoter;

struct Split {
  std::vector<MboxMessage> messages;
  std::string unquoted;

  bool operator==(const Split&) const = default;
};

Split Read(std::string_view text, size_t piece) {
  Split split;
  MboxScanner scanner;
  MboxUnquoter unquoter;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    scanner.Feed(text.substr(0, piece), &split.messages);
    unquoter.Append(text.substr(0, piece), &split.unquoted);
  }
  scanner.Finish(&split.messages);
  unquoter.Finish(&split.unquoted);
  return split;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Split whole = Read(text, size + 1);
  for (const size_t piece : {1, 2, 5, 64}) POSTSEAL_CHECK(Read(text, piece) == whole);

  if (text.starts_with(postseal::cli::kMboxSeparator)) POSTSEAL_CHECK(!whole.messages.empty());
  uint64_t end = 0;
  for (const MboxMessage& message : whole.messages) {
    // A separator line stands between two, and above the first.
    POSTSEAL_CHECK(message.begin >= end + postseal::cli::kMboxSeparator.size());
    POSTSEAL_CHECK(message.end >= message.begin && message.end <= size);
    end = message.end;
  }

  POSTSEAL_CHECK(whole.unquoted.size() <= size);
  const auto less_quotes = [](std::string_view quoted) {
    std::string rest(quoted);
    std::erase(rest, '>');
    return rest;
  };
  POSTSEAL_CHECK(less_quotes(whole.unquoted) == less_quotes(text));
  return 0;
}
