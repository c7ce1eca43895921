// WithoutAngleBrackets: a path as the SMTP command has it, without its brackets.
#ifndef POSTSEAL_MAIL_ANGLE_BRACKETS_H_
#define POSTSEAL_MAIL_ANGLE_BRACKETS_H_

#include <string_view>

namespace postseal::mail {

// WithoutAngleBrackets is |path| without "<" and ">" around it, where both are there; it
// reads nothing between them. RFC 5321 §4.1.2 Path
constexpr std::string_view WithoutAngleBrackets(std::string_view path) {
  const bool brackets = path.size() >= 2 && path.front() == '<' && path.back() == '>';
  return brackets ? path.substr(1, path.size() - 2) : path;
}

}  // namespace postseal::mail

#endif  // POSTSEAL_MAIL_ANGLE_BRACKETS_H_
