"""Every scenario through Python: blocking, asyncio with answers in another order, and field by
field; the same report each time, and the one that the file expects."""
import asyncio
import random
import unittest

import postseal
from bindings.python.tests import scenario as scenarios
from postseal import Answer, Outcome


def make_config(scenario):
    suffixes = "" if scenario.take("suffixes", False) else None
    options = {name: (-1 if value is None else int(value))
               for name, value in scenario.options.items() if name != "dkim_service"}
    return postseal.Config(public_suffixes=suffixes, record_message=1, **options)


def make_envelope(scenario):
    known = dict(scenario.envelope)
    path = known.get("mail_from")
    return postseal.Envelope(
        client_ip=known["client_ip"].decode() if "client_ip" in known else None,
        helo=known.get("helo"), mail_from=b"" if path == b"<>" else path,
        receiver=known.get("receiver"), smtputf8=known.get("smtputf8") == b"true")


def fields_of(message):
    """(name, value) of each field and the body; None when a milter would not have them so."""
    head, separator, body = message.partition(b"\r\n\r\n")
    if not separator:
        return None
    fields = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1][1] += b"\n" + line
            continue
        name, colon, value = line.partition(b":")
        if not colon or not name or b"\n" in line:
            return None
        fields.append([name, value])
    return fields, body


class ScenariosTest(unittest.TestCase):
    def run_octets(self, scenario, config, cut=None):
        session = postseal.VerifySession(make_envelope(scenario), now=self.now, config=config)
        step = cut or max(1, len(scenario.message))
        for start in range(0, len(scenario.message), step):
            session.feed(scenario.message[start:start + step])
        session.end_of_message()
        postseal.Zone(scenario.zone.encode("latin-1")).answer(session.exchange)
        return session.report(self.authserv_id, evidence=True)

    def run_fields(self, scenario, config):
        parts = fields_of(scenario.message)
        if parts is None:
            return None
        session = postseal.VerifySession(make_envelope(scenario), now=self.now, config=config)
        for name, value in parts[0]:
            session.header(name, value)
        session.end_of_headers()
        session.body(parts[1])
        session.end_of_message()
        postseal.Zone(scenario.zone.encode("latin-1")).answer(session.exchange)
        return session.report(self.authserv_id)

    def test_every_scenario(self):
        found = scenarios.all_scenarios()
        for scenario in found:
            with self.subTest(scenario.name):
                self.now = scenario.take("now", 1767225600)
                self.authserv_id = scenario.take("authserv_id", "mx.example.net")
                config = make_config(scenario)
                report = self.run_octets(scenario, config)
                for path, value in scenario.expect.items():
                    self.assertEqual(scenarios.value_at(report.raw, path), value, path)
                self.assertEqual({(row["name"], row["type"]) for row in report.raw["dns"]},
                                 scenario.queries)
                self.assertEqual(self.run_octets(scenario, config, cut=7).json, report.json)
                by_field = self.run_fields(scenario, config)
                if by_field is not None:
                    self.assertEqual(by_field.json, report.json)
                again = postseal.Evidence(report.evidence).replay(scenario.message,
                                                                  self.authserv_id)
                self.assertEqual(again.json, report.json)
        print("%d scenarios" % len(found))
        self.assertGreater(len(found), 0)


class OrderTest(unittest.TestCase):
    """asyncio, with answers in an order that the test chooses."""

    def test_answers_in_any_order_give_one_report(self):
        from postseal import testing
        domain = testing.Domain("example.com")
        message = domain.sign(testing.message_from("a@example.com"))
        known = {("example.com", 16): domain.spf, ("_dmarc.example.com", 16): domain.dmarc,
                 ("s1._domainkey.example.com", 16): domain.key_pair.record}
        arguments = dict(client_ip=domain.client_ip, mail_from="a@example.com", now=testing.NOW)
        want = postseal.verify(message, resolver=lambda name, kind: self.answer(known, name, kind),
                               **arguments)
        self.assertTrue(want.passed, want.explanation)
        for seed in range(5):
            chooser = random.Random(seed)

            async def resolve(name, kind):
                for _ in range(chooser.randrange(5)):
                    await asyncio.sleep(0)
                return self.answer(known, name, kind)

            report = asyncio.run(postseal.averify(message, resolver=resolve, **arguments))
            self.assertEqual(report.json, want.json)

    @staticmethod
    def answer(known, name, kind):
        text = known.get((name, kind))
        return Answer.txt(text) if text else Answer(Outcome.NX_DOMAIN)

    def test_what_never_answers_is_a_temporary_error(self):
        async def never(name, kind):
            await asyncio.Event().wait()

        report = asyncio.run(postseal.averify(b"From: a@example.com\r\n\r\n", resolver=never,
                                              now=0, timeout=0.0))
        self.assertIs(report.result, postseal.Result.TEMPERROR)


if __name__ == "__main__":
    unittest.main()
