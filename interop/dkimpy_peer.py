"""dkimpy behind the line protocol of interop/README.md: dkimpy_peer.py KEYS.

Run by the system's Python, where python3-dkim and python3-nacl are installed.
"""

import base64
import logging
import sys

import dkim

# A PKCS #8 Ed25519 key (RFC 8410 §7) ends with its 32 octets, which is the form
# that dkimpy takes, in base64.
_ED25519_OCTETS = 32


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _read_keys(path: str) -> dict[bytes, bytes]:
    keys = {}
    for line in _read(path).splitlines():
        name, _, record = line.partition(b" ")
        keys[name] = record
    return keys


def _ed25519_key(pem: bytes) -> bytes:
    base64_lines = [line for line in pem.splitlines() if not line.startswith(b"-----")]
    return base64.b64encode(base64.b64decode(b"".join(base64_lines))[-_ED25519_OCTETS:])


def _sign(words: list[str]) -> str:
    path, domain, selector, key_path, canonicalization, algorithm, out = words
    octets = _read(path)
    key = _read(key_path)
    if algorithm == "ed25519-sha256":
        key = _ed25519_key(key)
    signer = dkim.DKIM(octets, signature_algorithm=algorithm.encode())
    header, body = canonicalization.encode().split(b"/")
    # Every field that it agrees to sign, and From once more than there are.
    names = signer.all_sign_headers() + [b"From"]
    field = signer.sign(
        selector.encode(),
        domain.encode(),
        key,
        canonicalize=(header, body),
        include_headers=names,
    )
    with open(out, "wb") as file:
        file.write(field + octets)
    return "ok\t"


def _verify(path: str, keys: dict[bytes, bytes]) -> str:
    def lookup(name: bytes, timeout: int = 5) -> bytes | None:
        del timeout
        return keys.get(name.rstrip(b".").lower())

    verifier = dkim.DKIM(_read(path))
    return "pass\t" if verifier.verify(dnsfunc=lookup) else "fail\tsignature mismatch"


def _answer(request: str, keys: dict[bytes, bytes]) -> str:
    operation, *words = request.split("\t")
    refusal = "error" if operation == "sign" else "fail"
    try:
        return _sign(words) if operation == "sign" else _verify(words[0], keys)
    except Exception as error:  # whatever the library raises is its verdict
        return f"{refusal}\t{type(error).__name__}: {error}".replace("\n", " ").replace("\r", " ")


def main() -> None:
    logging.disable(logging.CRITICAL)
    keys = _read_keys(sys.argv[1])
    for line in sys.stdin:
        print(_answer(line.rstrip("\n"), keys), flush=True)


if __name__ == "__main__":
    main()
