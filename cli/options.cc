#include "cli/options.h"

#include <ctime>
#include <iostream>

#include "base/escape.h"

namespace postseal::cli {

int64_t NowOf(const CommonOptions& options) {
  return options.now.has_value() ? *options.now : static_cast<int64_t>(std::time(nullptr));
}

void PrintError(const std::string& text) {
  std::cerr << "postseal: " << base::Escape(text, base::NonAscii::kPassGraphic) << '\n';
}

}  // namespace postseal::cli
