"""capi_header: what the headers of the C ABI declare, read from their text.

The headers keep to a form that this reads without a compiler: one declaration a
POSTSEAL_EXPORT, its comment right before it, parameters with a type and a name.
"""
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADERS = ("capi/postseal.h", "capi/postseal_unbound.h")

_FUNCTION = re.compile(
    r"/\*(?P<comment>(?:[^*]|\*(?!/))*)\*/\s*\n"
    r"POSTSEAL_EXPORT\s+(?P<returns>[\w ]+?\s*\**)\s*\b(?P<name>postseal_\w+)\("
    r"(?P<parameters>[^)]*)\);"
)
_EXPORTED = re.compile(r"POSTSEAL_EXPORT\s[^;]*?\b(postseal_\w+)\(")
_TYPEDEF = re.compile(
    r"(?:/\*(?P<comment>(?:[^*]|\*(?!/))*)\*/\s*\n)?typedef\s+(?P<text>[^;{]*(?:\{[^}]*\}[^;]*)?);"
)
_ENUM = re.compile(r"enum\s*\{([^}]*)\}")
_CONSTANT = re.compile(r"\b(POSTSEAL_\w+)\s*=\s*(-?\d+)")


@dataclass(frozen=True)
class Parameter:
    type: str  # as written, one space between tokens: "const postseal_bytes*"
    name: str


@dataclass(frozen=True)
class Function:
    name: str
    returns: str
    parameters: tuple
    comment: str

    def declaration(self):
        listed = ", ".join("%s %s" % (p.type, p.name) for p in self.parameters) or "void"
        return "%s %s(%s)" % (self.returns, self.name, listed)


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def _clean(text):
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"\s*\*\s*", "*", text).replace("*", "*").strip()


def _parameter(text):
    match = re.fullmatch(r"(.*?)\b(\w+)", _clean(text))
    if match is None or not match.group(1):
        raise ValueError("a parameter without a name: %r" % text)
    return Parameter(match.group(1).strip(), match.group(2))


def functions(header):
    """The Functions of a header, in its order."""
    found = []
    for match in _FUNCTION.finditer(header):
        listed = match.group("parameters").strip()
        parameters = () if listed == "void" else tuple(map(_parameter, listed.split(",")))
        comment = " ".join(line.strip(" *") for line in match.group("comment").splitlines())
        found.append(
            Function(match.group("name"), _clean(match.group("returns")), parameters, comment.strip())
        )
    return found


def exported(header):
    """The names of all functions, also of those without a comment."""
    return _EXPORTED.findall(header)


def typedefs(header):
    """(name, comment) of each typedef."""
    for match in _TYPEDEF.finditer(header):
        text = match.group("text")
        pointer = re.search(r"\(\*(\w+)\)", text)
        name = pointer.group(1) if pointer else re.search(r"(\w+)\s*$", text).group(1)
        yield name, " ".join((match.group("comment") or "").split())


def constants(header):
    """(name, number) of each enumerator."""
    for body in _ENUM.findall(header):
        yield from ((name, int(number)) for name, number in _CONSTANT.findall(body))
