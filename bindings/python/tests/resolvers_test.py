"""Resolvers beside a name server on loopback: each comes to the report that the zone has."""
import asyncio
import functools
import json
import os
import unittest

import dns.asyncresolver
import dns.exception
import dns.resolver
import postseal
from bindings.python.tests.name_server import NameServer
from postseal import exchange, testing

DOMAIN = testing.Domain("example.com", spf="v=spf1 a:mail.example.com mx -all")
MESSAGE = DOMAIN.sign(testing.message_from("a@example.com"))
RECORDS = {
    ("example.com", "TXT"): ['"%s"' % DOMAIN.spf],
    ("example.com", "MX"): ["10 mx.example.com."],
    ("mx.example.com", "A"): ["192.0.2.2"],
    ("mx.example.com", "AAAA"): ["2001:db8::2"],
    ("mail.example.com", "A"): ["192.0.2.1"],
    ("_dmarc.example.com", "TXT"): ['"%s"' % DOMAIN.dmarc],
    ("s1._domainkey.example.com", "TXT"): ['"%s"' % DOMAIN.key_pair.record],
}
ZONE = "".join("%s. 300 %s %s\n" % (name, kind, text)
               for (name, kind), texts in RECORDS.items() for text in texts)
# The last client is found by AAAA of the mail exchanger, and the first by A.
CLIENTS = ("192.0.2.1", "192.0.2.2", "2001:db8::2", "192.0.2.9")


def arguments(client_ip="192.0.2.1"):
    return dict(client_ip=client_ip, mail_from="a@example.com", now=testing.NOW)


def found(report):
    """The report without what a cache counts down."""
    raw = json.loads(report.json)
    for lookup in raw["dns"]:
        del lookup["ttl"]
    return raw


def by_zone(client_ip):
    return postseal.verify(MESSAGE, resolver=postseal.Zone(ZONE), **arguments(client_ip))


class ResolverTest(unittest.TestCase):
    def dnspython(self, server):
        blocking = dns.resolver.Resolver(configure=False)
        waiting = dns.asyncresolver.Resolver(configure=False)
        for resolver in (blocking, waiting):
            resolver.nameservers, resolver.port = ["127.0.0.1"], server.port
        return postseal.DnspythonResolver(blocking, waiting)

    def unbound(self, server):
        return postseal.Unbound("127.0.0.1:%d" % server.port)

    def test_the_report_is_that_of_the_zone(self):
        with NameServer(RECORDS) as server:
            for make in (self.dnspython, self.unbound):
                resolver = make(server)
                for client in CLIENTS:
                    with self.subTest(make=make.__name__, client=client):
                        want = by_zone(client)
                        self.assertEqual(want.spf.result is postseal.Result.PASS,
                                         client != "192.0.2.9")
                        blocking = postseal.verify(MESSAGE, resolver=resolver,
                                                   **arguments(client))
                        waiting = asyncio.run(postseal.averify(MESSAGE, resolver=resolver,
                                                               **arguments(client)))
                        self.assertEqual(found(blocking), found(want))
                        self.assertEqual(found(waiting), found(want))

    def test_a_failure_is_a_temporary_error(self):
        with NameServer(RECORDS, fails=["_dmarc.example.com"]) as server:
            for resolver in (self.dnspython(server), self.unbound(server)):
                report = postseal.verify(MESSAGE, resolver=resolver, **arguments())
                self.assertIs(report.dmarc.result, postseal.Result.TEMPERROR)
                report = asyncio.run(postseal.averify(MESSAGE, resolver=resolver, **arguments()))
                self.assertIs(report.dmarc.result, postseal.Result.TEMPERROR)

    def test_many_at_once_in_one_loop(self):
        async def all_of_them(resolver):
            return await asyncio.gather(*(
                postseal.averify(MESSAGE, resolver=resolver, **arguments(client))
                for client in CLIENTS * 5))

        with NameServer(RECORDS) as server:
            reports = asyncio.run(all_of_them(self.unbound(server)))
        self.assertEqual([found(report) for report in reports],
                         [found(by_zone(client)) for client in CLIENTS * 5])

    def test_a_deadline_ends_the_waiting(self):
        with NameServer(RECORDS, silent=["_dmarc.example.com"]) as server:
            report = asyncio.run(postseal.averify(
                MESSAGE, resolver=self.unbound(server), timeout=0.0, **arguments()))
            self.assertIs(report.result, postseal.Result.TEMPERROR)

    def test_cancelled_while_lookups_are_under_way(self):
        async def cancel(server, resolver):
            loop, asked = asyncio.get_running_loop(), asyncio.Event()
            server.on_query = lambda name: loop.call_soon_threadsafe(asked.set)
            task = asyncio.create_task(postseal.averify(MESSAGE, resolver=resolver, **arguments()))
            await asked.wait()
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            server.on_query = lambda name: None
            server.silent.clear()
            # The resolver is as good as before, and what comes late harms nobody.
            return await postseal.averify(MESSAGE, resolver=resolver, **arguments())

        for make in (self.unbound, lambda server: self.dnspython(server).resolve):
            with NameServer(RECORDS, silent=["_dmarc.example.com"]) as server:
                report = asyncio.run(cancel(server, make(server)))
                self.assertEqual(found(report), found(by_zone("192.0.2.1")))

    def test_a_child_neither_uses_nor_frees_the_parents(self):
        with NameServer(RECORDS) as server:
            resolver = self.unbound(server)
            postseal.verify(MESSAGE, resolver=resolver, **arguments())
            child = os.fork()
            if child == 0:
                resolver.close()
                own = self.unbound(server)
                os._exit(0 if postseal.verify(MESSAGE, resolver=own, **arguments()).passed else 1)
            self.assertEqual(os.waitpid(child, 0)[1], 0)
            self.assertTrue(postseal.verify(MESSAGE, resolver=resolver, **arguments()).passed)


class FunctionTest(unittest.TestCase):
    """What is taken for a resolver in asyncio."""

    def test_functions_of_every_kind(self):
        def blocking(name, kind, prefix=""):
            text = {key[0]: values[0][1:-1] for key, values in RECORDS.items()
                    if key[1] == "TXT"}.get(prefix + name)
            if name == "mail.example.com" and kind == exchange.Type.A:
                return postseal.Answer(postseal.Outcome.RECORDS,
                                       (exchange.wire_address("192.0.2.1"),))
            return postseal.Answer.txt(text) if text else postseal.Answer(
                postseal.Outcome.NX_DOMAIN)

        async def waiting(name, kind, prefix=""):
            return blocking(name, kind, prefix)

        class Object:
            async def __call__(self, name, kind):
                return blocking(name, kind)

        class WithMethod:
            async def resolve(self, name, kind):
                return blocking(name, kind)

        want = postseal.verify(MESSAGE, resolver=blocking, **arguments())
        self.assertTrue(want.passed, want.explanation)
        for resolver in (blocking, waiting, functools.partial(waiting, prefix=""), Object(),
                         WithMethod(), lambda name, kind: waiting(name, kind)):
            report = asyncio.run(postseal.averify(MESSAGE, resolver=resolver, **arguments()))
            self.assertEqual(report.json, want.json)

    def test_a_defect_of_the_function_is_seen(self):
        def broken(name, kind):
            raise ZeroDivisionError

        async def broken_later(name, kind):
            raise ZeroDivisionError

        with self.assertRaises(ZeroDivisionError):
            postseal.verify(MESSAGE, resolver=broken, **arguments())
        for resolver in (broken, broken_later):
            with self.assertRaises(ZeroDivisionError):
                asyncio.run(postseal.averify(MESSAGE, resolver=resolver, **arguments()))


class DnspythonTest(unittest.TestCase):
    def test_what_exceptions_come_to(self):
        outcomes = ((dns.resolver.NXDOMAIN(), postseal.Outcome.NX_DOMAIN),
                    (dns.exception.Timeout(), postseal.Outcome.TEMP_ERROR),
                    (dns.resolver.NoNameservers(), postseal.Outcome.TEMP_ERROR),
                    (dns.resolver.YXDOMAIN(), postseal.Outcome.TEMP_ERROR))

        class Raises:
            def __init__(self, error):
                self.error = error

            def resolve(self, name, kind):
                raise self.error

        class RaisesLater(Raises):
            async def resolve(self, name, kind):
                raise self.error

        for error, outcome in outcomes:
            resolver = postseal.DnspythonResolver(Raises(error), RaisesLater(error))
            self.assertEqual(resolver("a.example", 16).outcome, outcome, error)
            self.assertEqual(asyncio.run(resolver.resolve("a.example", 16)).outcome, outcome)


class WireTest(unittest.TestCase):
    def test_names(self):
        # RFC 1035 §3.1 and §2.3.4: labels of 1 to 63 octets, 255 octets together.
        longest = ".".join(["a" * 63] * 3 + ["a" * 61])
        for name, wire in ((".", b"\0"), ("", b"\0"), ("a.example", b"\1a\7example\0"),
                           ("a" * 63, b"\x3f" + b"a" * 63 + b"\0")):
            self.assertEqual(exchange.wire_name(name), wire)
        self.assertEqual(len(exchange.wire_name(longest)), 255)
        self.assertEqual(exchange.wire_name(longest + "."), exchange.wire_name(longest))
        for name in ("a" * 64, "a..b", ".a", longest + "a", "\u00e9"):
            with self.assertRaises(ValueError):
                exchange.wire_name(name)

    def test_texts(self):
        # RFC 1035 §3.3.14: strings of at most 255 octets.
        for length, lengths in ((0, [0]), (255, [255]), (256, [255, 1])):
            wire, found = exchange.wire_txt("a" * length), []
            while wire:
                found.append(wire[0])
                wire = wire[1 + wire[0]:]
            self.assertEqual(found, lengths)

    def test_addresses_and_exchangers(self):
        self.assertEqual(exchange.wire_address("192.0.2.1"), bytes([192, 0, 2, 1]))
        self.assertEqual(exchange.wire_address("2001:db8::1").hex(), "20010db8" + "0" * 23 + "1")
        self.assertEqual(exchange.wire_mx(10, "a.example"), b"\0\x0a\1a\7example\0")


if __name__ == "__main__":
    unittest.main()
