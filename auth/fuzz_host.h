// FuzzHost: for fuzz targets, answers a session's queries as fuzzed octets say.
#ifndef POSTSEAL_AUTH_FUZZ_HOST_H_
#define POSTSEAL_AUTH_FUZZ_HOST_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/fuzz_input.h"
#include "dns/answer.h"
#include "dns/rdata.h"

namespace postseal::auth {

// FuzzHost has pieces, and answers a query with each, from the first one again when all are
// used. A piece is an octet that says how, and record data.
class FuzzHost {
 public:
  // |pieces| are what is left of |input|: texts, without those that are empty.
  explicit FuzzHost(base::FuzzInput* input) {
    while (!input->at_end()) {
      const std::string_view piece = input->Text();
      if (!piece.empty()) pieces_.push_back(piece);
    }
  }

  // Answer takes the queries of |session| and answers at most |count|, in a fuzzed order.
  template <typename Session>
  void Answer(Session* session, size_t count) {
    while (auto query = session->NextQuery()) open_.push_back(*query);
    for (; count > 0 && !open_.empty() && !pieces_.empty(); --count) {
      const std::string_view piece = pieces_[next_++ % pieces_.size()];
      const auto how = static_cast<uint8_t>(piece.front());
      // As it is, or as the strings of a TXT record.
      const std::string rdata =
          (how & 4) != 0 ? dns::TxtRdata(piece.substr(1)) : std::string(piece.substr(1));
      const std::string_view records[] = {rdata, rdata};
      dns::Answer answer(static_cast<dns::Outcome>(how / 8 % 5));
      answer.rdata = std::span(records).first(1 + how / 2 % 2);
      const size_t at = how % 2 == 0 ? 0 : open_.size() - 1;
      const dns::QueryId id = open_[at].id;
      open_.erase(open_.begin() + static_cast<ptrdiff_t>(at));
      POSTSEAL_CHECK(session->Provide(id, answer).ok());
      while (auto query = session->NextQuery()) open_.push_back(*query);
    }
  }

 private:
  std::vector<std::string_view> pieces_;
  size_t next_ = 0;
  std::vector<dns::PendingQuery> open_;
};

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_FUZZ_HOST_H_
