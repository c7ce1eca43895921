#include "dkim/pem.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "base/secret.h"
#include "openssl/base64.h"

namespace postseal::dkim {
namespace {

using base::CharSet;
using base::Cursor;
using base::SecretString;

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr size_t kLineColumns = 64;

constexpr CharSet kWhiteSpace = CharSet(" \t\r\n");
constexpr CharSet kBase64 = base::kAlphaDigit | CharSet("+/=");

// Boundary returns the label when |line| is |start|, a label and dashes.
std::optional<std::string_view> Boundary(std::string_view line, std::string_view start) {
  Cursor cursor(base::StripTrailing(line, kWhiteSpace));
  if (!cursor.Take(start)) return std::nullopt;
  std::string_view label = cursor.rest();
  if (label.size() < kDashes.size() || label.substr(label.size() - kDashes.size()) != kDashes) {
    return std::nullopt;
  }
  label.remove_suffix(kDashes.size());
  return label;
}

// TakeLine takes a line and its LF.
std::string_view TakeLine(Cursor* cursor) {
  const std::string_view line = cursor->TakeUntil('\n');
  cursor->Take('\n');
  return line;
}

}  // namespace

absl::StatusOr<std::optional<PemBlock>> FindPemBlock(std::string_view text, size_t line) {
  Cursor cursor(text);
  std::optional<std::string_view> label;
  while (!label.has_value()) {
    if (cursor.at_end()) return std::nullopt;
    label = Boundary(TakeLine(&cursor), kBegin);
    ++line;
  }
  PemBlock block;
  block.label = *label;
  block.first_line = line;
  const std::string_view inside = cursor.rest();
  while (!cursor.at_end()) {
    const size_t body_octets = inside.size() - cursor.rest().size();
    const auto end = Boundary(TakeLine(&cursor), kEnd);
    ++line;
    if (!end.has_value()) continue;
    if (*end != block.label) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", line - 1, ": an END that does not belong to the BEGIN of line ",
                       block.first_line - 1));
    }
    block.body = inside.substr(0, body_octets);
    block.rest = cursor.rest();
    block.rest_line = line;
    return block;
  }
  return absl::InvalidArgumentError(absl::StrCat("the BEGIN of line ", block.first_line - 1,
                                                 " has no END line: the file is cut short"));
}

absl::StatusOr<SecretString> DecodePem(const PemBlock& block) {
  Cursor cursor(block.body);
  for (size_t line = block.first_line; !cursor.at_end(); ++line) {
    if (!base::AllIn(TakeLine(&cursor), kBase64 | kWhiteSpace)) {
      return absl::InvalidArgumentError(absl::StrCat("line ", line, ": not base64"));
    }
  }
  auto octets = DecodeBase64(block.body);
  if (!octets.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the base64 from line ", block.first_line,
                     " on is of a wrong length: characters are missing or too many"));
  }
  return *std::move(octets);
}

std::optional<SecretString> DecodeBase64(std::string_view text) {
  SecretString packed = SecretString::WithSize(text.size());
  size_t size = 0;
  for (const char c : text) {
    if (!kWhiteSpace(c)) packed.data()[size++] = c;
  }
  SecretString octets = SecretString::WithSize(size / 4 * 3);
  if (size == 0) return octets;
  // BoringSSL's decoder is made for private keys: no table is indexed by them.
  size_t octets_size = 0;
  if (EVP_DecodeBase64(reinterpret_cast<uint8_t*>(octets.data()), &octets_size, octets.size(),
                       reinterpret_cast<const uint8_t*>(packed.data()), size) == 0) {
    return std::nullopt;
  }
  octets.Truncate(octets_size);
  return octets;
}

SecretString PrintPem(std::string_view label, std::string_view octets) {
  const size_t characters = (octets.size() + 2) / 3 * 4;
  // EVP_EncodeBlock writes a NUL at the end.
  SecretString base64 = SecretString::WithSize(characters + 1);
  EVP_EncodeBlock(reinterpret_cast<uint8_t*>(base64.data()),
                  reinterpret_cast<const uint8_t*>(octets.data()), octets.size());

  const size_t lines = (characters + kLineColumns - 1) / kLineColumns;
  const size_t boundaries = kBegin.size() + kEnd.size() + 2 * (label.size() + kDashes.size() + 1);
  SecretString out = SecretString::WithSize(boundaries + characters + lines);
  char* to = out.data();
  const auto append = [&to](std::string_view piece) {
    to = std::copy(piece.begin(), piece.end(), to);
  };
  append(kBegin), append(label), append(kDashes), append("\n");
  for (Cursor rest(base64.view().substr(0, characters)); !rest.at_end();) {
    append(rest.TakeCount(kLineColumns));
    append("\n");
  }
  append(kEnd), append(label), append(kDashes), append("\n");
  return out;
}

}  // namespace postseal::dkim
