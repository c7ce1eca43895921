"""make_wheel.py OUT LIBRARY...: the wheel of the package, with the libraries and what they need.

What every Linux has (libc, libstdc++ and their kin) is left out; any other library is carried
beside ours in postseal/_lib and found by RUNPATH $ORIGIN, so that nothing is to be installed.
The same inputs give the same file.
"""
import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent / "postseal"
TAG = "py3-none-manylinux_2_36_x86_64"
# What PEP 600 lets a wheel expect of the system.
OF_THE_SYSTEM = re.compile(
    r"^(ld-linux-x86-64|libc|libm|libdl|libpthread|librt|libresolv|libgcc_s|libstdc\+\+|linux-vdso)\.so")
EPOCH = (2026, 1, 1, 0, 0, 0)


def version():
    text = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    return re.search(r'^__version__ = "([^"]+)"', text, re.M).group(1)


def needed(library, folders):
    """soname -> path of what a library needs, itself and by others."""
    environment = dict(os.environ, LD_LIBRARY_PATH=":".join(folders))
    listing = subprocess.run(["ldd", library], check=True, capture_output=True, text=True,
                             env=environment).stdout
    for line in listing.splitlines():
        soname, _, rest = line.strip().partition(" => ")
        if not rest or OF_THE_SYSTEM.match(soname):
            continue
        path = rest.partition(" (")[0]
        if path == "not found":
            sys.exit("make_wheel: %s needs %s, which is not there" % (library, soname))
        yield soname, path


def collect(libraries, folder):
    """Copies the libraries and what they need to `folder`, stripped and with their RUNPATH."""
    folders = sorted({str(Path(library).resolve().parent) for library in libraries})
    wanted = {Path(library).name: library for library in libraries}
    for library in libraries:
        wanted.update({name: path for name, path in needed(library, folders)
                       if name not in wanted})
    for name, path in sorted(wanted.items()):
        copy = folder / name
        shutil.copyfile(path, copy)
        copy.chmod(0o755)
        subprocess.run(["strip", "--strip-unneeded", str(copy)], check=True)
        subprocess.run(["patchelf", "--set-rpath", "$ORIGIN", str(copy)], check=True)
        yield "postseal/_lib/" + name, copy.read_bytes()


def metadata():
    readme = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
    return ("Metadata-Version: 2.1\nName: postseal\nVersion: %s\n"
            "Summary: Who really sent this message? DKIM, SPF, DMARC, Authentication-Results\n"
            "License: Apache-2.0\nRequires-Python: >=3.9\nProvides-Extra: dnspython\n"
            "Requires-Dist: dnspython>=2.2; extra == \"dnspython\"\n"
            "Description-Content-Type: text/markdown\n\n%s" % (version(), readme)).encode("utf-8")


def record_line(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode("ascii")
    return "%s,sha256=%s,%d\n" % (name, digest, len(data))


def main(out, libraries):
    info = "postseal-%s.dist-info/" % version()
    with tempfile.TemporaryDirectory() as folder:
        files = dict(collect(libraries, Path(folder)))
    for source in sorted(PACKAGE.iterdir()):
        if source.suffix == ".py" or source.name == "py.typed":
            files["postseal/" + source.name] = source.read_bytes()
    files[info + "METADATA"] = metadata()
    files[info + "WHEEL"] = (
        "Wheel-Version: 1.0\nGenerator: postseal\nRoot-Is-Purelib: false\nTag: %s\n"
        % TAG).encode("ascii")
    files[info + "entry_points.txt"] = b"[pytest11]\npostseal = postseal.pytest_plugin\n"
    record = "".join(record_line(name, data) for name, data in sorted(files.items()))
    files[info + "RECORD"] = (record + info + "RECORD,,\n").encode("ascii")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if "/_lib/" in name else 0o644) << 16
            wheel.writestr(entry, data)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
