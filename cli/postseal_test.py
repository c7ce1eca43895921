"""The command line as its users meet it: every command, status, file and error.

    python3 -m cli.postseal_test        (from the workspace root, after bazel build //cli:postseal)
"""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

POSTSEAL = os.path.abspath("bazel-bin/cli/postseal")
KEYS = ""  # a copy of testdata/keys that only its owner may read, as keys should be
NOW = "1767225600"
MESSAGE = (b"From: a@example.com\r\nTo: b@example.net\r\nSubject: hi\r\n"
           b"Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n\r\nHello\r\n")
COMMANDS = ("keygen", "testkey", "sign", "verify", "demo")


class Case(unittest.TestCase):
    """A test in a folder of its own, with the test keys published in `zone`."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        zone = "$ORIGIN example.com.\n"
        for name in ("rsa1024", "rsa2048", "ed25519"):
            with open(os.path.join(KEYS, name + ".txt"), encoding="ascii") as file:
                zone += file.read()
        zone += "$FAIL broken._domainkey\n$TIMEOUT slow._domainkey\n"
        zone += 'revoked._domainkey TXT "v=DKIM1; p="\n'
        self.zone = self.write("zone", zone.encode())
        self.message = self.write("message.eml", MESSAGE)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, octets):
        with open(self.path(name), "wb") as file:
            file.write(octets)
        return self.path(name)

    def run_postseal(self, *arguments, status=0, stdin=b"", **options):
        """Runs the command, checks its exit status and returns (stdout, stderr)."""
        done = subprocess.run([POSTSEAL, *arguments], input=stdin, capture_output=True,
                              cwd=self.folder, check=False, **options)
        self.assertEqual(done.returncode, status, (arguments, done.stdout, done.stderr))
        return done.stdout, done.stderr.decode()

    def sign(self, *arguments, message=None, key="ed25519", **options):
        return self.run_postseal(
            "sign", "--key", "example.com:%s:%s/%s.pem" % (key, KEYS, key), "--now", NOW,
            *arguments, message or self.message, **options)[0]

    def verify(self, *arguments, status=0, **options):
        return self.run_postseal("verify", "--zone", self.zone, "--now", NOW, "--authserv-id",
                                 "mx.example", *arguments, status=status, **options)

    def report(self, octets, *arguments, status=0):
        """The JSON report of a message."""
        path = self.write("report.eml", octets)
        return json.loads(self.verify("--json", *arguments, path, status=status)[0])


class UsageTest(Case):
    def test_every_command_helps_with_an_example(self):
        for command in COMMANDS:
            out, err = self.run_postseal(command, "--help")
            self.assertIn("Example: postseal " + command, out.decode())
            self.assertEqual(err, "")
        self.assertIn(b"verify", self.run_postseal("--help")[0])
        self.assertRegex(self.run_postseal("--version")[0].decode(), r"^postseal \d+\.\d+\.\d+\n$")

    def test_misuse_is_2_with_a_message(self):
        for arguments in ([], ["nonsense"], ["verify", "--nonsense"], ["sign", self.message],
                          ["verify", "--allow", "everything", self.message],
                          ["verify", "--now", "x", self.message], ["testkey", "-d", "a.example"],
                          ["verify", "--dns", "192.0.2.1", "--zone", self.zone, self.message],
                          ["keygen", "--type", "dsa"], ["keygen", "-b", "abc"]):
            out, err = self.run_postseal(*arguments, status=2)
            self.assertEqual(out, b"", arguments)
            self.assertNotEqual(err, "", arguments)

    def one_line(self, err, *texts):
        self.assertEqual(err.count("\n"), 1, err)
        self.assertTrue(err.startswith("postseal: "), err)
        for text in texts:
            self.assertIn(text, err)

    def test_unreadable_input_is_2_and_names_the_file(self):
        self.one_line(self.verify("absent.eml", status=2)[1], "absent.eml", "No such file")
        self.one_line(self.verify(self.folder, status=2)[1], self.folder, "directory")
        _, err = self.run_postseal("verify", "--zone", "absent.zone", self.message, status=2)
        self.one_line(err, "absent.zone")
        bad = self.write("bad.zone", b"a.example. A 192.0.2.1\nb.example. A 192.0.2.x\n")
        _, err = self.run_postseal("verify", "--zone", bad, self.message, status=2)
        self.one_line(err, bad + ":2:")
        for name, octets, text in (("empty", b"", "empty.key"), ("junk", b"junk", "junk.key"),
                                   ("large", b"x" * 70000, "large.key")):
            path = self.write(name + ".key", octets)
            _, err = self.run_postseal("sign", "--key", "example.com:s:" + path, self.message,
                                       status=2)
            self.assertIn(text, err)
        for key in ("example.com", "example.com:s", "example.com:s:", "com:s:" + KEYS + "/x",
                    "com:s:%s/ed25519.pem" % KEYS):
            self.one_line(self.run_postseal("sign", "--key", key, self.message, status=2)[1])

    def test_closed_output_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([POSTSEAL, "demo"], stdout=full, stderr=subprocess.PIPE,
                                  check=False)
        self.assertEqual(done.returncode, 2, done.stderr)

    def test_demo_shows_the_line_and_the_tree(self):
        out = self.run_postseal("demo")[0].decode()
        self.assertIn("Authentication-Results: mx.example.org;", out)
        self.assertIn("- dkim=pass", out)
        self.assertIn("[RFC 6376 §6.1.3]", out)


class SignAndVerifyTest(Case):
    def test_what_is_signed_verifies(self):
        for options in ([], ["--canonicalization", "simple/simple"], ["--copy-headers"],
                        ["--canonicalization", "relaxed/simple"], ["--expire-in", "60"],
                        ["--canonicalization", "simple"], ["--no-timestamp"],
                        ["--identity", "x@sub.example.com"], ["--headers", "From,Subject"],
                        ["--oversign", "From,Reply-To"], ["--key", "example.com:rsa2048:%s/rsa2048.pem"
                                                          % KEYS]):
            report = self.report(self.sign(*options))
            for signature in report["dkim"]:
                self.assertEqual(signature["result"], "pass", options)
            self.assertEqual(len(report["dkim"]), 2 if "--key" in options else 1)

    def test_options_reach_the_field(self):
        field = self.sign("--only-field", "--headers", "From,Subject", "--oversign", "Cc",
                          "--expire-in", "60", "--identity", "@example.com").decode()
        self.assertTrue(field.startswith("DKIM-Signature: v=1;"))
        self.assertTrue(field.endswith("\r\n"))
        flat = re.sub(r"\r\n\t", " ", field)
        # From is oversigned whatever the list says.
        self.assertIn("h=From:Subject:Cc:From;", flat.replace(" ", ""))
        self.assertIn("t=1767225600;", flat)
        self.assertIn("x=1767225660;", flat)
        self.assertIn("i=@example.com;", flat)
        self.assertNotIn("l=", flat)
        self.assertEqual(field.count("DKIM-Signature:"), 1)

    def test_the_message_follows_unchanged(self):
        for octets in (MESSAGE, MESSAGE + b"a\rb\nc\x00\xff\r\n\r\n", MESSAGE[:-2]):
            signed = self.sign(message=self.write("m", octets))
            self.assertTrue(signed.endswith(octets))

    def test_standard_input_and_pipes(self):
        signed = self.sign(message="-", stdin=MESSAGE)
        self.assertEqual(signed, self.sign())
        self.verify("-", stdin=signed)
        self.verify(stdin=signed)
        self.verify("/dev/stdin", stdin=signed)

    def test_unix_form_is_converted_and_said(self):
        unix = self.write("unix.eml", MESSAGE.replace(b"\r\n", b"\n"))
        out, err = self.run_postseal("sign", "--key", "example.com:ed25519:%s/ed25519.pem" % KEYS,
                                     "--now", NOW, unix)
        self.assertIn("unix.eml", err)
        self.assertTrue(out.endswith(MESSAGE))
        _, err = self.verify(self.write("s.eml", out.replace(b"\r\n", b"\n")))
        self.assertIn("s.eml", err)
        _, err = self.verify("--no-crlf", self.path("s.eml"), status=1)
        self.assertEqual(err, "")
        mixed = out + b"x\n"
        self.assertEqual(self.verify(self.write("mixed.eml", mixed), status=1)[1], "")

    def test_messages_that_cannot_be_signed_are_1(self):
        for octets, text in ((b"To: x\r\n\r\n", "no From"), (b"", "no From"),
                             (b"From: a\r\nFrom: b\r\n\r\n", "more than one From")):
            _, err = self.run_postseal(
                "sign", "--key", "example.com:s:%s/ed25519.pem" % KEYS,
                self.write("m", octets), status=1)
            self.assertIn(text, err)

    def test_a_fragile_message_is_signed_with_a_warning(self):
        _, err = self.run_postseal(
            "sign", "--key", "example.com:s:%s/ed25519.pem" % KEYS,
            self.write("m", MESSAGE + b"x" * 999 + b"\r\n"))
        self.assertIn("998", err)

    def test_the_worst_status_of_several_messages(self):
        good = self.write("good.eml", self.sign())
        bad = self.write("bad.eml", self.sign() + b"more\r\n")
        slow = self.write("slow.eml", self.sign().replace(b"s=ed25519", b"s=slow"))
        fail = self.write("fail.eml", self.sign().replace(b"s=ed25519", b"s=broken"))
        for messages, status in (([good], 0), ([bad], 1), ([fail], 75), ([slow], 75),
                                 ([good, bad], 1), ([bad, slow, good], 75),
                                 ([slow, "absent", good], 2)):
            out, _ = self.verify("--json", "--timeout", "0.2", *messages, status=status)
            self.assertEqual(len(out.splitlines()), len(messages) - messages.count("absent"))
        lines = [json.loads(line) for line in
                 self.verify("--json", bad, good, status=1)[0].splitlines()]
        self.assertEqual([line["dkim"][0]["result"] for line in lines], ["fail", "pass"])

    def test_without_a_signature_it_is_none(self):
        out, _ = self.verify(self.message, status=1)
        self.assertEqual(out, b"Authentication-Results: mx.example; dkim=none\n")
        self.assertEqual(self.report(MESSAGE, status=1)["dkim"], [])

    def test_json_names_and_types(self):
        report = self.report(self.sign())
        self.assertEqual(report["authentication_results"].split(";")[0], "mx.example")
        signature = report["dkim"][0]
        for name, kind in (("result", str), ("domain", str), ("selector", str), ("identity", str),
                           ("algorithm", str), ("key_bits", int), ("reason", str),
                           ("detail", str)):
            self.assertIsInstance(signature[name], kind, name)
        self.assertEqual(report["dns"], [{"name": "ed25519._domainkey.example.com", "type": "TXT",
                                          "outcome": "records", "secure": False, "ttl": 3600}])
        self.assertEqual(report["spent"]["dns_queries"], 1)
        self.assertEqual(report["spent"]["signatures"], 1)

    def test_allow(self):
        partial = self.sign()
        report = self.report(partial)
        self.assertEqual(report["dkim"][0]["result"], "pass")
        sha1 = (b"DKIM-Signature: v=1; a=rsa-sha1; d=example.com; s=rsa1024; h=From;\r\n"
                b" bh=2jmj7l5rSw0yVb/vlWAYkK/YBwk=; b=AAAA\r\n" + MESSAGE)
        self.assertEqual(self.report(sha1, status=1)["dkim"][0]["reason"], "rsa-sha1")
        allowed = self.report(sha1, "--allow", "rsa-sha1,small-keys", status=1)
        # The key's h= has no sha1: one permission does not imply the other.
        self.assertEqual(allowed["dkim"][0]["reason"], "key-hash-mismatch")

    def test_add_header(self):
        signed = self.sign()
        out, _ = self.verify("--add-header", self.write("m", signed))
        self.assertTrue(out.startswith(b"Authentication-Results: mx.example;\r\n\tdkim=pass"))
        self.assertTrue(out.endswith(signed))

    def test_explain_says_why(self):
        out, _ = self.verify("--explain", self.write("m", self.sign() + b"-- \r\nlist\r\n"),
                             status=1)
        for text in (b"dkim=fail", b"RFC 6376", b"hint (trailing-text)",
                     b"ed25519._domainkey.example.com TXT: records"):
            self.assertIn(text, out)

    def test_hostile_text_never_reaches_the_terminal(self):
        hostile = (b"DKIM-Signature: v=1; a=rsa-sha256; d=e\x1b[31m.example; s=\x07; h=From;\r\n"
                   b" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n" + MESSAGE)
        name = self.write("evil\x1b[2J\n.eml", hostile)
        for options in ([], ["--explain"], ["--json"]):
            done = subprocess.run([POSTSEAL, "verify", "--zone", self.zone, *options, name, name,
                                   "absent\x1b[2J"], capture_output=True, check=False)
            for octet in (b"\x1b", b"\x07"):
                self.assertNotIn(octet, done.stdout + done.stderr, options)


class KeyTest(Case):
    def genkey(self, *arguments):
        # Debian puts it where only root's PATH looks.
        subprocess.run(["/usr/sbin/opendkim-genkey", *arguments], cwd=self.folder, check=True)

    def text(self, name):
        with open(self.path(name), encoding="ascii") as file:
            return file.read()

    def test_files_are_those_of_opendkim_genkey(self):
        for arguments in ([], ["-d", "example.com", "-s", "s1"], ["-a", "-d", "example.com"],
                          ["-t", "-S"], ["-r", "-n", "a note"], ["-b", "1024"], ["-tr"],
                          ["-h", "sha256:sha1"], ["--testmode", "--nosubdomains"],
                          ["--append-domain", "--domain=example.com", "--selector=s2"],
                          ["-t", "--notestmode"], ["--bits=1024", "--restrict"]):
            for folder in ("theirs", "ours"):
                os.makedirs(self.path(folder))
            self.genkey(*arguments, "-D", self.path("theirs"))
            old = os.umask(0)
            try:
                self.run_postseal("keygen", *arguments, "-D", self.path("ours"))
            finally:
                os.umask(old)
            theirs, ours = (sorted(os.listdir(self.path(f))) for f in ("theirs", "ours"))
            self.assertEqual(ours, theirs, arguments)
            for name in ours:
                mode = stat.S_IMODE(os.stat(self.path("ours/" + name)).st_mode)
                self.assertEqual(mode, 0o600, name)
            record = [name for name in ours if name.endswith(".txt")][0]
            mask = lambda text: re.sub(r"[A-Za-z0-9+/=]{60,}", lambda m: "*" * len(m.group()), text)
            self.assertEqual(mask(self.text("ours/" + record)), mask(self.text("theirs/" + record)),
                             arguments)
            shutil.rmtree(self.path("theirs"))
            shutil.rmtree(self.path("ours"))

    def test_the_keys_are_good(self):
        for kind in ("rsa", "ed25519"):
            self.run_postseal("keygen", "-d", "example.com", "-s", kind, "--type", kind)
            subprocess.run(["openssl", "pkey", "-check", "-noout", "-in",
                            self.path(kind + ".private")], check=True, capture_output=True)
            zone = self.write("z", b"$ORIGIN example.com.\n" + self.text(kind + ".txt").encode())
            key = "example.com:%s:%s" % (kind, self.path(kind + ".private"))
            signed = self.write("m", self.run_postseal("sign", "--key", key, self.message)[0])
            self.run_postseal("verify", "--zone", zone, signed)
            self.run_postseal("testkey", "-d", "example.com", "-s", kind, "-k",
                              self.path(kind + ".private"), "--zone", zone)

    def test_a_key_that_was_there_is_kept(self):
        self.run_postseal("keygen", "-s", "s1", "-b", "1024")
        first = self.text("s1.private")
        _, err = self.run_postseal("keygen", "-s", "s1", "-b", "1024")
        self.assertIn("s1.private.old", err)
        self.assertEqual(self.text("s1.private.old"), first)
        self.assertNotEqual(self.text("s1.private"), first)

    def test_bad_requests(self):
        for arguments in (["-s", "../s"], ["-s", "a/b"], ["-s", ""], ["-d", "a b"],
                          ["-b", "1000"], ["-b", "8192"], ["-D", "absent"], ["-n", 'a"b']):
            _, err = self.run_postseal("keygen", *arguments, status=2)
            self.assertEqual(err.count("\n"), 1, err)
            self.assertEqual([n for n in os.listdir(self.folder) if "private" in n], [], arguments)

    def test_testkey(self):
        for selector, options, status, word in (
                ("ed25519", [], 0, "good"), ("rsa2048", ["-k", KEYS + "/rsa2048.pem"], 0, "good"),
                ("rsa2048", ["-k", KEYS + "/rsa1024.pem"], 1, "mismatch"),
                ("absent", [], 1, "missing"), ("revoked", [], 1, "invalid"),
                ("broken", [], 75, "temperror"), ("slow", ["--timeout", "0.2"], 75, "temperror")):
            arguments = ["testkey", "-d", "example.com", "-s", selector, "--zone", self.zone]
            out, _ = self.run_postseal(*arguments, *options, status=status)
            self.assertIn(": " + word, out.decode(), selector)
            out, _ = self.run_postseal(*arguments, *options, "--json", status=status)
            self.assertEqual(json.loads(out)["outcome"], word)

    def test_a_key_that_others_may_read_is_warned_about(self):
        key = self.path("open.pem")
        shutil.copy(os.path.join(KEYS, "ed25519.pem"), key)
        os.chmod(key, 0o644)
        _, err = self.run_postseal("sign", "--key", "example.com:s:" + key, self.message)
        self.assertIn("other users", err)

    def test_a_dead_server_is_a_temporary_error(self):
        self.run_postseal("testkey", "-d", "example.net", "-s", "s", "--dns", "127.0.0.1:9",
                          "--timeout", "1", status=75)


def setUpModule():
    global KEYS
    KEYS = tempfile.mkdtemp()
    unittest.addModuleCleanup(shutil.rmtree, KEYS)
    for name in ("rsa1024", "rsa2048", "ed25519"):
        for end in (".pem", ".txt"):
            shutil.copyfile("testdata/keys/" + name + end, os.path.join(KEYS, name + end))
            os.chmod(os.path.join(KEYS, name + end), 0o600)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        POSTSEAL = os.path.abspath(sys.argv.pop(1))
    unittest.main()
