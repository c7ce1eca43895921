"""SPF records for the cross-check: random ones, valid and slightly broken."""

import random

SPF_DOMAINS = tuple(f"s{i}.example.org" for i in range(6))
HOSTS = tuple(f"h{i}.example.net" for i in range(8))
MX_SETS = ("mx1.example.net", "mx3.example.net", "mx10.example.net", "mx11.example.net",
           "mxnull.example.net", "mxvoid.example.net", "mxfail.example.net")
MISSING = ("gone.example.net", "gone2.example.net", "empty.example.net")
ALIASES = ("alias.example.net", "loop.example.net", "deadend.example.net")
FAILING = ("fail.example.net", "failtxt.example.org")
EXPLANATIONS = tuple(f"e{i}.example.org" for i in range(4))

_QUALIFIERS = ("", "", "", "", "+", "-", "~", "?")
_LETTERS = "slodiphv"
_EXP_LETTERS = "crt"
_DELIMITERS = ".-+,/_="

_IP4 = ("192.0.2.1", "192.0.2.0/24", "192.0.2.64/26", "198.51.100.7", "198.51.100.0/25",
        "203.0.113.9/32", "203.0.113.8/31", "10.0.0.0/8", "0.0.0.0/0", "192.0.2.77/0")
_IP6 = ("2001:db8::1", "2001:db8::/32", "2001:db8:1::cb01/128", "2001:db8:1::/48", "::/0",
        "2001:DB8::0:1/127", "::ffff:192.0.2.1", "::ffff:192.0.2.0/120", "2001:db8::192.0.2.1",
        "2001:db8:0:0:0:0:0:1", "fe80::1/10")

# Terms that RFC 7208 does not allow, or that look so.
_ODD_TERMS = (
    "a:", "mx:", "ptr:", "include", "include:", "exists", "exists:", "all:", "all:x.example",
    "all/8", "all.", "ip4", "ip4:", "ip6", "ip6:", "ip4:1.2.3", "ip4:1.2.3.4.5", "ip4:192.0.2.1/",
    "ip4:192.0.2.1/33", "ip4:192.0.2.1/032", "ip4:192.0.2.01", "ip4:192.0.2.256",
    "ip4:192.0.2.1//32", "ip4:2001:db8::1", "ip4:192.0.2.0/24/24", "ip6:192.0.2.1",
    "ip6:2001:db8::1/129", "ip6:2001:db8:::1", "ip6:2001:db8::1//64", "ip6:2001:db8::1/",
    "ip6:::1%eth0", "ip6:2001:db8::192.0.2.01", "a/33", "a//129", "a/24//129", "a/", "a//",
    "a/0", "a//0", "a/0//0", "a/024", "a//064", "a/24/64", "a/24//64", "a//64/24", "a:/24",
    "mx/33", "mx/0//0", "mx//", "ptr/24", "ptr:h0.example.net/24", "exists:h0.example.net/24",
    "include:s1.example.org/24", "a:h0.example.net:25", "a:192.0.2.1", "a:h0", "a:h0.example.net.",
    "a:h0.example.c-m", "a:h0.example.-com", "a:h0.example.com-", "a:h0.example.1", "a:.",
    "a:.example.net", "a:h0..example.net", "a:h0.example.net..", "a:h0_x.example.net",
    "a:H0.EXAMPLE.NET", "mx:mx1.example.net.", "include:S1.Example.Org", "a:%%.example.net",
    "a:h0%_.example.net", "a:%-.example.net", "a:%", "a:%x.example.net", "a:h0.example.net%",
    "a:%{", "a:%{}", "a:%{d", "a:%{d}.", "a:%{x}.example.net", "a:%{d0}", "a:%{d00}",
    "a:%{d129}.example.net", "a:%{d1000}", "a:%{dr1}", "a:%{drr}", "a:%{d1R}", "a:%{d1r.-}",
    "a:%{d!}", "a:%{c}.example.net", "exists:%{r}.example.net", "exists:%{t}.example.net",
    "a:%{d}x", "a:%{d}.1", "a:%{d}/24", "a:example", "include:%{d}", "exists:%{d}",
    "redirect", "redirect=", "redirect:s1.example.org", "-redirect=s1.example.org", "exp", "exp=",
    "-exp=e0.example.org", "exp:e0.example.org", "exp=e0", "exp=%{x}", "redirect=s1",
    "foo", "foo:bar", "foo/8", "foo=", "foo=bar", "foo=%{d}", "foo=%{x}", "foo=%{c}", "foo=%",
    "foo=a/24", "f-o_o.o=bar", "-foo=bar", "1foo=bar", "=bar", "foo==bar", "fo+o=bar", "default=-",
    "op=auth", "prt", "ip:192.0.2.1", "ipv4:192.0.2.1", "192.0.2.1", "a,", "mx,", "+-all", "*all",
    "=all", "- all", "--all", "A", "MX", "aLl", "IP4:192.0.2.1", "Include:s1.example.org",
    "REDIRECT=s2.example.org", "Exp=e1.example.org", "EXISTS:h0.example.net",
    "a:h0.example.net/24//",
    "v=spf1", "v=foo", "spf2.0/pra", "a\tmx", "\ta", "a\x01", "a:h\xe90.example.net", "foo=\xe9",
    "exists:%{l}.%{d}", "ip4:192.0.2.1/-1", "ip4:192.0.2.1/+24", "a=b", "mx=x", "all=x",
    "include=x",
    "a:a" + "b" * 62 + ".example.net", "a:a" + "b" * 63 + ".example.net",
    "a:" + ".".join(["abcdefgh"] * 28) + ".net", "a:" + ".".join(["abcdefgh"] * 29) + ".net",
    "exists:%{l}.%{l}.%{l}.%{l}.%{s}.%{s}.%{s}.%{s}.%{s}.%{s}.probe.example",
)


def explanation(rng: random.Random) -> str:
    """An explain-string."""
    words = []
    for _ in range(rng.randrange(1, 6)):
        words.append(rng.choice((
            "see", "http://x.example/?s=" + macro(rng, upper=True), macro(rng, explains=True),
            macro(rng, explains=True), "%%", "%_", "%-", "(mail)",
        )))
    text = rng.choice((" ", "", "%_", "-")).join(words)
    if rng.random() < 0.06:
        text += rng.choice(("%", "%x", "%{x}", "%{", "\xe9", "\x01", "%{d0}"))
    return text


def macro(rng: random.Random, *, explains: bool = False, upper: bool = False) -> str:
    """A macro-expand of RFC 7208 §7.1."""
    letter = rng.choice(_LETTERS + _EXP_LETTERS * explains)
    if upper or rng.random() < 0.15:
        letter = letter.upper()
    digits = rng.choice(("", "", "", "1", "2", "3", "9", "127", "128"))
    reverse = rng.choice(("", "", "r", "R" if rng.random() < 0.2 else "r"))
    count = rng.choice((0, 0, 0, 1, 1, 2, 3))
    return "%{" + letter + digits + reverse + "".join(rng.sample(_DELIMITERS, count)) + "}"


class Writer:
    """Writes records that refer to the names of a zone."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def record(self) -> str:
        """A record, most often a valid one."""
        rng = self._rng
        style = rng.random()
        if style < 0.10:
            text = self._at_a_limit()
        else:
            terms = [self._term() for _ in range(rng.choice((0, 1, 1, 2, 2, 3, 3, 4, 6)))]
            terms += self._ending()
            if rng.random() < 0.12:
                rng.shuffle(terms)
            text = " ".join(["v=spf1", *terms])
        if rng.random() < 0.06:
            text = self._mutated(text)
        return text

    def _term(self) -> str:
        rng = self._rng
        if rng.random() < 0.09:
            return rng.choice(_ODD_TERMS)
        kind = rng.choices(
            ("ip4", "ip6", "a", "mx", "ptr", "include", "exists", "probe", "unknown"),
            (14, 8, 16, 12, 9, 16, 8, 14, 2))[0]
        term = getattr(self, "_" + kind)()
        return term if kind == "unknown" else rng.choice(_QUALIFIERS) + term

    def _ip4(self) -> str:
        return "ip4:" + self._rng.choice(_IP4)

    def _ip6(self) -> str:
        return "ip6:" + self._rng.choice(_IP6)

    def _cidr(self) -> str:
        rng = self._rng
        v4 = rng.choice(("", "", "/32", "/24", "/25", "/8", "/1", "/0"))
        v6 = rng.choice(("", "", "", "//128", "//64", "//32", "//1", "//0"))
        return v4 + v6 if rng.random() < 0.5 else ""

    def _a(self) -> str:
        rng = self._rng
        if rng.random() < 0.15:
            return "a" + self._cidr()
        names = HOSTS * 3 + MISSING + ALIASES + FAILING[:1] + ("%{d}", "%{d2}", "h%{l}.example.net")
        return f"a:{rng.choice(names)}{self._cidr()}"

    def _mx(self) -> str:
        rng = self._rng
        if rng.random() < 0.15:
            return "mx" + self._cidr()
        names = MX_SETS * 2 + MISSING + FAILING[:1] + HOSTS[:2]
        return f"mx:{rng.choice(names)}{self._cidr()}"

    def _ptr(self) -> str:
        rng = self._rng
        if rng.random() < 0.3:
            return "ptr"
        names = ("example.net", "h0.example.net", "example.com", "%{d}", "EXAMPLE.NET")
        return "ptr:" + rng.choice(names)

    def _include(self) -> str:
        rng = self._rng
        names = SPF_DOMAINS * 4 + MISSING + FAILING[1:] + ALIASES[:1]
        names += ("%{d}", "s%{l}.example.org")
        return "include:" + rng.choice(names)

    def _exists(self) -> str:
        return "exists:" + self._rng.choice(HOSTS * 2 + MISSING + FAILING[:1] + ("%{p}", "%{h}"))

    def _probe(self) -> str:
        rng = self._rng
        macros = [macro(rng) for _ in range(rng.choice((1, 1, 1, 2, 2, 3)))]
        return "exists:" + rng.choice((".", ".x.", "-")).join(macros) + ".probe.example"

    def _unknown(self) -> str:
        return self._rng.choice(("foo=bar", "x-y.z_1=%{d}", "moo=", "ra=postmaster", "v=%{s}"))

    def _ending(self) -> list[str]:
        rng = self._rng
        terms = []
        if rng.random() < 0.25:
            names = EXPLANATIONS * 6 + MISSING + FAILING + ("e%{l}.example.org", "e0.%{d2}")
            terms.append("exp=" + rng.choice(names))
        chance = rng.random()
        if chance < 0.55:
            terms.append(rng.choice(("-all", "-all", "~all", "?all", "all", "+all")))
        if chance > 0.7 or chance < 0.05:
            names = SPF_DOMAINS * 4 + MISSING + FAILING[1:] + ("%{d}", "%{o}")
            terms.append("redirect=" + rng.choice(names))
        return terms

    def _at_a_limit(self) -> str:
        """A record at one of the limits of RFC 7208 §4.6.4, or right above it."""
        rng = self._rng
        count = rng.choice((8, 9, 10, 11))
        kind = rng.choice(("a", "mixed", "void", "mx", "exists", "include", "p"))
        if kind == "a":
            terms = [f"a:{rng.choice(HOSTS)}" for _ in range(count)]
        elif kind == "mixed":
            kinds = (self._a, self._mx, self._ptr, self._exists)
            terms = [rng.choice(kinds)() for _ in range(count)]
        elif kind == "p":
            terms = [f"a:{rng.choice(HOSTS)}" for _ in range(count - 1)]
            terms.append("exists:%{p}.probe.example")
        elif kind == "void":
            terms = [rng.choice(("a", "mx", "exists")) + ":" + rng.choice(MISSING)
                     for _ in range(rng.choice((1, 2, 3)))]
        elif kind == "mx":
            terms = [f"mx:mx{rng.choice((10, 11))}.example.net"]
        elif kind == "exists":
            terms = [f"exists:{rng.choice(HOSTS + MISSING[:1])}" for _ in range(count)]
        else:
            terms = [f"include:{rng.choice(SPF_DOMAINS)}" for _ in range(rng.choice((2, 3, 4)))]
        return " ".join(["v=spf1", *terms, rng.choice(("-all", "all", "redirect=s0.example.org"))])

    def _mutated(self, text: str) -> str:
        """`text` with one character changed, or its start spoilt."""
        rng = self._rng
        if rng.random() < 0.3:
            start = rng.choice(("V=SPF1", "v=spf10", "v=spf1.", "v = spf1", " v=spf1", "v=spf1\t",
                                "v=spf2", "v=spf1 ", "v=spf1,"))
            return start + text[len("v=spf1"):]
        position = rng.randrange(len("v=spf1"), len(text) + 1)
        character = rng.choice("  :/=%{}.-+~?ax0 19_\t")
        return rng.choice((
            text[:position] + character + text[position:],
            text[:position] + text[position + 1:],
            text[:position] + character + text[position + 1:],
        ))
