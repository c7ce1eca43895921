// Response: a DNS message with an answer, read. RFC 1035 §4
#ifndef POSTSEAL_DNS_RESPONSE_H_
#define POSTSEAL_DNS_RESPONSE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dns/answer.h"

namespace postseal::dns {

// kMaxResponseCnames bounds the CNAME records followed within one message; libunbound
// follows fewer.
inline constexpr size_t kMaxResponseCnames = 16;

// Response holds the data that its answer is a view of.
class Response {
 public:
  // Read reads |message|, the response to a question of |type|: its own question section
  // says for which name. The records are those of |type| at the end of the CNAME chain
  // that begins there, with names in them expanded. What cannot be read, and any error
  // but NXDOMAIN, is a temporary error.
  void Read(std::string_view message, Type type);

  // answer is what Read found; dnssec_secure is for others to say. It lives until the
  // next Read, and as long as the message.
  const Answer& answer() const { return answer_; }

 private:
  Answer answer_{Outcome::kTempError};
  std::vector<std::string_view> rdata_;
  // Record data whose names were expanded. Its strings stay where they are.
  std::vector<std::string> expanded_;
};

}  // namespace postseal::dns

#endif  // POSTSEAL_DNS_RESPONSE_H_
