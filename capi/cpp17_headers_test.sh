#!/usr/bin/env bash
# cpp17_headers_test.sh: each header of the C++17 layer compiles alone and twice, from a
# folder with the installed headers only, with both compilers.
set -euo pipefail
checked=0
for header in capi/*.hpp; do
  name=${header##*/}
  for compiler in clang++-19 g++; do
    printf '#include <%s>\n#include <%s>\nint main() { return 0; }\n' "$name" "$name" |
      "$compiler" -x c++ -std=c++17 -Wall -Wextra -Wshadow -pedantic -Werror -fsyntax-only -Icapi -
    checked=$((checked + 1))
  done
done
# A C++14 program is told why it does not compile.
if printf '#include <postseal.hpp>\n' |
  clang++-19 -x c++ -std=c++14 -fsyntax-only -Icapi - 2>"$TEST_TMPDIR/errors"; then
  echo "C++14 is taken" >&2
  exit 1
fi
echo "$checked headers compiled"
((checked == 10))
