#!/usr/bin/env python3
"""Converts the SPF test suites of other projects to JSON cases.

suites_to_cases.py DIRECTORY prints a list of objects with the keys suite, name,
zone (master-file text), client, helo, mail_from, results (the accepted words),
explanation (absent when the suite states none) and helo_first (the HELO identity
is checked before MAIL FROM).
"""

import ipaddress
import json
import pathlib
import sys

import yaml

OPENSPF = [
    "rfc7208-tests.yml",
    "rfc7208-tests.mailauth.yml",
    "rfc7208-tests-2014-05.yml",
    "rfc4408-tests.yml",
    "pyspf-test.yml",
]

# Names that mail-auth's cases want an error for.
MAIL_AUTH_FAULTS = "$FAIL _dns_error.org\n$FAIL _dns_error.test.org\n"

# What a suite takes for the default explanation of an implementation: none here.
DEFAULT_EXPLANATION = "DEFAULT"

TYPES = {"A", "AAAA", "CNAME", "MX", "NS", "PTR", "TXT"}


def name(text):
    """`text` as a domain name in a zone file, or None when it cannot be one."""
    labels = text.rstrip(".").split(".")
    if any(not label or len(label) > 63 for label in labels) or len(text) > 253:
        return None
    return "".join(
        c if c.isalnum() or c in "-_." else "".join("\\%03d" % b for b in c.encode())
        for c in ".".join(labels)
    ) + "."


def string(text):
    """`text` as a character-string in a zone file, or several of 255 octets."""
    octets = text.encode("latin-1")  # the suites write octets as \\xHH
    parts = [octets[i:i + 255] for i in range(0, len(octets), 255)] or [b""]
    quoted = []
    for part in parts:
        quoted.append('"%s"' % "".join(
            chr(b) if 0x20 <= b < 0x7F and b not in b'"\\' else "\\%03d" % b for b in part))
    return " ".join(quoted)


def record(owner, kind, value):
    """One line of a zone file, or "" for what the DNS cannot hold."""
    if kind == "TXT":
        values = value if isinstance(value, list) else [value]
        values = values or [""]  # a zone file cannot say "no string at all"
        return "%s TXT %s\n" % (owner, " ".join(string(v) for v in values))
    if kind == "MX":
        exchange = "." if value[1] == "" else name(value[1])
        return "%s MX %d %s\n" % (owner, value[0], exchange) if exchange else ""
    if kind in ("PTR", "CNAME", "NS"):
        return "%s %s %s\n" % (owner, kind, name(value)) if name(value) else ""
    return "%s %s %s\n" % (owner, kind, value)


def openspf_zone(data):
    """The zone file of an openspf document."""
    out = []
    for owner_text, records in (data or {}).items():
        owner = name(owner_text)
        if owner is None:
            continue
        seen = set()
        explicit_txt = any(isinstance(r, dict) and "TXT" in r for r in records)
        fails = False
        for entry in records:
            if entry == "TIMEOUT":
                fails = True
                continue
            (kind, value), = entry.items()
            if kind == "SPF" and not explicit_txt:
                kind = "TXT"  # Type 99 is gone: RFC 7208 §14.1
            if kind not in TYPES or value == "NONE":
                continue
            seen.add(kind)
            if value == "TIMEOUT":
                out.append("$FAIL %s %s\n" % (owner, kind))
            else:
                out.append(record(owner, kind, value))
        if fails:
            out.extend("$FAIL %s %s\n" % (owner, kind) for kind in sorted(TYPES - seen - {"CNAME"}))
        if not seen and not fails:
            out.append("%s HINFO other types\n" % owner)
    return "".join(out)


def openspf(path):
    for document in yaml.safe_load_all(path.read_text()):
        if not document or "tests" not in document:
            continue
        zone = openspf_zone(document.get("zonedata"))
        for key, test in document["tests"].items():
            results = test["result"]
            case = {
                "suite": path.name,
                "name": key,
                "zone": zone,
                "client": str(test["host"]),
                "helo": test["helo"],
                "mail_from": test.get("mailfrom") or "",
                "results": results if isinstance(results, list) else [results],
            }
            if "explanation" in test:
                text = test["explanation"]
                case["explanation"] = "" if text == DEFAULT_EXPLANATION else text
            yield case


def mail_auth_records(kind, rest):
    """What a mail-auth line "kind: owner value" adds to a zone file."""
    owner_text, _, value = rest.partition(" ")
    if kind == "ptr":
        owner_text = ipaddress.ip_address(owner_text).reverse_pointer
    owner = name(owner_text)
    if owner is None:
        return ""
    if kind in ("spf", "txt", "exp"):
        return record(owner, "TXT", value)
    out = []
    for i, item in enumerate(v.strip() for v in value.split(",")):
        if kind == "mx":
            # An MX is given by its address; the DNS needs a host in between.
            try:
                address = ipaddress.ip_address(item)
                item = "host%d.%s" % (i, owner)
                out.append(record(name(item), "A" if address.version == 4 else "AAAA", address))
            except ValueError:
                pass
        out.append(record(owner, kind.upper(), [i, item] if kind == "mx" else item))
    return "".join(out)


def mail_auth(path):
    """The lines of the file as statements: each "expect" checks what was set before it.

    It looks like YAML, but keys repeat. A record replaces the one of its kind and owner.
    """
    for document in path.read_text().split("\n---"):
        zone = {}
        state = {"name": "", "domain": "", "sender": "", "ip": ""}
        count = 0
        for line in document.splitlines():
            key, _, value = line.strip().removeprefix("- ").partition(": ")
            value = value.strip()
            if key in state:
                state[key] = value.strip('"')
            elif key in ("a", "aaaa", "mx", "ptr", "spf", "txt", "exp"):
                kind = "txt" if key in ("spf", "exp") else key
                zone[kind, value.partition(" ")[0]] = mail_auth_records(key, value)
            elif key == "expect":
                count += 1
                result, _, explanation = value.partition(" ")
                case = {
                    "suite": "mail-auth " + path.name,
                    "name": "%s, %d" % (state["name"], count),
                    "zone": "".join(zone.values()) + MAIL_AUTH_FAULTS,
                    "client": state["ip"],
                    "helo": state["domain"],
                    "mail_from": state["sender"],
                    "helo_first": True,
                    "results": [result],
                }
                if explanation:
                    case["explanation"] = explanation
                yield case


def main():
    suites = pathlib.Path(sys.argv[1])
    cases = []
    for file in OPENSPF:
        cases.extend(openspf(suites / "spf-openspf" / file))
    for path in sorted((suites / "spf-mail-auth").glob("*.yml")):
        cases.extend(mail_auth(path))
    json.dump(cases, sys.stdout)


if __name__ == "__main__":
    main()
