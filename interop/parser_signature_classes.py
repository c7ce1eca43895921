"""Why verifiers of odd signatures differ: classes of differences between postseal and a peer."""

import re
from typing import Any, NamedTuple

from interop import parser_signature_cases, peers


class Ours(NamedTuple):
    """postseal's verdict on the one signature, and why."""

    passes: bool
    reason: str


def ours(report: dict[str, Any]) -> Ours:
    signatures = report["dkim"]
    if len(signatures) != 1:
        return Ours(False, f"{len(signatures)} signatures")
    return Ours(signatures[0]["result"] == "pass", signatures[0]["reason"])


class Difference(NamedTuple):
    """What postseal and a peer make of a signature."""

    case: parser_signature_cases.Case
    ours: Ours
    peer: str
    theirs: peers.Answer

    def is_one(self) -> bool:
        return self.ours.passes != self.theirs.ok

    def summary(self) -> str:
        odd = ", ".join(map(ascii, self.case.features)) or "nothing odd"
        theirs = "pass" if self.theirs.ok else f"fail ({ascii(self.theirs.detail)[1:-1][:90]})"
        own = "pass" if self.ours.passes else f"no pass ({self.ours.reason})"
        return f"{odd}: postseal {own}, {self.peer} {theirs}"


class Class(NamedTuple):
    name: str
    clause: str
    text: str


# What postseal refuses and a peer lets pass, by postseal's reason.
REFUSED_HERE = tuple(Class(*words) for words in (
    ("signature-syntax", "RFC 6376 §3.2",
     "The field is no tag list: an empty tag, a name that is none, an octet that no value has. A "
     "field that two verifiers read in two ways says nothing reliable about who signed."),
    ("duplicate-tag", "RFC 6376 §3.2",
     "\"Tags with duplicate names MUST NOT occur\": which of the two counts would be a guess."),
    ("missing-tag", "RFC 6376 §6.1.1",
     "A required tag is missing, and the peer puts a default in its place."),
    ("bad-tag-value", "RFC 6376 §3.5",
     "The value of a tag is not what its grammar says: a number with other characters, an i= that "
     "is no identity, an h= with an empty name. The peer ignores it, or reads a part of it."),
    ("unsupported-version", "RFC 6376 §6.1.1",
     "v= is not 1: the rules by which the signature was made are not known."),
    ("unsupported-algorithm", "RFC 6376 §3.3, §3.2",
     "a= names no known algorithm; values are compared with regard to case."),
    ("unsupported-canonicalization", "RFC 6376 §3.5 c=",
     "c= names no known canonicalization, and the peer takes its default."),
    ("unsupported-query-method", "RFC 6376 §3.5 q=",
     "q= offers no known way to get the key, and the peer asks the DNS all the same."),
    ("bad-domain", "RFC 6376 §3.5 d=", "d= is no domain name."),
    ("bad-selector", "RFC 6376 §3.1", "s= is no selector."),
    ("domain-mismatch", "RFC 6376 §6.1.1",
     "i= is not in the domain of d=: the signer speaks for somebody else."),
    ("from-not-signed", "RFC 6376 §6.1.1",
     "h= does not name From, so that anybody may put an author into the message."),
    ("expired", "RFC 6376 §6.1.1",
     "x= has passed, and the peer leaves that to its caller."),
    ("expiration-before-timestamp", "RFC 6376 §3.5 x=", "x= is not later than t=."),
    ("future-timestamp", "RFC 6376 §3.5 t=", "t= lies in the future, which §3.5 lets us ignore."),
    ("partial-body", "RFC 6376 §8.2",
     "l= leaves a part of the body unsigned, to which anybody may add. The peer lets it pass."),
    ("unsigned-from", "RFC 6376 §8.15",
     "A From field was added above the one that is signed; a reader may show it."),
    ("body-hash-mismatch", "RFC 6376 §3.7, §6.1.3",
     "bh= is of another form of the body: the peer takes another c= or l= than the field says."),
    ("body-too-short", "RFC 6376 §3.5 l=",
     "l= is more than the body has, which MUST NOT be."),
    ("signature-mismatch", "RFC 6376 §3.7, §6.1.3",
     "The octets that are signed are not those that the peer hashes: it takes other fields, or "
     "reads the DKIM-Signature field's own text in another way."),
    ("key-unusable", "RFC 6376 §6.1.2", "The key is none."),
    ("no-key", "RFC 6376 §6.1.2", "There is no key at the name that d= and s= give."),
    ("too-many-names", "RFC 6376 §3.5 h=", "h= names more than is examined."),
))

class Refusal(NamedTuple):
    """What a peer refuses and postseal lets pass: by the peer's own reason, and the field."""

    known: Class
    peer: str
    detail: str
    field: bytes = rb""

    def applies(self, found: Difference) -> bool:
        return (
            re.search(self.peer, found.peer) is not None
            and re.search(self.detail, found.theirs.detail) is not None
            and re.search(self.field, found.case.message) is not None
        )


# In the order in which they are tried.
REFUSED_THERE = (
    Refusal(Class(
        "own-field-in-h", "RFC 6376 §3.5 h=, §3.7",
        "h= names DKIM-Signature, which means other signatures that were there before, and here is "
        "none: the null string is hashed. The peers hash the field that is verified itself."),
        "", "", rb"(?i)h\s*=[^;]*DKIM-Signature"),
    Refusal(Class(
        "space-before-equals", "RFC 6376 §3.2, §3.5 b=",
        "White space may stand between a tag's name and its \"=\". The peer does not find the value "
        "of b= then, and hashes it."),
        "opendkim", "Bad signature", rb"[; \t\n]b\s+="),
    Refusal(Class(
        "query-methods", "RFC 6376 §3.5 q=",
        "q= is a list in which unrecognized methods are ignored. The peer wants dns/txt alone."),
        "dkimpy", "^ValidationError: q= value"),
    Refusal(Class(
        "body-length", "RFC 6376 §3.5 l=, §8.2",
        "l= covers the whole body, so that nothing is unsigned. The peer refuses every l=."),
        "go-msgauth", "insecure body length tag"),
    Refusal(Class(
        "identity", "RFC 6376 §3.5 i=",
        "The domain of i= is that of d= or below; domain names are compared without case. The peer "
        "compares octets, or cuts i= at another \"@\"."),
        "go-msgauth|opendkim", "domain mismatch|invalid domain coverage", rb"i\s*="),
    Refusal(Class(
        "times", "RFC 6376 §3.5 t=, x=",
        "More than twelve digits are infinite, and t=0 is a time in the past. The peer reads no "
        "such number."),
        "go-msgauth|opendkim", "expiration time|timestamp|\"[tx]\" value"),
    Refusal(Class(
        "octets-of-unknown-tags", "RFC 6376 §3.2, RFC 8616 §3",
        "A tag that is unknown must be ignored, and its value may be UTF-8. We ignore any octets "
        "beyond ASCII there, which the peer does not. [choice]"),
        "opendkim", "invalid character", rb"zz\s*="),
)


def classify(found: Difference) -> str | None:
    """The name of the class that a difference falls in."""
    if not found.ours.passes:
        names = {known.name for known in REFUSED_HERE}
        return f"refused here: {found.ours.reason}" if found.ours.reason in names else None
    for refusal in REFUSED_THERE:
        if refusal.applies(found):
            return f"refused there: {refusal.known.name}"
    return None


def classes() -> list[Class]:
    """All classes, by the names that classify gives."""
    return [
        *(known._replace(name=f"refused here: {known.name}") for known in REFUSED_HERE),
        *(refusal.known._replace(name=f"refused there: {refusal.known.name}")
          for refusal in REFUSED_THERE),
    ]
