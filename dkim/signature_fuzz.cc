// Any value parses to a signature or a fault within it; and a signature that is
// printed on request parses back to what was asked for.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/check.h"
#include "base/cursor.h"
#include "dkim/digest.h"
#include "dkim/header_index.h"
#include "dkim/sign.h"
#include "dkim/signature.h"
#include "mail/message_reader.h"

namespace postseal::dkim {
namespace {

void ParseAny(std::string_view value) {
  base::Arena arena;
  const ParsedSignature parsed = ParseSignature(&arena, value);
  if (parsed.fault.has_value()) {
    POSTSEAL_CHECK(parsed.fault->offset <= value.size() && !parsed.fault->detail.empty());
    return;
  }
  const Signature& signature = parsed.signature;
  POSTSEAL_CHECK(signature.algorithm.has_value());
  POSTSEAL_CHECK(signature.domain.label_count() >= 2);
  POSTSEAL_CHECK(signature.identity_domain.IsAtOrBelow(signature.domain));
  POSTSEAL_CHECK(!signature.signed_names.empty() &&
                 signature.signed_names.size() <= kMaxSignedNames);
  POSTSEAL_CHECK(value.find(signature.raw_signature) != value.npos);
}

// RoundTrip takes d=, s=, i= and a field name, one a line.
void RoundTrip(std::string_view input) {
  base::Cursor in(input);
  SignatureRequest request;
  const auto line = [&in] {
    const std::string text(in.TakeUntil('\n'));
    in.Take('\n');
    return text;
  };
  request.domain = line();
  request.selector = line();
  request.identity = line();
  request.fields = FieldSelection();
  request.fields.oversign = {"From", line()};
  if (!CheckRequest(request).ok()) return;

  base::Arena arena;
  mail::MessageReader message;
  message.Feed("From: a\r\n\r\n");
  const HeaderIndex header(&arena, message.fields());
  const std::vector<std::string_view> names = ChooseNames(request.fields, header);
  const SignatureDraft draft(&arena, request, names, header, Sha256(""), /*now=*/1);
  mail::MessageReader reader;
  reader.Feed(draft.Print("signature") + "\r\n");
  POSTSEAL_CHECK(reader.fields().size() == 1);
  const ParsedSignature parsed = ParseSignature(&arena, reader.fields().front().value);
  POSTSEAL_CHECK(!parsed.fault.has_value());
  const Signature& signature = parsed.signature;
  POSTSEAL_CHECK(signature.domain_text == request.domain);
  POSTSEAL_CHECK(signature.selector_text == request.selector);
  POSTSEAL_CHECK(signature.identity == *request.identity);
  POSTSEAL_CHECK(signature.signature == "signature");
  POSTSEAL_CHECK(signature.signed_names.size() == names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    POSTSEAL_CHECK(signature.signed_names[i] == names[i]);
  }
}

}  // namespace
}  // namespace postseal::dkim

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  postseal::dkim::ParseAny(input);
  postseal::dkim::RoundTrip(input);
  return 0;
}
