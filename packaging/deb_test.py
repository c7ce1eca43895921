#!/usr/bin/env python3
"""Tests of the Debian packages: unpacked into an empty root they work, and what they say
of themselves is true."""

import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, "packaging")
import deb

ZONE = b'brisbane._domainkey.football.example.com. TXT "v=DKIM1; p="\n'


def output(*command: str, cwd: pathlib.Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


class DebTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.packages = {path.name.partition("_")[0]: path for path in deb.build(cls.folder / "out")}
        cls.root = cls.folder / "root"
        for path in cls.packages.values():
            output("dpkg-deb", "-x", str(path), str(cls.root))
        cls.multiarch = output("gcc", "-print-multiarch").strip()
        cls.libdir = cls.root / "usr/lib" / cls.multiarch

    def field(self, package: str, name: str) -> str:
        return output("dpkg-deb", "-f", str(self.packages[package]), name).strip()

    def control_file(self, package: str, name: str) -> str:
        return output("dpkg-deb", "-I", str(self.packages[package]), name)

    def files(self, package: str) -> list[str]:
        listing = output("dpkg-deb", "-c", str(self.packages[package])).splitlines()
        return [line.split(None, 5)[5].partition(" -> ")[0] for line in listing if line[0] != "d"]

    def test_the_same_tree_makes_the_same_octets(self) -> None:
        for path in deb.build(self.folder / "again"):
            first = self.packages[path.name.partition("_")[0]]
            self.assertEqual(path.name, first.name)
            self.assertEqual(path.read_bytes(), first.read_bytes(), path.name)

    def test_the_command(self) -> None:
        out = output(str(self.root / "usr/bin/postseal"), "demo")
        self.assertIn("dkim=pass", out)

    def test_a_program_against_the_libraries(self) -> None:
        environment = {
            **os.environ,
            "PKG_CONFIG_SYSROOT_DIR": str(self.root),
            "PKG_CONFIG_LIBDIR": str(self.libdir / "pkgconfig"),
            "LD_LIBRARY_PATH": str(self.libdir),
        }
        source = self.root / "usr/share/doc/libpostseal-dev/examples/c/verify_blocking.c"
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "postseal-unbound"],
                               env=environment, capture_output=True, text=True, check=True).stdout
        program = str(self.folder / "program")
        subprocess.run(["gcc", str(source), "-o", program, *shlex.split(flags)], check=True)
        (self.folder / "zone").write_bytes(ZONE)
        message = b"From: a@example.com\r\n\r\n"
        done = subprocess.run([program, "-z", str(self.folder / "zone")], env=environment,
                              input=message, capture_output=True, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"dkim=none", done.stdout)

    def test_what_is_in_which(self) -> None:
        owners: dict[str, str] = {}
        for package in self.packages:
            for name in self.files(package):
                self.assertNotIn(name, owners, package)
                owners[name] = package
        lib = f"./usr/lib/{self.multiarch}"
        for name, package in {
            f"{lib}/libpostseal.so.0": "libpostseal0",
            f"{lib}/libpostseal-unbound.so.0": "libpostseal-unbound0",
            f"{lib}/libpostseal.so": "libpostseal-dev",
            f"{lib}/pkgconfig/postseal.pc": "libpostseal-dev",
            f"{lib}/cmake/Postseal/PostsealConfig.cmake": "libpostseal-dev",
            "./usr/include/postseal.hpp": "libpostseal-dev",
            "./usr/bin/postseal": "postseal",
            "./usr/share/man/man1/postseal-verify.1.gz": "postseal",
            "./usr/share/zsh/vendor-completions/_postseal": "postseal",
            "./usr/share/bash-completion/completions/postseal": "postseal",
            "./usr/share/fish/vendor_completions.d/postseal.fish": "postseal",
            "./etc/postseal-milter.conf": "postseal-milter",
            "./usr/sbin/postseal-milter": "postseal-milter",
            "./usr/lib/systemd/system/postseal-milter.service": "postseal-milter",
            "./usr/lib/sysusers.d/postseal-milter.conf": "postseal-milter",
            "./usr/lib/tmpfiles.d/postseal-milter.conf": "postseal-milter",
            "./usr/share/man/man8/postseal-milter.8.gz": "postseal-milter",
            "./usr/share/man/man5/postseal-milter.conf.5.gz": "postseal-milter",
            "./usr/share/bash-completion/completions/postseal-milter": "postseal-milter",
            "./usr/share/doc/postseal-milter/examples/opendkim.conf": "postseal-milter",
        }.items():
            self.assertEqual(owners.get(name), package, name)
        for package in self.packages:
            for document in ("copyright", "changelog.Debian.gz"):
                self.assertEqual(owners[f"./usr/share/doc/{package}/{document}"], package)

    def test_everything_is_roots(self) -> None:
        for package in self.packages:
            for line in output("dpkg-deb", "-c", str(self.packages[package])).splitlines():
                mode, owner, *_ = line.split()
                self.assertEqual(owner, "root/root", line)
                runs = "x" if re.search("/s?bin/", line) else "-"
                file = f"-rw{runs}r-{runs}r-{runs}"
                want = {"d": "drwxr-xr-x", "l": "lrwxrwxrwx", "-": file}[mode[0]]
                self.assertEqual(mode, want, line)

    def test_md5sums(self) -> None:
        for package in self.packages:
            sums = self.control_file(package, "md5sums")
            subprocess.run(["md5sum", "--check", "--quiet"], cwd=self.root, input=sums, text=True,
                           check=True)
            listed = {"./" + line.split("  ", 1)[1] for line in sums.splitlines()}
            there = {n for n in self.files(package)
                     if not (self.root / n).is_symlink() and not n.startswith("./etc/")}
            self.assertEqual(listed, there)

    def test_depends_on_every_library_that_it_links(self) -> None:
        """Judged by readelf and dpkg's list of files, without dpkg-shlibdeps."""
        for package, file in (
            ("libpostseal0", self.libdir / "libpostseal.so.0"),
            ("libpostseal-unbound0", self.libdir / "libpostseal-unbound.so.0"),
            ("postseal", self.root / "usr/bin/postseal"),
            ("postseal-milter", self.root / "usr/sbin/postseal-milter"),
        ):
            needed = re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-d", str(file)))
            depends = {word.split()[0] for word in self.field(package, "Depends").split(",")}
            self.assertIn("libc.so.6", needed)
            for library in needed:
                if library == "libpostseal.so.0":
                    owner = "libpostseal0"
                else:
                    owner = output("dpkg", "-S", f"*/{self.multiarch}/{library}").partition(":")[0]
                self.assertIn(owner, depends, library)

    def test_symbols_are_those_of_the_library(self) -> None:
        for package, name in deb.LIBRARY_PACKAGES.items():
            head, *lines = self.control_file(package, "symbols").splitlines()
            self.assertEqual(head, f"{name}.so.0 {package} #MINVER#")
            exported = output("nm", "-D", "--defined-only", str(self.libdir / f"{name}.so.0"))
            want = {line.split()[2].replace("@@", "@") for line in exported.splitlines()}
            version_node = {symbol for symbol in want if "@" not in symbol}
            listed = {line.split()[0] for line in lines}
            self.assertEqual({symbol for symbol in listed if not symbol.startswith("POSTSEAL")},
                             want - version_node)
            self.assertIn("activate-noawait ldconfig", self.control_file(package, "triggers"))

    def test_licences_of_what_is_linked_in(self) -> None:
        text = (self.root / "usr/share/doc/libpostseal0/copyright").read_text(encoding="utf-8")
        for name in ("Apache-2.0", "BoringSSL", "Expat", "BSD-3-clause"):
            self.assertEqual(len(re.findall(rf"^License: {name}\n ", text, re.MULTILINE)), 1, name)
        self.assertNotRegex(text, r"\n\n\n")

    def test_versions_agree(self) -> None:
        version = output(str(self.root / "usr/bin/postseal"), "--version").split()[1]
        for package in self.packages:
            self.assertEqual(self.field(package, "Version").partition("-")[0], version)


if __name__ == "__main__":
    unittest.main()
