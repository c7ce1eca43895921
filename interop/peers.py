"""The peers: other DKIM implementations, each a process that answers line by line.

README.md has the protocol. A peer is built or found by its function below; one that
is not there raises `MissingPeer`, which names the Debian packages to install.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

RSA_SELECTORS = ("rsa1024", "rsa2048", "rsa4096")
SELECTORS = (*RSA_SELECTORS, "ed25519")
CANONICALIZATIONS = ("simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed")
DOMAIN = "interop.example"

_HERE = os.path.dirname(os.path.abspath(__file__))
KEY_DIRECTORY = os.path.join(_HERE, "keys")
KEY_RECORDS = os.path.join(KEY_DIRECTORY, "keys.txt")


class MissingPeer(Exception):
    """A peer cannot run here."""

    def __init__(self, peer: str, packages: str, reason: str) -> None:
        super().__init__(f"{peer}: {reason}; install the Debian packages: {packages}")


class SignRequest(NamedTuple):
    """Sign the file `message` and write the signed message to `out`."""

    message: str
    selector: str
    canonicalization: str
    out: str


class Answer(NamedTuple):
    """`ok` is "signed" or "verified"; `detail` is the implementation's own word when not."""

    ok: bool
    detail: str


class Implementation(Protocol):
    """What the matrix needs of a peer, and of postseal."""

    name: str
    selectors: tuple[str, ...]

    def sign(self, requests: Iterable[SignRequest]) -> list[Answer]: ...

    def verify(self, messages: Iterable[str]) -> list[Answer]: ...


def algorithm_of(selector: str) -> str:
    return "ed25519-sha256" if selector == "ed25519" else "rsa-sha256"


def key_path(selector: str) -> str:
    return os.path.join(KEY_DIRECTORY, f"{selector}.pem")


class Peer:
    """A running peer process."""

    def __init__(self, name: str, command: list[str], selectors: tuple[str, ...]) -> None:
        self.name = name
        self.selectors = selectors
        self._process = subprocess.Popen(
            [*command, KEY_RECORDS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )

    def sign(self, requests: Iterable[SignRequest]) -> list[Answer]:
        return [
            self.ask(
                "sign",
                request.message,
                DOMAIN,
                request.selector,
                key_path(request.selector),
                request.canonicalization,
                algorithm_of(request.selector),
                request.out,
            )
            for request in requests
        ]

    def verify(self, messages: Iterable[str]) -> list[Answer]:
        return [self.ask("verify", message) for message in messages]

    def close(self) -> None:
        """Ends the process: it stops at the end of its input."""
        self._process.communicate()

    def ask(self, *words: str) -> Answer:
        """Sends one request of README.md's protocol."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("\t".join(words) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} died when asked: {' '.join(words)}")
        result, _, detail = line.rstrip("\n").partition("\t")
        return Answer(result in ("ok", "pass"), detail)


def run(
    peer: str, packages: str, command: list[str], env: Mapping[str, str] | None = None
) -> None:
    """Runs a command that must succeed for `peer` to be there."""
    try:
        done = subprocess.run(
            command, env=env, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
    except FileNotFoundError:
        raise MissingPeer(peer, packages, f"no {command[0]}") from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["it gives no reason"]
        raise MissingPeer(peer, packages, f"{os.path.basename(command[0])} fails: {lines[-1]}")


def _opendkim(build_directory: str) -> Peer:
    binary = os.path.join(build_directory, "opendkim_peer")
    source = os.path.join(_HERE, "opendkim_peer.c")
    # gnu17: dkim.h uses u_char without including what declares it.
    command = ["cc", "-std=gnu17", "-O1", "-o", binary, source, "-lopendkim"]
    run("opendkim", "gcc libc6-dev libopendkim-dev", command)
    return Peer("opendkim", [binary], SELECTORS)


def _dkimpy(build_directory: str) -> Peer:
    del build_directory
    # The system's interpreter: Debian's modules are not in another one's path.
    python = "/usr/bin/python3"
    run("dkimpy", "python3-dkim python3-nacl", [python, "-c", "import dkim, nacl.signing"])
    return Peer("dkimpy", [python, os.path.join(_HERE, "dkimpy_peer.py")], SELECTORS)


def _mail_dkim(build_directory: str) -> Peer:
    del build_directory
    perl = "/usr/bin/perl"
    run("mail-dkim", "libmail-dkim-perl", [perl, "-MMail::DKIM::Signer", "-e", "1"])
    # Its Ed25519 needs Crypt::PK::Ed25519, which Debian's package does not bring.
    return Peer("mail-dkim", [perl, os.path.join(_HERE, "mail_dkim_peer.pl")], RSA_SELECTORS)


def _msgauth(build_directory: str) -> Peer:
    packages = "golang-go golang-github-emersion-go-msgauth-dev"
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if go is None:
        raise MissingPeer("go-msgauth", packages, "no go")
    binary = os.path.join(build_directory, "msgauth_peer")
    # Debian's Go libraries are a GOPATH. Go's cache hangs on HOME, which a test
    # runner may not pass on, and makes the build take a second, not a minute.
    env = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOFLAGS="")
    env.setdefault("HOME", pwd.getpwuid(os.getuid()).pw_dir)
    run("go-msgauth", packages, [go, "build", "-o", binary, f"{_HERE}/msgauth_peer.go"], env)
    return Peer("go-msgauth", [binary], SELECTORS)


PEERS: tuple[Callable[[str], Peer], ...] = (_opendkim, _dkimpy, _mail_dkim, _msgauth)


def start_peers(build_directory: str) -> tuple[list[Peer], list[MissingPeer]]:
    """Starts every peer that can run here; returns also why the others cannot."""
    running = []
    missing = []
    for start in PEERS:
        try:
            running.append(start(build_directory))
        except MissingPeer as error:
            missing.append(error)
    return running, missing
