import unittest

from interop import spf_grammar

# Each with the part of RFC 7208 that allows or forbids it.
_TERMS = (
    ("all", True, "§5.1"),
    ("-ALL", True, "§4.6.1: case-insensitive"),
    ("all:x", False, "§5.1: no argument"),
    ("include:a.example", True, "§5.2"),
    ("include", False, "§5.2: an argument"),
    ("a/24//64", True, "§5.3: dual-cidr-length"),
    ("a//64/24", False, "§5.3: IPv4 first"),
    ("a/33", False, "§5.6: up to 32"),
    ("mx//129", False, "§5.6: up to 128"),
    ("a/024", False, "§5.6: no leading zeros"),
    ("a:example", False, "§7.1: a toplabel follows a dot"),
    ("a:x.example.", True, "§7.1: domain-end may end in a dot"),
    ("a:x.c-m", True, "§7.1: a toplabel with a hyphen"),
    ("a:x.com-", False, "§7.1: it ends in an alphanum"),
    ("a:x.123", False, "§7.1: it is not all digits"),
    ("ptr/24", False, "§5.5: no prefix length"),
    ("ip4:192.0.2.1/0", True, "§5.6"),
    ("ip4:192.0.2.01", False, "§5.6: qnum"),
    ("ip4:192.0.2", False, "§5.6: four of them"),
    ("ip6:2001:db8::/32", True, "§5.6"),
    ("ip6:::1", True, "§5.6"),
    ("ip6:1:2:3:4:5:6:7::", True, "RFC 4291 §2.2: one group at least"),
    ("ip6:1:2:3:4:5:6:7:8::", False, "RFC 4291 §2.2: no room for ::"),
    ("ip6:::192.0.2.1", True, "RFC 4291 §2.2"),
    ("ip6:192.0.2.1", False, "§5.6: ip6-network"),
    ("exists:%{ir}.%{L2-+}.example", True, "§7.1"),
    ("exists:%{d0}.example", False, "§7.3: nonzero"),
    ("exists:%{rd}.example", False, "§7.1"),
    ("exists:%{c}.example", False, "§7.2: c is for exp"),
    ("exists:%x.example", False, "§7.3: %x"),
    ("redirect=a.example", True, "§6.1"),
    ("-redirect=a.example", False, "§4.6.1: modifiers have no qualifier"),
    ("redirect=", False, "§6.1: an argument"),
    ("x.y-z_1=", True, "§6: unknown-modifier"),
    ("1x=y", False, "§6: a name begins with ALPHA"),
    ("foo", False, "§4.6.1: no such mechanism"),
    ("a:h\xe9.example", False, "§7.1: macro-literal"),
)


class GrammarTest(unittest.TestCase):
    def test_terms(self) -> None:
        for term, valid, why in _TERMS:
            with self.subTest(term=term, why=why):
                self.assertEqual(spf_grammar.is_valid_term(term), valid)

    def test_records(self) -> None:
        for text, selected in (
            (b"v=spf1", True), (b"V=SPF1 a", True), (b"v=spf10", False), (b" v=spf1", False),
        ):
            with self.subTest(text=text):
                self.assertEqual(spf_grammar.is_spf(text), selected)
        # §6: redirect= and exp= once, others as often as they like.
        self.assertFalse(spf_grammar.is_valid(b"v=spf1 exp=a.example EXP=b.example"))
        self.assertTrue(spf_grammar.is_valid(b"v=spf1  x=1 x=1 "))

    def test_explanations(self) -> None:
        for text, valid in (
            ("see http://x.example/?s=%{S} %{c}%%%_", True), ("100%", False), ("%{d0}", False),
            ("\xe9", False),
        ):
            with self.subTest(text=text):
                self.assertEqual(spf_grammar.is_explanation(text), valid)


if __name__ == "__main__":
    unittest.main()
