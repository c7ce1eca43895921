"""pyspf behind the line protocol of interop/README.md.

Run by the system's Python, where python3-spf is installed. Its DNSLookup is replaced
by one that answers from the zone, as its own do: CNAMEs followed, [] for no data.
"""

import os
import sys
import traceback
from types import SimpleNamespace

import spf

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from interop import spf_zone  # pylint: disable=wrong-import-position

_RECEIVER = "receiver.example"
_NOW = 1700000000


class Judge:
    """Keeps the zone, and what pyspf asked it for the request under way."""

    def __init__(self) -> None:
        self.zone = spf_zone.Zone()
        self.queries: list[str] = []

    def look_up(self, name: str, kind: str, *_: object, **__: object) -> list[tuple]:
        """Answers in the form of pyspf's own DNSLookup."""
        octets = name.encode("utf-8", "surrogateescape")
        self.queries.append(f"{kind}:{spf_zone.escaped(octets.lower())}")
        answer = self.zone.look_up(octets, kind)
        if answer is None:
            raise spf.TempError("DNS failure")
        return [((name, kind), _value(kind, data)) for data in answer]

    def check(self, client: str, mail_from: str, helo: str) -> str:
        self.queries = []
        try:
            query = spf.query(i=client, s=mail_from, h=helo, receiver=_RECEIVER, strict=True)
            result, _, text = query.check()
        # Whatever it raises is its answer.
        except Exception as error:  # pylint: disable=broad-except
            where = traceback.extract_tb(error.__traceback__)[-1].name
            return f"crash\t{' '.join(self.queries)}\t\t{type(error).__name__} in {where}"
        explained = result == "fail" and text != spf.EXPLANATIONS["fail"]
        explanation = text.encode("utf-8", "surrogateescape") if explained else b""
        words = [result, " ".join(self.queries), spf_zone.escaped(explanation), ascii(text)]
        return "\t".join(words)


def _value(kind: str, data: object) -> object:
    if kind == "TXT":
        return data
    if kind == "MX":
        preference, exchange = data
        return preference, exchange.decode("ascii")
    return data.decode("ascii")


def main() -> None:
    judge = Judge()
    spf.DNSLookup = judge.look_up
    # For %{t}: a clock that stands.
    spf.time = SimpleNamespace(time=lambda: _NOW)
    sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
    for line in sys.stdin:
        words = line.rstrip("\n").split("\t")
        if words[0] == "zone" and len(words) == 2:
            with open(words[1], "rb") as file:
                judge.zone = spf_zone.parse(file.read())
            answer = "ok\t\t\t"
        elif words[0] == "check" and len(words) == 4:
            answer = judge.check(*words[1:])
        else:
            answer = "error\t\t\tunknown request"
        print(answer, flush=True)


if __name__ == "__main__":
    main()
