"""The ABNF of RFC 7208 §12 as regular expressions: a second opinion on what a valid
record is. It shares nothing with spf/record.h but the RFC.
"""

import re

_MACRO_EXPAND = r"(?:%\{[slodiphcrtv][0-9]*r?[.\-+,/_=]*\}|%%|%_|%-)"
_MACRO_LITERAL = r"[\x21-\x24\x26-\x7e]"
_MACRO_STRING = rf"(?:{_MACRO_EXPAND}|{_MACRO_LITERAL})*"
_EXPLAIN_STRING = re.compile(rf"(?:{_MACRO_EXPAND}|{_MACRO_LITERAL}| )*", re.IGNORECASE)
_TOP_LABEL = r"(?:[0-9a-z]*[a-z][0-9a-z]*|[0-9a-z]+-[0-9a-z-]*[0-9a-z])"
DOMAIN_SPEC = rf"(?:{_MACRO_STRING}(?:\.{_TOP_LABEL}\.?|{_MACRO_EXPAND}))"
_IP4_PREFIX = r"(?:/(?:0|[1-9][0-9]?))"
_IP6_PREFIX = r"(?:/(?:0|[1-9][0-9]{0,2}))"
_DUAL_PREFIX = rf"{_IP4_PREFIX}?(?:/{_IP6_PREFIX})?"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IP4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"

_FORMS = (
    r"all",
    rf"(?:include|exists):{DOMAIN_SPEC}",
    rf"(?:a|mx)(?::{DOMAIN_SPEC})?{_DUAL_PREFIX}",
    rf"ptr(?::{DOMAIN_SPEC})?",
    rf"ip4:{_IP4}{_IP4_PREFIX}?",
    rf"ip6:[0-9a-f:.]+{_IP6_PREFIX}?",
)
_DIRECTIVE = re.compile(rf"[+\-?~]?(?:{'|'.join(_FORMS)})", re.IGNORECASE)
_NAMED_MODIFIER = re.compile(rf"(?:redirect|exp)={DOMAIN_SPEC}", re.IGNORECASE)
_UNKNOWN_MODIFIER = re.compile(
    rf"(?!(?:redirect|exp)=)[a-z][a-z0-9\-_.]*={_MACRO_STRING}", re.IGNORECASE
)
_MACRO = re.compile(r"%\{([a-z])([0-9]*)(r?)([.\-+,/_=]*)\}", re.IGNORECASE)
_MODIFIER_NAME = re.compile(r"([a-z][a-z0-9\-_.]*)=", re.IGNORECASE)


def is_spf(text: bytes) -> bool:
    """Whether a TXT record is selected by RFC 7208 §4.5."""
    return text[:6].lower() == b"v=spf1" and text[6:7] in (b"", b" ")


def terms_of(text: bytes) -> list[str]:
    """The terms of a record, as they are."""
    return [term for term in text.decode("latin-1").split(" ")[1:] if term]


def is_explanation(text: str) -> bool:
    """Whether `text` is an explain-string: §12, with what §7.3 says of numbers."""
    numbers = [match[2] for match in _MACRO.finditer(text.replace("%%", ""))]
    return _EXPLAIN_STRING.fullmatch(text) is not None and not any(
        number and int(number) == 0 for number in numbers)


def is_valid(text: bytes) -> bool:
    """Whether a record that is_spf is well-formed: §12 and what the text adds to it."""
    terms = terms_of(text)
    modifiers = [term.split("=")[0].lower() for term in terms if is_modifier(term)]
    # §6: redirect= and exp= may appear once.
    repeated = any(modifiers.count(name) > 1 for name in ("redirect", "exp"))
    return not repeated and all(is_valid_term(term) for term in terms)


def is_modifier(term: str) -> bool:
    return _MODIFIER_NAME.match(term) is not None


def is_valid_term(term: str) -> bool:
    if not _DIRECTIVE.fullmatch(term):
        if not _NAMED_MODIFIER.fullmatch(term) and not _UNKNOWN_MODIFIER.fullmatch(term):
            return False
    if not _macros_are_valid(term):
        return False
    name = re.split(r"[:=/]", term.lstrip("+-?~"), maxsplit=1)[0].lower()
    if name == "ip6" and not _is_ip6(term):
        return False
    if name in ("a", "mx", "ip4", "ip6") and not is_modifier(term):
        return _prefixes_are_valid(name, term)
    return True


def _macros_are_valid(term: str) -> bool:
    """§7.3: the number is not zero; §7.2: c, r and t are for explanations alone."""
    for match in _MACRO.finditer(term.replace("%%", "")):
        if match[2] and int(match[2]) == 0:
            return False
        if match[1].lower() in "crt":
            return False
    return True


def _prefixes_are_valid(name: str, term: str) -> bool:
    """§5.6: up to 32 and 128."""
    tail = re.search(r"(/[0-9]+)?(//[0-9]+)?$", term)
    assert tail is not None
    single = int(tail[1][1:]) if tail[1] else 0
    double = int(tail[2][2:]) if tail[2] else 0
    return single <= (128 if name == "ip6" else 32) and double <= 128


def _is_ip6(term: str) -> bool:
    """RFC 3986's IPv6address is what RFC 4291 §2.2 says: eight groups, "::" for one or
    more of them, and the last two as an IPv4 address."""
    text = re.split("/", term.split(":", 1)[1])[0]
    head, gap, rest = text.partition("::")
    groups = []
    for part in (head, rest):
        groups += part.split(":") if part else []
    if groups and "." in groups[-1]:
        if not re.fullmatch(_IP4, groups[-1]):
            return False
        groups[-1:] = ["0", "0"]
    if not all(re.fullmatch(r"[0-9a-fA-F]{1,4}", group) for group in groups):
        return False
    return len(groups) <= 7 if gap else len(groups) == 8
