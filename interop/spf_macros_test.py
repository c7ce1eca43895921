import unittest

from interop import spf_cases, spf_macros

_V4 = spf_macros.facts_of(spf_cases.Case("192.0.2.3", b"strong-bad@email.example.com", b"mx.org"))
_V6 = spf_macros.facts_of(
    spf_cases.Case("2001:db8::cb01", b"strong-bad@email.example.com", b"mx.org"))

# RFC 7208 §7.4
_EXAMPLES = (
    (_V4, "%{s}", "strong-bad@email.example.com"),
    (_V4, "%{o}", "email.example.com"),
    (_V4, "%{d}", "email.example.com"),
    (_V4, "%{d4}", "email.example.com"),
    (_V4, "%{d3}", "email.example.com"),
    (_V4, "%{d2}", "example.com"),
    (_V4, "%{d1}", "com"),
    (_V4, "%{dr}", "com.example.email"),
    (_V4, "%{d2r}", "example.email"),
    (_V4, "%{l}", "strong-bad"),
    (_V4, "%{l-}", "strong.bad"),
    (_V4, "%{lr}", "strong-bad"),
    (_V4, "%{lr-}", "bad.strong"),
    (_V4, "%{l1r-}", "strong"),
    (_V4, "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
    (_V4, "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
    (_V4, "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
     "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
    (_V4, "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
     "3.2.0.192.in-addr.strong.lp._spf.example.com"),
    (_V4, "%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
    (_V6, "%{ir}.%{v}._spf.%{d2}",
     "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com"),
    # §7.3
    (_V4, "%{S}%%%_%-", "strong-bad%40email.example.com% %20"),
)


class MacrosTest(unittest.TestCase):
    def test_examples(self) -> None:
        for facts, text, expected in _EXAMPLES:
            with self.subTest(text=text):
                self.assertEqual(
                    spf_macros.expand(text, facts, "email.example.com", "unknown"), expected)

    def test_senders(self) -> None:
        for sender, local_part, domain in (
            (b"", "postmaster", "helo.example"),  # §2.4
            (b"d.example", "postmaster", "d.example"),  # §4.3
            (b'"a@b"@d.example', '"a@b"', "d.example"),
        ):
            with self.subTest(sender=sender):
                facts = spf_macros.facts_of(spf_cases.Case("192.0.2.1", sender, b"helo.example"))
                self.assertEqual((facts.local_part, facts.sender_domain), (local_part, domain))

    def test_a_long_name_loses_labels(self) -> None:
        self.assertEqual(spf_macros.cut("A.b." + "C" * 250), "b." + "c" * 250)
        self.assertEqual(spf_macros.cut("a." + "b" * 251), "a." + "b" * 251)

    def test_takes_all_parts(self) -> None:
        for text, expected in (("%{d2}", False), ("%{d3}", True), ("%{d}", False)):
            with self.subTest(text=text):
                self.assertEqual(
                    spf_macros.takes_all_parts(text, _V4, "email.example.com", []), expected)

    def test_has_dots_in_parts(self) -> None:
        for text, expected in (("%{d2-}", True), ("%{d2-.}", False), ("%{d-}", False),
                               ("%{l2-}", False)):
            with self.subTest(text=text):
                self.assertEqual(
                    spf_macros.has_dots_in_parts(text, _V4, "email.example.com", []), expected)


if __name__ == "__main__":
    unittest.main()
