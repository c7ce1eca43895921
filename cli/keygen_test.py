"""Tests of postseal keygen against opendkim-genkey, and of postseal testkey."""

import json
import os
import re
import shutil
import stat
import subprocess
import unittest

from cli.harness import KEYS, CommandLineTest, Run, postseal, zone_text

GENKEY = shutil.which("opendkim-genkey") or shutil.which("opendkim-genkey", path="/usr/sbin")


def masked(text: str) -> str:
    """Returns a .txt file with every character of its key as #, but the line breaks."""
    head, mark, tail = text.partition('"p=')
    key = re.compile(r'[A-Za-z0-9+/=]+(?=")')
    body, end, rest = tail.partition(" )")
    return head + mark + key.sub(lambda m: "#" * len(m[0]), body) + end + rest


class KeygenTest(CommandLineTest):
    def keygen(self, *arguments: str) -> Run:
        return postseal("keygen", "-D", str(self.folder), *arguments)

    def test_the_files(self) -> None:
        run = self.keygen("-d", "example.com", "-s", "s1")
        self.assertEqual(run, Run(0, b"", ""))
        names = {path.name for path in self.folder.iterdir()} - {"example.zone"}
        self.assertEqual(names, {"s1.private", "s1.txt"})

    def test_defaults_are_those_of_opendkim_genkey(self) -> None:
        self.keygen()
        text = (self.folder / "default.txt").read_text()
        self.assertTrue(text.endswith(" )  ; ----- DKIM key default for localhost\n"), text)

    def test_only_the_owner_may_read_them_whatever_the_umask(self) -> None:
        for umask in (0o000, 0o077, 0o277):
            old = os.umask(umask)
            try:
                run = self.keygen("-b", "1024")
            finally:
                os.umask(old)
            self.assertEqual(run.status, 0, run.err)
            for name in ("default.private", "default.txt"):
                mode = stat.S_IMODE((self.folder / name).stat().st_mode)
                self.assertEqual(mode, 0o600, name)

    def test_the_layout_is_that_of_opendkim_genkey(self) -> None:
        self.assertIsNotNone(GENKEY, "install Debian's package opendkim-tools")
        peer = self.folder / "peer"
        peer.mkdir()
        for number, flags in enumerate(
            (
                "-b 2048",
                "-b 1024",
                "-b 4096",
                "-b1024 -dexample.com",
                "-b 1024 -d example.com -a",
                "-b 1024 -h sha256:sha1",
                "-b 1024 -h sha1",
                "-b 1024 -n note",
                "-b 1024 -r",
                "-b 1024 -t",
                "-b 1024 -S",
                "-b 1024 -tS",
                "-b 1024 -Sart -n note -h sha256 -d example.com",
                "-b 1024 --nosubdomains",
                "-b 1024 --no-subdomains",
                "-b 1024 --subdomains",
                "-b 1024 -S --subdomains",
                "-b 1024 -t --notestmode",
                "-b 1024 -r --norestrict -a --noappend-domain",
                "-b 1024 -r --no-restrict -a --no-append-domain -t --no-testmode",
                "--bits=1024 --domain=example.com --append-domain --note=n --restrict --testmode",
                "--bits 1024 --domain example.com --hash-algorithms sha256",
            )
        ):
            with self.subTest(flags):
                arguments = [*flags.split(), "-s", f"s{number}"]
                self.assertEqual(self.keygen(*arguments), Run(0, b"", ""))
                subprocess.run([GENKEY, "-D", str(peer), *arguments], check=True)
                ours = (self.folder / f"s{number}.txt").read_text()
                theirs = (peer / f"s{number}.txt").read_text()
                self.assertEqual(masked(ours), masked(theirs))
                ours = (self.folder / f"s{number}.private").read_text().splitlines()
                theirs = (peer / f"s{number}.private").read_text().splitlines()
                self.assertEqual((ours[0], ours[-1]), (theirs[0], theirs[-1]))
                self.assertEqual({len(line) for line in ours[1:-2]}, {64})

    def test_openssl_takes_the_keys(self) -> None:
        for arguments in (("-b", "1024"), ("-b", "2048"), ("--type", "ed25519")):
            self.assertEqual(self.keygen(*arguments).status, 0)
            path = str(self.folder / "default.private")
            check = subprocess.run(
                ["openssl", "pkey", "-in", path, "-check", "-noout"],
                capture_output=True,
                check=False,
            )
            self.assertEqual(check.returncode, 0, check.stderr)

    def test_what_was_there_is_kept(self) -> None:
        self.keygen("-b", "1024")
        names = ("default.private", "default.txt")
        old = {name: (self.folder / name).read_bytes() for name in names}
        run = self.keygen("-b", "1024")
        self.assertEqual(run.status, 0)
        for name, octets in old.items():
            self.assertEqual((self.folder / f"{name}.old").read_bytes(), octets)
            self.assertNotEqual((self.folder / name).read_bytes(), octets)
            self.assertIn(f"{name}.old", run.err)

    def test_a_link_in_the_way_is_not_followed(self) -> None:
        victim = self.write("victim", b"mine")
        os.symlink(victim, self.folder / "default.private")
        os.symlink(victim, self.folder / "default.txt.new")
        self.keygen("-b", "1024")
        with open(victim, "rb") as file:
            self.assertEqual(file.read(), b"mine")

    def test_refusals(self) -> None:
        for arguments, *texts in (
            (("-s", "../x"), "../x"),
            (("-s", "a/b"), "a/b"),
            (("-s", "/etc/x"), "/etc/x"),
            (("-s", ""), "-s"),
            (("-s", ".."), ".."),
            (("-d", "exa mple"), "exa mple"),
            (("-d", ""), "-d"),
            (("-b", "512"), "512"),
            (("-b", "8192"), "8192"),
            (("-b", "abc"), "--bits", "abc"),
            (("-b", "0"), "--bits"),
            (("--type", "dsa"), "--type", "dsa"),
            (("-n", 'a"b'), "note"),
            (("-n", "a;b"), "note"),
            (("-h", "sha 256"), "hash"),
            (("-D", str(self.folder / "missing")), "missing", "No such file"),
            (("extra",), "extra"),
        ):
            with self.subTest(arguments):
                before = sorted(self.folder.iterdir())
                default = () if "-D" in arguments else ("-D", str(self.folder))
                self.assert_refused(postseal("keygen", *default, *arguments), *texts)
                self.assertEqual(sorted(self.folder.iterdir()), before)

    def test_no_hashes(self) -> None:
        for value in (("-h", ""), ("--hash-algorithms=",)):
            self.assertEqual(self.keygen("-b", "1024", "-s", "all", *value).status, 0)
            text = (self.folder / "all.txt").read_text()
            start = 'all._domainkey\tIN\tTXT\t( "v=DKIM1; k=rsa; "\n'
            self.assertTrue(text.startswith(start), text)

    def test_verbose(self) -> None:
        run = self.keygen("-v", "-b", "1024")
        self.assertEqual((run.status, run.out), (0, b""))
        for text in ("default.private", "default.txt"):
            self.assertIn(text, run.err)


class TestkeyTest(CommandLineTest):
    def check(self, selector: str, *arguments: str, zone: bytes = b"") -> Run:
        path = self.write("test.zone", zone_text() + zone)
        return postseal("testkey", "--zone", path, "-d", "example.com", "-s", selector, *arguments)

    def key_file(self, name: str) -> str:
        return self.write(f"{name}.pem", (KEYS / f"{name}.pem").read_bytes())

    def test_outcomes(self) -> None:
        zone = (
            b'revoked._domainkey TXT "v=DKIM1; p="\n'
            b'broken._domainkey TXT "v=DKIM1; p=!!"\n'
            b'text._domainkey TXT "hello"\n'
            b"bare._domainkey A 192.0.2.1\n"
            b'twice._domainkey TXT "v=DKIM1; p="\n'
            b'twice._domainkey TXT "v=DKIM1; p=AA=="\n'
            b"$FAIL fail._domainkey TXT\n"
            b"$TIMEOUT late._domainkey TXT\n"
        )
        rsa, ed25519 = self.key_file("rsa2048"), self.key_file("ed25519")
        for selector, arguments, status, outcome in (
            ("rsa2048", (), 0, "good"),
            ("ed25519", (), 0, "good"),
            ("rsa2048", ("-k", rsa), 0, "good"),
            ("ed25519", ("-k", ed25519), 0, "good"),
            ("rsa2048", ("-k", ed25519), 1, "mismatch"),
            ("rsa1024", ("--key", rsa), 1, "mismatch"),
            ("nothing", (), 1, "missing"),
            ("bare", (), 1, "missing"),
            ("revoked", (), 1, "invalid"),
            ("broken", (), 1, "invalid"),
            ("text", (), 1, "invalid"),
            ("twice", (), 1, "several"),
            ("fail", (), 75, "temperror"),
            ("late", ("--timeout", "0.2"), 75, "temperror"),
        ):
            with self.subTest((selector, arguments)):
                plain = self.check(selector, *arguments, zone=zone)
                self.assertEqual((plain.status, plain.err), (status, ""))
                name = f"{selector}._domainkey.example.com"
                self.assertTrue(plain.out.startswith(f"{name}: {outcome}".encode()), plain.out)
                run = self.check(selector, *arguments, "--json", zone=zone)
                self.assertEqual((run.status, run.out.count(b"\n")), (status, 1))
                report = json.loads(run.out)
                self.assertEqual(
                    (report["name"], report["outcome"], report["good"]),
                    (name, outcome, status == 0),
                )
                for field, kind in (
                    ("detail", str),
                    ("key_type", str),
                    ("key_bits", int),
                    ("testing", bool),
                    ("secure", bool),
                ):
                    self.assertIs(type(report[field]), kind, field)

    def test_explain_shows_the_record_escaped(self) -> None:
        zone = b'evil._domainkey TXT "v=DKIM1; n=\\027[2J; p="\n'
        run = self.check("evil", "--explain", zone=zone)
        self.assertIn(b"  - v=DKIM1; n=\\x1b[2J; p=\n", run.out)

    def test_what_keygen_makes_is_good(self) -> None:
        folder = str(self.folder)
        for arguments in (("-s", "k1"), ("-s", "k2", "--type", "ed25519"), ("-s", "k3", "-tSra")):
            made = postseal("keygen", "-d", "example.com", "-D", folder, *arguments)
            self.assertEqual(made.status, 0)
            zone = (self.folder / f"{arguments[1]}.txt").read_bytes()
            key = str(self.folder / f"{arguments[1]}.private")
            run = self.check(arguments[1], "-k", key, zone=zone)
            self.assertEqual((run.status, run.err), (0, ""), run.out)

    def test_names_that_cannot_be(self) -> None:
        for domain, selector in (("exa mple", "s"), ("example.com", "a b"), ("", "s")):
            run = postseal("testkey", "--zone", self.zone, "-d", domain, "-s", selector)
            self.assert_refused(run, "-d", "-s")


if __name__ == "__main__":
    unittest.main()
