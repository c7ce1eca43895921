"""The differences between postseal and pyspf 2.0.14."""

import re

from interop import spf_zone
from interop.spf_disagreement import EXPLANATION, PROBES, RESULT, Disagreement
from interop.spf_rules import (
    EXPLANATION_WHY, MALFORMED_TARGET, MALFORMED_TARGET_WHY, OPEN, OURS_IS_RIGHT, U_LABEL_WHY,
    Example, Rule, counts_p_as_term, domain_of, exceeds_terms, failed_at_ptr, has_term, is_lenient,
    is_ptr_lookup, is_void, local_part_of, looked_up, macro_in_play, malformed_explanation,
    reverses_in_capitals, says, zone_with,
)

_PEER = "pyspf"


def _voids(d: Disagreement) -> list[str]:
    """The void lookups of terms in postseal's sense: not those for a record, nor for the
    addresses of a PTR record's name."""
    queries = [q for q in d.theirs.queries if is_void(d, q) and not q.startswith("TXT:")]
    return [q for q in queries if q.startswith("PTR:") or not is_ptr_lookup(d, q)]


def _late_voids(d: Disagreement) -> int:
    """How many void lookups are for exchanges after one that has an address, so that
    postseal may not have come to them."""
    kind = "A" if d.client.version == 4 else "AAAA"
    late = 0
    for query in looked_up(d, ("MX",)):
        found = False
        for _, exchange in sorted(d.answers(query) or []):
            address = f"{kind}:{spf_zone.escaped(exchange.lower())}"
            found = found or bool(d.answers(address))
            late += found and address in d.theirs.queries and is_void(d, address)
    return late


def _void_limit_too_early(d: Disagreement) -> bool:
    # Where it was for %{p} of an explanation, that is lost instead.
    lost = d.aspect == EXPLANATION and not d.theirs.explanation and macro_in_play(d, r"%\{p")
    exceeded = says(d, "Void lookup limit") or (lost and d.our_text_is_right())
    all_voids = sum(is_void(d, q) for q in d.theirs.queries)
    return exceeded and all_voids > 2 and len(_voids(d)) <= 2


def _asks_for_all_exchanges(d: Disagreement) -> bool:
    late = _late_voids(d)
    return says(d, "Void lookup limit") and late > 0 and len(_voids(d)) - late <= 2


def _expands_too_early(d: Disagreement) -> bool:
    """Whether only lookups for a %{p}, some of which postseal did not make or made once,
    exceeded the limit."""
    ours = set(_voids(d)) & set(d.ours.queries)
    asked = any(q.startswith("PTR:") for q in d.theirs.queries)
    return says(d, "Void lookup limit") and asked and len(ours) <= 2 and macro_in_play(d, r"%\{p")


def _includes_malformed_name(d: Disagreement) -> bool:
    detail = spf_zone.unescaped(d.detail.encode()).decode("latin-1")
    match = re.search(r"No valid SPF record for included domain: ([^:]*):", detail)
    return match is not None and not spf_zone.is_full_name(match[1])


def _counts_unused_redirect(d: Disagreement) -> bool:
    return says(d, "Too many DNS lookups") and has_term(d, r"^redirect=") and not exceeds_terms(d)


def _lacks_postmaster(d: Disagreement) -> bool:
    sender = d.case.mail_from
    return (
        d.aspect in (PROBES, EXPLANATION)
        and sender != b""
        and not sender.rpartition(b"@")[0]
        and macro_in_play(d, r"%\{s")
        and d.our_text_is_right()
    )


def _keeps_delimiters(d: Disagreement) -> bool:
    pattern = r"%\{[diophvcrt][0-9]*r?[.\-+,/_=]*[\-+,/_=]"
    return d.aspect != RESULT and macro_in_play(d, pattern) and d.our_text_is_right()


def _hex_case(d: Disagreement) -> bool:
    same = d.ours.explanation.lower() == d.theirs.explanation.lower()
    return d.aspect == EXPLANATION and d.client.version == 6 and same and d.our_text_is_right()


def _non_ascii_local_part(d: Disagreement) -> bool:
    return not local_part_of(d).isascii() and macro_in_play(d, r"%\{[sl]")


def _upper_modifier(d: Disagreement) -> bool:
    odd = [t for t in d.terms if re.match("redirect=|exp=", t, re.IGNORECASE)
           and not re.match("redirect=|exp=", t)]
    return bool(odd)


def _lenient_macro(d: Disagreement) -> bool:
    odd = has_term(d, r"%\{[a-z](?:0+[^0-9]|[0-9]*r[0-9r]|[^}]*[^}0-9r.\-+,/_=]|[^}]*$)")
    return is_lenient(d, "bad-macro") and d.theirs.result != "permerror" and odd


def _lenient_character(d: Disagreement) -> bool:
    odd = any(term.isascii() and re.search(r"[^\x21-\x7e]", term) for term in d.terms)
    return is_lenient(d, "bad-character") and d.theirs.result != "permerror" and odd


def _fails_to_explain(d: Disagreement) -> bool:
    """Whether an explanation with %{p} got lost in a lookup that failed."""
    queries = d.theirs.queries
    failed = any(is_ptr_lookup(d, q) and d.answers(q) is None for q in queries)
    lost = d.aspect == EXPLANATION and not d.theirs.explanation
    return lost and failed and macro_in_play(d, r"%\{p") and d.our_text_is_right()


def _ends_in_percent(d: Disagreement) -> bool:
    ends = any(text.endswith("%%") for text in d.explanation_texts)
    return d.aspect == EXPLANATION and ends and d.our_text_is_right()


RULES: tuple[Rule, ...] = (
    Rule(
        "last-at", _PEER, "RFC 7208 §4.1, RFC 5321 §4.1.2",
        "the domain of a sender is what follows its last @",
        "what follows the first @",
        OURS_IS_RIGHT, "a quoted local-part may contain @, a domain may not",
        lambda d: d.case.mail_from.count(b"@") > 1,
        Example(zone_with("v=spf1 -all"), "fail", "none", mail_from=b'"a@b"@d.example'),
    ),
    Rule(
        "final-dot", _PEER, "RFC 7208 §4.3",
        "a domain with a final dot is looked up",
        "it is malformed: none, without a query",
        OURS_IS_RIGHT, "only a zero-length label that is not at the end makes it malformed",
        lambda d: domain_of(d).endswith(b".") and d.theirs.result == "none"
        and not d.theirs.queries,
        Example(zone_with("v=spf1 -all"), "fail", "none", mail_from=b"user@d.example."),
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
        "ptr-error", _PEER, "RFC 7208 §5.5, §7.3",
        "an error of the DNS for the client's names is no match, or \"unknown\"",
        "it is a temperror",
        OURS_IS_RIGHT, "§5.5 says so of both lookups, §7.3 of %{p}",
        lambda d: failed_at_ptr(d) or _fails_to_explain(d),
        Example(zone_with("v=spf1 ptr -all", "$FAIL 1.2.0.192.in-addr.arpa. PTR"),
                "fail", "temperror"),
    ),
    Rule(
        "void-lookups-of-names", _PEER, "RFC 7208 §4.6.4",
        "lookups of records and of the addresses of the client's PTR names are no void "
        "lookups",
        "they count",
        OPEN, "the text limits \"terms\"; but who sends mail, not the domain, has the PTR "
        "records, and could make an error of any record with ptr",
        _void_limit_too_early,
        Example(zone_with("v=spf1 ptr -all",
                        *(f"1.2.0.192.in-addr.arpa. PTR n{i}.d.example." for i in range(3))),
                "fail", "permerror"),
    ),
    Rule(
        "mx-in-order", _PEER, "RFC 7208 §5.4, §4.6.4",
        "the exchanges of mx are judged in order: no lookup counts after a match",
        "the addresses of all are looked up, and count, before one is compared",
        OPEN, "§5.4 looks up and compares in one step and states no order",
        _asks_for_all_exchanges,
        Example(zone_with("v=spf1 mx -all", "d.example. MX 1 h.example.", "h.example. A 192.0.2.1",
                        *(f"d.example. MX {i} n{i}.example." for i in range(2, 5))),
                "pass", "permerror"),
    ),
    Rule(
        "early-expansion", _PEER, "RFC 7208 §4.6.2, §4.6.4",
        "the macros of a term are expanded when the term is evaluated",
        "those of all terms are, %{p} with its lookups too, before the first is evaluated",
        OURS_IS_RIGHT, "mechanisms are considered in turn, and limits are about evaluation",
        _expands_too_early,
        Example(zone_with("v=spf1 a:n1.example a:n2.example ip4:192.0.2.1 exists:%{p}.d.example"),
                "pass", "permerror"),
    ),
    Rule(
        "p-is-a-term", _PEER, "RFC 7208 §4.6.4",
        "the PTR lookup for %{p} counts as a term, once in an evaluation",
        "it does not count",
        OURS_IS_RIGHT, "it is \"included in the overall limit of 10 mechanisms/modifiers\"",
        lambda d: counts_p_as_term(d) and d.theirs.result != "permerror",
        Example(zone_with("v=spf1" + " a" * 9 + " exists:%{p}.d.example -all",
                        "d.example. A 192.0.2.2"), "permerror", "fail"),
    ),
    Rule(
        "unused-redirect", _PEER, "RFC 7208 §4.6.4, §5.1",
        "redirect= counts as a term when it is followed",
        "it counts where it stands, even beside all",
        OURS_IS_RIGHT, "the limit is on terms during evaluation; beside all, redirect= is ignored",
        _counts_unused_redirect,
        Example(zone_with("v=spf1" + " a" * 10 + " -all redirect=e.example",
                        "d.example. A 192.0.2.2"), "fail", "permerror"),
    ),
    Rule(
        "empty-helo", _PEER, "RFC 7208 §4.8",
        MALFORMED_TARGET, "a permerror",
        OPEN, MALFORMED_TARGET_WHY,
        lambda d: says(d, "empty domain") and not d.case.helo and has_term(d, r"%\{h"),
        Example(zone_with("v=spf1 exists:%{h} -all"), "fail", "permerror", helo=b""),
    ),
    Rule(
        "malformed-include", _PEER, "RFC 7208 §4.8",
        MALFORMED_TARGET, "an include of such a name is a permerror",
        OPEN, MALFORMED_TARGET_WHY,
        _includes_malformed_name,
        Example(zone_with("v=spf1 include:%{l}.example -all"), "fail", "permerror",
                mail_from=b"a..b@d.example"),
    ),
    Rule(
        "self-include", _PEER, "RFC 7208 §5.2, §4.6.4",
        "a record that includes itself is evaluated until a term matches or one is too many",
        "it is a permerror when it is read",
        OURS_IS_RIGHT, "nothing forbids it: the limit of ten terms ends it",
        lambda d: says(d, "include has trivial recursion"),
        Example(zone_with("v=spf1 ip4:192.0.2.1 include:d.example"), "pass", "permerror"),
    ),
    Rule(
        "non-ascii-local-part", _PEER, "RFC 8616 §4",
        "with a non-ASCII local-part a term with %{s} or %{l} does not match, nor is an "
        "explanation with them given",
        "it is asked for, or printed",
        OURS_IS_RIGHT, "such terms \"do not match anything\"",
        _non_ascii_local_part,
        Example(zone_with("v=spf1 exists:%{l}.probe.example -all"),
                "", "A:\\195\\169.probe.example",
                mail_from="\u00e9@d.example".encode()),
    ),
    Rule(
        "repeated-modifier", _PEER, "RFC 7208 §6",
        "an unknown modifier may be repeated",
        "that is a permerror",
        OURS_IS_RIGHT, "only redirect= and exp= are limited; others are ignored \"no matter "
        "where, or how often, they appear\"",
        lambda d: says(d, "= MUST appear at most once")
        and not says(d, "redirect= MUST", "exp= MUST"),
        Example(zone_with("v=spf1 foo=bar foo=bar -all"), "fail", "permerror"),
    ),
    Rule(
        "modifier-in-capitals", _PEER, "RFC 7208 §4.6.1",
        "the names of modifiers are case-insensitive",
        "REDIRECT= and Exp= are unknown modifiers",
        OURS_IS_RIGHT, "\"mechanism and modifier names are case-insensitive\"",
        _upper_modifier,
        Example(zone_with("v=spf1 REDIRECT=e.example", 'e.example. TXT "v=spf1 -all"'),
                "fail", "neutral"),
    ),
    Rule(
        "malformed-macro", _PEER, "RFC 7208 §7.1, §7.3",
        "a macro with 0, digits after r, or other octets is a syntax error",
        "it is expanded as far as it is understood",
        OURS_IS_RIGHT, "the grammar has digits, r and delimiters in this order, and a number "
        "\"MUST be nonzero\"",
        _lenient_macro,
        Example(zone_with("v=spf1 a:%{d0} -all"), "permerror", "fail"),
    ),
    Rule(
        "control-characters", _PEER, "RFC 7208 §7.1",
        "a term holds visible ASCII alone",
        "control characters may stand in it",
        OURS_IS_RIGHT, "macro-literal is %x21-24 / %x26-7E",
        _lenient_character,
        Example(zone_with("v=spf1 foo=a\\009b -all"), "permerror", "fail"),
    ),
    Rule(
        "reversal-in-capitals", _PEER, "RFC 7208 §7.1, RFC 5234 §2.3",
        "R reverses, as r does",
        "R is ignored",
        OURS_IS_RIGHT, "strings of the ABNF are case-insensitive",
        lambda d: d.aspect != RESULT and reverses_in_capitals(d) and d.our_text_is_right(),
        Example(zone_with("v=spf1 exists:%{dR}.probe.example -all"),
                "A:example.d.probe.example", "A:d.example.probe.example"),
    ),
    Rule(
        "rejoined-with-dots", _PEER, "RFC 7208 §7.3",
        "the parts of any macro are rejoined with dots",
        "those of others than %{l} and %{s} with the delimiters that they had",
        OURS_IS_RIGHT, "\"the parts are rejoined using '.' and not the original splitting "
        "characters\"",
        _keeps_delimiters,
        Example(zone_with("v=spf1 exists:%{v-}.probe.example -all"),
                "A:in.addr.probe.example", "A:in-addr.probe.example"),
    ),
    Rule(
        "malformed-explanation", _PEER, "RFC 7208 §6.2, §7.1",
        "an explanation with a syntax error is as none",
        "the rest of it is expanded",
        OURS_IS_RIGHT, EXPLANATION_WHY,
        malformed_explanation,
        Example(zone_with("v=spf1 -all exp=e.example", 'e.example. TXT "see%{"'), "", "see%{"),
    ),
    Rule(
        "percent-at-the-end", _PEER, "RFC 7208 §7.1, §7.3",
        "%% is a percent sign",
        "not at the end of an explanation: that is no explanation then",
        OURS_IS_RIGHT, "%% is a macro-expand wherever it stands",
        _ends_in_percent,
        Example(zone_with("v=spf1 -all exp=e.example", 'e.example. TXT "100%%"'), "100%", ""),
    ),
    Rule(
        "postmaster", _PEER, "RFC 7208 §4.3, §7.3",
        "%{s} of a sender without a local-part begins with postmaster",
        "it is the sender as given",
        OURS_IS_RIGHT, "\"the local-part was set to 'postmaster' in initial processing\"",
        _lacks_postmaster,
        Example(zone_with("v=spf1 exists:%{s}.probe.example -all"),
                "A:postmaster@d.example.probe.example", "A:d.example.probe.example",
                mail_from=b"d.example"),
    ),
    Rule(
        "hexadecimal-case", _PEER, "RFC 7208 §7.3",
        "%{i} of an IPv6 client is in lower case",
        "in upper case",
        OPEN, "\"a dot-format address\"; in names it makes no difference",
        _hex_case,
        Example(zone_with("v=spf1 -all exp=e.example", 'e.example. TXT "%{i}"'),
                ".".join("20010db8" + "0" * 23 + "a"), ".".join("20010DB8" + "0" * 23 + "A"),
                client="2001:db8::a"),
    ),
)
