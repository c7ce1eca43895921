"""Cross-checks postseal with other DKIM implementations: everybody verifies everybody.

    python3 -m interop.cross_check --postseal bazel-bin/cli/postseal

Without --postseal the peers alone are compared. POSTSEAL_SKIP_PEERS=1 lets peers that
are not installed be missing; without it a missing peer is a failure.
"""

import argparse
import os
import sys
import tempfile
import time

from interop import matrix, peer_exceptions, peers, postseal_peer, verdict

_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_EXCEPTIONS = os.path.join(_ROOT, "testdata", "peer_exceptions")

_MAX_PROBLEMS_SHOWN = 200


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--postseal", metavar="PATH", help="the binary to check")
    parser.add_argument("--exceptions", metavar="FILE", default=_EXCEPTIONS)
    arguments = parser.parse_args()
    with open(arguments.exceptions, encoding="utf-8") as file:
        rows = peer_exceptions.parse_rows(file.read())
    with tempfile.TemporaryDirectory(prefix="postseal-interop-") as directory:
        return _check(arguments.postseal, rows, directory)


def _check(binary: str | None, rows: list[peer_exceptions.Row], directory: str) -> int:
    started = time.monotonic()
    running, missing = peers.start_peers(directory)
    print("peers:", ", ".join(peer.name for peer in running) or "none", flush=True)
    for reason in missing:
        print(f"missing: {reason}")
    if missing and os.environ.get("POSTSEAL_SKIP_PEERS") != "1":
        return 1
    implementations: list[peers.Implementation] = [*running]
    if binary is not None:
        implementations.append(postseal_peer.Postseal(os.path.abspath(binary), directory))
    if len(implementations) < 2:
        print("nothing to compare")
        return 0
    judgements = matrix.run(implementations, directory)
    for peer in running:
        peer.close()
    complete = not missing and binary is not None
    found = verdict.problems(judgements, rows, complete=complete)
    print(verdict.summary(judgements))
    for problem in found[:_MAX_PROBLEMS_SHOWN]:
        print(problem)
    elapsed = time.monotonic() - started
    print(f"{len(judgements)} judgements, {len(found)} problems, {elapsed:.0f} s")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
