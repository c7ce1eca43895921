#!/usr/bin/env bash
# run.sh BINARY fuzz|replay SEED...: the body of every *_fuzz_test.
# Fuzzing starts from a copy of the seeds, so that what it finds is never
# written into the source tree; POSTSEAL_FUZZ_SECONDS (default 3) bounds it.
set -euo pipefail
binary=$1
mode=$2
shift 2
if [[ $mode == replay ]]; then
  exec "$binary" "$@"
fi
corpus=${TEST_TMPDIR:?}/corpus
mkdir -p "$corpus"
cp -L -- "$@" "$corpus"
exec "$binary" -max_total_time="${POSTSEAL_FUZZ_SECONDS:-3}" -timeout=20 \
  -rss_limit_mb=2048 -max_len=65536 -artifact_prefix="$TEST_TMPDIR/" "$corpus"
