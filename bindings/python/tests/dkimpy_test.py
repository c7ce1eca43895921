"""postseal.dkimpy beside dkimpy itself: the same calls, the same verdicts."""
import base64
import logging
import unittest
import unittest.mock

import dkim
import postseal
from bindings.python.tests import scenario as scenarios
from bindings.python.tests.faces import Faces, answers_of
from postseal import dkimpy, testing

MESSAGE = testing.message_from("a@example.com")
PAIR = testing.canned_key("rsa")
PEM = PAIR.private_pem.encode("ascii")
NAME = b"s1._domainkey.example.com."
BOTH = (dkimpy, dkim)


def look_up(name, timeout=5):
    return PAIR.record.encode("ascii") if name == NAME else None


def text_of(rdata):
    """The text of a TXT record in wire form."""
    parts = []
    while rdata:
        parts.append(rdata[1:1 + rdata[0]])
        rdata = rdata[1 + rdata[0]:]
    return b"".join(parts)


def ed25519_seed(pem):
    """The key as dkimpy has it: the last 32 octets of PKCS #8, RFC 8410 §7."""
    lines = [line for line in pem.splitlines() if not line.startswith("-----")]
    return base64.b64encode(base64.b64decode("".join(lines))[-32:])


class CallsTest(unittest.TestCase):
    def test_each_verifies_what_the_other_signs(self):
        for canonicalize in ((b"relaxed", b"simple"), (b"simple", b"simple"),
                             (b"relaxed", b"relaxed")):
            signed = [
                who.sign(MESSAGE, b"s1", b"example.com", PEM, canonicalize=canonicalize,
                         identity=b"a@example.com", include_headers=[b"From", b"Subject"])
                + MESSAGE for who in BOTH]
            for message in signed:
                changed = message.replace(b"Hello.", b"Hullo.")
                for who in BOTH:
                    self.assertIs(who.verify(message, None, look_up), True)
                    self.assertIs(who.verify(changed, dnsfunc=look_up), False)
            self.assertIs(dkimpy.verify(signed[0], dnsfunc=look_up, idx=1), False)

    def test_ed25519_keys_as_dkimpy_has_them(self):
        pair = testing.canned_key("ed25519")
        seed = ed25519_seed(pair.private_pem)
        for signer in BOTH:
            field = signer.sign(MESSAGE, b"s1", b"example.com", seed,
                                signature_algorithm=b"ed25519-sha256",
                                include_headers=[b"From"])
            for verifier in BOTH:
                self.assertIs(verifier.verify(
                    field + MESSAGE, dnsfunc=lambda name, timeout=5: pair.record.encode()), True)

    def test_line_ends(self):
        field = dkimpy.sign(MESSAGE.replace(b"\r\n", b"\n"), b"s1", b"example.com", PEM,
                            linesep=b"\n")
        self.assertNotIn(b"\r", field)
        for who in BOTH:
            self.assertIs(who.verify(field + MESSAGE.replace(b"\r\n", b"\n"), dnsfunc=look_up),
                          True)

    def test_what_cannot_be_signed_is_a_dkim_exception(self):
        cases = (
            ("ParameterError", dict(identity=b"a@other.example")),
            ("KeyFormatError", dict(privkey=b"no key")),
            ("KeyFormatError", dict(privkey=b"AAAA", signature_algorithm=b"ed25519-sha256")),
        )
        for name, wrong in cases:
            for who in BOTH:
                arguments = dict(selector=b"s1", domain=b"example.com", privkey=PEM)
                arguments.update(wrong)
                with self.assertRaises(getattr(who, name)) as caught:
                    who.sign(MESSAGE, **arguments)
                self.assertIsInstance(caught.exception, who.DKIMException)
        for algorithm in (b"rsa-sha1", b"ed25519-sha256"):
            with self.assertRaises(dkimpy.DKIMException):
                dkimpy.sign(MESSAGE, b"s1", b"example.com", PEM, signature_algorithm=algorithm)
        for refused in (dict(length=True), dict(tlsrpt=True)):
            with self.assertRaises(NotImplementedError):
                dkimpy.sign(MESSAGE, b"s1", b"example.com", PEM, **refused)
        with self.assertRaises(dkimpy.ParameterError):
            dkimpy.sign(b"Subject: x\r\n\r\n", b"s1", b"example.com", PEM)

    def test_no_key_and_no_answer_are_false(self):
        signed = dkimpy.sign(MESSAGE, b"s1", b"example.com", PEM) + MESSAGE

        def broken(name, timeout=5):
            raise OSError("no network")

        self.assertIs(dkimpy.verify(signed, dnsfunc=lambda name, timeout=5: None), False)
        self.assertIs(dkimpy.verify(signed, dnsfunc=broken), False)
        self.assertIs(dkimpy.verify(MESSAGE, dnsfunc=look_up), False)
        self.assertIs(dkimpy.verify(signed, dnsfunc=look_up, minkey=2049), False)

    def test_the_reason_is_logged(self):
        signed = dkimpy.sign(MESSAGE, b"s1", b"example.com", PEM) + MESSAGE + b"more\r\n"
        with self.assertLogs("judge", "ERROR") as logged:
            self.assertIs(dkimpy.verify(signed, logging.getLogger("judge"), look_up), False)
        self.assertIn("body-hash-mismatch", logged.output[0])


class ScenariosTest(unittest.TestCase):
    """Every signature of testdata/scenarios but those whose file explains why dkimpy differs."""

    def test_same_verdicts(self):
        compared = 0
        for scenario in scenarios.all_scenarios():
            if not scenario.dkimpy_differs:
                with self.subTest(scenario.name):
                    compared += self.compare(scenario)
        print("%d signatures" % compared)
        self.assertGreater(compared, 30)

    def compare(self, scenario):
        faces = Faces(scenario)
        report = faces.octets()
        answers = answers_of(report)

        def look_up_key(name, timeout=5):
            answer = answers.get((name.decode("ascii").rstrip("."), postseal.Type.TXT))
            return text_of(answer.rdata[0]) if answer is not None and answer.rdata else None

        for index in range(len(report.dkim)):
            with unittest.mock.patch("time.time", return_value=faces.now):
                ours = dkimpy.verify(scenario.message, dnsfunc=look_up_key, idx=index)
                try:
                    theirs = dkim.DKIM(scenario.message).verify(index, dnsfunc=look_up_key)
                except dkim.DKIMException:
                    theirs = False
            self.assertIs(ours, theirs, index)
        return len(report.dkim)


if __name__ == "__main__":
    unittest.main()
