"""The awkward messages: octets that DKIM implementations have disagreed about.

Each is a whole RFC 5322 message with CRLF line ends, made by a function so that
the odd octets are visible in the source. The same bytes come out every time. What
no two peers judge rightly is not here (a bare LF in the header, or last in the body):
it would prove nothing.
"""

from collections.abc import Iterator
from typing import NamedTuple

CRLF = b"\r\n"

# RFC 5322 §2.1.1: a line is at most 998 octets without its CRLF.
_MAX_LINE = 998


class Message(NamedTuple):
    """One message: `name` is its identity in reports and in the exceptions file."""

    name: str
    octets: bytes


def awkward_messages() -> list[Message]:
    """Returns every message, always in the same order."""
    messages = [
        Message(name, octets)
        for source in (_bodies, _body_octets, _fields, _field_sets)
        for name, octets in source().items()
    ]
    names = [message.name for message in messages]
    if len(set(names)) != len(names):
        raise ValueError("two messages have one name")
    return messages


def _message(
    *extra: bytes,
    body: bytes = b"Hello.\r\n",
    sender: bytes = b"From: Joe <joe@interop.example>",
    subject: bytes = b"Subject: Is dinner ready?",
) -> bytes:
    """Returns an ordinary message; `extra` fields stand last in its header."""
    fields = [
        sender,
        b"To: Suzie <suzie@example.net>",
        subject,
        b"Date: Fri, 11 Jul 2003 21:00:37 -0700",
        b"Message-ID: <20030712040037.46341.5F8J@interop.example>",
        *extra,
    ]
    return CRLF.join(fields) + CRLF + CRLF + body


def _bodies() -> dict[str, bytes]:
    """Where the body ends, which is where §3.4.3 and §3.4.4 of RFC 6376 differ."""
    return {
        "plain": _message(body=b"Hi.\r\n\r\nWe lost the game.\r\n\r\nJoe.\r\n"),
        "empty_body": _message(body=b""),
        # The header ends with the message: there is no empty line at all.
        "no_separator": _message(body=b"").removesuffix(CRLF),
        "no_final_crlf": _message(body=b"The last line\r\nhas no end"),
        "no_final_crlf_after_wsp": _message(body=b"The last line ends in white space \t"),
        "one_empty_line": _message(body=CRLF),
        "only_empty_lines": _message(body=CRLF * 7),
        "only_wsp_lines": _message(body=b" \r\n\t\r\n \t \r\n"),
        "only_wsp_no_crlf": _message(body=b" \t "),
        "trailing_empty_lines": _message(body=b"Hello.\r\n" + CRLF * 20),
        "trailing_wsp_lines": _message(body=b"Hello.\r\n \r\n\r\n\t\t\r\n"),
        "leading_empty_lines": _message(body=CRLF * 3 + b"Hello.\r\n"),
        # More empty lines than any buffer that holds them back.
        "many_empty_lines": _message(body=b"a\r\n" + CRLF * 5000 + b"b\r\n" + CRLF * 5000),
    }


def _body_octets() -> dict[str, bytes]:
    """What the body is made of."""
    # Every octet but NUL, CR and LF, in lines that are neither sorted nor short.
    binary = bytes(octet for octet in range(1, 256) if octet not in b"\r\n")
    return {
        "wsp_runs": _message(body=b" C \r\nD \t E\r\n\tF\t\tG  H\t\r\n \tI\r\n"),
        "lines_998": _message(body=(b"x" * _MAX_LINE + CRLF) * 3),
        "one_line_1m": _message(body=b"0123456789abcdef" * 65536 + CRLF),
        "one_line_1m_wsp": _message(body=b"0123456 89abcd\t  f" * 58255 + CRLF),
        "latin1_body": _message(body=b"Gr\xfc\xdfe aus K\xf6ln.\r\n\xa0\xa0nbsp\xa0\r\n"),
        "utf8_body": _message(body="夕食はできた？\r\n  \u00a0\r\n".encode()),
        "binary_body": _message(body=(binary[128:] + CRLF + binary + CRLF) * 4),
        "nul_body": _message(body=b"a\x00b\r\n\x00\r\nc \x00 d\x00\r\n"),
        "bare_cr_body": _message(body=b"one\rtwo \rthree\r\r\nfour\r\n"),
        "bare_lf_body": _message(body=b"one\ntwo \nthree\n\n\r\nfour\r\n"),
        "final_bare_cr": _message(body=b"The last octet is CR\r"),
        "vt_ff_body": _message(body=b"a\x0bb \x0b\r\n\x0c\r\nc\x0c\r\n"),
        "dot_lines": _message(body=b".\r\n..\r\nFrom here\r\n>From there\r\n"),
        "header_like_body": _message(body=b"Subject: no\r\n folded\r\n\r\nFrom: nobody\r\n"),
    }


def _fields() -> dict[str, bytes]:
    """How one header field is written."""
    utf8_subject = "Subject: 夕食の準備はできた？".encode()
    words = CRLF.join(b"\tword%d with a tail" % number for number in range(1000))
    return {
        "folded": _message(subject=b"Subject: Is dinner\r\n ready\r\n\tnow,\r\n  or  later?"),
        "tabbed": _message(subject=b"Subject:\tIs\tdinner\t\tready?\t"),
        "empty_value": _message(subject=b"Subject:"),
        "wsp_value": _message(subject=b"Subject: \t "),
        "value_on_next_line": _message(subject=b"Subject:\r\n Is dinner ready?"),
        "wsp_line_in_field": _message(subject=b"Subject: Is dinner\r\n \t\r\n ready?"),
        "trailing_wsp_in_field": _message(subject=b"Subject: Is dinner \t\r\n\t ready?  "),
        "no_space_after_colon": _message(subject=b"Subject:Is dinner ready?"),
        # RFC 5322 §4.5 allows it in old mail; RFC 6376 §3.4.2 deletes it.
        "wsp_before_colon": _message(subject=b"Subject : Is dinner ready?"),
        "colons_in_value": _message(subject=b"Subject: : dinner: ready? :"),
        "utf8_header": _message(subject=utf8_subject),
        "latin1_header": _message(subject=b"Subject: Gr\xfc\xdfe \xa0 \x85 \xa0"),
        "long_line_header": _message(subject=b"Subject: " + b"y" * (_MAX_LINE - 9)),
        "header_20k": _message(b"References:" + CRLF + words),
        # Space for Unicode and for C, but not WSP (RFC 5234 §B.1).
        "nbsp_header": _message(subject="Subject: \u00a0Is dinner ready?\u00a0".encode()),
        "vt_ff_header": _message(subject=b"Subject: Is \x0b dinner \x0c ready?"),
        "nul_header": _message(subject=b"Subject: Is \x00 dinner ready?"),
        "bare_cr_header": _message(subject=b"Subject: Is \r dinner\rready?"),
        "folded_from": _message(
            sender=b'From:\r\n "Joe SixPack,\r\n\tof Interop"\r\n  <joe@interop.example>\r\n (him)'
        ),
    }


def _field_sets() -> dict[str, bytes]:
    """Which header fields there are, in which order and in which case."""
    duplicates = [b"Cc: <c%d@example.net>" % number for number in range(3)]
    # Half are fields that signers choose by themselves, so that h= names them all.
    many = [b"Resent-To: r%d@example.net" % number for number in range(50)]
    many += [b"X-Field-%d: value %d" % (number, number) for number in range(50)]
    return {
        "duplicate_fields": _message(*duplicates, b"Resent-To: a@example.net", b"Cc: last"),
        "duplicate_fields_in_two_cases": _message(b"Cc: one", b"CC:  two", b"cc: three"),
        "mixed_case_names": _message(
            b"cC: c@example.net",
            b"MIME-VERSION: 1.0",
            sender=b"fROM: Joe <joe@interop.example>",
            subject=b"SUBJECT: Is Dinner Ready?",
        ),
        "many_fields": _message(*many),
        "from_stands_last": _message(b"From: joe@interop.example", sender=b"Cc: c@example.net"),
    }


def write_messages(directory: str) -> Iterator[tuple[Message, str]]:
    """Writes every message to `directory`; yields it with its path."""
    for message in awkward_messages():
        path = f"{directory}/{message.name}.eml"
        with open(path, "wb") as file:
            file.write(message.octets)
        yield message, path
