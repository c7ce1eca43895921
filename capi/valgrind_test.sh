#!/usr/bin/env bash
# valgrind_test.sh PROGRAM: runs it under valgrind; leaks and wrong reads are failures.
set -euo pipefail
exec valgrind --quiet --error-exitcode=1 --leak-check=full --show-leak-kinds=definite,indirect \
  --errors-for-leak-kinds=definite,indirect "$1"
