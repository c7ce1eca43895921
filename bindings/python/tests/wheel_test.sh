#!/usr/bin/env bash
# wheel_test.sh WHEEL: installs it into a new virtual environment and uses it there, with
# nothing of the tree in sight.
set -euo pipefail
wheel=$(readlink -f "$1")
cd "$TEST_TMPDIR"
unset POSTSEAL_LIBRARY POSTSEAL_UNBOUND_LIBRARY PYTHONPATH
/usr/bin/python3 -m venv --without-pip environment
# Installing a wheel is unpacking it, as PEP 427 has it; pip is not needed for that.
site=$(environment/bin/python -c 'import sysconfig; print(sysconfig.get_path("platlib"))')
/usr/bin/python3 -m zipfile -e "$wheel" "$site"
environment/bin/python - <<'EOF'
import hashlib
import os
import ssl  # OpenSSL comes first, as in most programs

import postseal
from postseal import testing

assert "environment" in postseal.__file__, postseal.__file__
domain = testing.Domain("example.com", kind="rsa")
message = domain.sign(testing.message_from("a@example.com"))
report = postseal.verify(message, client_ip="192.0.2.1", mail_from="a@example.com",
                         now=testing.NOW, resolver=domain.zone())
assert report.passed, report.explanation
assert hashlib.sha256(b"abc").hexdigest().startswith("ba7816bf")
assert ssl.OPENSSL_VERSION
postseal.Unbound(server="127.0.0.1:1").close()  # its library is carried, too
with open("/proc/self/maps", encoding="ascii") as maps:
    loaded = {os.path.basename(line.split()[-1]): line.split()[-1] for line in maps if ".so" in line}
for name in ("libpostseal.so.0", "libpsl.so.5", "libunbound.so.8"):
    assert "environment" in loaded[name], loaded[name]
EOF
