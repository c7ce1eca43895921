"""Tests of postseal sign, and of what postseal verify says to its messages."""

import itertools
import json
import re
import unittest

from cli.harness import KEYS, MESSAGE, NOW, CommandLineTest, Run, postseal


def tags(signed: bytes) -> dict[str, str]:
    """Returns the tags of the topmost DKIM-Signature field without white space."""
    field = re.match(rb"DKIM-Signature:((?:[^\r]|\r\n[ \t])*)\r\n", signed)
    assert field is not None
    text = re.sub(r"\s", "", field[1].decode())
    return dict(tag.split("=", 1) for tag in text.split(";") if tag)


class SignTest(CommandLineTest):
    def test_defaults(self) -> None:
        signed = self.sign()
        self.assertTrue(signed.endswith(b"\r\n" + MESSAGE))
        got = tags(signed)
        self.assertEqual(
            {name: got[name] for name in "vacdst"},
            {
                "v": "1",
                "a": "rsa-sha256",
                "c": "relaxed/relaxed",
                "d": "example.com",
                "s": "rsa2048",
                "t": NOW,
            },
        )
        # RFC 6376 §8.15: From once more than it occurs.
        self.assertEqual(got["h"].lower().split(":").count("from"), 2)
        self.assertEqual(self.verify(signed).status, 0)

    def test_every_line_ends_with_crlf(self) -> None:
        signed = self.sign()
        self.assertEqual(signed.count(b"\n"), signed.count(b"\r\n"))

    def test_all_canonicalizations(self) -> None:
        names = ("relaxed", "simple")
        for canon in ["/".join(pair) for pair in itertools.product(names, names)]:
            signed = self.sign("--canonicalization", canon)
            self.assertEqual(tags(signed)["c"], canon)
            self.assertEqual(self.verify(signed).status, 0, canon)

    def test_one_canonicalization_is_the_header_s(self) -> None:
        # RFC 6376 §3.5 c=.
        self.assertEqual(tags(self.sign("--canonicalization", "relaxed"))["c"], "relaxed/simple")

    def test_bad_canonicalization(self) -> None:
        for canon in ("", "relaxed/", "nowsp", "relaxed/x", "simple/simple/simple", "RELAXED"):
            self.assert_refused(self.run_sign("--canonicalization", canon), "--canonicalization")

    def test_several_keys(self) -> None:
        signed = self.sign("--key", self.key("ed25519"), "--key", self.key("rsa1024"))
        run = self.verify(signed, "--json")
        self.assertEqual(run.status, 0)
        got = [(s["selector"], s["algorithm"], s["result"]) for s in json.loads(run.out)["dkim"]]
        self.assertEqual(
            got,
            [
                ("rsa2048", "rsa-sha256", "pass"),
                ("ed25519", "ed25519-sha256", "pass"),
                ("rsa1024", "rsa-sha256", "pass"),
            ],
        )

    def test_headers_and_oversign(self) -> None:
        for arguments, names in (
            (("--headers", "From,To"), "From:To:From"),
            (("--headers", "From,To", "--headers", "Date"), "From:To:Date:From"),
            (("--headers", "From,Cc"), "From:From"),
            (("--headers", "From,To", "--oversign", "From,To,Cc"), "From:To:From:To:Cc"),
            # From is oversigned whatever the list says.
            (("--headers", "From", "--oversign", ""), "From:From"),
        ):
            signed = self.sign(*arguments)
            self.assertEqual(tags(signed)["h"], names, arguments)
            self.assertEqual(self.verify(signed).status, 0, arguments)

    def test_the_default_list_may_be_added_to(self) -> None:
        names = tags(self.sign("--oversign", "*,Sender"))["h"].split(":")
        self.assertEqual([names.count(name) for name in ("Sender", "Reply-To", "From")], [1, 1, 2])

    def test_an_oversigned_field_cannot_be_added(self) -> None:
        signed = self.sign("--oversign", "From,Subject")
        self.assertEqual(self.verify(b"Subject: Win!\r\n" + signed).status, 1)

    def test_expire_in(self) -> None:
        signed = self.sign("--expire-in", "3600")
        self.assertEqual(int(tags(signed)["x"]) - int(tags(signed)["t"]), 3600)
        self.assertEqual(self.verify(signed).status, 0)
        late = postseal(
            "verify", "--zone", self.zone, "--now", str(int(NOW) + 7200), "--json", stdin=signed
        )
        self.assertEqual(late.status, 1)
        self.assertEqual(json.loads(late.out)["dkim"][0]["reason"], "expired")
        for value in ("0", "-5", "x"):
            self.assert_refused(self.run_sign("--expire-in", value), "--expire-in")

    def test_identity(self) -> None:
        signed = self.sign("--identity", "alice@mail.example.com")
        run = self.verify(signed, "--json")
        self.assertEqual(json.loads(run.out)["dkim"][0]["identity"], "alice@mail.example.com")
        for value in ("alice@example.net", "", "@notexample.com"):
            self.assert_refused(self.run_sign("--identity", value), "identity")

    def test_copy_headers(self) -> None:
        signed = self.sign("--copy-headers")
        self.assertIn("Subject:Lunch?", tags(signed)["z"].replace("=20", ""))
        changed = self.verify(signed.replace(b"Subject: Lunch?", b"Subject: Supper"), "--json")
        self.assertEqual(changed.status, 1)

    def test_no_timestamp(self) -> None:
        signed = self.sign("--no-timestamp")
        self.assertNotIn("t", tags(signed))
        self.assertEqual(self.verify(signed).status, 0)

    def test_only_field(self) -> None:
        field = self.sign("--only-field")
        self.assertEqual(field + MESSAGE, self.sign())

    def test_from_must_be_there_once(self) -> None:
        # RFC 6376 §5.4 and RFC 5322 §3.6.
        header, _, body = MESSAGE.partition(b"\r\n")
        for message in (body, header + b"\r\n" + MESSAGE):
            run = postseal("sign", "--key", self.key("rsa2048"), stdin=message)
            self.assert_refused(run, "From", status=1)

    def test_unix_line_ends_are_converted(self) -> None:
        unix = MESSAGE.replace(b"\r\n", b"\n")
        run = self.run_sign("--only-field", message=unix)
        self.assertEqual(run.status, 0)
        self.assertRegex(run.err, r"\Apostseal: standard input: has LF [^\n]*\n\Z")
        self.assertEqual(run.out + MESSAGE, self.sign())
        whole = self.run_sign(message=unix)
        self.assertTrue(whole.out.endswith(MESSAGE))
        # Then only CRLF ends a line, and all of it is one From field.
        as_it_is = self.run_sign("--no-crlf", message=unix)
        self.assertTrue(as_it_is.out.endswith(b"\r\n" + unix))
        self.assertIn("warning", as_it_is.err)

    def test_mixed_line_ends_stay(self) -> None:
        mixed = MESSAGE + b"bare LF\nbare CR\rend\r\n"
        run = self.run_sign(message=mixed)
        self.assertEqual(run.status, 0)
        self.assertRegex(run.err, r"\Apostseal: standard input: warning: [^\n]*\n\Z")
        self.assertTrue(run.out.endswith(mixed))
        self.assertEqual(self.verify(run.out).status, 0)

    def test_bare_line_ends_in_the_header_are_said(self) -> None:
        for octet in (b"\r", b"\n"):
            run = self.run_sign(message=MESSAGE.replace(b"Lunch?", b"Lunch" + octet + b"?"))
            self.assertEqual(run.status, 0)
            self.assertRegex(run.err, r"\Apostseal: standard input: warning: [^\n]*\n\Z")

    def test_key_file_of_everybody(self) -> None:
        for mode, warned in ((0o644, True), (0o602, True), (0o640, False), (0o600, False)):
            key = self.key("rsa2048")
            (self.folder / "rsa2048.pem").chmod(mode)
            run = postseal("sign", "--key", key, stdin=MESSAGE)
            self.assertEqual(run.status, 0)
            self.assertEqual("rsa2048.pem: warning" in run.err, warned, oct(mode))

    def test_names_that_cannot_be(self) -> None:
        path = self.key("rsa2048").rpartition(":")[2]
        for domain, selector in (("", "s"), ("example.com", ""), ("exa mple.com", "s")):
            run = postseal("sign", "--key", f"{domain}:{selector}:{path}", stdin=MESSAGE)
            self.assert_refused(run)

    def test_a_path_may_hold_colons(self) -> None:
        path = self.write("a:b:c.pem", (KEYS / "rsa2048.pem").read_bytes())
        run = postseal("sign", "--key", f"example.com:s1:{path}", stdin=MESSAGE)
        self.assertEqual(run.status, 0)

    def run_sign(self, *arguments: str, message: bytes = MESSAGE) -> Run:
        return postseal(
            "sign", "--now", NOW, "--key", self.key("rsa2048"), *arguments, stdin=message
        )


if __name__ == "__main__":
    unittest.main()
