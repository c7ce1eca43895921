// The mail that benchmarks run on: the same octets every time, on every machine.
#ifndef POSTSEAL_BENCH_CORPUS_H_
#define POSTSEAL_BENCH_CORPUS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace postseal::bench {

// Sequence is a fixed sequence of pseudo-random numbers (xorshift64).
class Sequence {
 public:
  // Below returns the next number, 0 <= n < |limit|.
  size_t Below(size_t limit) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<size_t>((state_ >> 11) % limit);
  }

  // Pick returns one of the elements of |array|.
  template <typename T, size_t n>
  const T& Pick(const T (&array)[n]) {
    return array[Below(n)];
  }

 private:
  uint64_t state_ = 0x6376'7208'9989'8601;
};

inline constexpr std::string_view kWords[] = {
    "a",     "and",   "as",       "at",      "autumn", "be",        "delivery", "for",
    "from",  "have",  "in",       "invoice", "is",     "it",        "letter",   "meeting",
    "of",    "on",    "order",    "our",     "please", "postcard",  "receipt",  "the",
    "their", "there", "thursday", "to",      "wait",   "warehouse", "with",     "you"};

// AppendWords appends words of |octets| octets or a little more, a space between.
inline void AppendWords(Sequence& sequence, size_t octets, std::string& text) {
  const size_t end = text.size() + octets;
  text += sequence.Pick(kWords);
  while (text.size() < end) {
    text += ' ';
    text += sequence.Pick(kWords);
  }
}

// TextBody is a plain letter of about |octets| octets: lines of up to 72, an
// empty line between paragraphs, a signature.
inline std::string TextBody(size_t octets = 1500) {
  Sequence sequence;
  std::string body;
  while (body.size() < octets) {
    for (size_t line = 2 + sequence.Below(5); line > 0; --line) {
      AppendWords(sequence, 40 + sequence.Below(24), body);
      body += "\r\n";
    }
    body += "\r\n";
  }
  body += "-- \r\nExample Post Office\r\n";
  return body;
}

// HtmlBody is a newsletter of about |octets| octets: nested tables indented by
// two spaces a level, attributes, paragraphs, and lines with trailing blanks.
inline std::string HtmlBody(size_t octets = 8200) {
  Sequence sequence;
  std::string body = "<!DOCTYPE html>\r\n<html>\r\n<body>\r\n";
  while (body.size() < octets) {
    const auto line = [&](size_t level, std::string_view text) {
      body.append(2 * level, ' ');
      body += text;
      body += sequence.Below(12) == 0 ? " \r\n" : "\r\n";
    };
    line(1, "<table width=\"600\" cellpadding=\"0\" cellspacing=\"0\" style=\"border:0\">");
    for (size_t row = 2 + sequence.Below(3); row > 0; --row) {
      line(2, "<tr>");
      line(3, "<td align=\"left\" style=\"font:14px/20px Arial,sans-serif;color:#333333\">");
      std::string paragraph = "<p>";
      AppendWords(sequence, 60 + sequence.Below(160), paragraph);
      line(4, paragraph + "</p>");
      line(4, "<a href=\"https://news.example.com/c?u=" + std::to_string(sequence.Below(1 << 30)) +
                  "&amp;k=" + std::to_string(sequence.Below(1 << 30)) + "\">Read on</a>");
      line(3, "</td>");
      line(2, "</tr>");
    }
    line(1, "</table>");
    body += "\r\n";
  }
  body += "</body>\r\n</html>\r\n";
  return body;
}

// Base64Body is an attachment of about |octets| octets: 76 columns a line.
inline std::string Base64Body(size_t octets = 10'000'000) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Sequence sequence;
  std::string body;
  body.reserve(octets + 80);
  while (body.size() < octets) {
    for (size_t column = 0; column < 76; ++column) body += kDigits[sequence.Below(64)];
    body += "\r\n";
  }
  return body;
}

// WhiteSpaceBody is about |octets| octets of what relaxed canonicalization
// changes most: runs of spaces and tabs, trailing blanks, runs of empty lines,
// and 200 empty lines at the end.
inline std::string WhiteSpaceBody(size_t octets = 100'000) {
  static constexpr std::string_view kRuns[] = {" ",  " ",    "  ",   "   ",
                                               "\t", "\t\t", " \t ", "      "};
  static constexpr std::string_view kLineEnds[] = {"\r\n",    " \r\n",    "\t\r\n",
                                                   "   \r\n", "\r\n\r\n", " \r\n\r\n \r\n\r\n"};
  Sequence sequence;
  std::string body;
  while (body.size() < octets) {
    for (size_t word = 4 + sequence.Below(10); word > 0; --word) {
      body += sequence.Pick(kRuns);
      body += sequence.Pick(kWords);
    }
    body += sequence.Pick(kLineEnds);
  }
  for (int line = 0; line < 200; ++line) body += "\r\n";
  return body;
}

// HeaderFields is a header of |count| >= 10 fields, folded as mail servers do:
// those of a letter, then trace and list fields.
inline std::string HeaderFields(size_t count) {
  std::string fields =
      "Return-Path: <bounces@example.com>\r\n"
      "Received: from mail.example.com (mail.example.com [192.0.2.25])\r\n"
      "\tby mx.example.net with ESMTPS id 4F2C1A0B3D; Tue, 24 Nov 2026 09:00:02 +0000\r\n"
      "From: Example Post Office <letters@example.com>\r\n"
      "To: Reader <reader@example.net>\r\n"
      "Subject: Your letter of Thursday, and what became of it\r\n"
      "Date: Tue, 24 Nov 2026 09:00:00 +0000\r\n"
      "Message-ID: <20261124090000.4F2C1A0B3D@example.com>\r\n"
      "MIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: 8bit\r\n";
  for (size_t i = 10; i < count; ++i) {
    const std::string number = std::to_string(i);
    if (i % 4 == 0) {
      fields += "Received: from relay" + number + ".example.com ([192.0.2." + number +
                "])\r\n\tby mail.example.com with ESMTP id 4F2C1A0B" + number +
                ";\r\n\tTue, 24 Nov 2026 09:00:01 +0000\r\n";
    } else {
      fields += "X-Newsletter-" + number + ": campaign=" + number + number +
                "; segment=autumn; unsubscribe=https://news.example.com/u/" + number + "\r\n";
    }
  }
  return fields;
}

// Message is a whole message: |field_count| header fields, the empty line, |body|.
inline std::string Message(size_t field_count, std::string_view body) {
  return HeaderFields(field_count).append("\r\n").append(body);
}

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_CORPUS_H_
