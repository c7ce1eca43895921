// Every text gives tags and at most one fault; what was parsed parses again when
// it is written out plainly.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "mail/tag_list.h"

namespace {

using postseal::mail::Tag;
using postseal::mail::TagList;
using postseal::mail::TagListFault;

// CheckTag checks that |tag| is where it says in |text|.
void CheckTag(const Tag& tag, std::string_view text) {
  POSTSEAL_CHECK(!tag.name.empty());
  POSTSEAL_CHECK(text.substr(tag.offset, tag.name.size()) == tag.name);
  POSTSEAL_CHECK(text.substr(tag.raw_value_offset, tag.raw_value.size()) == tag.raw_value);
  POSTSEAL_CHECK(tag.raw_value_offset > tag.offset && text[tag.raw_value_offset - 1] == '=');
  POSTSEAL_CHECK(tag.raw_value.find(';') == std::string_view::npos);
  POSTSEAL_CHECK(tag.raw_value.find(tag.value) != std::string_view::npos);
  const size_t end = tag.raw_value_offset + tag.raw_value.size();
  POSTSEAL_CHECK(end == text.size() || text[end] == ';');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const TagList list = TagList::Parse(text);
  POSTSEAL_CHECK(list.fault_offset() <= text.size());
  POSTSEAL_CHECK(list.fault() != TagListFault::kNone || !list.tags().empty());
  std::string printed;
  for (const Tag& tag : list.tags()) {
    CheckTag(tag, text);
    POSTSEAL_CHECK(list.Find(tag.name) == &tag);
    printed.append(tag.name).append("=").append(tag.value).append(";");
  }
  if (printed.empty() || printed.size() > postseal::mail::kMaxTagListOctets) return 0;
  const TagList again = TagList::Parse(printed);
  POSTSEAL_CHECK(again.fault() == TagListFault::kNone);
  POSTSEAL_CHECK(again.tags().size() == list.tags().size());
  for (size_t i = 0; i < again.tags().size(); ++i) {
    POSTSEAL_CHECK(again.tags()[i].name == list.tags()[i].name);
    POSTSEAL_CHECK(again.tags()[i].value == list.tags()[i].value);
  }
  return 0;
}
