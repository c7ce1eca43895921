"""Every scenario through every face of the package: the report that the file expects, and the same
one, octet by octet, from each; the command line replays the evidence to it, too."""
import asyncio
import random
import unittest

import postseal
from bindings.python.tests import scenario as scenarios
from bindings.python.tests.faces import PROGRAM, Faces, answers_of

SEED = 20260101


class ScenariosTest(unittest.TestCase):
    def check(self, scenario):
        faces = Faces(scenario)
        report = faces.octets()
        for path, value in scenario.expect.items():
            self.assertEqual(scenarios.value_at(report.raw, path), value, path)
        answers, chooser = answers_of(report), random.Random(SEED)
        by_round, asked = faces.rounds(answers)
        self.assertEqual(asked, scenario.queries)
        same = [
            ("cut", faces.octets(cut=7)),
            ("rounds", by_round),
            ("function", faces.call(postseal.verify, lambda name, kind: answers[name, kind])),
            ("asyncio, zone", asyncio.run(faces.call(postseal.averify, faces.zone))),
            ("evidence", postseal.Evidence(report.evidence).replay(
                scenario.message, faces.authserv_id)),
            ("fields", faces.fields()),
        ]
        same += [("asyncio %d" % turn, faces.shuffled(answers, chooser)) for turn in range(3)]
        for face, other in same:
            if other is not None:
                self.assertEqual(other.json, report.json, face)
                self.assertEqual(other.authentication_results, report.authentication_results, face)
        if PROGRAM:
            self.assertEqual(*faces.command_line(), "command line")

    def test_every_scenario(self):
        found = scenarios.all_scenarios()
        for scenario in found:
            with self.subTest(scenario.name):
                self.check(scenario)
        print("%d scenarios, seed %d%s" % (
            len(found), SEED, "" if PROGRAM else "; without the command line"))
        self.assertGreater(len(found), 0)


class DeadlineTest(unittest.TestCase):
    def test_what_never_answers_is_a_temporary_error(self):
        async def never(name, kind):
            await asyncio.Event().wait()

        report = asyncio.run(postseal.averify(b"From: a@example.com\r\n\r\n", resolver=never,
                                              now=0, timeout=0.0))
        self.assertIs(report.result, postseal.Result.TEMPERROR)


if __name__ == "__main__":
    unittest.main()
