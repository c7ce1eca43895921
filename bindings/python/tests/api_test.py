"""The package's promises: doctests, misuse, keys elsewhere, other libraries in the process."""
import base64
import doctest
import gc
import hashlib
import pickle
import ssl
import subprocess
import sys
import threading
import unittest
import weakref

import postseal
from postseal import dkimpy, exchange, resolvers, session, testing

MESSAGE = testing.message_from("a@example.com")


class DocumentationTest(unittest.TestCase):
    def test_examples(self):
        names = dict(vars(postseal), NOW=testing.NOW)
        tried = 0
        for module in (postseal, exchange, session, resolvers, testing, dkimpy):
            globs = dict(names, **vars(module))
            result = doctest.testmod(module, globs=globs)
            self.assertEqual(result.failed, 0, module.__name__)
            tried += result.attempted
        self.assertGreater(tried, 20)

    def test_abi_is_that_of_the_headers(self):
        subprocess.run([sys.executable, "tools/python_abi", "--check"], check=True)


class MisuseTest(unittest.TestCase):
    def test_raises_by_kind(self):
        closed = postseal.VerifySession(now=0)
        closed.close()
        closed.close()
        done = postseal.VerifySession(now=0)
        done.end_of_message()
        cases = [
            (postseal.ArgumentError, lambda: postseal.Config(no_such_option=1)),
            (postseal.ArgumentError, lambda: postseal.Config(check_dmarc=2)),
            (postseal.ArgumentError, lambda: postseal.Zone("example.com. TXT")),
            (postseal.ArgumentError, lambda: postseal.verify(MESSAGE, client_ip="192.0.2", now=0)),
            (postseal.ArgumentError, lambda: postseal.verify(MESSAGE, now=-1)),
            (postseal.ArgumentError, lambda: postseal.dmarc("a..b")),
            (postseal.ArgumentError, lambda: postseal.spf(client_ip="192.0.2.1", mail_from="")),
            (postseal.ArgumentError, lambda: postseal.parse_record("spam", "")),
            (postseal.ArgumentError, lambda: postseal.sign(b"Subject: x\r\n\r\n",
                                                           [testing.Domain("a.example").key()])),
            (postseal.KeyFileError, lambda: postseal.Key("example.com", "s", "no key")),
            (postseal.StateError, lambda: closed.feed(b"")),
            (postseal.StateError, lambda: postseal.VerifySession(now=0).report()),
            (postseal.StateError, lambda: postseal.org_domain("a.example", postseal.Config())),
            (postseal.TooLargeError, lambda: postseal.Envelope(helo="x" * 4097)._handle()),
            (postseal.NotFoundError, done.received_spf),
            (postseal.NotFoundError, lambda: postseal.VerifySession(now=0).exchange.provide(
                77, exchange.Answer.txt("x"))),
            (postseal.ArgumentError, lambda: postseal.Unbound(
                trust_anchor_file="/nowhere/root.key")),
            (TypeError, lambda: postseal.verify(MESSAGE.decode("ascii"), now=0)),
            (TypeError, lambda: postseal.Envelope(helo=5)._handle()),
            (TypeError, lambda: postseal.sign(MESSAGE, [postseal.Key(
                "example.com", "s", testing.canned_key().private_pem, no_such_setting=1)])),
        ]
        for number, (kind, call) in enumerate(cases):
            with self.subTest(number):
                with self.assertRaises(kind) as caught:
                    call()
                self.assertTrue(str(caught.exception))

    def test_exceptions_cross_processes(self):
        for kind in (postseal.ArgumentError, postseal.EnvironmentFault, postseal.NotFoundError):
            copied = pickle.loads(pickle.dumps(kind(-1, "words")))
            self.assertEqual((type(copied), copied.status, str(copied)), (kind, -1, "words"))

    def test_an_answer_is_given_once(self):
        verifying = postseal.VerifySession(
            postseal.Envelope(client_ip="192.0.2.1", mail_from="a@example.com"), now=0)
        number, name, kind = verifying.exchange.next_query()
        self.assertEqual((name, kind), ("example.com", 16))
        self.assertIsNone(verifying.exchange.next_query())
        verifying.exchange.provide(number, exchange.Answer.txt("v=spf1 -all"))
        with self.assertRaises(postseal.StateError):
            verifying.exchange.provide(number, exchange.Answer.txt("v=spf1 +all"))
        with self.assertRaises(postseal.PostsealError):
            verifying.exchange.provide(number + 1, exchange.Answer.txt("v=spf1 +all"))


class HandleTest(unittest.TestCase):
    def test_a_block_closes(self):
        with postseal.VerifySession(now=0) as verifying:
            verifying.feed(bytearray(MESSAGE))
            verifying.end_of_message()
        with self.assertRaises(postseal.StateError):
            verifying.exchange

    def test_what_is_not_closed_does_not_wait_for_the_collector(self):
        gc.disable()
        try:
            verifying = postseal.VerifySession(now=0)
            verifying.exchange.next_query()
            gone = weakref.ref(verifying)
            del verifying
            self.assertIsNone(gone())
        finally:
            gc.enable()

    def test_an_exchange_keeps_its_session(self):
        exchange_alone = postseal.VerifySession(now=0).exchange
        self.assertFalse(exchange_alone.done)


class EnvelopeTest(unittest.TestCase):
    def test_no_reverse_path_is_not_the_null_one(self):
        arguments = dict(client_ip="192.0.2.1", helo="mail.example.com", now=0,
                         resolver=postseal.Zone('mail.example.com. TXT "v=spf1 a -all"\n'
                                                'mail.example.com. A 192.0.2.1\n'))
        self.assertIsNone(postseal.verify(MESSAGE, **arguments).spf)
        # RFC 7208 §2.4: the identity is postmaster at HELO.
        null = postseal.verify(MESSAGE, mail_from="", **arguments).spf
        self.assertIs(null.result, postseal.Result.PASS)
        self.assertEqual(null.domain, "mail.example.com")


class ExternalKeyTest(unittest.TestCase):
    def test_a_key_elsewhere_signs_by_request_and_answer(self):
        pair = testing.canned_key("rsa")
        signer = postseal.Signer([postseal.ExternalKey("example.com", "s1")])
        signing = postseal.SignSession(signer, now=testing.NOW)
        signing.feed(MESSAGE)
        signing.end_of_message()
        number, kind, digest = signing.next_signature()
        self.assertEqual((kind, len(digest)), ("rsa", 32))
        signature = self.sign_by_openssl(pair.private_pem, digest)
        signing.provide_signature(number, signature)
        self.assertIsNone(signing.next_signature())
        domain = testing.Domain("example.com", kind="rsa")
        domain.key_pair = pair
        report = postseal.verify(signing.fields() + MESSAGE, now=testing.NOW,
                                 resolver=domain.zone())
        self.assertIs(report.dkim[0].result, postseal.Result.PASS, report.explanation)
        self.assertEqual(report.dkim[0].key_bits, 2048)

    @staticmethod
    def sign_by_openssl(pem, digest):
        import tempfile
        with tempfile.NamedTemporaryFile() as key:
            key.write(pem.encode("ascii"))
            key.flush()
            return subprocess.run(
                ["openssl", "pkeyutl", "-sign", "-inkey", key.name, "-pkeyopt", "digest:sha256",
                 "-pkeyopt", "rsa_padding_mode:pkcs1"],
                input=digest, capture_output=True, check=True).stdout


class ProcessTest(unittest.TestCase):
    def test_openssl_of_python_works_beside_it(self):
        before = hashlib.sha256(b"abc").hexdigest()
        context = ssl.create_default_context()
        domain = testing.Domain("example.com")
        self.assertTrue(postseal.verify(domain.sign(MESSAGE), client_ip="192.0.2.1",
                                        mail_from="a@example.com", now=testing.NOW,
                                        resolver=domain.zone()).passed)
        # FIPS 180-4's example.
        self.assertEqual(before, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        self.assertEqual(hashlib.sha256(b"abc").hexdigest(), before)
        self.assertTrue(context.cert_store_stats() is not None)

    def test_threads_share_config_zone_and_keys(self):
        domain = testing.Domain("example.com")
        zone, config = domain.zone(), postseal.Config(cached_keys=10)
        message = domain.sign(MESSAGE)
        reports = []

        def work():
            for _ in range(20):
                reports.append(postseal.verify(
                    message, client_ip="192.0.2.1", mail_from="a@example.com", now=testing.NOW,
                    resolver=zone, config=config).json)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(reports), 80)
        self.assertEqual(len(set(reports)), 1)


class FaultTest(unittest.TestCase):
    def test_trouble_is_never_a_pass(self):
        domain = testing.Domain("example.com")
        message = domain.sign(MESSAGE)
        texts = {"example.com": domain.spf, "_dmarc.example.com": domain.dmarc,
                 "s1._domainkey.example.com": domain.key_pair.record}

        def inner(name, kind):
            text = texts.get(name) if kind == 16 else None
            return exchange.Answer.txt(text) if text else exchange.Answer(
                exchange.Outcome.NX_DOMAIN)

        arguments = dict(client_ip="192.0.2.1", mail_from="a@example.com", now=testing.NOW)
        good = postseal.verify(message, resolver=testing.FaultyResolver(inner), **arguments)
        self.assertTrue(good.passed)
        every = testing.FaultyResolver(inner, temp_errors=set(texts))
        failed = postseal.verify(message, resolver=every, **arguments)
        self.assertIs(failed.result, postseal.Result.TEMPERROR)
        self.assertEqual({name for name, _ in every.asked}, set(texts) | {"_dmarc.com"})
        silent = postseal.verify(message, resolver=testing.FaultyResolver(
            inner, silent={"_dmarc.example.com"}), **arguments)
        self.assertIs(silent.dmarc.result, postseal.Result.TEMPERROR)


class PublicKeyTest(unittest.TestCase):
    def test_the_record_is_the_pair_of_the_file(self):
        pair = testing.canned_key("rsa")
        der = subprocess.run(["openssl", "pkey", "-pubout", "-outform", "DER"],
                             input=pair.private_pem.encode("ascii"), capture_output=True,
                             check=True).stdout
        self.assertEqual(pair.record.partition("p=")[2], base64.b64encode(der).decode("ascii"))
        self.assertNotIn("PRIVATE", repr(pair))


if __name__ == "__main__":
    unittest.main()
