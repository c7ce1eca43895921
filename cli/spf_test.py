"""Tests of postseal spf."""

import json
import unittest

from cli.harness import NOW, CommandLineTest, NameServer, Run, free_port, postseal

ZONE = rb"""
$ORIGIN example.com.
@       TXT "v=spf1 ip4:192.0.2.0/24 include:a.example -all exp=exp.example.com"
exp     TXT "%{c} is not ours, says %{r}"
helo    TXT "v=spf1 a -all"
helo    A   192.0.2.1
soft    TXT "v=spf1 ~all"
open    TXT "v=spf1 ?all"
bad     TXT "v=spf1 a ip4:1.2.3 -all"
evil    TXT "v=spf1 a \027\155[2J -all"
slashes TXT "v=spf1 x=\\\\\\ foo -all"
deep    TXT "v=spf1 include:bad.example.com -all"
long    TXT "v=spf1 " "ip4:198.51.100.1 ip4:198.51.100.2 ip4:198.51.100.3 ip4:198.51.100.4 " "foo" " ip4:198.51.100.5 ip4:198.51.100.6 ip4:198.51.100.7 ip4:198.51.100.8 -all"
a.example.    TXT "v=spf1 ip4:198.51.100.7 -all"
$FAIL fail TXT
"""


def marked(out: str) -> str:
    """Returns what stands above the caret of an output, up to the next space."""
    rows = out.splitlines()
    (row,) = (i for i, text in enumerate(rows) if text.strip(" ~") == "^")
    return rows[row - 1][rows[row].index("^") :].split(" ")[0]


class SpfTest(CommandLineTest):
    def setUp(self) -> None:
        super().setUp()
        self.zone = self.write("spf.zone", ZONE)

    def spf(self, *arguments: str) -> Run:
        return postseal("spf", "--zone", self.zone, "--now", NOW, *arguments)

    def check(self, client: str, mail_from: str, *arguments: str) -> Run:
        return self.spf("--client-ip", client, "--mail-from", mail_from, *arguments)

    def test_the_result_word_comes_first(self) -> None:
        for client, mail_from, result, status in (
            ("192.0.2.77", "u@example.com", "pass", 0),
            ("::ffff:192.0.2.77", "u@example.com", "pass", 0),
            ("198.51.100.7", "u@example.com", "pass", 0),
            ("203.0.113.1", "u@example.com", "fail", 1),
            ("2001:db8::1", "u@soft.example.com", "softfail", 1),
            ("192.0.2.77", "u@open.example.com", "neutral", 1),
            ("192.0.2.77", "u@none.example.com", "none", 1),
            ("192.0.2.77", "u@localhost", "none", 1),
            # No reverse-path, whatever follows its last "@". RFC 5321 §4.1.2
            ("192.0.2.77", "<(any@example.com>", "none", 1),
            ("192.0.2.77", "a@evil@example.com", "none", 1),
            ("192.0.2.77", "<@relay.example:u@example.com>", "pass", 0),
            ("192.0.2.77", "u@bad.example.com", "permerror", 1),
            ("192.0.2.77", "u@fail.example.com", "temperror", 75),
        ):
            for arguments in ((), ("--explain",)):
                run = self.check(client, mail_from, *arguments)
                self.assertEqual((run.status, run.err), (status, ""), mail_from)
                self.assertEqual(run.out.decode().split()[0], result)
            run = self.check(client, mail_from, "--json")
            self.assertEqual((run.status, json.loads(run.out)["result"]), (status, result))

    def test_json(self) -> None:
        run = self.check("198.51.100.7", "u@example.com", "--json")
        self.assertEqual(run.out.count(b"\n"), 1)
        out = json.loads(run.out)
        dns = out.pop("dns")
        self.assertEqual(
            out,
            {
                "result": "pass",
                "scope": "mfrom",
                "domain": "example.com",
                "reason": "authorized",
                "clause": "RFC 7208 §2.6.3",
                "mechanism": "include:a.example",
                "explanation": None,
                "record_domain": "a.example",
                "record": "v=spf1 ip4:198.51.100.7 -all",
                "offset": 7,
                "spent": {"terms": 1, "void_lookups": 0, "dns_queries": 2},
            },
        )
        self.assertEqual([d["name"] for d in dns], ["example.com", "a.example"])
        self.assertEqual({d["outcome"] for d in dns}, {"records"})

    def test_the_identity(self) -> None:
        helo = ("--helo", "helo.example.com")
        for arguments, scope, domain in (
            (("--mail-from", "u@example.com"), "mfrom", "example.com"),
            (("--mail-from", "u@example.com", *helo), "mfrom", "example.com"),
            (("--mail-from", "<u@example.com>"), "mfrom", "example.com"),
            # RFC 7208 §2.4: postmaster at the HELO name.
            (("--mail-from", "", *helo), "mfrom", "helo.example.com"),
            (("--mail-from=", *helo), "mfrom", "helo.example.com"),
            (("--mail-from", "<>", *helo), "mfrom", "helo.example.com"),
            (helo, "helo", "helo.example.com"),
        ):
            run = self.spf("--client-ip", "192.0.2.1", "--json", *arguments)
            out = json.loads(run.out)
            self.assertEqual((out["scope"], out["domain"]), (scope, domain), arguments)
            self.assertEqual((out["result"], run.status), ("pass", 0))

    def test_the_explanation_of_the_domain(self) -> None:
        text = "203.0.113.1 is not ours, says mx.example.org"
        arguments = ("203.0.113.1", "u@example.com", "--receiver", "mx.example.org")
        self.assertEqual(json.loads(self.check(*arguments, "--json").out)["explanation"], text)
        self.assertIn(text, self.check(*arguments).out.decode().splitlines()[1])
        without = json.loads(self.check(*arguments[:2], "--json").out)
        self.assertEqual(without["explanation"], text.replace("mx.example.org", "unknown"))

    def test_a_caret_marks_the_error(self) -> None:
        for domain, wanted, place in (
            ("bad", "1.2.3", 13),
            # Three backslashes take six columns.
            ("slashes", "foo", 13),
            ("evil", "\\x1b\\x9b[2J", 9),
            ("deep", "1.2.3", 13),
            ("long", "foo", 75),
        ):
            run = self.check("192.0.2.1", f"u@{domain}.example.com")
            self.assertEqual(marked(run.out.decode()), wanted)
            self.assertTrue(all(len(row) <= 80 for row in run.out.splitlines()[1:]))
            run = self.check("192.0.2.1", f"u@{domain}.example.com", "--json")
            out = json.loads(run.out)
            self.assertEqual(out["offset"], place)
            self.assertEqual(out["result"], "permerror")

    def test_text_of_the_dns_is_escaped(self) -> None:
        for arguments in ((), ("--explain",), ("--json",)):
            run = self.check("192.0.2.1", "u@evil.example.com", *arguments)
            self.assertNotIn(b"\x1b", run.out)
            self.assertNotIn(b"\x9b", run.out)

    def test_explain_shows_steps_answers_and_limits(self) -> None:
        out = self.check("198.51.100.7", "u@example.com", "--explain").out.decode()
        steps = (
            "- ip4:192.0.2.0/24: does not match",
            "- include:a.example: pass",
            "- ip4:198.51.100.7: decides",
            "- a.example TXT: records",
            "- limits: 1 of 10 terms, 0 of 2 void lookups, 2 of ",
        )
        places = [out.index(step) for step in steps]
        self.assertEqual(places, sorted(places))

    def test_usage(self) -> None:
        client = ("--client-ip", "192.0.2.1")
        for arguments, *texts in (
            ((), "--client-ip"),
            (("--mail-from", "u@example.com"), "--client-ip"),
            (client, "--mail-from", "--helo"),
            ((*client, "--helo", ""), "--mail-from", "--helo"),
            ((*client, "--mail-from", ""), "null reverse-path", "--helo"),
            (("--client-ip", "1.2.3", "--helo", "a.example"), "--client-ip 1.2.3"),
            (("--client-ip", "", "--helo", "a.example"), "--client-ip"),
            (("--client-ip", "fe80::1%eth0", "--helo", "a.example"), "fe80::1%eth0"),
            (("--lint", "example.com", *client), "--lint"),
            (("--lint", "example.com", "--helo", "a.example"), "--lint"),
            (("--lint", "localhost"), "localhost"),
            (("--lint", ""), "--lint"),
            (("--lint", "a..example"), "a..example"),
        ):
            with self.subTest(arguments):
                self.assert_refused(self.spf(*arguments), *texts)

    def test_a_name_server(self) -> None:
        zone = b"$ORIGIN example.com.\n@ 60 SOA a b 1 2 3 4 60\n@ NS a\n@ TXT \"v=spf1 a -all\"\n"
        server = NameServer(self.folder, "example.com", zone + b"@ A 192.0.2.1\na A 127.0.0.1\n")
        self.addCleanup(server.close)
        arguments = ("--client-ip", "192.0.2.1", "--mail-from", "u@example.com")
        run = postseal("spf", "--dns", server.address, *arguments)
        self.assertEqual((run.status, run.err), (0, ""), run.out)
        run = postseal("spf", "--dns", server.address, "--lint", "example.com")
        self.assertEqual((run.status, run.err), (0, ""), run.out)

    def test_a_name_server_that_is_not_there(self) -> None:
        dns = ("--dns", f"127.0.0.1:{free_port()}", "--timeout", "0.2")
        run = postseal("spf", *dns, "--client-ip", "192.0.2.1", "--mail-from", "u@example.com")
        self.assertEqual((run.status, run.out.decode().split()[0]), (75, "temperror"))
        self.assertEqual(postseal("spf", *dns, "--lint", "example.com").status, 75)


LINT_ZONE = rb"""
$ORIGIN example.com.
good    TXT "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/48 -all"
warned  TXT "v=spf1 include:good.example.com ptr -all mx"
bad     TXT "v=spf1 include:syntax.example.com include:fail.example.com -all"
syntax  TXT "v=spf1 x=\\ ip4:1.2.3 -all"
evil    TXT "v=spf1 x=\027 -all"
failing TXT "v=spf1 include:fail.example.com -all"
$FAIL fail TXT
"""


class LintTest(CommandLineTest):
    def lint(self, domain: str, *arguments: str) -> Run:
        zone = self.write("lint.zone", LINT_ZONE)
        return postseal("spf", "--zone", zone, "--lint", f"{domain}.example.com", *arguments)

    def test_exit_status(self) -> None:
        for domain, status, first in (
            ("good", 0, "good.example.com: 0 errors, 0 warnings, 0 notes"),
            ("warned", 0, "warned.example.com: 0 errors, 2 warnings, 0 notes"),
            ("failing", 75, "failing.example.com: 0 errors, 1 warning, 0 notes"),
            # What is certain comes before what may be.
            ("bad", 1, "bad.example.com: 1 error, 1 warning, 0 notes"),
            ("none", 1, "none.example.com: 1 error, 0 warnings, 0 notes"),
        ):
            run = self.lint(domain)
            self.assertEqual((run.status, run.err), (status, ""), domain)
            self.assertEqual(run.out.decode().splitlines()[0], first)
            self.assertEqual(self.lint(domain, "--json").status, status)

    def test_text(self) -> None:
        out = self.lint("warned").out.decode().splitlines()
        self.assertEqual(
            out[1:],
            [
                "warning (ptr): warned.example.com: ptr should not be published   "
                "[RFC 7208 §5.5]",
                "  v=spf1 include:good.example.com ptr -all mx",
                " " * len("  v=spf1 include:good.example.com ") + "^~~",
                "warning (unreachable): warned.example.com: what follows \"all\" is never tested"
                "   [RFC 7208 §5.1]",
                "  v=spf1 include:good.example.com ptr -all mx",
                " " * len("  v=spf1 include:good.example.com ptr -all ") + "^~",
                "lookups: 2 of 10 terms, 0 of 2 void lookups, if nothing matches   "
                "[RFC 7208 §4.6.4]",
                "authorised: 256 IPv4 addresses, 65536 IPv6 networks of 64 bits",
            ],
        )

    def test_a_caret_stands_right_after_escapes(self) -> None:
        self.assertEqual(marked(self.lint("syntax").out.decode()), "1.2.3")
        out = self.lint("evil").out.decode()
        self.assertEqual(marked(out), "\\x1b")
        self.assertNotIn("\x1b", out)

    def test_json(self) -> None:
        out = json.loads(self.lint("bad", "--json").out)
        found = {(f["severity"], f["code"], f["domain"], f["offset"]) for f in out["findings"]}
        self.assertEqual(
            found,
            {
                ("error", "syntax", "syntax.example.com", 15),
                ("warning", "lookup-failed", "bad.example.com", 34),
            },
        )
        self.assertEqual((out["has_errors"], out["temp_error"]), (True, True))
        names = [record["domain"] for record in out["records"]]
        self.assertEqual(names, ["bad.example.com", "syntax.example.com"])
        # RFC 7208 §3.3: and their texts, octet for octet.
        self.assertEqual(out["records"][1]["text"], "v=spf1 x=\\ ip4:1.2.3 -all")

    def test_explain_shows_the_answers(self) -> None:
        out = self.lint("warned", "--explain").out.decode()
        self.assertIn("  - good.example.com TXT: records\n    - v=spf1 ip4:192.0.2.0/24", out)

    def test_an_international_domain(self) -> None:
        zone = self.write("idn.zone", 'bücher.example. TXT "v=spf1 -all"\n'.encode())
        for domain in ("bücher.example", "xn--bcher-kva.example"):
            run = postseal("spf", "--zone", zone, "--lint", domain)
            self.assertEqual((run.status, run.err), (0, ""), run.out)


if __name__ == "__main__":
    unittest.main()
