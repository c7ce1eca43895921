"""Tests of postseal verify."""

import base64
import hashlib
import json
import pathlib
import subprocess
import unittest

from cli.harness import (
    KEYS,
    MESSAGE,
    NOW,
    CommandLineTest,
    NameServer,
    free_port,
    lines,
    postseal,
    zone_text,
)

KEY_NAME = "rsa2048._domainkey.example.com"
# What DMARC asks for when the author is in example.com. RFC 9989 §4.10
WALK = ["_dmarc.com", "_dmarc.example.com"]


def hand_signed(
    key: pathlib.Path, algorithm: str = "rsa-sha256", length: int | None = None
) -> bytes:
    """Signs MESSAGE as RFC 6376 §3.7 says, simple/simple, its From alone, with OpenSSL."""
    name = algorithm.partition("-")[2]
    header, _, body = MESSAGE.partition(b"\r\n\r\n")
    # RFC 6376 §3.4.3: empty lines at the end count as none.
    hashed = (body.rstrip(b"\r\n") + b"\r\n")[:length]
    body_hash = base64.b64encode(hashlib.new(name, hashed).digest()).decode()
    cut = "" if length is None else f"l={length}; "
    field = (
        f"DKIM-Signature: v=1; a={algorithm}; d=example.com; s={key.stem}; h=from; {cut}"
        f"bh={body_hash}; b="
    ).encode()
    digest = ["openssl", "dgst", f"-{name}", "-sign", str(key)]
    data = header.partition(b"\r\n")[0] + b"\r\n" + field
    signature = subprocess.run(digest, input=data, capture_output=True, check=True).stdout
    return field + base64.b64encode(signature) + b"\r\n" + MESSAGE


def zone_line(selector: str, key: pathlib.Path) -> bytes:
    """Returns the zone line of a key's public half, without a rule for hashes."""
    export = ["openssl", "pkey", "-in", str(key), "-pubout", "-outform", "DER"]
    octets = subprocess.run(export, capture_output=True, check=True).stdout
    text = base64.b64encode(octets).decode()
    strings = " ".join(f'"{text[i : i + 200]}"' for i in range(0, len(text), 200))
    return f'{selector}._domainkey.example.com. TXT "v=DKIM1; p=" {strings}\n'.encode()


class VerifyTest(CommandLineTest):
    def test_add_header_leaves_no_forged_results(self) -> None:
        """RFC 8601 §5: a field that claims to be ours must not stay."""
        forged = b"Authentication-Results: mx.example; dkim=pass header.d=bank.example\r\n"
        message = b"From: a@example.com\r\n" + forged + b"To: b\r\n\r\nbody\r\n"
        run = postseal("verify", "--add-header", "--authserv-id", "mx.example", stdin=message)
        self.assertEqual(run.status, 1)
        self.assertEqual(run.out.count(b"Authentication-Results:"), 1)
        self.assertNotIn(b"dkim=pass", run.out)
        self.assertTrue(run.out.endswith(b"From: a@example.com\r\nTo: b\r\n\r\nbody\r\n"))

    def test_add_header_is_not_continued_by_the_message(self) -> None:
        message = b" ; dkim=pass header.d=bank.example\r\nFrom: a@example.com\r\n\r\n"
        run = postseal("verify", "--add-header", "--authserv-id", "mx.example", stdin=message)
        self.assertEqual(run.status, 2)
        self.assertEqual(run.out, b"")

    def test_the_field_comes_first(self) -> None:
        run = self.verify(self.sign(), "--authserv-id", "mx.example.org")
        self.assertEqual((run.status, run.err), (0, ""))
        self.assertRegex(
            run.out,
            rb"\AAuthentication-Results: mx\.example\.org; dkim=pass \(2048-bit key\) "
            rb"header\.d=example\.com header\.a=rsa-sha256 header\.s=rsa2048 header\.b=\S{8}; "
            rb"dmarc=none header\.from=example\.com\n\Z",
        )

    def test_a_changed_message_fails(self) -> None:
        signed = self.sign()
        for old, new, reason in (
            (b"at noon", b"at one", "body-hash-mismatch"),
            (b"Lunch", b"Supper", "signature-mismatch"),
            (b"d=example.com", b"d=example.net", "no-key"),
        ):
            run = self.verify(signed.replace(old, new), "--json")
            self.assertEqual(run.status, 1)
            self.assertEqual(json.loads(run.out)["dkim"][0]["reason"], reason)

    def test_json_has_the_names_and_types_of_the_contract(self) -> None:
        report = json.loads(self.verify(self.sign(), "--json").out)
        self.assertIsInstance(report["authentication_results"], str)
        (signature,) = report["dkim"]
        for name, kind in (
            *((name, str) for name in ("result", "domain", "selector", "identity", "algorithm")),
            *((name, str) for name in ("canonicalization", "reason", "clause", "detail")),
            ("key_bits", int),
            ("testing", bool),
            ("key_secure", bool),
            ("timestamp", int),
            ("expiration", type(None)),
            ("body_length", type(None)),
            ("canonical_body_octets", int),
            ("uncovered_fields", list),
            ("hints", list),
        ):
            self.assertIs(type(signature[name]), kind, name)
        self.assertIs(type(report["uncovered_fields"]), list)
        self.assertEqual(signature["identity"], "@example.com")
        self.assertEqual(signature["reason"], "verified")
        self.assertEqual(signature["key_bits"], 2048)
        (lookup,) = (entry for entry in report["dns"] if entry["name"] == KEY_NAME)
        self.assertEqual(
            {name: lookup[name] for name in ("name", "type", "outcome", "secure")},
            {"name": KEY_NAME, "type": "TXT", "outcome": "records", "secure": False},
        )
        spent = report["spent"]
        body = MESSAGE.partition(b"\r\n\r\n")[2]
        self.assertEqual(
            (spent["dns_queries"], spent["signatures"], spent["body_bytes_hashed"]),
            (3, 1, len(body)),  # the key, and the tree walk: example.com and com
        )

    def test_no_signature(self) -> None:
        run = self.verify(MESSAGE, "--json")
        self.assertEqual(run.status, 1)
        report = json.loads(run.out)
        self.assertEqual(report["dkim"], [])
        self.assertIsNone(report["uncovered_fields"])
        self.assertEqual([entry["name"] for entry in report["dns"]], WALK)
        self.assertIn("dkim=none", report["authentication_results"])

    def test_explain(self) -> None:
        run = self.verify(self.sign().replace(b"noon", b"one"), "--explain")
        self.assertEqual(run.status, 1)
        for text in (
            b"Authentication-Results: ",
            b"dkim=fail",
            b"[RFC 6376 \xc2\xa76.1.3]",
            KEY_NAME.encode() + b" TXT: records",
            b"v=DKIM1; h=sha256; k=rsa; p=",
        ):
            self.assertIn(text, run.out)

    def test_several_messages_and_the_worst_status(self) -> None:
        zone = self.write("fail.zone", zone_text() + b"$FAIL rsa1024._domainkey TXT\n")
        paths = {
            0: self.write("pass.eml", self.sign()),
            1: self.write("none.eml", MESSAGE),
            75: self.write("temp.eml", self.sign(key="rsa1024")),
            2: str(self.folder / "missing.eml"),
        }
        for statuses, worst in (
            ((0, 0), 0),
            ((0, 1), 1),
            ((1, 0, 75), 75),
            ((75, 1), 75),
            ((2, 75, 0), 2),
            ((0, 2, 1), 2),
        ):
            arguments = [paths[status] for status in statuses]
            run = postseal("verify", "--zone", zone, "--now", NOW, "--json", *arguments)
            self.assertEqual(run.status, worst, statuses)
            words = {0: "pass", 1: "none", 75: "temperror"}
            got = [json.loads(line)["authentication_results"] for line in lines(run.out)]
            wanted = [words[status] for status in statuses if status != 2]
            self.assertEqual(len(got), len(wanted))
            for text, word in zip(got, wanted):
                self.assertIn(f"dkim={word}", text)

    def test_several_messages_are_named(self) -> None:
        path = self.write("none.eml", MESSAGE)
        run = postseal("verify", "--zone", self.zone, path, "-", stdin=MESSAGE)
        first, second = lines(run.out)
        self.assertTrue(first.startswith(f"{path}: Authentication-Results: "))
        self.assertTrue(second.startswith("standard input: Authentication-Results: "))

    def test_temporary_errors(self) -> None:
        for control in (b"$FAIL", b"$TIMEOUT"):
            text = control + b" rsa2048._domainkey.example.com TXT\n"
            zone = self.write("temp.zone", text)
            run = postseal("verify", "--zone", zone, "--timeout", "0.2", stdin=self.sign())
            self.assertEqual((run.status, run.err), (75, ""))
            self.assertIn(b"dkim=temperror", run.out)

    def test_a_pass_outweighs_a_temporary_error(self) -> None:
        zone = self.write("temp.zone", zone_text() + b"$FAIL rsa1024._domainkey TXT\n")
        signed = self.sign("--key", self.key("rsa1024"))
        run = postseal("verify", "--zone", zone, "--now", NOW, stdin=signed)
        self.assertEqual(run.status, 0)

    def test_several_zone_files_add_up(self) -> None:
        other = self.write("other.zone", b"other.example. TXT \"x\"\n")
        zones = ("--zone", other, "--zone", self.zone)
        run = postseal("verify", *zones, "--now", NOW, stdin=self.sign())
        self.assertEqual(run.status, 0)

    def test_allow(self) -> None:
        small = self.folder / "small.pem"
        subprocess.run(["openssl", "genrsa", "-out", small, "768"], check=True, capture_output=True)
        zone = self.write("more.zone", zone_text() + zone_line("small", small))
        large = KEYS / "rsa2048.pem"
        sha1_zone = self.write("sha1.zone", zone_line("rsa2048", large))
        rules = {"small-keys", "rsa-sha1", "body-length"}
        for rule, reason, zone, signed in (
            # RFC 8301 §3.2
            ("small-keys", "key-too-small", zone, hand_signed(small)),
            # RFC 8301 §3.1
            ("rsa-sha1", "rsa-sha1", sha1_zone, hand_signed(large, "rsa-sha1")),
            # RFC 6376 §8.2
            ("body-length", "partial-body", zone, hand_signed(large, length=5)),
        ):
            for allow, status, wanted in (
                ((), 1, reason),
                (("--allow", ",".join(rules - {rule})), 1, reason),
                (("--allow", rule), 0, "verified"),
                (("--allow", f"small-keys,{rule}"), 0, "verified"),
                (("--allow", "small-keys", "--allow", rule), 0, "verified"),
                (("--allow", ""), 1, reason),
            ):
                run = postseal("verify", "--zone", zone, "--json", *allow, stdin=signed)
                self.assertEqual(json.loads(run.out)["dkim"][0]["reason"], wanted, (rule, allow))
                self.assertEqual(run.status, status)

    def test_add_header(self) -> None:
        signed = self.sign()
        run = self.verify(signed, "--add-header", "--authserv-id", "mx.example.org")
        self.assertEqual(run.status, 0)
        self.assertTrue(run.out.endswith(b"\r\n" + signed))
        self.assertTrue(run.out.startswith(b"Authentication-Results: mx.example.org;"))
        self.assertEqual(run.out.count(b"\n"), run.out.count(b"\r\n"))
        # It still verifies with the new field on top.
        self.assertEqual(self.verify(run.out).status, 0)

    def test_authserv_id(self) -> None:
        # RFC 8601 §2.2: a value; what is no token must be quoted.
        run = self.verify(MESSAGE, "--authserv-id", "a b")
        self.assertEqual(run.out, b'Authentication-Results: "a b"; dkim=none; dmarc=none header.from=example.com\n')
        self.assert_refused(self.verify(MESSAGE, "--authserv-id", "a\r\nb"))

    def test_unix_line_ends(self) -> None:
        unix = self.sign().replace(b"\r\n", b"\n")
        run = self.verify(unix)
        self.assertEqual(run.status, 0)
        self.assertRegex(run.err, r"\Apostseal: standard input: has LF [^\n]*--no-crlf[^\n]*\n\Z")
        strict = self.verify(unix, "--no-crlf")
        self.assertEqual((strict.status, strict.err), (1, ""))

    def test_mixed_line_ends_are_fed_as_they_are(self) -> None:
        signed = self.sign()
        mixed = signed[:-2] + b"\n"
        run = self.verify(mixed)
        self.assertEqual((run.status, run.err), (1, ""))


class NetworkTest(CommandLineTest):
    def test_a_real_name_server(self) -> None:
        apex = b"@ 60 SOA ns admin 1 3600 600 86400 60\n@ 60 NS ns\nns 60 A 127.0.0.1\n"
        # The server knows nothing of com, which the walk asks for too: an error, but one
        # that a signature of the author's very domain does not depend on.
        apex += b'_dmarc 60 TXT "v=DMARC1; p=none"\n'
        server = NameServer(self.folder, "example.com", apex + zone_text())
        self.addCleanup(server.close)
        asked = ("verify", "--dns", server.address, "--now", NOW, "--json")
        run = postseal(*asked, stdin=self.sign())
        self.assertEqual((run.status, run.err), (0, ""))
        outcomes = {entry["name"]: entry["outcome"] for entry in json.loads(run.out)["dns"]}
        self.assertEqual(outcomes[KEY_NAME], "records")
        self.assertEqual(outcomes["_dmarc.com"], "temperror")
        missing = self.sign().replace(b"s=rsa2048", b"s=rsa2049")
        run = postseal(*asked, stdin=missing)
        self.assertEqual(run.status, 1)
        self.assertIn("nxdomain", [entry["outcome"] for entry in json.loads(run.out)["dns"]])
        for selector, status in (("rsa2048", 0), ("ed25519", 0), ("nothing", 1)):
            run = postseal("testkey", "--dns", server.address, "-d", "example.com", "-s", selector)
            self.assertEqual((run.status, run.err), (status, ""), run.out)

    def test_a_dead_server(self) -> None:
        address = f"127.0.0.1:{free_port()}"
        run = postseal("verify", "--dns", address, "--timeout", "1", stdin=self.sign())
        self.assertEqual((run.status, run.err), (75, ""))
        run = postseal("testkey", "--dns", address, "--timeout", "1", "-d", "a.example", "-s", "s")
        self.assertEqual((run.status, run.err), (75, ""))


if __name__ == "__main__":
    unittest.main()
