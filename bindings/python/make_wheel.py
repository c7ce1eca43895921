"""The wheel of the package, with the libraries and what they need.

What every Linux has (libc, libstdc++ and their kin) is left out; any other library is carried
beside ours in postseal/_lib and found by RUNPATH $ORIGIN, so that nothing is to be installed. Its
name gets a part of its digest: a program that has another libidn2 keeps it, and we keep ours.
The same inputs give the same file.
"""
import argparse
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
# The first that the format of zip files has room for is 1980.
EPOCH = (2026, 1, 1, 0, 0, 0)


def version():
    text = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    return re.search(r'^__version__ = "([^"]+)"', text, re.M).group(1)


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def needed(library, folders):
    """soname -> path of what a library needs, itself and by others, but for the system's."""
    environment = dict(os.environ, LD_LIBRARY_PATH=":".join(folders))
    found = {}
    for line in run("ldd", library, env=environment).splitlines():
        soname, _, rest = line.strip().partition(" => ")
        if not rest or OF_THE_SYSTEM.match(soname):
            continue
        found[soname] = rest.partition(" (")[0]
        if found[soname] == "not found":
            sys.exit("make_wheel: %s needs %s, which is not there" % (library, soname))
    return found


def carried_name(soname, path):
    """The name in the wheel of a library that is not ours: libidn2-1a2b3c4d.so.0."""
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()[:8]
    stem, dot, rest = soname.partition(".so")
    return "%s-%s%s%s" % (stem, digest, dot, rest)


def copyright_of(path):
    """(package, text) of Debian's statement about a library."""
    real = os.path.realpath(path)
    for name in (real, real[len("/usr"):] if real.startswith("/usr/") else real):
        done = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True,
                              check=False)
        if done.returncode == 0:
            package = done.stdout.split(":")[0]
            return package, Path("/usr/share/doc", package, "copyright").read_bytes()
    sys.exit("make_wheel: %s belongs to no package, so its licence is not known" % path)


def collect(libraries, folder):
    """(name, octets) of the libraries and what they need, stripped and bound to each other, and of
    the licences of the latter."""
    own = {Path(library).name: library for library in libraries}
    folders = sorted({str(Path(library).resolve().parent) for library in libraries})
    others = {}
    for library in libraries:
        others.update(needed(library, folders))
    names = {soname: carried_name(soname, path) for soname, path in others.items()
             if soname not in own}
    others = {soname: path for soname, path in others.items() if soname in names}
    for soname, path in sorted({**own, **others}.items()):
        copy = folder / soname
        shutil.copyfile(path, copy)
        copy.chmod(0o755)
        run("strip", "--strip-unneeded", str(copy))
        # A call for each change: of several at once, patchelf loses the versions that are needed.
        wanted = run("patchelf", "--print-needed", str(copy)).split()
        for other in sorted(set(wanted) & set(names)):
            run("patchelf", "--replace-needed", other, names[other], str(copy))
        run("patchelf", "--set-soname", names.get(soname, soname), str(copy))
        run("patchelf", "--set-rpath", "$ORIGIN", str(copy))
        yield "postseal/_lib/" + names.get(soname, soname), copy.read_bytes()
    for path in others.values():
        package, text = copyright_of(path)
        yield licence_name(package), text


def licence_name(of):
    return "postseal-%s.dist-info/licenses/%s" % (version(), of)


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


def contents(libraries, licences):
    """{name: octets} of the whole wheel but RECORD."""
    info = "postseal-%s.dist-info/" % version()
    with tempfile.TemporaryDirectory() as folder:
        files = dict(collect(libraries, Path(folder)))
    for licence in licences:
        of, _, path = licence.partition("=")
        files[licence_name(of)] = Path(path).read_bytes()
    for source in sorted(PACKAGE.iterdir()):
        if source.suffix == ".py" or source.name == "py.typed":
            files["postseal/" + source.name] = source.read_bytes()
    files[info + "METADATA"] = metadata()
    files[info + "WHEEL"] = (
        "Wheel-Version: 1.0\nGenerator: postseal\nRoot-Is-Purelib: false\nTag: %s\n"
        % TAG).encode("ascii")
    files[info + "entry_points.txt"] = b"[pytest11]\npostseal = postseal.pytest_plugin\n"
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--library", action="append", default=[])
    parser.add_argument("--licence", action="append", default=[], metavar="OF=FILE")
    arguments = parser.parse_args()
    files = contents(arguments.library, arguments.licence)
    name = "postseal-%s.dist-info/RECORD" % version()
    record = "".join(record_line(file, data) for file, data in sorted(files.items()))
    files[name] = (record + name + ",,\n").encode("ascii")
    with zipfile.ZipFile(arguments.out, "w", zipfile.ZIP_DEFLATED) as wheel:
        for file, data in sorted(files.items()):
            entry = zipfile.ZipInfo(file, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if "/_lib/" in file else 0o644) << 16
            wheel.writestr(entry, data)


if __name__ == "__main__":
    main()
