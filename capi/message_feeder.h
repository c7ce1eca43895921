// MessageFeeder: feeds a session octets, or fields and a body as a milter has them.
#ifndef POSTSEAL_CAPI_MESSAGE_FEEDER_H_
#define POSTSEAL_CAPI_MESSAGE_FEEDER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace postseal::capi {

// MessageFeeder calls |feed|(std::string_view) -> absl::Status with the message's
// octets, and refuses what comes out of order.
class MessageFeeder {
 public:
  // Feed takes octets, cut anywhere.
  template <typename Feed>
  absl::Status Octets(std::string_view data, Feed feed) {
    if (state_ != State::kNothing && state_ != State::kOctets) return Mixed();
    state_ = State::kOctets;
    return feed(data);
  }

  // Header takes a field: |value| is every octet after the colon but the last line end.
  // A lone LF in it stands for the CRLF of a fold, as milters have it.
  template <typename Feed>
  absl::Status Header(std::string_view name, std::string_view value, Feed feed) {
    if (state_ != State::kNothing && state_ != State::kHeader) return Mixed();
    if (!IsFieldName(name)) {
      return absl::InvalidArgumentError("the name is no field name");
    }
    // RFC 5322 §2.2.3: any other line would be a field of its own.
    for (size_t lf = value.find('\n'); lf != value.npos; lf = value.find('\n', lf + 1)) {
      if (lf + 1 == value.size() || (value[lf + 1] != ' ' && value[lf + 1] != '\t')) {
        return absl::InvalidArgumentError("a line of the value does not start with white space");
      }
    }
    state_ = State::kHeader;
    line_.assign(name);
    line_ += ':';
    AppendWithCrlf(value, &line_);
    line_ += "\r\n";
    return feed(std::string_view(line_));
  }

  // EndOfHeaders ends the fields.
  template <typename Feed>
  absl::Status EndOfHeaders(Feed feed) {
    if (state_ != State::kNothing && state_ != State::kHeader) return Mixed();
    state_ = State::kBody;
    return feed(std::string_view("\r\n"));
  }

  // Body takes octets of the body.
  template <typename Feed>
  absl::Status Body(std::string_view data, Feed feed) {
    if (state_ != State::kBody) {
      return absl::FailedPreconditionError("the body comes after the end of the headers");
    }
    return feed(data);
  }

 private:
  enum class State : uint8_t { kNothing, kOctets, kHeader, kBody };

  // IsFieldName: field-name = 1*ftext, and white space before the colon, which an MTA may
  // leave in the name. Octets above 127 are no ftext, and are let through: a message may
  // have them, and its report says so. RFC 5322 §3.6.8, §4.5.8
  static bool IsFieldName(std::string_view name) {
    while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
    if (name.empty()) return false;
    for (const char c : name) {
      const auto octet = static_cast<unsigned char>(c);
      if (octet <= ' ' || octet == 127 || octet == ':') return false;
    }
    return true;
  }

  static absl::Status Mixed() {
    return absl::FailedPreconditionError(
        "a message is fed as octets, or as fields, their end and a body, in this order");
  }

  static void AppendWithCrlf(std::string_view text, std::string* out) {
    for (;;) {
      const size_t lf = text.find('\n');
      out->append(text.substr(0, lf));
      if (lf == text.npos) return;
      if (lf == 0 || text[lf - 1] != '\r') *out += '\r';
      *out += '\n';
      text.remove_prefix(lf + 1);
    }
  }

  State state_ = State::kNothing;
  std::string line_;  // reused
};

}  // namespace postseal::capi

#endif  // POSTSEAL_CAPI_MESSAGE_FEEDER_H_
