"""Tests of postseal authres parse."""

import json
import unittest
from typing import Any

from cli.harness import MESSAGE, CommandLineTest, postseal

FIELD = (
    b"Authentication-Results: mx.example 1;\r\n"
    b'\tdkim/1=fail (key) reason="bad; signature" header.d=example.com header.b="a/b";\r\n'
    b"\tspf=pass smtp.mailfrom=example.net\r\n"
)


def result(method: str, word: str, *properties: tuple[str, str, str], **more: Any) -> Any:
    """Returns a result as JSON has it."""
    names = ("type", "name", "value")
    return {
        "method": method,
        "method_version": None,
        "result": word,
        "reason": None,
        "comment": None,
        "properties": [dict(zip(names, values, strict=True)) for values in properties],
        **more,
    }


class AuthresParseTest(CommandLineTest):
    def parse(self, text: bytes) -> list[Any]:
        """Returns the objects that are printed for |text|, a line each."""
        run = postseal("authres", "parse", stdin=text)
        self.assertEqual((run.status, run.err), (0, ""))
        self.assertTrue(run.out.endswith(b"\n"))
        return [json.loads(line) for line in run.out.splitlines()]

    def test_the_object_of_the_contract(self) -> None:
        wanted = {
            "valid": True,
            "authserv_id": "mx.example",
            "version": 1,
            "results": [
                result(
                    "dkim",
                    "fail",
                    ("header", "d", "example.com"),
                    ("header", "b", "a/b"),
                    method_version=1,
                    reason="bad; signature",
                    comment="key",
                ),
                result("spf", "pass", ("smtp", "mailfrom", "example.net")),
            ],
            "error": None,
            "faults": [],
        }
        self.assertEqual(self.parse(FIELD), [wanted])

    def test_every_form_of_the_input(self) -> None:
        wanted = self.parse(FIELD)
        value = FIELD.removeprefix(b"Authentication-Results:")
        for why, text in {
            "LF": FIELD.replace(b"\r\n", b"\n"),
            "no line end": FIELD.removesuffix(b"\r\n"),
            "without the name": value,
            "without the name, LF": value.replace(b"\r\n", b"\n"),
            "without the name and the space": value.removeprefix(b" "),
            "a name of obsolete syntax": FIELD.replace(b"Results:", b"RESULTS :"),
            "a message": FIELD + MESSAGE + FIELD,
            "a message, further down": MESSAGE.replace(b"Subject:", FIELD + b"Subject:"),
        }.items():
            self.assertEqual(self.parse(text), wanted, why)

    def test_a_line_for_each_field(self) -> None:
        for text in (
            FIELD + b"From: a@b.example\r\nAuthentication-Results: b; none\r\n" + FIELD,
            b"a; none\nb; none\nc; none\n",
        ):
            self.assertEqual(len(self.parse(text)), 3)
        ids = [field["authserv_id"] for field in self.parse(b"a; none\n b; none\nc\n ; none")]
        self.assertEqual(ids, ["a", "c"])

    def test_a_file(self) -> None:
        path = self.write("field", FIELD)
        for arguments in ((path,), ("--json", path), (path, "--json")):
            run = postseal("authres", "parse", *arguments)
            self.assertEqual((run.status, run.err), (0, ""))
            self.assertEqual([json.loads(run.out)], self.parse(FIELD))

    def test_what_is_no_field_of_the_rfc_is_not_valid(self) -> None:
        (field,) = self.parse(b" spf=pass smtp.mailfrom=example.net; dmarc=pass action=none")
        self.assertEqual((field["valid"], field["authserv_id"], field["version"]), (False, None, None))
        spf = result("spf", "pass", ("smtp", "mailfrom", "example.net"))
        self.assertEqual(field["results"], [spf, result("dmarc", "pass")])
        self.assertEqual(field["error"], "the authserv-id is missing, at octet 1")

        (field,) = self.parse(b"mx.example 2; spf=pass")
        self.assertEqual((field["valid"], field["authserv_id"], field["version"]), (False, "mx.example", 2))
        self.assertEqual((field["results"], field["error"]), ([], "the version is not 1, at octet 11"))

        (field,) = self.parse(b"mx.example; spf=pass (((")
        self.assertEqual((field["valid"], field["results"]), (False, [result("spf", "pass")]))
        self.assertIn("comment", field["error"])

        (field,) = self.parse(b"Authentication-Results: mx.example; spf=pass " + b" " * 100_000)
        self.assertEqual((field["valid"], field["results"]), (False, []))
        self.assertIn("longer", field["error"])

    def test_what_providers_write(self) -> None:
        """12.13: what could be read, and every fault with its place."""
        dkim = result("dkim", "pass", ("header", "i", "@a.example"))
        for text, id_, methods, faults in (
            # Gmail: an unquoted base64 text; ARC's instance.
            (
                b"mx.google.com; dkim=pass header.i=@a.example header.b=a/b+;"
                b" spf=pass (google.com: domain of b@a.example designates 192.0.2.1 as permitted sender)"
                b" smtp.mailfrom=b@a.example; dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=a.example",
                "mx.google.com",
                ["dkim", "spf", "dmarc"],
                [("a value that needs quotes has none", 54)],
            ),
            (
                b"i=1; mx.google.com; dkim=pass header.i=@a.example",
                "mx.google.com",
                ["dkim"],
                [("an instance, as ARC-Authentication-Results has it", 0)],
            ),
            # Outlook: no authserv-id, a property without a type; ARC's with one.
            (
                b"spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example; dkim=none (message not signed)"
                b" header.d=none;dmarc=pass action=none header.from=a.example;compauth=pass reason=100",
                None,
                ["spf", "dkim", "dmarc", "compauth"],
                [("the authserv-id is missing", 0), ("a property without a type", 115)],
            ),
            (
                b"i=2; mx.microsoft.com 1; spf=pass smtp.mailfrom=a.example; arc=none",
                "mx.microsoft.com",
                ["spf", "arc"],
                [("an instance, as ARC-Authentication-Results has it", 0)],
            ),
            # Yahoo: underscores, text where a semicolon belongs, a semicolon at the end.
            (
                b"mta1.mail.yahoo.example  from=a.example; domainkeys=neutral (no sig); dkim=perm_fail;",
                "mta1.mail.yahoo.example",
                ["from", "domainkeys", "dkim"],
                [
                    ("no semicolon where one belongs", 25),
                    ("no result where one belongs", 31),
                    ("a dot or an underscore in a keyword", 75),
                    ("a semicolon without a result", 85),
                ],
            ),
            (
                b"mx.example; gateway.spf=pass smtp.mailfrom=a.example",
                "mx.example",
                ["gateway.spf"],
                [("a dot or an underscore in a keyword", 12)],
            ),
            (b"mx.example", "mx.example", [], [("no semicolon where one belongs", 10)]),
            (
                b"mx.example;",
                "mx.example",
                [],
                [("a semicolon without a result", 11)],
            ),
        ):
            (field,) = self.parse(text)
            self.assertEqual((field["valid"], field["authserv_id"]), (False, id_), text)
            self.assertEqual([one["method"] for one in field["results"]], methods, text)
            found = [(one["fault"], one["offset"]) for one in field["faults"]]
            for (fault, offset), (want, place) in zip(found, faults, strict=True):
                self.assertIn(want, fault, text)
                self.assertEqual(offset, place, text)
            if text.startswith(b"i=1"):
                self.assertEqual(field["results"], [dkim])

    def test_attacker_text_is_escaped(self) -> None:
        text = "mx.example; dkim=pass (\u009b2J) reason=\"\u202e\" header.i=\"\u2028\"".encode()
        run = postseal("authres", "parse", stdin=text)
        self.assertEqual((run.status, run.err), (0, ""))
        self.assertTrue(run.out.isascii())
        self.assertEqual(json.loads(run.out)["results"][0]["comment"], "\u009b2J")

    def test_input_without_a_field(self) -> None:
        for text in (b"", b"\r\n", b"From: a@b.example\r\n", MESSAGE, b"\r\n" + FIELD):
            run = postseal("authres", "parse", stdin=text)
            self.assert_refused(run, "standard input", "no Authentication-Results field")
        missing = str(self.folder / "missing")
        self.assert_refused(postseal("authres", "parse", missing), missing, "No such file")

    def test_usage(self) -> None:
        self.assert_refused(postseal("authres"), "authres", "postseal authres --help")
        self.assert_refused(postseal("authres", "bogus"), "authres")
        self.assert_refused(
            postseal("authres", "parse", "--bogus"), "--bogus", "postseal authres parse --help"
        )
        self.assert_refused(postseal("authres", "parse", "a", "b"), "b")
        for command in (("authres",), ("authres", "parse")):
            run = postseal(*command, "--help")
            self.assertEqual((run.status, run.err), (0, ""))
            self.assertIn(b"Example: ", run.out)


if __name__ == "__main__":
    unittest.main()
