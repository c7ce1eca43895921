"""Tests of what all commands share: help, usage errors, files, standard output."""

import os
import pathlib
import subprocess
import unittest

from cli.harness import MESSAGE, NOW, POSTSEAL, CommandLineTest, postseal

COMMANDS = ("keygen", "testkey", "sign", "verify", "replay", "spf", "dmarc", "authres", "store",
            "demo")


class UsageTest(CommandLineTest):
    def test_help_has_an_example(self) -> None:
        for command in ((), *((name,) for name in COMMANDS)):
            run = postseal(*command, "--help")
            self.assertEqual((run.status, run.err), (0, ""), command)
            self.assertIn(b"Example: postseal ", run.out, command)

    def test_version(self) -> None:
        run = postseal("--version")
        self.assertEqual((run.status, run.err), (0, ""))
        self.assertRegex(run.out, rb"\Apostseal \d+\.\d+\.\d+\n\Z")

    def test_usage_errors_are_one_line(self) -> None:
        for arguments, *texts in (
            ((), "a command is required", "postseal --help"),
            (("bogus",), "bogus"),
            (("--bogus",), "--bogus"),
            *(((command, "--bogus"), "--bogus") for command in ("keygen", "verify", "replay", "spf", "demo")),
            (("sign", "--key", self.key("rsa2048"), "--bogus"), "--bogus"),
            (("testkey", "-d", "a.example", "-s", "s", "--bogus"), "--bogus"),
            (("testkey", "-d", "a.example"), "--selector"),
            (("sign",), "--key"),
            (("demo", "extra"), "extra"),
            (("store", "prune", "sqlite:x"), "--days"),
            (("store", "prune", "--days", "9"), "URL"),
            (("store", "prune", "--days", "0", "sqlite:x"), "--days", "1 to 36500"),
            (("store", "prune", "--days", "36501", "sqlite:x"), "--days", "36501"),
            (("store", "prune", "--days", "9", "--rows", "0", "sqlite:x"), "--rows", "0"),
            (("store", "prune", "--days", "9", "mysql://h/d"), "sqlite:PATH"),
            (("verify", "--zone"), "--zone"),
            (("verify", "--now", "5", "--now", "6", "m"), "--now"),
            (("verify", "--now", "-1", "m"), "--now", "-1"),
            (("verify", "--now", "0x10", "m"), "--now", "0x10"),
            (("verify", "--now", "1.5", "m"), "--now", "1.5"),
            (("verify", "--now", "", "m"), "--now"),
            (("verify", "--now", "99999999999999999999", "m"), "--now"),
            (("verify", "--timeout", "x", "m"), "--timeout", "x"),
            (("verify", "--timeout", "nan", "m"), "--timeout", "nan"),
            (("verify", "--timeout", "-1", "m"), "--timeout", "-1"),
            (("verify", "--timeout", "3601", "m"), "--timeout", "3601"),
            (("verify", "--allow", "rsa-md5", "m"), "--allow", "rsa-md5"),
            (("verify", "--allow", "rsa-sha1,", "m"), "--allow"),
            (("verify", "--dns", "1.2.3", "m"), "1.2.3"),
            (("verify", "--dns", "127.0.0.1", "--zone", self.zone, "m"), "--zone", "--dns"),
            (("verify", "--add-header", "--json", "m"), "--add-header"),
            (("verify", "--add-header", "m", "n"), "--add-header"),
            (("verify", "--format", "eml", "m"), "--format eml", "mbox"),
            (("verify", "--store", "mysql://h/d", "m"), "--store", "sqlite:PATH"),
            (("verify", "--spool", "d", "m"), "--spool", "--store"),
            (("verify", "--jobs", "0", "m"), "--jobs", "1 to 256", "0"),
            (("verify", "--jobs", "257", "m"), "--jobs", "257"),
            (("sign", "--key", "example.com:s1", "m"), "example.com:s1"),
            (("sign", "--key", "example.com:s1:", "m"), "example.com:s1:"),
        ):
            with self.subTest(arguments):
                self.assert_refused(postseal(*arguments), *texts)

    def test_unreadable_files_are_named(self) -> None:
        missing = str(self.folder / "missing")
        folder = str(self.folder)
        empty = self.write("empty", b"")
        zone = ("--zone", self.zone)
        for arguments, *texts in (
            (("verify", *zone, missing), missing, "No such file"),
            (("verify", "--zone", missing, "m"), missing, "No such file"),
            (("verify", "--zone", folder, "m"), folder, "Is a directory"),
            (("sign", "--key", self.key("rsa2048"), missing), missing),
            (("sign", "--key", self.key("rsa2048"), folder), folder),
            (("sign", "--key", f"example.com:s1:{missing}"), missing, "No such file"),
            (("sign", "--key", f"example.com:s1:{folder}"), folder, "Is a directory"),
            (("sign", "--key", f"example.com:s1:{empty}"), empty),
            (("sign", "--key", f"example.com:s1:{self.zone}"), self.zone),
            (("testkey", "-d", "example.com", "-s", "rsa2048", *zone, "-k", missing), missing),
            (("testkey", "-d", "example.com", "-s", "rsa2048", *zone, "-k", empty), empty),
        ):
            with self.subTest(arguments):
                self.assert_refused(postseal(*arguments, stdin=MESSAGE), *texts)

    def test_a_bad_zone_is_named_with_line_and_column(self) -> None:
        bad = self.write("bad.zone", b"a.example. TXT \"x\"\nb.example. MX -1 mail.example.\n")
        for command in (
            ("verify",),
            ("testkey", "-d", "a.example", "-s", "s"),
            ("spf", "--client-ip", "192.0.2.1", "--helo", "a.example"),
            ("spf", "--lint", "a.example"),
        ):
            self.assert_refused(postseal(*command, "--zone", bad), f"{bad}:2:15: ")

    def test_an_empty_message_is_no_usage_error(self) -> None:
        empty = self.write("empty", b"")
        self.assertEqual(postseal("verify", empty).status, 1)
        run = postseal("sign", "--key", self.key("rsa2048"), empty)
        self.assert_refused(run, empty, "From", status=1)

    def test_every_file_name_is_taken_as_it_is(self) -> None:
        names = ["[m]", "[a,b]", "{}", "%%", "a,b", " m", '"m"', "@m", "verify", "m=n", "-m"]
        for name in names:
            self.write(name, MESSAGE)
        command = [POSTSEAL, "verify", "--zone", self.zone, "--", *names]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, timeout=60, check=False
        )
        self.assertEqual((done.returncode, done.stderr), (1, b""))
        got = [line.partition(": Auth")[0] for line in done.stdout.decode().splitlines()]
        self.assertEqual(got, names)

    def test_empty_values(self) -> None:
        for value in (("--oversign", ""), ("--oversign=",)):
            signed = self.sign("--headers", "From,To", *value)
            self.assertIn(b"h=From:To:From;", signed)

    def test_numbers_are_decimal(self) -> None:
        run = postseal("sign", "--key", self.key("rsa2048"), "--now", "010", stdin=MESSAGE)
        self.assertIn(b"t=10;", run.out)

    def test_attacker_text_is_escaped(self) -> None:
        evil = b"\x1b]0;owned\x07\x9b2J"
        message = b"DKIM-Signature: v=1; a=" + evil + b"; d=" + evil + b"; s=x\r\n" + MESSAGE
        path = self.write("evil\x1b[2J.eml", message)
        for arguments in (("--explain",), ("--json",), (), (path, path)):
            run = self.verify(message, *arguments)
            for octet in b"\x1b\x07\x9b":
                self.assertNotIn(bytes([octet]), run.out, arguments)
        for arguments in (("bo\x1bgus",), ("verify", path + "\x1b"), ("verify", "--\x1b")):
            self.assert_refused(postseal(*arguments), "\\x1b")

    def test_standard_output_that_cannot_be_written(self) -> None:
        message = self.write("m.eml", MESSAGE)
        for arguments in (
            ("--help",),
            ("demo",),
            ("spf", "--zone", self.zone, "--lint", "example.com"),
            ("verify", message),
            ("verify", "--add-header", message),
            ("sign", "--now", NOW, "--key", self.key("rsa2048"), message),
        ):
            for redirection in (">&-", ">/dev/full"):
                done = subprocess.run(
                    ["/bin/sh", "-c", f'"$0" "$@" {redirection}', POSTSEAL, *arguments],
                    capture_output=True,
                    timeout=60,
                    check=False,
                )
                self.assertEqual(done.returncode, 2, arguments)
                self.assertIn(b"standard output cannot be written", done.stderr)

    def test_a_reader_that_goes_away(self) -> None:
        message = self.write("big.eml", MESSAGE + b"x" * 70 + b"\r\n" * 100_000)
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer) as output:
            done = subprocess.run(
                [POSTSEAL, "verify", "--add-header", message],
                stdout=output,
                stderr=subprocess.PIPE,
                timeout=60,
                check=False,
            )
        self.assertEqual((done.returncode, done.stderr), (2, b""))

    def test_closed_standard_input(self) -> None:
        for command in (["verify"], ["sign", "--key", self.key("rsa2048")]):
            done = subprocess.run(
                ["/bin/sh", "-c", '"$0" "$@" <&-', POSTSEAL, *command],
                capture_output=True,
                timeout=60,
                check=False,
            )
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"standard input", done.stderr)

    def test_demo(self) -> None:
        run = postseal("demo")
        self.assertEqual((run.status, run.err), (0, ""))
        for text in (
            b"myselector._domainkey.example.tech-mmmm.com.\tIN\tTXT",
            b"a=ed25519-sha256",
            b"Authentication-Results: mx.example.org;",
            b"spf=pass smtp.mailfrom=example.tech-mmmm.com",
            b"dkim=pass",
            b"dmarc=pass header.from=example.tech-mmmm.com",
            b"  - spf=pass",
            b"  - dkim=pass\n",
            b"    - signature 1: pass",
            b"    - signature 2: pass",
        ):
            self.assertIn(text, run.out)
        self.assertEqual(run.out.count(b"Authentication-Results:"), 1)


class SourceTest(unittest.TestCase):
    def test_cli11_stays_in_two_files(self) -> None:
        """Its headers take seconds to compile."""
        users = [p.name for p in pathlib.Path("cli").glob("*.*") if "CLI/CLI.hpp" in p.read_text()]
        self.assertEqual(sorted(set(users) - {"usage_test.py"}), ["main.cc", "options.cc"])


if __name__ == "__main__":
    unittest.main()
