// Every header gives one state; one author is one From field with one mailbox, and
// a field that is not From changes nothing.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/check.h"
#include "mail/author.h"
#include "mail/field.h"
#include "mail/mailbox.h"
#include "mail/message_reader.h"

namespace {

using postseal::mail::Authors;
using postseal::mail::AuthorState;
using postseal::mail::MessageReader;

// Read returns the authors of |header|, with |more| after it.
Authors Read(std::string_view header, std::string_view more, MessageReader* reader,
             postseal::base::Arena* arena) {
  reader->Feed(header);
  reader->Feed(more);
  reader->Finish();
  return postseal::mail::FindAuthors(reader->fields(), arena);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view header(reinterpret_cast<const char*>(data), size);
  postseal::base::Arena arena;
  MessageReader reader;
  const Authors authors = Read(header, "\r\n", &reader, &arena);
  size_t from_fields = 0;
  for (const postseal::mail::Field& field : reader.fields()) from_fields += field.NameIs("From");
  POSTSEAL_CHECK(authors.field_count == from_fields + authors.lookalike_count);
  POSTSEAL_CHECK(authors.fault_offset <= reader.header().size());
  POSTSEAL_CHECK((authors.state == AuthorState::kMissing) == (authors.field_count == 0));
  POSTSEAL_CHECK((authors.state == AuthorState::kSeveralFields) == (authors.field_count > 1));
  if (authors.state == AuthorState::kOneAuthor) {
    POSTSEAL_CHECK(from_fields == 1 && authors.lookalike_count == 0);
    POSTSEAL_CHECK(authors.mailboxes.size() == 1 && authors.domains.size() == 1);
    POSTSEAL_CHECK(authors.mailboxes[0].domain == authors.domains[0]);
  }
  // The header may lack its last line end, or have its end within.
  if (!header.ends_with("\r\n")) return 0;
  MessageReader longer;
  const Authors again = Read(header, "X-Sender: a@b\r\n\r\n", &longer, &arena);
  if (longer.fault() != postseal::mail::HeaderFault::kNone) return 0;
  POSTSEAL_CHECK(again.state == authors.state && again.field_count == authors.field_count);
  return 0;
}
