"""Runs the DKIM suites of other projects through `postseal verify`.

    python3 -m interop.suites --postseal bazel-bin/cli/postseal --suites DIRECTORY

A suite is a folder with a manifest.json; the folders are not in this tree. Every case
says whether a plain RFC 6376 verifier finds a valid signature (rfc6376_pass), which is
what must come out with every permission of --allow. With the defaults, nothing passes
that RFC 8301 forbids or whose l= leaves body octets uncovered.
"""

import argparse
import collections
import glob
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from typing import Any, NamedTuple

from interop import body_length, postseal_peer, zone

_ALLOW = "rsa-sha1,small-keys,body-length"

# RFC 8301 §3.2.
_MIN_RSA_BITS = 1024

# Cases that fix no clock are of every year: this is after all of them.
_NOW = 1_800_000_000


class Case(NamedTuple):
    """One message of a suite."""

    name: str
    message: str
    convert_lf: bool
    dns: dict[str, Any]
    now: int
    expect_pass: bool


def read_cases(directory: str) -> Iterator[Case]:
    """Yields every case that is a case of RFC 6376, in the order of the manifests."""
    manifests = glob.glob(os.path.join(glob.escape(directory), "dkim-*", "manifest.json"))
    manifests.append(os.path.join(directory, "rfc-examples", "manifest.json"))
    for path in sorted(manifests):
        suite = os.path.dirname(path)
        with open(path, encoding="utf-8") as file:
            manifest = json.load(file)
        for case in manifest["cases"]:
            # null: the RFC lets a verifier decide either way.
            if case["rfc6376_pass"] is None:
                continue
            yield Case(
                name=f"{os.path.basename(suite)}/{case['id']}",
                message=os.path.join(suite, case["message"]),
                convert_lf=case["eol"] == "lf",
                dns=case["dns"],
                now=int(case.get("now", _NOW)),
                expect_pass=case["rfc6376_pass"],
            )


def zone_text(dns: dict[str, Any]) -> str:
    """Returns the zone file of a case. A name that is not in it does not exist."""
    lines = []
    for name, answer in dns.items():
        if isinstance(answer, list):
            lines += [zone.txt_line(name, record.encode()) for record in answer]
        elif answer["error"] == "servfail":
            lines.append(f"$FAIL {name} TXT\n")
        elif answer["error"] == "timeout":
            lines.append(f"$TIMEOUT {name} TXT\n")
        elif answer["error"] != "nxdomain":
            raise ValueError(f"{name}: unknown DNS error {answer['error']}")
    return "".join(lines)


def check(binary: str, case: Case, directory: str) -> list[str]:
    """Verifies one case twice; returns what came out wrong."""
    with open(case.message, "rb") as file:
        octets = file.read()
    if case.convert_lf:
        # Some of these files have a CRLF here and there already.
        octets = re.sub(rb"(?<!\r)\n", b"\r\n", octets)
    message = os.path.join(directory, "message.eml")
    zone_file = os.path.join(directory, "zone")
    with open(message, "wb") as file:
        file.write(octets)
    with open(zone_file, "w", encoding="utf-8") as text:
        text.write(zone_text(case.dns))
    options = ["--zone", zone_file, "--now", str(case.now), "--timeout", "1"]
    allowed, by_default = (
        postseal_peer.verify_json(binary, [message], *options, *more)[0]["dkim"]
        for more in (["--allow", _ALLOW], [])
    )
    found = []
    if any(signature["result"] == "pass" for signature in allowed) != case.expect_pass:
        results = [f"{one['result']} ({one['reason']})" for one in allowed] or ["no signature"]
        found.append(f"expected pass={case.expect_pass}, got {', '.join(results)}")
    found += _forbidden_passes(by_default, octets)
    return found


def _forbidden_passes(signatures: list[dict[str, Any]], message: bytes) -> list[str]:
    found = []
    whole = body_length.whole_signatures(message)
    passes: collections.Counter[body_length.SignatureName] = collections.Counter()
    for signature in signatures:
        if signature["result"] != "pass":
            continue
        domain, selector = signature["domain"].lower(), signature["selector"].lower()
        passes[body_length.SignatureName(domain, selector)] += 1
        algorithm = signature["algorithm"]
        if algorithm == "rsa-sha1":
            found.append(f"by default, {algorithm} of {domain} passes")
        if algorithm.startswith("rsa-") and signature["key_bits"] < _MIN_RSA_BITS:
            found.append(f"by default, {signature['key_bits']} bits of {domain} pass")
    for name, count in passes.items():
        if count > whole[name]:
            found.append(f"by default, an l= of {name.domain} that ends early passes")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--postseal", metavar="PATH", required=True, help="the binary to check")
    parser.add_argument("--suites", metavar="DIRECTORY", default=os.environ.get("POSTSEAL_SUITES"))
    arguments = parser.parse_args()
    if not arguments.suites:
        print("POSTSEAL_SUITES is not set: 0 cases")
        return 0
    cases = 0
    problems = []
    with tempfile.TemporaryDirectory(prefix="postseal-suites-") as directory:
        for case in read_cases(arguments.suites):
            cases += 1
            try:
                found = check(arguments.postseal, case, directory)
            except postseal_peer.Failure as failure:
                found = [str(failure)]
            problems += [f"{case.name}: {problem}" for problem in found]
    for problem in problems:
        print(problem)
    print(f"{cases} cases, {len(problems)} problems")
    return 1 if problems or cases == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
