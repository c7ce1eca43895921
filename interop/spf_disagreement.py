"""A disagreement between postseal and a peer on one case, and what is known of it.

The rules of interop/spf_rules.py are predicates on this.
"""

import dataclasses
import functools
import ipaddress
from collections.abc import Callable, Iterator

from interop import spf_cases, spf_grammar, spf_macros, spf_peers, spf_zone

RESULT = "result"
PROBES = "probes"
EXPLANATION = "explanation"

# Reasons of postseal (spf/reason.inc) for a record that is malformed.
SYNTAX_FAULTS = frozenset((
    "bad-term", "unknown-mechanism", "missing-argument", "unexpected-argument",
    "bad-domain-spec", "bad-macro", "explanation-macro", "bad-character", "bad-address",
    "bad-prefix-length", "duplicate-modifier",
))


@dataclasses.dataclass(frozen=True)
class Disagreement:
    """What two judges say of a case, and on which aspect of it they differ."""

    aspect: str
    peer: str
    case: spf_cases.Case
    zone: spf_zone.Zone
    ours: spf_peers.Answer
    theirs: spf_peers.Answer

    @property
    def our_reason(self) -> str:
        return self.ours.detail.partition(" ")[0]

    @property
    def our_term(self) -> str:
        """The term that decided, in the record that it stands in."""
        return self.ours.detail.partition(" ")[2]

    @property
    def detail(self) -> str:
        """The peer's own reason."""
        return self.theirs.detail

    def shown(self) -> tuple[str, str]:
        """What postseal and the peer say of `aspect`."""
        return _shown(self.aspect, self.ours), _shown(self.aspect, self.theirs)

    def summary(self) -> str:
        """The disagreement in a line."""
        ours, theirs = self.shown()
        return (f"{self.aspect} of {self.case}: postseal {ours!r} ({self.ours.detail}), "
                f"{self.peer} {theirs!r} ({self.detail}); records {self.records}")

    @functools.cached_property
    def client(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
        """The client, an IPv4-mapped one as IPv4."""
        address = ipaddress.ip_address(self.case.client)
        return getattr(address, "ipv4_mapped", None) or address

    @functools.cached_property
    def records(self) -> tuple[bytes, ...]:
        """The SPF records that the two judges read, where a name has just one."""
        found = []
        for query in (*self.ours.queries, *self.theirs.queries):
            for texts in self.spf_texts(query):
                if texts not in found:
                    found.append(texts)
        return tuple(found)

    def spf_texts(self, query: str) -> list[bytes]:
        """The SPF records that `query` finds."""
        kind, _, name = query.partition(":")
        if kind != "TXT":
            return []
        data = self.zone.look_up(spf_zone.unescaped(name.encode()), "TXT") or []
        return [text for text in map(b"".join, data) if spf_grammar.is_spf(text)]

    @functools.cached_property
    def terms(self) -> tuple[str, ...]:
        """The terms of `records`."""
        return tuple(term for record in self.records for term in spf_grammar.terms_of(record))

    def answers(self, query: str) -> list | None:
        """What `query` gets: data, [] or None for a failure."""
        kind, _, name = query.partition(":")
        return self.zone.look_up(spf_zone.unescaped(name.encode()), kind)

    def domains_read(self) -> list[tuple[str, bytes]]:
        """The names with an SPF record that postseal read, and the records."""
        found = []
        for query in self.ours.queries:
            name = spf_zone.unescaped(query.partition(":")[2].encode()).decode("latin-1")
            found += [(name, text) for text in self.spf_texts(query)]
        return found

    def names_of_client(self) -> list[str]:
        """The names of the client's PTR records."""
        owner = self.client.reverse_pointer.encode()
        return [name.decode().lower() for name in self.zone.look_up(owner, "PTR") or []]

    @functools.cached_property
    def explanation_texts(self) -> tuple[str, ...]:
        """The TXT records that a judge read at names without an SPF record: the
        explanations, where one was fetched."""
        texts: list[str] = []
        for query in dict.fromkeys((*self.ours.queries, *self.theirs.queries)):
            if query.startswith("TXT:") and not self.spf_texts(query):
                texts += [b"".join(data).decode("latin-1") for data in self.answers(query) or []]
        return tuple(texts)

    def our_text_is_right(self) -> bool:
        """Whether postseal's names or explanation, as the aspect is about one of them, are
        what interop/spf_macros.py makes of the records."""
        if self.aspect == PROBES:
            return self.ours.probes <= self._expected("exists", ":", self._names)
        expected = self._expected("exp", "=", self._explanations)
        return not self.ours.explanation or self.ours.explanation in expected

    def _expected(
        self, name: str, separator: str, expand: Callable[[str, str], set[str]]
    ) -> set[str]:
        """What `expand` makes of the arguments of the terms called `name`."""
        expected: set[str] = set()
        for domain, record in self.domains_read():
            for term in spf_grammar.terms_of(record):
                found, _, argument = term.lstrip("+-?~").partition(separator)
                if found.lower() == name:
                    expected |= expand(argument, domain)
        return expected

    def _expansions(self, text: str, domain: str) -> Iterator[str]:
        facts = spf_macros.facts_of(self.case)
        return spf_macros.expansions(text, facts, domain, self.names_of_client())

    def _names(self, argument: str, domain: str) -> set[str]:
        """The queries that exists:`argument` may make."""
        names = map(spf_macros.cut, self._expansions(argument, domain))
        return {"A:" + spf_zone.escaped(name.encode("latin-1")) for name in names}

    def _explanations(self, argument: str, domain: str) -> set[str]:
        """What the explanation at exp=`argument` may be."""
        found = set()
        for target in map(spf_macros.cut, self._expansions(argument, domain)):
            for text in map(b"".join, self.zone.look_up(target.encode("latin-1"), "TXT") or []):
                for expanded in self._expansions(text.decode("latin-1"), domain):
                    found.add(spf_zone.escaped(expanded.encode("latin-1")))
        return found


def _shown(aspect: str, answer: spf_peers.Answer) -> str:
    if aspect == RESULT:
        return answer.result
    return " ".join(sorted(answer.probes)) if aspect == PROBES else answer.explanation


def find(
    peer: str,
    case: spf_cases.Case,
    zone: spf_zone.Zone,
    ours: spf_peers.Answer,
    theirs: spf_peers.Answer,
) -> Disagreement | None:
    """The first aspect on which two answers differ. What was asked for says something of
    macros where both evaluated to the end, and explanations where both say fail."""
    aspect = ""
    if ours.result != theirs.result:
        aspect = RESULT
    elif ours.result not in ("permerror", "temperror", "none") and ours.probes != theirs.probes:
        aspect = PROBES
    elif ours.result == "fail" and ours.explanation != theirs.explanation:
        aspect = EXPLANATION
    return Disagreement(aspect, peer, case, zone, ours, theirs) if aspect else None
