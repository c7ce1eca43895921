#!/usr/bin/env bash
# run_example.sh PROGRAM: the example ends well and prints its verdict.
set -euo pipefail
"$1" | tee "$TEST_TMPDIR/output"
grep -q 'dkim=pass' "$TEST_TMPDIR/output"
