#!/bin/sh
# Runs a module of this tree, from the workspace root: python_test.sh MODULE [ARGUMENT...]
# (Bazel's own py_test starts "python", which Debian does not have.)
export PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 -m "$@"
