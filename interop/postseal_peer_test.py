"""Tests of postseal_peer.py: how the output of the binary is read."""

import unittest

from interop import peers, postseal_peer


class FieldsBySelectorTest(unittest.TestCase):
    def test_splits_folded_fields(self) -> None:
        # The second b= ends with what looks like an s= tag on a line of its own.
        first = b"DKIM-Signature: v=1; d=a; s=one;\r\n\tbs=x; b=abc\r\n"
        second = b"DKIM-Signature: v=1;\r\n b=ab\r\n s=;\r\n\ts =\r\n\t two\r\n"
        fields = postseal_peer._fields_by_selector(first + second)
        self.assertEqual(fields, {"one": first, "two": second})

    def test_a_field_without_selector_is_no_signature(self) -> None:
        with self.assertRaises(postseal_peer.Failure):
            postseal_peer._fields_by_selector(b"DKIM-Signature: v=1; d=a\r\n")


class AnswerOfTest(unittest.TestCase):
    def test_only_a_pass_is_one(self) -> None:
        for result in ("fail", "permerror", "temperror", "policy", "neutral", "none"):
            answer = postseal_peer._answer_of([{"result": result, "reason": "why"}])
            self.assertEqual(answer, peers.Answer(False, f"{result}: why"))
        signature = {"result": "pass", "reason": "verified", "detail": ""}
        self.assertTrue(postseal_peer._answer_of([signature]).ok)

    def test_one_signature_is_expected(self) -> None:
        signature = {"result": "pass", "reason": "verified"}
        self.assertFalse(postseal_peer._answer_of([]).ok)
        self.assertFalse(postseal_peer._answer_of([signature, signature]).ok)


if __name__ == "__main__":
    unittest.main()
