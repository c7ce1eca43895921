#include "testing/forge.h"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/arena.h"
#include "base/base64.h"
#include "dkim/algorithm.h"
#include "dkim/canonical_body_reference.h"
#include "dkim/digest.h"
#include "dkim/header_hash.h"
#include "dkim/header_index.h"
#include "dkim/signature.h"
#include "mail/field.h"
#include "mail/message_reader.h"

namespace postseal::testing {
namespace {

std::string CanonicalBody(std::string_view body, dkim::BodyCanon canon) {
  std::string out;
  dkim::ReferenceBodyCanonicalizer canonicalizer(canon);
  const auto append = [&out](std::string_view text) { out.append(text); };
  canonicalizer.Feed(body, append);
  canonicalizer.Finish(append);
  return out;
}

}  // namespace

std::string Forge(std::string_view message, std::string_view tags, const dkim::Signer& signer) {
  base::Arena arena;
  mail::MessageReader reader;
  const std::string_view body = reader.Feed(message);
  reader.Finish();
  const dkim::Signature asked = dkim::ParseSignature(&arena, tags).signature;
  std::string canonical = CanonicalBody(body, asked.body_canon);
  if (asked.body_length.has_value() && *asked.body_length < canonical.size()) {
    canonical.resize(static_cast<size_t>(*asked.body_length));
  }
  const std::string field_text = absl::StrCat(
      "DKIM-Signature:",
      absl::StrReplaceAll(tags, {{"%bh", base::Base64Encode(dkim::Sha256(canonical).view())}}));
  mail::Field field;
  field.raw = field_text;
  field.name = field.raw.substr(0, field.raw.find(':'));
  field.value = field.raw.substr(field.name.size() + 1);
  const dkim::Digest digest =
      dkim::HashHeader(&arena, asked.header_canon, dkim::HashAlgorithm::kSha256,
                       dkim::HeaderIndex(&arena, reader.fields()),
                       dkim::ParseSignature(&arena, field.value).signature.signed_names, field, {});
  return absl::StrCat(field_text, base::Base64Encode(*signer.Sign(digest)), "\r\n", message);
}

std::string ReadTestFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "%s: cannot be read; is it in the test's data?\n", path.c_str());
    std::abort();
  }
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace postseal::testing
