// LineForms: which line ends a text has. Only CRLF ends a line of a message, so a
// text with LF and no CRLF at all is in Unix form.
#ifndef POSTSEAL_CLI_LINE_FORMS_H_
#define POSTSEAL_CLI_LINE_FORMS_H_

#include <string>
#include <string_view>

namespace postseal::cli {

struct LineForms {
  bool crlf = false;
  bool bare_lf = false;

  bool unix_form() const { return bare_lf && !crlf; }
  bool operator==(const LineForms&) const = default;
};

// LineFormFinder finds the forms of a text that comes in pieces.
class LineFormFinder {
 public:
  // Add takes the next piece. After a CRLF it looks no further.
  void Add(std::string_view text) {
    for (size_t lf = text.find('\n'); lf != text.npos; lf = text.find('\n', lf + 1)) {
      const char before = lf > 0 ? text[lf - 1] : last_;
      (before == '\r' ? forms_.crlf : forms_.bare_lf) = true;
      if (forms_.crlf) return;
    }
    if (!text.empty()) last_ = text.back();
  }

  const LineForms& forms() const { return forms_; }

 private:
  LineForms forms_;
  char last_ = '\0';
};

// AppendWithCrlf appends |text| with each LF as CRLF.
inline void AppendWithCrlf(std::string_view text, std::string* out) {
  for (;;) {
    const size_t lf = text.find('\n');
    out->append(text.substr(0, lf));
    if (lf == text.npos) return;
    out->append("\r\n");
    text.remove_prefix(lf + 1);
  }
}

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_LINE_FORMS_H_
