import unittest

import dkim

from interop import parser_signature_cases, parser_signature_classes, peers

_SEED = 1


class CasesTest(unittest.TestCase):
    def test_a_seed_gives_the_same_cases(self) -> None:
        cases = parser_signature_cases.cases(_SEED, 60)
        self.assertEqual(cases[:20], parser_signature_cases.cases(_SEED, 20))

    def test_what_has_nothing_odd_is_a_good_signature(self) -> None:
        with open(peers.KEY_RECORDS, "rb") as file:
            records = dict(line.rstrip(b"\n").split(b" ", 1) for line in file)

        def look_up(name: bytes, timeout: int = 0) -> bytes | None:
            del timeout
            return records.get(name.rstrip(b"."))

        plain = [case for case in parser_signature_cases.cases(_SEED, 300) if not case.features]
        self.assertGreater(len(plain), 10)
        for case in plain:
            self.assertTrue(dkim.DKIM(case.message).verify(dnsfunc=look_up), case.message)


class ClassesTest(unittest.TestCase):
    def test_a_difference_without_a_reason_is_in_no_class(self) -> None:
        case = parser_signature_cases.Case(b"DKIM-Signature: v=1\r\n\r\n", ())
        for passes, reason, detail, name in (
            (False, "expired", "", "refused here: expired"),
            (False, "what is new", "", None),
            (True, "verified", "insecure body length tag", "refused there: body-length"),
            (True, "verified", "what is new", None),
        ):
            found = parser_signature_classes.Difference(
                case, parser_signature_classes.Ours(passes, reason), "go-msgauth",
                peers.Answer(not passes, detail),
            )
            self.assertTrue(found.is_one())
            self.assertEqual(parser_signature_classes.classify(found), name)


if __name__ == "__main__":
    unittest.main()
