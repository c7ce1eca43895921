"""Tests of verify with an envelope: SPF, DMARC and the field together."""

import json
import unittest

from cli.harness import MESSAGE, NOW, CommandLineTest, Run, postseal, zone_text

POLICIES = b"""$ORIGIN example.com.
@ TXT "v=spf1 ip4:192.0.2.0/24 -all"
mail TXT "v=spf1 a -all"
mail A 192.0.2.25
_dmarc TXT "v=DMARC1; p=reject; sp=quarantine"
25.2.0.192.in-addr.arpa. PTR mail.example.com.
"""
OURS = ("--client-ip", "192.0.2.25", "--helo", "mail.example.com", "--mail-from", "a@example.com")
STRANGER = ("--client-ip", "203.0.113.9", "--helo", "x.example", "--mail-from", "a@example.com")


class VerifyClientTest(CommandLineTest):
    def run_verify(self, message: bytes, *arguments: str) -> Run:
        zone = self.write("zone", POLICIES + zone_text())
        fixed = ("verify", "--zone", zone, "--now", NOW, "--authserv-id", "mx.example")
        return postseal(*fixed, *arguments, stdin=message)

    def test_all_three_pass(self) -> None:
        run = self.run_verify(self.sign(), *OURS, "--iprev")
        self.assertEqual((run.status, run.err), (0, ""))
        for text in (
            b"mx.example; spf=pass smtp.mailfrom=example.com; spf=pass smtp.helo=mail.example.com; ",
            b"iprev=pass (mail.example.com) policy.iprev=192.0.2.25; ",
            b"; dmarc=pass header.from=example.com policy.dmarc=reject\n",
        ):
            self.assertIn(text, run.out)

    def test_a_stranger_fails(self) -> None:
        run = self.run_verify(MESSAGE, *STRANGER, "--json")
        self.assertEqual(run.status, 1)
        report = json.loads(run.out)
        self.assertEqual(report["spf"]["result"], "fail")
        dmarc = report["dmarc"]
        self.assertEqual((dmarc["result"], dmarc["disposition"]), ("fail", "reject"))
        self.assertEqual(dmarc["aligned"], {"spf": False, "dkim": False})
        # A signature of the author's is enough. RFC 9989 §4.4
        self.assertEqual(self.run_verify(self.sign(), *STRANGER).status, 0)

    def test_the_null_reverse_path_is_not_an_unknown_one(self) -> None:
        bounce = ("--client-ip", "192.0.2.25", "--helo", "mail.example.com", "--mail-from", "")
        spf = json.loads(self.run_verify(MESSAGE, *bounce, "--json").out)["spf"]
        self.assertEqual((spf["result"], spf["domain"]), ("pass", "mail.example.com"))
        self.assertIsNone(json.loads(self.run_verify(MESSAGE, *OURS[:2], "--json").out)["spf"])

    def test_what_is_no_path_never_falls_back_to_helo(self) -> None:
        """A path that others read as empty: "Composition Kills" (2020), server attack a2."""
        path = ("--mail-from", "<(any@example.com>")
        report = json.loads(self.run_verify(MESSAGE, *OURS[:4], *path, "--json").out)
        self.assertEqual((report["spf"]["result"], report["spf"]["domain"]), ("none", ""))
        self.assertIn("mail-from-malformed", report["notes"])
        self.assertEqual(report["dmarc"]["result"], "fail")

    def test_a_bad_address_is_refused(self) -> None:
        for address in ("192.0.2", "example.com", "", "::1%lo"):
            run = self.run_verify(MESSAGE, "--client-ip", address)
            self.assert_refused(run, "--client-ip")

    def test_both_editions(self) -> None:
        message = MESSAGE.replace(b"@example.com", b"@none.example.com", 1)
        dmarc = json.loads(self.run_verify(message, "--mode", "both", "--json").out)["dmarc"]
        self.assertEqual(dmarc["rfc9989"]["discovery"], "treewalk")
        self.assertEqual(dmarc["rfc7489"]["discovery"], "psl")
        self.assertEqual(dmarc["rfc7489"]["effective_policy"], "quarantine")
        self.assert_refused(self.run_verify(MESSAGE, "--mode", "rfc1"), "--mode rfc1")

    def test_pct_is_drawn_from_the_message(self) -> None:
        """RFC 7489 §6.6.4: of the messages that fail, pct= per cent get the policy in full."""
        zone = self.write("pct", b'_dmarc.example.com. TXT "v=DMARC1; p=reject; pct=50"\n')
        seen = set()
        for number in range(16):
            message = b"From: a@example.com\r\nSubject: %d\r\n\r\nHi\r\n" % number
            draw = 0xCBF29CE484222325
            for octet in message:
                draw = (draw ^ octet) * 0x100000001B3 % 2**64
            wanted = "reject" if draw % 100 < 50 else "quarantine"
            evidence = str(self.folder / f"evidence{number}")
            run = postseal(
                *("verify", "--zone", zone, "--mode", "both", "--json", "--now", NOW),
                *("--record", evidence),
                stdin=message,
            )
            self.assertEqual((run.status, run.err), (1, ""))
            dmarc = json.loads(run.out)["dmarc"]
            self.assertEqual(dmarc["rfc9989"]["disposition"], "reject")
            self.assertEqual(dmarc["rfc7489"]["disposition"], wanted)
            self.assertEqual(dmarc["differs"] == [], wanted == "reject")
            again = postseal("replay", evidence, "--json")
            self.assertEqual(json.loads(again.out)["dmarc"], dmarc)
            seen.add(wanted)
        self.assertEqual(seen, {"reject", "quarantine"})

    def test_fields_of_others_stay(self) -> None:
        """RFC 8601 §5: those that claim to be ours go, in any case, whole or broken."""
        theirs = b"Authentication-Results: other.example; spf=pass\r\n"
        forged = (
            b"Authentication-Results: MX.example; dkim=pass header.d=bank.example\r\n"
            b"authentication-results : mx.example 1 (; dmarc=pass\r\n"
        )
        run = self.run_verify(forged + theirs + self.sign(), *OURS, "--add-header")
        self.assertEqual(run.status, 0)
        self.assertIn(theirs, run.out)
        self.assertEqual(run.out.lower().count(b"authentication-results"), 2)
        self.assertNotIn(b"bank.example", run.out)


if __name__ == "__main__":
    unittest.main()
