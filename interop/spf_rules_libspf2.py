"""The differences between postseal and libspf2 1.2.10."""

import re
from collections.abc import Callable

from interop import spf_grammar, spf_macros, spf_zone
from interop.spf_disagreement import EXPLANATION, RESULT, Disagreement
from interop.spf_rules import (
    EXPLANATION_WHY, MALFORMED_TARGET, MALFORMED_TARGET_WHY, OPEN, OURS_IS_RIGHT, U_LABEL_WHY,
    Example, Rule, domain_of, exceeds_terms, failed_at_ptr, is_lenient, is_void, local_part_of,
    macro_in_play, malformed_explanation, probes_are_malformed, reads, reverses_in_capitals, says,
    zone_with,
)

_PEER = "libspf2"

_DELIMITER = r"%\{[a-z][0-9]*r?[.\-+,/_=]*[,/]"
_BIG_NUMBER = r"%\{[a-z](?:129|1[3-9][0-9]|[2-9][0-9]{2}|[0-9]{4,})"
# What a record that libspf2 refuses comes to in an include: it keeps no other reason.
_REFUSED_INCLUDE = "Could not find a valid SPF record"
_WHY_VALID = "the grammar of RFC 7208 §12 has it"
_WHY_MALFORMED = "\"any syntax errors anywhere in the record\" are a permerror (§4.6)"


def _refuses(d: Disagreement, message: str, pattern: str, flags: int = re.IGNORECASE) -> bool:
    """Whether libspf2 refuses the record that it read last for a valid term of it."""
    if d.theirs.result != "permerror" or not reads(d):
        return False
    if d.detail != _REFUSED_INCLUDE and not says(d, message):
        return False
    return any(
        re.search(pattern, term, flags) and spf_grammar.is_valid_term(term)
        for term in spf_grammar.terms_of(reads(d)[-1])
    )


def _evaluates(d: Disagreement, fault: str, pattern: str = "") -> bool:
    """Whether libspf2 evaluates a record with a term that matches, and postseal names
    its `fault`."""
    evaluated = d.theirs.result != "permerror" or says(d, "too many DNS lookups")
    malformed = any(
        re.search(pattern, term, re.IGNORECASE) and not spf_grammar.is_valid_term(term)
        for record in reads(d) for term in spf_grammar.terms_of(record)
    )
    return is_lenient(d, fault) and evaluated and malformed


def _family_matters(d: Disagreement) -> bool:
    mapped = d.case.client.startswith("::ffff:")
    asked = any(q.startswith(("AAAA:", "PTR:")) for q in d.theirs.queries)
    return mapped and (asked or macro_in_play(d, r"ip[46]:|%\{[ivc]"))


def _exceeds_mx(d: Disagreement) -> bool:
    many = any(q.startswith("MX:") and len(d.answers(q) or []) > 10 for q in d.ours.queries)
    return d.our_reason == "too-many-mx-names" and d.theirs.result != "permerror" and many


def _exceeds_void_lookups(d: Disagreement) -> bool:
    voids = [q for q in d.theirs.queries if not q.startswith("TXT:") and is_void(d, q)]
    return d.aspect == RESULT and d.our_reason == "too-many-void-lookups" and len(voids) >= 3


def _exceeds_terms(d: Disagreement) -> bool:
    """Each of more than ten terms asks for something; the first query is for the record."""
    many = len(d.theirs.queries) > 1 + 10
    return exceeds_terms(d) and d.theirs.result != "permerror" and many


def _exceeds_ptr(d: Disagreement) -> bool:
    names = d.names_of_client()
    last = d.theirs.queries[-1].partition(":")[2] if d.theirs.queries else ""
    return says(d, "too many DNS lookups") and len(names) > 10 and last == names[9]


def _includes_malformed_name(d: Disagreement) -> bool:
    names = [q.partition(":")[2] for q in d.theirs.queries if q.startswith("TXT:")]
    refused = d.theirs.result == "permerror" and says(d, _REFUSED_INCLUDE)
    return refused and bool(names) and not spf_zone.is_full_name(names[-1])


def _redirects_early(d: Disagreement) -> bool:
    """Whether a directive stands after the redirect= of a valid record that was read."""
    for record in filter(spf_grammar.is_valid, reads(d)):
        kinds = [spf_grammar.is_modifier(term) for term in spf_grammar.terms_of(record)]
        names = [term.partition("=")[0].lower() for term in spf_grammar.terms_of(record)]
        if "redirect" in names and not all(kinds[names.index("redirect"):]):
            return True
    return False


def _some_macro(
    d: Disagreement, holds: Callable[[str, spf_macros.Facts, str, list[str]], bool]
) -> bool:
    """Whether postseal's text is right, and something holds of a macro in play."""
    facts = spf_macros.facts_of(d.case)
    found = any(
        holds(text, facts, domain, d.names_of_client())
        for text in (*d.terms, *d.explanation_texts) for domain, _ in d.domains_read()
    )
    return d.aspect != RESULT and found and d.our_text_is_right()


def _escapes_otherwise(d: Disagreement) -> bool:
    facts = spf_macros.facts_of(d.case)
    letters = re.search(r"[^A-Za-z0-9._~\-]", facts.local_part + facts.helo + facts.sender_domain)
    escapes = re.search(r"%\{[A-Z]", " ".join((*d.terms, *d.explanation_texts)))
    return d.aspect != RESULT and bool(letters and escapes) and d.our_text_is_right()


def _keeps_final_dot(d: Disagreement) -> bool:
    dotted = domain_of(d).endswith(b".") and macro_in_play(d, r"%\{d")
    return d.aspect != RESULT and dotted and d.our_text_is_right()


def _explains(d: Disagreement, pattern: str) -> bool:
    """Whether an explanation's text matches, and postseal's is right."""
    found = any(re.search(pattern, text, re.IGNORECASE) for text in d.explanation_texts)
    return d.aspect == EXPLANATION and found and d.our_text_is_right()


RULES: tuple[Rule, ...] = (
    Rule(
        "ipv4-mapped", _PEER, "RFC 7208 §5",
        "an IPv4-mapped client is an IPv4 client",
        "it is an IPv6 client, as which the caller gave it",
        OURS_IS_RIGHT, "\"clients on IPv4-mapped IPv6 addresses\" are judged by A records and ip4",
        _family_matters,
        Example(zone_with("v=spf1 ip4:192.0.2.1 -all"), "pass", "fail", client="::ffff:192.0.2.1"),
    ),
    Rule(
        "u-label", _PEER, "RFC 8616 §4",
        "U-labels of the sender are converted to A-labels",
        "they are asked for as they are",
        OURS_IS_RIGHT, U_LABEL_WHY,
        lambda d: not domain_of(d).isascii(),
        Example(('xn--bcher-kva.example. TXT "v=spf1 -all"',), "fail", "none",
                mail_from="user@b\u00fccher.example".encode()),
    ),
    Rule(
        "zero-prefix", _PEER, "RFC 7208 §5.6",
        "a prefix length may be 0",
        "that is a permerror",
        OURS_IS_RIGHT, "ip4-cidr-length = \"/\" (\"0\" / ...)",
        lambda d: _refuses(d, "CIDR netmask (=0)", r"/0(?![0-9])"),
        Example(zone_with("v=spf1 ip4:192.0.2.1/0"), "pass", "permerror"),
    ),
    Rule(
        "delimiters", _PEER, "RFC 7208 §7.1",
        "the comma and the slash are delimiters of macros",
        "a record with them is a permerror",
        OURS_IS_RIGHT, "delimiter = \".\" / \"-\" / \"+\" / \",\" / \"/\" / \"_\" / \"=\"",
        lambda d: _refuses(d, "Invalid delimiter", _DELIMITER),
        Example(zone_with("v=spf1 a:%{d,} -all"), "fail", "permerror"),
    ),
    Rule(
        "reversal-in-capitals", _PEER, "RFC 7208 §7.1, RFC 5234 §2.3",
        "R reverses, as r does",
        "a record with it is a permerror",
        OURS_IS_RIGHT, "strings of the ABNF are case-insensitive",
        lambda d: _refuses(d, "Invalid delimiter 'R'", r"%\{[A-Za-z][0-9]*R", 0),
        Example(zone_with("v=spf1 a:%{dR} -all"), "fail", "permerror"),
    ),
    Rule(
        "dot-in-modifier", _PEER, "RFC 7208 §6",
        "the name of an unknown modifier may have dots",
        "that is a permerror",
        OURS_IS_RIGHT, "name = ALPHA *( ALPHA / DIGIT / \"-\" / \"_\" / \".\" )",
        lambda d: _refuses(d, "Invalid character in middle of mechanism",
                           r"^[a-z][a-z0-9_\-]*\.[a-z0-9_.\-]*="),
        Example(zone_with("v=spf1 x.y=z -all"), "fail", "permerror"),
    ),
    Rule(
        "large-number", _PEER, "RFC 7208 §7.3",
        "a macro's number is as large as it is written",
        "above 128 it is a permerror",
        OPEN, "\"at least a value of 127\" must be supported",
        lambda d: _refuses(d, "Subdomain truncation depth too large", _BIG_NUMBER),
        Example(zone_with("v=spf1 a:%{d129} -all"), "fail", "permerror"),
    ),
    Rule(
        "long-name", _PEER, "RFC 7208 §7.3",
        "a name that is too long loses labels from the left",
        "above 255 octets it is a permerror",
        OURS_IS_RIGHT, "\"the left side is truncated to fit\"",
        lambda d: _refuses(d, "String literal too long", r"[:=].{256}"),
        Example(('d.example. TXT "v=spf1 a:' + "label." * 30 + '" "' + "label." * 20
                 + 'example -all"',), "fail", "permerror"),
    ),
    Rule(
        "ptr-error", _PEER, "RFC 7208 §5.5",
        "an error of the DNS for the client's names is no match",
        "it is a temperror",
        OURS_IS_RIGHT, "\"this mechanism fails to match\", or \"that domain name is skipped\"",
        failed_at_ptr,
        Example(zone_with("v=spf1 ptr -all", "$FAIL 1.2.0.192.in-addr.arpa. PTR"),
                "fail", "temperror"),
    ),
    Rule(
        "ptr-limit", _PEER, "RFC 7208 §4.6.4",
        "PTR records after the tenth are ignored",
        "an eleventh is a permerror",
        OURS_IS_RIGHT, "\"all records other than the first 10 MUST be ignored\"",
        _exceeds_ptr,
        Example(zone_with("v=spf1 ptr -all",
                        *(f"1.2.0.192.in-addr.arpa. PTR n{i}.example." for i in range(11))),
                "fail", "permerror"),
    ),
    Rule(
        "no-void-limit", _PEER, "RFC 7208 §4.6.4",
        "a third void lookup is a permerror",
        "there is no such limit",
        OURS_IS_RIGHT, "two are what implementations \"SHOULD\" allow; RFC 4408 had no limit",
        _exceeds_void_lookups,
        Example(zone_with("v=spf1 a:n1.example a:n2.example a:n3.example -all"),
                "permerror", "fail"),
    ),
    Rule(
        "mx-limit", _PEER, "RFC 7208 §4.6.4",
        "an eleventh MX record is a permerror",
        "unless one of the first ten matches",
        OPEN, "the limit is on what is queried; a result that depends on the order of the "
        "records is not what the domain can rely on",
        _exceeds_mx,
        Example(zone_with("v=spf1 mx -all", "h.example. A 192.0.2.1",
                        *(f"d.example. MX {i} h.example." for i in range(11))),
                "permerror", "pass"),
    ),
    Rule(
        "term-limit", _PEER, "RFC 7208 §4.6.4",
        "terms count over the whole evaluation",
        "those of an included record, and the last one of any, do not",
        OURS_IS_RIGHT, "\"the total number of those terms to 10 during SPF evaluation\"",
        _exceeds_terms,
        Example(zone_with("v=spf1 include:e.example -all",
                        'e.example. TXT "v=spf1' + " a" * 10 + '"', "e.example. A 192.0.2.2"),
                "permerror", "fail"),
    ),
    Rule(
        "malformed-include", _PEER, "RFC 7208 §4.8",
        MALFORMED_TARGET, "it is asked for; an include of such a name is a permerror",
        OPEN, MALFORMED_TARGET_WHY,
        _includes_malformed_name,
        Example(zone_with("v=spf1 include:%{l}.example -all"), "fail", "permerror",
                mail_from=b"a..b@d.example"),
    ),
    Rule(
        "odd-octets", _PEER, "RFC 7208 §7.1",
        "a record holds visible ASCII alone",
        "any octet but a space is part of a term",
        OURS_IS_RIGHT, _WHY_MALFORMED,
        lambda d: _evaluates(d, "bad-character", r"[^\x21-\x7e]"),
        Example(zone_with("v=spf1 foo=\\233 -all"), "permerror", "fail"),
    ),
    Rule(
        "domain-end", _PEER, "RFC 7208 §7.1",
        "a domain-spec ends in a top-level label or a macro",
        "it ends in anything",
        OURS_IS_RIGHT, _WHY_MALFORMED,
        lambda d: _evaluates(d, "bad-domain-spec", r"[:=]"),
        Example(zone_with("v=spf1 a:host -all"), "permerror", "fail"),
    ),
    Rule(
        "empty-argument", _PEER, "RFC 7208 §5.3, §7.1",
        "what follows a colon or an equals sign is not empty",
        "an empty argument is as none",
        OURS_IS_RIGHT, _WHY_MALFORMED,
        lambda d: _evaluates(d, "missing-argument", r"[:=](?:/|$)"),
        Example(zone_with("v=spf1 a: -all"), "permerror", "fail"),
    ),
    Rule(
        "lone-percent", _PEER, "RFC 7208 §7.3",
        "a % that begins no macro is a syntax error",
        "it stands for itself",
        OURS_IS_RIGHT, "\"is a syntax error\"",
        lambda d: _evaluates(d, "bad-macro", "%(?!%|_|-|\\{[a-z][0-9]*r?[^}a-z0-9]*\\})"),
        Example(zone_with("v=spf1 a:%x.example -all"), "permerror", "fail"),
    ),
    Rule(
        "macros-of-explanations", _PEER, "RFC 7208 §7.2",
        "%{c}, %{r} and %{t} are for explanations alone",
        "modifiers may have them",
        OURS_IS_RIGHT, "\"allowed only in 'exp' text\"",
        lambda d: _evaluates(d, "explanation-macro", r"=.*%\{[crt]"),
        Example(zone_with("v=spf1 foo=%{c} -all"), "permerror", "fail"),
    ),
    Rule(
        "prefix-syntax", _PEER, "RFC 7208 §5.6",
        "a prefix length has no leading zeros and is not empty",
        "leading zeros are skipped, and an empty one belongs to the name",
        OURS_IS_RIGHT, _WHY_MALFORMED,
        lambda d: _evaluates(d, "bad-prefix-length", r"/(?:0[0-9]|/|$)"),
        Example(zone_with("v=spf1 ip4:192.0.2.1/032 -all"), "permerror", "pass"),
    ),
    Rule(
        "redirect-colon", _PEER, "RFC 7208 §4.6.1",
        "redirect is no mechanism",
        "it may be spelled as one",
        OURS_IS_RIGHT, _WHY_MALFORMED,
        lambda d: _evaluates(d, "unknown-mechanism", r"^[+?~-]?redirect:"),
        Example(zone_with("v=spf1 redirect:e.example", 'e.example. TXT "v=spf1 -all"'),
                "permerror", "fail"),
    ),
    Rule(
        "repeated-modifier", _PEER, "RFC 7208 §6",
        "redirect= and exp= may appear once each",
        "they may be repeated",
        OURS_IS_RIGHT, "\"If they do, then check_host() exits with a result of 'permerror'\"",
        lambda d: is_lenient(d, "duplicate-modifier") and d.theirs.result != "permerror",
        Example(zone_with("v=spf1 -all exp=e.example exp=f.example"), "permerror", "fail"),
    ),
    Rule(
        "redirect-in-place", _PEER, "RFC 7208 §4.6.3, §6.1",
        "redirect= takes effect after all directives",
        "it is evaluated where it stands",
        OURS_IS_RIGHT, "it \"has an effect after all the mechanisms have been evaluated\"",
        _redirects_early,
        Example(zone_with("v=spf1 redirect=e.example -all", 'e.example. TXT "v=spf1 ?all"'),
                "fail", "neutral"),
    ),
    Rule(
        "malformed-name", _PEER, "RFC 7208 §4.8",
        MALFORMED_TARGET, "it is asked for",
        OPEN, MALFORMED_TARGET_WHY,
        probes_are_malformed,
        Example(zone_with("v=spf1 exists:%{l}.probe.example -all"), "", "A:a..b.probe.example",
                mail_from=b"a..b@d.example"),
    ),
    Rule(
        "non-ascii-local-part", _PEER, "RFC 8616 §4",
        "with a non-ASCII local-part a term with %{s} or %{l} does not match, nor is an "
        "explanation with them given",
        "it is asked for, or printed",
        OURS_IS_RIGHT, "such terms \"do not match anything\"",
        lambda d: not local_part_of(d).isascii() and macro_in_play(d, r"%\{[sl]"),
        Example(zone_with("v=spf1 -all exp=e.example", 'e.example. TXT "%{l}"'), "", "\\195\\169",
                mail_from="\u00e9@d.example".encode()),
    ),
    Rule(
        "malformed-explanation", _PEER, "RFC 7208 §6.2, §7.1",
        "an explanation with a syntax error is as none",
        "the rest of it is expanded",
        OURS_IS_RIGHT, EXPLANATION_WHY,
        malformed_explanation,
        Example(zone_with("v=spf1 -all exp=e.example", 'e.example. TXT "see%x"'), "", "see%x"),
    ),
    Rule(
        "two-explanations", _PEER, "RFC 7208 §6.2",
        "of two TXT records none is the explanation",
        "the first is",
        OURS_IS_RIGHT, "\"if more than one record is returned\", there is no explanation",
        lambda d: d.aspect == EXPLANATION and len(d.explanation_texts) > 1
        and not d.ours.explanation,
        Example(zone_with("v=spf1 -all exp=e.example", 'e.example. TXT "one"',
                        'e.example. TXT "two"'), "", "one"),
    ),
    Rule(
        "space-in-explanation", _PEER, "RFC 7208 §6.2, §12",
        "an explanation has spaces",
        "each becomes a percent sign, and no macro after one is expanded",
        OURS_IS_RIGHT, "explain-string = *( macro-string / SP )",
        lambda d: _explains(d, " "),
        Example(zone_with("v=spf1 -all exp=e.example", 'e.example. TXT "go away"'),
                "go\\032away", "go%away"),
    ),
    Rule(
        "delimiters-in-explanation", _PEER, "RFC 7208 §7.1",
        "the comma and the slash are delimiters, and R reverses, in explanations too",
        "such an explanation is none",
        OURS_IS_RIGHT, _WHY_VALID,
        lambda d: _explains(d, _DELIMITER) or (d.aspect == EXPLANATION and reverses_in_capitals(d)
                                               and d.our_text_is_right()),
        Example(zone_with("v=spf1 -all exp=e.example", 'e.example. TXT "%{d,}"'), "d.example", ""),
    ),
    Rule(
        "dots-in-parts", _PEER, "RFC 7208 §7.3",
        "a number counts the parts between the delimiters given",
        "it counts those between dots, too",
        OURS_IS_RIGHT, "\"delimiter characters that are used instead of '.'\"",
        lambda d: _some_macro(d, spf_macros.has_dots_in_parts),
        Example(zone_with("v=spf1 exists:%{l2-}.probe.example -all"),
                "A:x.a.b.c.probe.example", "A:b.c.probe.example", mail_from=b"x.a.b-c@d.example"),
    ),
    Rule(
        "number-of-parts", _PEER, "RFC 7208 §7.3",
        "a number that is not below the number of parts takes all",
        "the first octet is lost",
        OURS_IS_RIGHT, "\"all the available parts are used\"",
        lambda d: _some_macro(d, spf_macros.takes_all_parts),
        Example(zone_with("v=spf1 exists:%{d2}.probe.example -all"),
                "A:d.example.probe.example", "A:.example.probe.example"),
    ),
    Rule(
        "url-escapes", _PEER, "RFC 7208 §7.3, RFC 3986 §2.1, §2.3",
        "all but unreserved characters are escaped, in capital digits",
        "!*'() are left alone (RFC 2396), and the digits are small",
        OURS_IS_RIGHT, "the unreserved set \"is defined in [RFC3986]\"; the case of digits is free",
        _escapes_otherwise,
        Example(zone_with("v=spf1 exists:%{L}.probe.example -all"),
                "A:a%21b.probe.example", "A:a!b.probe.example", mail_from=b"a!b@d.example"),
    ),
    Rule(
        "final-dot", _PEER, "RFC 7208 §4.3, §7.3",
        "%{d} of a domain with a final dot has none",
        "it has one",
        OPEN, "trailing delimiters get \"no special treatment\"; the domain is the same",
        _keeps_final_dot,
        Example(zone_with("v=spf1 exists:%{d}.probe.example -all"),
                "A:d.example.probe.example", "A:d.example..probe.example",
                mail_from=b"user@d.example."),
    ),
)
