#!/usr/bin/env python3
"""A stranger's path: with an installed postseal and nothing of the tree, the examples
compile as their first lines say, with pkg-config and with CMake, and do what they say."""

import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path[:0] = ["", "packaging"]
os.environ["POSTSEAL"] = "cli/postseal"  # cli.harness wants it

from cli import harness

# RFC 8463 appendix A: its message, its time and its two keys.
NOW = "1528637909"
SENDER = "joe@football.example.com"
MESSAGE = pathlib.Path("testdata/messages/rfc8463_a3.eml").read_bytes()
KEYS = b"""\
brisbane._domainkey.football.example.com. TXT \
"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
test._domainkey.football.example.com. TXT ( "v=DKIM1; k=rsa; p="
 "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR"
 "iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
 "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
 "Ip3G+2kryOTIKT+l/K4w3QIDAQAB" )
_dmarc.football.example.com. TXT "v=DMARC1; p=reject"
"""
SERVED = b"$TTL 300\ncom. SOA ns.com. root.com. 1 3600 600 86400 300\ncom. NS ns.com.\n" + KEYS
WARNINGS = ["-O1", "-Wall", "-Wextra", "-pedantic", "-Werror"]


class StrangersPathTest(unittest.TestCase):
    """StrangersPathTest has a prefix, and a folder with the examples that came with it."""

    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.prefix = cls.folder / "prefix"
        subprocess.run(
            [sys.executable, "packaging/stage.py", "--prefix", str(cls.prefix), "--libdir",
             "lib/here", "--built", "."],
            check=True,
        )
        cls.work = cls.folder / "work"
        shutil.copytree(cls.prefix / "share/doc/libpostseal-dev/examples", cls.work)
        (cls.work / "zone").write_bytes(KEYS)
        cls.server = harness.NameServer(cls.folder, "com", SERVED)
        cls.addClassCleanup(cls.server.close)

    def run_there(self, *command: str, stdin: bytes = b"", status: int = 0) -> str:
        """Runs a program as the stranger, who has the prefix in the environment."""
        environment = {
            "PATH": os.environ["PATH"],
            "LD_LIBRARY_PATH": str(self.prefix / "lib/here"),
            "PKG_CONFIG_PATH": str(self.prefix / "lib/here/pkgconfig"),
        }
        done = subprocess.run(command, cwd=self.work, env=environment, input=stdin,
                              capture_output=True, timeout=300, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout.decode()

    def compile(self, source: str, *compiler: str, package: str = "postseal-unbound") -> str:
        flags = self.run_there("pkg-config", "--cflags", "--libs", package)
        self.run_there(*compiler, *WARNINGS, source, "-o", "program", *shlex.split(flags))
        return "./program"

    def messages(self, **octets: bytes) -> list[str]:
        for name, text in octets.items():
            (self.work / name).write_bytes(text)
        return list(octets)

    def test_the_installed_command(self) -> None:
        command = str(self.prefix / "bin/postseal")
        self.assertIn("dkim=pass", self.run_there(command, "demo"))
        version = self.run_there(command, "--version").split()[1]
        for name in ("postseal", "postseal-unbound"):
            self.assertEqual(self.run_there("pkg-config", "--modversion", name).strip(), version)
            library = self.prefix / f"lib/here/lib{name}.so"
            self.assertEqual(os.readlink(library), f"lib{name}.so.0")
            self.assertEqual(library.resolve().name, f"lib{name}.so.{version}")
            dynamic = self.run_there("readelf", "-d", str(library))
            self.assertIn(f"Library soname: [lib{name}.so.0]", dynamic)
            self.assertNotRegex(dynamic, "RPATH|RUNPATH")

    def test_every_header_is_installed(self) -> None:
        installed = {path.name for path in (self.prefix / "include").iterdir()}
        headers = {path.name for path in pathlib.Path("capi").glob("postseal*.h*")}
        self.assertEqual(installed, headers)

    def test_verify_blocking(self) -> None:
        forged = MESSAGE.replace(b"Are you hungry", b"Are you angry")
        offline = ("-z", "zone", "-n", NOW)
        for compiler in (("gcc",), ("clang-19", "-std=gnu11")):
            program = self.compile("c/verify_blocking.c", *compiler)
            for arguments, message, status, texts in (
                (offline, MESSAGE, 0, ("dkim=pass", "dmarc=pass")),
                (("-s", self.server.address, "-n", NOW), MESSAGE, 0, ("dkim=pass", "dmarc=pass")),
                (offline, forged, 1, ("dkim=fail", "dmarc=fail", "policy.dmarc=reject")),
                ((*offline, "-i", "192.0.2.1", "-f", SENDER), MESSAGE, 0, ("spf=none",)),
                ((*offline, "-i", "192.0.2"), MESSAGE, 2, ()),
                (("-z", "missing"), MESSAGE, 2, ()),
                (("-z", "c/verify_blocking.c"), MESSAGE, 2, ()),
            ):
                out = self.run_there(program, *arguments, stdin=message, status=status)
                for text in texts:
                    self.assertIn(text, out, arguments)

    def test_own_resolver(self) -> None:
        program = self.compile("c/own_resolver.c", "gcc", package="postseal")
        self.assertNotIn("unbound", self.run_there("readelf", "-d", program))
        key = "brisbane._domainkey.football.example.com"
        record = f"{key}=v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        policy = "_dmarc.football.example.com=v=DMARC1; p=reject"
        asked = {f"? {name}" for name in (
            key, "test._domainkey.football.example.com", "_dmarc.football.example.com",
            "_dmarc.example.com", "_dmarc.com")}
        for way in ((), ("-c",)):
            for records, status, word in (
                ((record,), 0, "pass"),
                ((record, policy), 0, "pass"),
                ((policy,), 1, "fail"),
                ((), 1, "fail"),
            ):
                arguments = (*way, "-n", NOW, *records)
                out = self.run_there(program, *arguments, stdin=MESSAGE, status=status)
                *queries, result = out.splitlines()
                self.assertEqual((set(queries), result), (asked, word), (way, records))

    def test_event_loop_mta(self) -> None:
        program = self.compile("c/event_loop_mta.c", "gcc")
        body = b"x" * 70 + b"\r\n"
        names = self.messages(
            good=MESSAGE,
            forged=MESSAGE.replace(b"hungry", b"angry"),
            unsigned=MESSAGE[MESSAGE.index(b"From:"):],
            long=MESSAGE + 3000 * body,
        )
        want = {
            "good: pass, verified": 400,
            "forged: fail, body-hash-mismatch": 400,
            "unsigned: fail": 400,
            "long: fail, body-hash-mismatch": 400,
        }
        out = self.run_there(program, "-s", self.server.address, "-n", NOW, *(400 * names))
        lines = out.splitlines()
        self.assertEqual({line: lines.count(line) for line in lines}, want)

    def test_event_loop_mta_whose_answers_do_not_come(self) -> None:
        program = self.compile("c/event_loop_mta.c", "gcc")
        silent = f"127.0.0.1:{harness.free_port()}"
        names = self.messages(good=MESSAGE)
        out = self.run_there(program, "-s", silent, "-n", NOW, "-w", "0", *(3 * names))
        self.assertEqual(out.splitlines(), 3 * ["good: temperror, key-lookup-failed"])

    def test_cmake(self) -> None:
        # What is installed may be moved: CMake finds everything from its own file.
        moved = self.folder / "moved"
        shutil.copytree(self.prefix, moved, symlinks=True)
        self.run_there("cmake", f"-DCMAKE_PREFIX_PATH={moved}",
                       f"-DPostseal_DIR={moved}/lib/here/cmake/Postseal",
                       "-DCMAKE_CXX_FLAGS=" + " ".join(WARNINGS), "-S", "cpp", "-B", "build")
        self.run_there("cmake", "--build", "build", "--verbose")
        out = self.run_there("build/verify")
        for text in ("dkim=pass", "dmarc=pass", "example.com: pass"):
            self.assertIn(text, out)
        out = self.run_there("build/verify", self.server.address, stdin=MESSAGE)
        self.assertIn("dkim=pass", out)
        forged = MESSAGE.replace(b"hungry", b"angry")
        self.run_there("build/verify", self.server.address, stdin=forged, status=1)
        self.run_there("build/verify", "no address", status=2)

    def test_cmake_versions(self) -> None:
        (self.work / "versions").mkdir()
        for wanted, status in (("", 0), ("0.1", 0), ("0.1.0 EXACT", 0), ("0.0", 1), ("0.1.1", 1),
                               ("0.2", 1), ("1.0", 1)):
            (self.work / "versions/CMakeLists.txt").write_text(
                "cmake_minimum_required(VERSION 3.16)\nproject(v LANGUAGES NONE)\n"
                f"find_package(Postseal {wanted} REQUIRED)\n"
            )
            self.run_there("cmake", f"-DPostseal_DIR={self.prefix}/lib/here/cmake/Postseal",
                           "-S", "versions", "-B", "versions/build", status=status)

    def test_stage_refuses(self) -> None:
        for arguments in (("--prefix", "relative"), ("--prefix", "/x", "--libdir", "/lib"),
                          ("--prefix", "/x", "--libdir", "../lib")):
            done = subprocess.run([sys.executable, "packaging/stage.py", *arguments],
                                  capture_output=True, check=False)
            self.assertEqual(done.returncode, 2, arguments)

    def test_install_refuses(self) -> None:
        for arguments in ((), ("relative",), ("/x", "/y"), ("--bogus", "/x"), ("/x", "--libdir")):
            command = ["packaging/install", *arguments]
            done = subprocess.run(command, capture_output=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, b""), arguments)
            self.assertIn(b"packaging/install PREFIX", done.stderr, arguments)
        done = subprocess.run(["packaging/install", "--help"], capture_output=True, check=True)
        self.assertIn(b"--libdir DIR", done.stdout)


if __name__ == "__main__":
    unittest.main()
