"""Why readers of From fields differ: classes of differences between postseal and a peer."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from interop import parser_from_cases, parser_peers

_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*\Z")
# A reason of postseal's by which no author can pass. RFC 9989 §11.5
_FAULTS = ("from-missing", "from-several-fields", "from-several-domains", "from-malformed",
           "header-too-large")


class Ours(NamedTuple):
    """Whom postseal takes for the authors: `judged` are all domains whose policy it asks for."""

    reason: str
    judged: frozenset[str]

    @property
    def has_one_author(self) -> bool:
        return self.reason not in _FAULTS


def ours(report: dict[str, Any]) -> Ours:
    dmarc = report["dmarc"]
    domains = {dmarc["from_domain"]}
    domains |= {author["from_domain"] for author in dmarc.get("authors", [])}
    reason = dmarc["reason"] if dmarc["result"] == "permerror" else ""
    return Ours(reason, frozenset(normal(name.encode()) for name in domains if name))


def normal(domain: bytes) -> str:
    """A domain as the DNS compares it: in lower case and A-labels, without a final dot."""
    text = domain.decode("utf-8", "replace").lower().removesuffix(".")
    try:
        return text.encode("idna").decode() if not text.isascii() else text
    except UnicodeError:
        return text


class Difference(NamedTuple):
    """What postseal and a peer make of a header."""

    case: parser_from_cases.Case
    ours: Ours
    peer: str
    theirs: parser_peers.Reading

    @property
    def their_domains(self) -> frozenset[str]:
        return frozenset(map(normal, self.theirs.domains))

    def is_one(self) -> bool:
        if self.ours.has_one_author or self.ours.reason == "from-several-domains":
            return self.their_domains != self.ours.judged
        return bool(self.their_domains)

    def is_unsafe(self) -> bool:
        """Whether the peer may show an author whose domain's policy was not asked for."""
        names = {name for name in self.their_domains if _DOMAIN.match(name) and "." in name}
        names = {name for name in names if not re.fullmatch(r"[0-9.]+", name)}
        return bool(self.ours.judged) and not names <= self.ours.judged

    def summary(self) -> str:
        own = " ".join(sorted(self.ours.judged)) or "no domain"
        if self.ours.reason:
            own += f" ({self.ours.reason})"
        theirs = " ".join(sorted(self.their_domains)) or "no domain"
        return f"{ascii(self.case.header)[2:-1]}: postseal {own}, {self.peer} {ascii(theirs)[1:-1]}"


class Class(NamedTuple):
    name: str
    clause: str
    # What postseal does and what the peers do, and why ours is the safe reading.
    text: str
    applies: Callable[[Difference], bool]


def _has(pattern: bytes) -> Callable[[Difference], bool]:
    return lambda found: re.search(pattern, found.case.header) is not None


def _refuses(found: Difference) -> bool:
    """Whether the peer finds no author where postseal has some."""
    return not found.their_domains and (
        found.ours.has_one_author or found.ours.reason == "from-several-domains")


_NON_ASCII = _has(rb"[\x80-\xff]")
_OBSOLETE = _has(
    rb"(?i)from[ \t]+:|[ \t]>|,[ \t\r\n]*,|,[ \t]*\r\n\Z|:[ \t\r\n]*,|@[^<>,]*:|[ \t\r\n(]@|@[ \t\r\n(]|"
    rb"\.[ \t\r\n(]|[ \t\r\n)]\.|[A-Za-z0-9]\.[ ]")
_COMMENT_OR_QUOTE = _has(rb"[(\"]")


# What is said of each way of being malformed.
_NO_GUESS = (
    "The peer guesses. postseal does not guess who wrote: the message never passes, whoever signed "
    "it, and the policy of every domain that some reader may show is asked for, so that the fault "
    "is no way around it.")
_MALFORMED = (
    ("octets", "RFC 5322 §3.2.3, RFC 6532 §3.1",
     "The field holds a control character, a CR or LF alone, or octets that are no UTF-8.",
     rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n|NOT UTF-8"),
    ("several @", "RFC 5322 §3.4.1",
     "An address has more than one \"@\" outside of quotes, as in a@b@c.",
     rb"@[^<>,;\"()]*@|@\(@\)@"),
    ("angles", "RFC 5322 §3.4",
     "More than one address in angles, text behind them, or angles that do not match.",
     rb"<[^>,]*<|>[^,;(\r]*[^,;(\s]|<[^>]*\Z|\A[^<]*>|<[^>]*,[^>]*>"),
    ("unclosed", "RFC 5322 §3.2.2, §3.2.4",
     "A comment or a quoted string is not closed.",
     rb"\([^)]*\Z|\A[^\"]*\"[^\"]*\Z|\A(?:[^\"]*\"[^\"]*\")*[^\"]*\"[^\"]*\Z|\A[^(]*\)"),
    ("display name", "RFC 5322 §3.2.5",
     "The display name holds a character that must be quoted: a comma, a bracket, \"@\", a dot "
     "in front, or a backslash.",
     rb"\[|\\|Doe, John|:\s*\.|,\s*\.|@[^<>,;]*[ <]|;|:.*:"),
    ("dots", "RFC 5322 §3.2.3, §3.4.1",
     "A dot stands first, last or twice, in the local part or the domain.",
     rb"\.\.|\.@|\.>|\.\s*[,;\r]|[<\s:,]\.|@\s*\."),
    ("local part", "RFC 5322 §3.4.1",
     "There is no local part, or it has a space in it.",
     rb"[<\s:,]@|[^\s<>,]+[ \t]+[^\s<>,@]+@"),
    ("list", "RFC 5322 §3.6.2",
     "Between two mailboxes, or behind the last, there is something else than a comma.",
     rb"\S\s+\S+@|[,;:]\s*\Z"),
    ("domain", "RFC 5322 §3.4.1, RFC 1035 §2.3.1",
     "What follows \"@\" is no domain name.", rb"@"),
    ("no address", "RFC 5322 §3.4", "There is no address.", rb""),
)


def _malformed(pattern: bytes) -> Callable[[Difference], bool]:
    def applies(found: Difference) -> bool:
        if found.ours.reason != "from-malformed":
            return False
        header = found.case.header
        if b"NOT UTF-8" in pattern and _is_bad_utf8(header):
            return True
        return re.search(pattern, header.rstrip(b"\r\n")) is not None
    return applies


def _is_bad_utf8(octets: bytes) -> bool:
    return "\ufffd" in octets.decode("utf-8", "replace")


# In the order in which they are tried.
CLASSES = (
    Class("several-fields", "RFC 5322 §3.6, RFC 9989 §11.5",
          "More than one From field, or a line that some readers take for one. postseal never "
          "passes such a message and asks for the policy of every domain; the peers take the "
          "first or the last field, and a reader may show the other one.",
          lambda found: found.ours.reason == "from-several-fields"),
    Class("no-field", "RFC 5322 §2.2, §3.6.8",
          "What the peer takes for a From field is none by RFC 5322. For postseal the message has "
          "no author, and DMARC is permerror: it never passes.",
          lambda found: found.ours.reason == "from-missing"),
    Class("header-too-large", "RFC 9989 §11.5",
          "The header is more than is examined.",
          lambda found: found.ours.reason == "header-too-large"),
    Class("literal", "RFC 5322 §3.4.1, RFC 9989 §5.3.1",
          "The author's address has a domain-literal. It has no domain, and so no policy: postseal "
          "never passes it; the peers hand the literal on as if it were a name.",
          lambda found: not found.ours.has_one_author and bool(found.their_domains) and
          all("[" in name for name in found.their_domains)),
    *(Class(f"malformed: {name}", clause, f"{text} {_NO_GUESS}", _malformed(pattern))
      for name, clause, text, pattern in _MALFORMED),
    Class("part-of-the-list", "RFC 5322 §3.6.2, RFC 9989 §11.5",
          "Authors of several domains. postseal judges them all and passes none; the peer takes "
          "some of them, mostly the first.",
          lambda found: found.ours.reason == "from-several-domains" and bool(found.their_domains)),
    Class("route", "RFC 5322 §4.4",
          "The address has a route, which is ignored. The peer takes a host of the route.",
          lambda found: found.ours.has_one_author and _has(rb"<[^>]*@[^<>]*:")(found)),
    Class("internationalized", "RFC 6532 §3.2, RFC 8616 §6",
          "The field holds UTF-8, which postseal reads and the peer does not, or only with other "
          "octets in its place.",
          lambda found: _NON_ASCII(found) and not found.is_unsafe()),
    Class("obsolete-syntax", "RFC 5322 §4.4, §4.5",
          "White space, comments, a route or empty list elements where the obsolete syntax, which "
          "receivers must accept, has them. postseal reads it, and knows the author's domain; the "
          "peer finds no author, and DMARC has nothing to ask for.",
          lambda found: _refuses(found) and _OBSOLETE(found)),
    Class("comment-or-quoted-string", "RFC 5322 §3.2.2, §3.2.4",
          "Comments and quoted strings hold any text. postseal takes them off by the grammar; the "
          "peer finds no author, or the text in the author's domain.",
          lambda found: _COMMENT_OR_QUOTE(found) and not found.is_unsafe()),
    Class("folding", "RFC 5322 §2.2.3",
          "The field is folded in a place that the peer does not expect.",
          lambda found: _refuses(found) and _has(rb"\r\n[ \t]")(found)),
    Class("group", "RFC 6854 §2",
          "A group in From, which RFC 6854 allows: postseal reads its mailboxes, the peer none.",
          lambda found: _refuses(found) and _has(rb"Team:")(found)),
    Class("octets-kept", "RFC 5322 §3.4.1",
          "The peer keeps octets in the domain that are none of it: white space, a bracket, a "
          "semicolon. No policy is found under such a name. postseal reads the domain by the "
          "grammar.",
          lambda found: found.ours.has_one_author and not found.is_unsafe() and
          bool(found.their_domains)),
)


def classify(found: Difference) -> str | None:
    """The name of the first class that a difference falls in."""
    return next((known.name for known in CLASSES if known.applies(found)), None)
