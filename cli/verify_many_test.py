"""Tests of verify for several messages: order, mailbox files, directories, threads."""

import json
import os
import pathlib
import subprocess
import unittest

from cli.harness import (
    MESSAGE,
    NOW,
    POSTSEAL,
    CommandLineTest,
    NameServer,
    Run,
    lines,
    postseal,
    zone_text,
)

SEPARATOR = b"From alice@example.com Thu Jan  1 00:00:00 2026"


def unix(octets: bytes) -> bytes:
    return octets.replace(b"\r\n", b"\n")


def mbox(*messages: bytes, end: bytes = b"\n") -> bytes:
    """Returns a mailbox file in Unix form with |messages|, quoted as mboxrd does."""
    entries = []
    for message in messages:
        text = unix(message).split(b"\n")
        quoted = [b">" + t if t.lstrip(b">").startswith(b"From ") else t for t in text]
        entries.append(SEPARATOR + b"\n" + b"\n".join(quoted) + end)
    return b"".join(entries)


class ManyTest(CommandLineTest):
    def setUp(self) -> None:
        super().setUp()
        self.signed = self.sign()

    def run_verify(self, *arguments: str | bytes, stdin: bytes = b"") -> Run:
        fixed = ("verify", "--zone", self.zone, "--now", NOW, "--authserv-id", "mx.example")
        return postseal(*fixed, *arguments, stdin=stdin)

    def verdicts(self, *arguments: str, stdin: bytes = b"") -> list[tuple[str, str]]:
        """Returns what each message is called, relative to the folder, and its DKIM result."""
        run = self.run_verify("--json", *arguments, stdin=stdin)
        self.assertEqual(run.err, "")
        reports = [json.loads(line) for line in lines(run.out)]
        found = []
        for report in reports:
            signatures = report["dkim"]
            name = report["message"].removeprefix(f"{self.folder}/")
            found.append((name, signatures[0]["result"] if signatures else "none"))
        return found

    def folder_of(self, name: str, files: dict[str, bytes]) -> str:
        """Writes a folder and returns its path."""
        for file, octets in files.items():
            path = self.folder / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(octets)
        return str(self.folder / name)


class OrderTest(ManyTest):
    def test_the_order_is_that_of_the_messages(self) -> None:
        """Sizes from nothing to a megabyte, so that a later one is often done first."""
        large = self.sign(message=MESSAGE + b"a line of text\r\n" * 70_000)
        files = {}
        for i in range(200):
            files[f"{i:03}.eml"] = large if i % 20 == 0 else self.signed if i % 3 else MESSAGE
        folder = self.folder_of("all", files)
        expected = [
            (f"all/{i:03}.eml", "pass" if i % 20 == 0 or i % 3 else "none") for i in range(200)
        ]
        self.assertEqual(self.verdicts("--jobs", "4", folder), expected)
        for arguments in ((), ("--json",), ("--explain",)):
            one = self.run_verify("--jobs", "1", *arguments, folder)
            self.assertEqual(one, self.run_verify("--jobs", "4", *arguments, folder), arguments)
            self.assertEqual(one, self.run_verify(*arguments, folder), arguments)

    def test_a_file_that_cannot_be_read_does_not_stop_the_others(self) -> None:
        good = [self.write(f"{i}.eml", self.signed) for i in range(3)]
        missing = str(self.folder / "missing.eml")
        for jobs in ("1", "4"):
            run = self.run_verify("--jobs", jobs, good[0], good[1], missing, good[2])
            self.assertEqual(run.status, 2)
            self.assertEqual(
                run.err, f"postseal: {missing}: cannot be opened: No such file or directory\n"
            )
            self.assertEqual([line.partition(": ")[0] for line in lines(run.out)], good)

    def test_the_status_is_the_worst(self) -> None:
        signed = self.write("signed.eml", self.signed)
        unsigned = self.write("unsigned.eml", MESSAGE)
        failing = self.write("failing.zone", b"$FAIL rsa2048._domainkey.example.com\n")
        for arguments, status in (
            ((signed, signed), 0),
            ((signed, unsigned), 1),
            ((unsigned, signed), 1),
            (("--zone", failing, unsigned, signed), 75),
            (("--zone", failing, signed, unsigned, "missing"), 2),
        ):
            run = self.run_verify("--jobs", "2", *arguments)
            self.assertEqual(run.status, status, arguments)

    def test_one_message_has_no_name(self) -> None:
        path = self.write("m.eml", self.signed)
        self.assertNotIn("message", json.loads(self.run_verify("--json", path).out))
        self.assertTrue(self.run_verify(path).out.startswith(b"Authentication-Results: "))
        # A folder has names, however many are in it.
        folder = self.folder_of("folder", {"m.eml": self.signed})
        self.assertEqual(self.verdicts(folder), [("folder/m.eml", "pass")])

    def test_what_is_about_one_message_refuses_several(self) -> None:
        folder = self.folder_of("folder", {"m.eml": self.signed})
        box = self.write("box", mbox(self.signed))
        for path in (folder, box):
            self.assert_refused(self.run_verify("--add-header", path), "--add-header")
            record = str(self.folder / "record")
            self.assert_refused(self.run_verify("--record", record, path), "--record")
        run = self.run_verify("--add-header", "--format", "message", "--quiet", box)
        self.assert_refused(run, "nothing can be put before its first line")


class MboxTest(ManyTest):
    # RFC 5322 has no rule about such lines: they are what mailbox files must quote.
    BODY = b"\r\n".join((b"From here on", b">From there", b">>From", b"", b"From a b", b"", b""))

    def test_messages_are_numbered_and_unquoted(self) -> None:
        signed = self.sign(message=MESSAGE + self.BODY)
        for name, octets in (
            ("unix", mbox(signed, self.signed, MESSAGE)),
            ("crlf", mbox(signed, self.signed, MESSAGE).replace(b"\n", b"\r\n")),
            ("mixed", unix(SEPARATOR) + b"\n" + mbox(signed).partition(b"\n")[2].replace(
                b"\n", b"\r\n") + mbox(self.signed, MESSAGE)),
            ("no end", mbox(signed, self.signed, MESSAGE).removesuffix(b"\n")),
        ):
            with self.subTest(name):
                path = self.write("box", octets)
                expected = [("box:1", "pass"), ("box:2", "pass"), ("box:3", "none")]
                self.assertEqual(self.verdicts(path), expected)
                self.assertEqual(self.verdicts("--format", "mbox", path), expected)
                from_stdin = self.verdicts("-", stdin=octets)
                named = [(f"standard input:{i + 1}", r) for i, (_, r) in enumerate(expected)]
                self.assertEqual(from_stdin, named)

    def test_mboxo(self) -> None:
        """It quotes "From " alone: ">From " in a message is taken for that."""
        signed = self.sign(message=MESSAGE + b"From here on\r\n")
        box = SEPARATOR + b"\n" + unix(signed).replace(b"\nFrom here", b"\n>From here") + b"\n"
        self.assertEqual(self.verdicts(self.write("box", box)), [("box:1", "pass")])

    def test_the_last_message_without_a_line_end(self) -> None:
        # The line end is not in the file, and simple canonicalization adds it. RFC 6376 §3.4.3
        message = MESSAGE.rstrip(b"\r\n") + b"\r\n"
        signed = self.sign("--canonicalization", "simple/simple", message=message)
        box = mbox(self.signed) + mbox(signed, end=b"").removesuffix(b"\n")
        self.assertEqual(self.verdicts(self.write("box", box)), [("box:1", "pass"), ("box:2", "pass")])

    def test_an_empty_mailbox(self) -> None:
        empty = self.write("empty", b"")
        run = self.run_verify("--format", "mbox", empty)
        self.assertEqual((run.status, run.out), (0, b""))
        self.assertEqual(run.err, "postseal: there are no messages\n")
        # By itself it is a message without anything.
        self.assertEqual(self.run_verify(empty).status, 1)

    def test_a_message_is_no_mailbox_file(self) -> None:
        path = self.write("m.eml", self.signed)
        self.assert_refused(self.run_verify("--format", "mbox", path), path, 'begin with "From "')

    def test_as_a_message(self) -> None:
        path = self.write("box", mbox(self.signed))
        run = self.run_verify("--format", "message", "--json", path)
        report = json.loads(run.out)
        self.assertNotIn("message", report)
        self.assertIn("header-mbox-line", report["notes"])

    def test_lines_longer_than_what_is_read_at_a_time(self) -> None:
        """A separator line on each side of the 64 KiB that are read at a time."""
        for shift in range(-8, 9):
            filler = b"Subject: x\n\n" + b"y" * (65536 + shift - len(SEPARATOR) - 15) + b"\n\n"
            box = SEPARATOR + b"\n" + filler + mbox(self.signed)
            self.assertEqual(self.verdicts(self.write("box", box))[1:], [("box:2", "pass")], shift)


class DirectoryTest(ManyTest):
    def test_files_below_in_name_order(self) -> None:
        folder = self.folder_of("d", {
            "b/2": self.signed,
            "b/10": MESSAGE,
            "a": self.signed,
            "c": mbox(MESSAGE, self.signed),
            ".hidden": MESSAGE,
            ".folder/m": MESSAGE,
            "b.eml": MESSAGE,
        })
        (pathlib.Path(folder) / "link").symlink_to("a")
        (pathlib.Path(folder) / "loop").symlink_to(".")
        os.mkfifo(pathlib.Path(folder) / "fifo")
        expected = [
            ("d/a", "pass"),
            ("d/b/10", "none"),
            ("d/b/2", "pass"),
            ("d/b.eml", "none"),
            ("d/c:1", "none"),
            ("d/c:2", "pass"),
            ("d/link", "pass"),
        ]
        self.assertEqual(self.verdicts(folder), expected)
        self.assertEqual(self.verdicts(folder + "/"), expected)
        # A link that is named is followed.
        (self.folder / "e").symlink_to("d")
        named = [(name.replace("d/", "e/", 1), result) for name, result in expected]
        self.assertEqual(self.verdicts(str(self.folder / "e")), named)

    def test_maildir(self) -> None:
        """Its messages use the system's line ends, and are messages whatever they begin with."""
        folder = self.folder_of("mail/alice", {
            "cur/2:2,S": unix(self.signed),
            "cur/1:2,S": self.signed,
            "new/3": mbox(self.signed),
            "tmp/4": MESSAGE,
            "subscriptions": MESSAGE,
            ".Sent/cur/5": MESSAGE,
        })
        expected = [
            ("mail/alice/cur/1:2,S", "pass"),
            ("mail/alice/cur/2:2,S", "pass"),
            ("mail/alice/new/3", "pass"),
        ]
        self.assertEqual(self.verdicts(folder), expected)
        self.assertEqual(self.verdicts(str(self.folder / "mail")), expected)

    def test_an_empty_directory(self) -> None:
        (self.folder / "none").mkdir()
        run = self.run_verify(str(self.folder / "none"))
        self.assertEqual((run.status, run.out), (0, b""))
        self.assertEqual(run.err, "postseal: there are no messages\n")

    def test_what_cannot_be_read(self) -> None:
        """Permissions do not stop the superuser: a dangling link stops everybody."""
        folder = self.folder_of("d", {"a": self.signed, "c": self.signed})
        (pathlib.Path(folder) / "b").symlink_to("nowhere")
        run = self.run_verify(folder)
        self.assertEqual(run.status, 2)
        self.assertRegex(run.err, r"\Apostseal: [^\n]*/d/b: cannot be opened: No such file[^\n]*\n\Z")
        self.assertEqual(len(list(lines(run.out))), 2)

    @unittest.skipIf(os.geteuid() == 0, "permissions do not stop the superuser")
    def test_a_directory_that_cannot_be_listed(self) -> None:
        folder = self.folder_of("d", {"a": self.signed, "b/m": MESSAGE, "c": self.signed})
        closed = pathlib.Path(folder) / "b"
        closed.chmod(0)
        self.addCleanup(closed.chmod, 0o700)
        run = self.run_verify(folder)
        self.assertEqual(run.status, 2)
        self.assertIn(f"{closed}: cannot be listed: Permission denied", run.err)
        self.assertEqual(len(list(lines(run.out))), 2)


class OutputTest(ManyTest):
    def many(self) -> str:
        """Returns a folder whose results are more than a pipe holds."""
        return self.folder_of("many", {f"{i:04}": self.signed for i in range(600)})

    def test_a_reader_that_goes_away(self) -> None:
        for jobs in ("1", "4"):
            with subprocess.Popen(
                [POSTSEAL, "verify", "--json", "--jobs", jobs, "--zone", self.zone, self.many()],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            ) as process:
                assert process.stdout is not None and process.stderr is not None
                self.assertTrue(process.stdout.readline().startswith(b'{"message":'))
                process.stdout.close()
                self.assertEqual(process.stderr.read(), b"")
                self.assertEqual(process.wait(timeout=60), 2)

    def test_a_full_disk(self) -> None:
        for jobs in ("1", "4"):
            with open("/dev/full", "wb") as full:
                done = subprocess.run(
                    [POSTSEAL, "verify", "--jobs", jobs, "--zone", self.zone, self.many()],
                    stdout=full,
                    stderr=subprocess.PIPE,
                    timeout=60,
                    check=False,
                )
            self.assertEqual(done.returncode, 2)
            self.assertEqual(done.stderr, b"postseal: standard output cannot be written\n")

    def test_notes_on_line_ends(self) -> None:
        """Of files that were named, not of those that a mailbox or a folder stores."""
        path = self.write("unix.eml", unix(self.signed))
        self.assertEqual(self.run_verify(path, path).err.count("has LF line ends"), 2)
        self.assertEqual(self.run_verify("--quiet", path, path).err, "")
        folder = self.folder_of("folder", {"m": unix(self.signed)})
        self.assertEqual(self.run_verify(folder), self.run_verify("--quiet", folder))


class NetworkTest(ManyTest):
    def test_every_thread_asks_the_server(self) -> None:
        apex = b"@ 60 SOA ns admin 1 3600 600 86400 60\n@ 60 NS ns\nns 60 A 127.0.0.1\n"
        apex += b'_dmarc 60 TXT "v=DMARC1; p=none"\n'
        server = NameServer(self.folder, "example.com", apex + zone_text())
        self.addCleanup(server.close)
        folder = self.folder_of("all", {f"{i:02}": self.signed for i in range(40)})
        run = postseal("verify", "--dns", server.address, "--now", NOW, "--jobs", "4", folder)
        self.assertEqual((run.status, run.err), (0, ""))
        self.assertEqual(run.out.count(b" dkim=pass "), 40)


if __name__ == "__main__":
    unittest.main()
