// Mail as an MTA holds it between its filters: fields that can be edited, and a body.
#ifndef POSTSEAL_BENCH_MILTER_MAIL_H_
#define POSTSEAL_BENCH_MILTER_MAIL_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"

namespace postseal::bench {

// Field is a header field as milters see it: a fold is one LF.
struct Field {
  std::string name;
  std::string value;   // every octet after the colon
  bool added = false;  // by a filter
};

struct Mail {
  std::string sender;  // the envelope's: the address of From
  std::vector<Field> fields;
  std::string body;
};

// ReadMail takes |text| apart, a message with CRLF that has a From field with
// <address>, or says what is wrong with it.
inline absl::StatusOr<Mail> ReadMail(std::string_view text) {
  Mail mail;
  while (!text.empty() && !absl::StartsWith(text, "\r\n")) {
    size_t end = text.find("\r\n");
    while (end != text.npos && end + 2 < text.size() &&
           (text[end + 2] == ' ' || text[end + 2] == '\t')) {
      end = text.find("\r\n", end + 2);
    }
    const size_t colon = text.find(':');
    if (end == text.npos || colon > end) return absl::InvalidArgumentError("no header field");
    Field field;
    field.name = text.substr(0, colon);
    field.value = absl::StrReplaceAll(text.substr(colon + 1, end - colon - 1), {{"\r\n", "\n"}});
    if (absl::EqualsIgnoreCase(field.name, "From")) {
      const size_t left = field.value.find('<'), right = field.value.find('>');
      if (left < right && right != std::string::npos) {
        mail.sender = field.value.substr(left + 1, right - left - 1);
      }
    }
    mail.fields.push_back(std::move(field));
    text.remove_prefix(end + 2);
  }
  if (mail.sender.empty()) return absl::InvalidArgumentError("no From field with <address>");
  mail.body = text.substr(text.empty() ? 0 : 2);
  return mail;
}

// WriteMail is |mail| as text with CRLF.
inline std::string WriteMail(const Mail& mail) {
  std::string text;
  for (const Field& field : mail.fields) {
    text += field.name + ":" + absl::StrReplaceAll(field.value, {{"\n", "\r\n"}}) + "\r\n";
  }
  return text + "\r\n" + mail.body;
}

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_MILTER_MAIL_H_
