#!/usr/bin/env bash
# wheel_test.sh WHEEL PROGRAM: pip installs it into a new virtual environment, where PROGRAM uses it with
# nothing of the tree in sight. POSTSEAL_PYTHON_TOOLS names a virtual environment with auditwheel and
# pytest, which Debian does not have; without it their part is left out, and it says so.
set -euo pipefail
wheel=$(readlink -f "$1")
program=$(readlink -f "$2")
cd "$TEST_TMPDIR"
tools=${POSTSEAL_PYTHON_TOOLS:-}
unset POSTSEAL_LIBRARY POSTSEAL_UNBOUND_LIBRARY PYTHONPATH
/usr/bin/python3 -m venv --without-pip environment
/usr/bin/python3 -m pip --quiet --disable-pip-version-check --python environment/bin/python \
  install --no-index --no-deps "$wheel"
# Whoever comes first, OpenSSL or libunbound: both work.
for order in openssl postseal; do
  environment/bin/python "$program" "$order"
done

if [[ -z $tools ]]; then
  echo "auditwheel and pytest: not tried, POSTSEAL_PYTHON_TOOLS is not set"
  exit 0
fi
tag=$(basename "$wheel" .whl)
tag=${tag##*-}
shown=$("$tools/bin/auditwheel" show "$wheel" | tr '\n' ' ')
grep -q "consistent with the following platform tag: \"$tag\"" <<<"$shown" || {
  echo "$shown"
  exit 1
}
# The plugin comes with the entry point of the wheel, not with an import of the test's.
cat >plugin_test.py <<'PYTHON'
import postseal


def test_fixtures(postseal_domain, postseal_now):
    message = postseal_domain.sign(b"From: a@example.com\r\n\r\nHello.\r\n", postseal_now)
    report = postseal.verify(message, now=postseal_now, resolver=postseal_domain.zone())
    assert report.dkim[0].result is postseal.Result.PASS
PYTHON
site=$(environment/bin/python -c 'import sysconfig; print(sysconfig.get_path("platlib"))')
PYTHONPATH=$site "$tools/bin/python" -m pytest -q -p no:cacheprovider plugin_test.py
