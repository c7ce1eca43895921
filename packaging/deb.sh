#!/usr/bin/env bash
# bazel run //packaging:deb [-- OUTDIR]: makes the Debian packages in OUTDIR, by default the
# folder where bazel was called.
set -euo pipefail
out=$(cd "$BUILD_WORKING_DIRECTORY" && realpath -m "${1:-.}")
PYTHONDONTWRITEBYTECODE=1 exec python3 packaging/deb.py "$out"
