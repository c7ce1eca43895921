"""Directives, one by one, from the file to the wire. What OpenDKIM knows too is judged the
same when this runs against it."""

import re
import subprocess
import urllib.error
import urllib.request

import dkim

from milter.e2e import filters, milter_wire as wire, sandbox
from milter.e2e.filter_case import (
    AUTHSERV_ID,
    NEEDS,
    OURS,
    THEIRS,
    FilterTest,
    inserted,
    internal,
    postseal_only,
    stranger,
)
from milter.e2e.milter_client import Mail, Outcome, default_macros, deliver_one
from milter.e2e.process import PATIENCE


class DirectivesTest(FilterTest):
    def outcomes(self, mails: list[Mail], **directives: str) -> list[Outcome]:
        """Returns what a filter with these directives does with each of |mails|."""
        names = {name.replace("_", "-"): value for name, value in directives.items()}
        milter = self.make_filter("directive", **names)
        try:
            return [deliver_one(("127.0.0.1", milter.port), mail) for mail in mails]
        finally:
            self.assertEqual(milter.stop(), 0)

    def results_of(self, outcome: Outcome) -> bytes:
        added = inserted(outcome, b"Authentication-Results")
        return added[0].value if added else b""

    def signature_of(self, outcome: Outcome) -> dict[str, str]:
        added = inserted(outcome, b"DKIM-Signature")
        self.assertEqual(len(added), 1, outcome.edits)
        text = re.sub(r"\s", "", added[0].value.decode())
        return dict(tag.split("=", 1) for tag in text.split(";") if tag)

    # -- who is signed

    def test_mode(self) -> None:
        ours, theirs = internal(OURS), stranger(self.stranger_signed(THEIRS))
        signed, judged = self.outcomes([ours, theirs], Mode="s")
        self.assert_signed(signed)
        self.assertEqual(judged.edits, [])
        unsigned, judged = self.outcomes([ours, theirs], Mode="v")
        self.assert_not_signed(unsigned)
        self.assert_verdict(judged, dkim="pass", dmarc="pass")

    def test_internal_hosts(self) -> None:
        hosts = sandbox.ROOT / "hosts"
        cases = {
            "192.0.2.0/24": True,
            # OpenDKIM reads a network with host bits as one that nothing is in.
            "192.0.2.77/24": filters.UNDER_TEST == "postseal",
            "!192.0.2.1,192.0.2.0/24": False,
            "client.example.com": True,
            ".example.com": True,
            "192.0.2.2": False,
            ".example.org": False,
        }
        for value, is_signed in cases.items():
            for form in ("csl", "file"):
                with self.subTest(f"{form} {value}"):
                    hosts.write_text(value.replace(",", "\n") + "\n", encoding="ascii")
                    directive = value if form == "csl" else f"refile:{hosts}"
                    (outcome,) = self.outcomes([internal(OURS)], InternalHosts=directive)
                    count = len(inserted(outcome, b"DKIM-Signature"))
                    self.assertEqual(count, int(is_signed))

    def test_daemon_name(self) -> None:
        macros = default_macros(stranger(OURS))
        macros[wire.CONNECT] = {"j": "mx", "{daemon_name}": "submission"}
        mail = stranger(OURS, macros=macros)
        (signed,) = self.outcomes([mail], MTA="submission,other")
        self.assert_signed(signed)
        (unsigned,) = self.outcomes([mail], MTA="other")
        self.assert_not_signed(unsigned)

    def test_macro_list(self) -> None:
        macros = default_macros(stranger(OURS))
        macros[wire.MAIL] = {"i": "M1", "{tag}": "ours"}
        mail = stranger(OURS, macros=macros)
        (signed,) = self.outcomes([mail], MacroList="tag=ours|theirs")
        self.assert_signed(signed)
        (unsigned,) = self.outcomes([mail], MacroList="tag=theirs")
        self.assert_not_signed(unsigned)

    def test_peers_and_exempt_domains(self) -> None:
        ours, theirs = internal(OURS), stranger(self.stranger_signed(THEIRS))
        for outcome in self.outcomes([ours, theirs], PeerList=f"{ours.address},{theirs.address}"):
            self.assertEqual(outcome.edits, [])
        left, judged = self.outcomes([ours, theirs], ExemptDomains="example.com")
        self.assertEqual(left.edits, [])
        self.assert_verdict(judged, dkim="pass")

    def test_recipients_that_are_not_signed_to(self) -> None:
        (outcome,) = self.outcomes([internal(OURS)], DontSignMailTo="bob@example.net")
        self.assert_not_signed(outcome)

    # -- how it is signed

    def test_canonicalizations(self) -> None:
        for value in ("simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"):
            with self.subTest(value):
                (outcome,) = self.outcomes([internal(OURS)], Canonicalization=value)
                self.assert_signed(outcome)
                self.assertEqual(self.signature_of(outcome)["c"], value)

    def test_one_key_without_tables(self) -> None:
        key = sandbox.ROOT / "dkim/keys/example.com/s1.private"
        single = {"KeyTable": None, "SigningTable": None}
        single |= {"Domain": "example.com", "Selector": "s1", "KeyFile": str(key)}
        sub = OURS.replace(b"alice@example.com", b"alice@sub.example.com")
        signed, unsigned = self.outcomes([internal(OURS), internal(sub)], **single)
        self.assert_signed(signed)
        self.assert_not_signed(unsigned)
        (signed,) = self.outcomes([internal(sub)], **single, SubDomains="yes")
        self.assert_signed(signed)

    def test_signed_fields(self) -> None:
        octets = b"X-A: 1\r\nMIME-Version: 1.0\r\n" + OURS
        cases = {
            "from:to:subject:date": {},
            "from:to:subject:date:from": {"OversignHeaders": "From"},
            "from:to:subject:date:x-a": {"SignHeaders": "*,+X-A"},
            "from:to:date": {"OmitHeaders": "*,+Subject"},
        }
        for fields, directives in cases.items():
            with self.subTest(directives):
                (outcome,) = self.outcomes([internal(octets)], **directives)
                self.assert_signed(outcome)
                names = self.signature_of(outcome)["h"].lower().split(":")
                wanted = fields.split(":")
                self.assertEqual(sorted(names), sorted(wanted))

    def test_a_time_to_live(self) -> None:
        (outcome,) = self.outcomes([internal(OURS)], SignatureTTL="3600")
        tags = self.signature_of(outcome)
        self.assertEqual(int(tags["x"]) - int(tags["t"]), 3600)

    @postseal_only
    def test_two_keys(self) -> None:
        """RSA and Ed25519 in one pass."""
        folder = sandbox.ROOT / "two"
        for kind in ("rsa", "ed25519"):
            sandbox.run("mkdir", "-p", str(folder / kind))
            command = [filters.POSTSEAL, "keygen", "--type", kind, "-D", str(folder / kind)]
            sandbox.run(*command, "-d", "example.com", "-s", kind)
            text = (folder / kind / f"{kind}.txt").read_text(encoding="ascii")
            name = f"{kind}._domainkey.example.com.".encode()
            self.records[name] = "".join(text.split('"')[1::2]).encode()
        sandbox.run("chown", "-R", "opendkim", str(folder))
        rows = "".join(
            f"{kind} example.com:{kind}:{folder}/{kind}/{kind}.private\n"
            for kind in ("rsa", "ed25519")
        )
        (folder / "KeyTable").write_text(rows, encoding="ascii")
        (folder / "SigningTable").write_text(
            "*@example.com rsa\n*@example.com ed25519\n", encoding="ascii"
        )
        (outcome,) = self.outcomes(
            [internal(OURS)],
            KeyTable=f"{folder}/KeyTable",
            SigningTable=f"refile:{folder}/SigningTable",
            MultipleSignatures="yes",
        )
        self.assertEqual(len(inserted(outcome, b"DKIM-Signature")), 2)
        for index in range(2):
            verifier = dkim.DKIM(outcome.octets)
            self.assertTrue(verifier.verify(idx=index, dnsfunc=self.dns_answer), index)

    # -- what is written

    def test_results(self) -> None:
        theirs = stranger(self.stranger_signed(THEIRS))
        (outcome,) = self.outcomes([theirs], AuthservIDWithJobID="yes")
        job = default_macros(theirs)[wire.RCPT]["i"][:3]
        # "/" is no character of a token (RFC 8601 §2.2): OpenDKIM leaves the quotes out.
        self.assertRegex(self.results_of(outcome), rf'^ "?{AUTHSERV_ID}/{job}'.encode())
        (outcome,) = self.outcomes([theirs], AuthservID=None)
        # The macro j.
        self.assertRegex(self.results_of(outcome), rb"^ mx\.example\.test;")

    @postseal_only
    def test_what_opendkim_does_not_write(self) -> None:
        theirs = stranger(self.stranger_signed(THEIRS))
        (outcome,) = self.outcomes([theirs])
        self.assertEqual(len(inserted(outcome, b"Received-SPF")), 1)
        (outcome,) = self.outcomes([theirs], AddReceivedSPF="no")
        self.assertEqual(len(inserted(outcome, b"Received-SPF")), 0)
        (outcome,) = self.outcomes([theirs], IgnoreHosts=sandbox.STRANGER)
        self.assert_verdict(outcome, spf="absent", dkim="pass", dmarc="absent")
        forwarded = theirs._replace(mail_from="<carol@example.com>")
        (outcome,) = self.outcomes([forwarded], TrustedRelays=sandbox.STRANGER)
        self.assert_verdict(outcome, spf="absent", dkim="pass")

    # -- what is refused

    def assert_refused(self, outcome: Outcome, code: str) -> None:
        """|code|: the beginning of an SMTP reply."""
        if outcome.verdict == wire.REPLYCODE:
            self.assertTrue(outcome.reply.data.decode().startswith(code), outcome.reply)
        else:
            plain = {"5": wire.REJECT, "4": wire.TEMPFAIL}
            self.assertEqual(outcome.verdict, plain[code[0]], outcome)

    @postseal_only
    def test_dmarc_policy(self) -> None:
        """RFC 7372 §3 has the codes of DKIM and SPF; DMARC's rejection is 550 5.7.1."""
        forged = stranger(OURS)
        accepted, passed = self.outcomes([forged, stranger(self.stranger_signed(THEIRS))])
        self.assert_verdict(accepted, dmarc="fail")
        self.assert_verdict(passed, dmarc="pass")
        refused, passed = self.outcomes(
            [forged, stranger(self.stranger_signed(THEIRS))], RejectFailures="yes"
        )
        self.assert_refused(refused, "550 5.7.1")
        self.assert_verdict(passed, dmarc="pass")

    @postseal_only
    def test_quarantine(self) -> None:
        zone = self.zone.replace("p=reject", "p=quarantine")
        self.dns.serve(zone)
        self.addCleanup(self.dns.serve, self.zone)
        (held,) = self.outcomes([stranger(OURS)], HoldQuarantinedMessages="yes")
        self.assertIsNotNone(held.quarantine)
        (accepted,) = self.outcomes([stranger(OURS)], RejectFailures="yes")
        self.assertIsNone(accepted.quarantine)
        self.assert_verdict(accepted, dmarc="fail")

    @postseal_only
    def test_spf_refusal(self) -> None:
        mail = stranger(OURS, mail_from="<alice@example.com>")
        (refused,) = self.outcomes([mail], SPFReject="fail")
        # RFC 7372 §3.2: the enhanced code of an SPF failure.
        self.assert_refused(refused, "550 5.7.23")
        (accepted,) = self.outcomes([mail], SPFReject="never")
        self.assert_verdict(accepted, spf="fail")
        (passed,) = self.outcomes([stranger(self.stranger_signed(THEIRS))], SPFReject="fail")
        self.assert_verdict(passed, spf="pass")

    @postseal_only
    def test_field_counts(self) -> None:
        cases = [OURS.replace(b"Date:", b"X-Date:"), b"From: x@example.com\r\n" + OURS]
        for octets in cases:
            (refused,) = self.outcomes([stranger(octets)], RequiredHeaders="yes")
            self.assert_refused(refused, "5")
        both = OURS.replace(b"<alice@example.com>", b"<alice@example.com>, b@example.org")
        (refused,) = self.outcomes([stranger(both)], RejectMultiValueFrom="yes")
        self.assert_refused(refused, "5")

    def test_actions_on_signatures(self) -> None:
        bad = stranger(self.stranger_signed(THEIRS) + b"changed\r\n")
        none = stranger(THEIRS)
        for action, code in (("reject", "5"), ("tempfail", "4")):
            with self.subTest(action):
                (refused,) = self.outcomes([bad], On_BadSignature=action)
                self.assert_refused(refused, code)
                (refused,) = self.outcomes([none], On_NoSignature=action)
                self.assert_refused(refused, code)
        (discarded,) = self.outcomes([bad], On_BadSignature="discard")
        self.assertEqual(discarded.verdict, wire.DISCARD)
        if filters.UNDER_TEST == "postseal":
            (held,) = self.outcomes([bad], On_BadSignature="quarantine")
            self.assertIsNotNone(held.quarantine)

    # -- operations

    @postseal_only
    def test_metrics(self) -> None:
        milter = self.make_filter("metrics", MetricsSocket="inet:19100@127.0.0.1")
        address = ("127.0.0.1", milter.port)
        for _ in range(3):
            deliver_one(address, internal(OURS))
            deliver_one(address, stranger(self.stranger_signed(THEIRS)))
        with urllib.request.urlopen("http://127.0.0.1:19100/metrics", timeout=PATIENCE) as answer:
            text = answer.read().decode()
        samples = [line for line in text.splitlines() if line and not line.startswith("#")]
        for line in samples:
            self.assertRegex(line, r"^postseal_[a-z0-9_]+(\{[^}]*\})? [-+.e\dNaInf]+$")
        self.assertTrue(any(re.search(r"signed.* 3$", line) for line in samples), text)
        self.assertTrue(any(re.search(r"verified.* 3$", line) for line in samples), text)
        with urllib.request.urlopen("http://127.0.0.1:19100/health", timeout=PATIENCE) as answer:
            self.assertEqual(answer.status, 200)
        with self.assertRaises(urllib.error.HTTPError):
            urllib.request.urlopen("http://127.0.0.1:19100/other", timeout=PATIENCE)
        self.assertEqual(milter.stop(), 0)

    @postseal_only
    def test_bad_options(self) -> None:
        for options in (["--nonsense"], ["-x"], ["-c", "a", "-x", "b"]):
            done = subprocess.run(
                [filters.POSTSEAL_MILTER, *options], capture_output=True, text=True, check=False
            )
            self.assertEqual(done.returncode, 64, done.stderr)


if __name__ == "__main__":
    sandbox.main(NEEDS)
