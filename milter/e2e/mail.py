"""Mail as octets: an SMTP client, a sink, and the fields of what arrived."""

import re
import smtplib
import socket
import socketserver
import threading
import time
from typing import NamedTuple

from milter.e2e import sandbox
from milter.e2e.process import PATIENCE


class Delivered(NamedTuple):
    """Delivered is one message that reached the sink, with its envelope."""

    helo: str
    mail_from: str  # with its parameters: "<a@example.org> SIZE=10"
    recipients: list[str]
    octets: bytes

    def fields(self, name: str) -> list[str]:
        """Returns the values of the fields of that name, unfolded, first to last."""
        return [value for found, value in fields(self.octets) if found.lower() == name.lower()]

    def results(self, authserv_id: str) -> str:
        """Returns the one Authentication-Results of |authserv_id|, joined when several
        daemons wrote one each."""
        values = self.fields("Authentication-Results")
        return "; ".join(v for v in values if v.split(";")[0].split()[:1] == [authserv_id])


def fields(octets: bytes) -> list[tuple[str, str]]:
    """Returns the header fields of a message: name and unfolded value."""
    head = octets.partition(b"\r\n\r\n")[0].decode("utf-8", "backslashreplace")
    lines = re.sub(r"\r\n(?=[ \t])", "", head).split("\r\n")
    return [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]


def words(results: str) -> dict[str, str]:
    """Returns method -> result of an Authentication-Results value; the first counts."""
    found: dict[str, str] = {}
    for method, result in re.findall(r"(?:^|;)\s*([\w-]+)\s*=\s*(\w+)", results):
        found.setdefault(method, result)
    return found


def send(
    octets: bytes,
    to: str,
    mail_from: str = "alice@example.com",
    recipient: str = "bob@example.net",
    helo: str = "client.example.com",
    source: str | None = None,
    outside: bool = False,
    options: tuple[str, ...] = (),
) -> tuple[int, str]:
    """Sends one message to port 25 of |to| and returns the reply to it; smtplib's errors
    become such a reply too."""
    client = _Client(source, outside, helo)
    try:
        client.connect(to, 25)
        client.ehlo(helo)
        refused = client.sendmail(mail_from, [recipient], octets, mail_options=list(options))
        assert not refused
        return client.last
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        return code, text.decode(errors="backslashreplace")
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error
        return error.smtp_code, text if isinstance(text, str) else text.decode(errors="replace")
    finally:
        client.close()


class _Client(smtplib.SMTP):
    def __init__(self, source: str | None, outside: bool, helo: str) -> None:
        super().__init__(local_hostname=helo, timeout=400)
        self._source = source
        self._outside = outside
        self.last = (0, "")

    def _get_socket(self, host, port, timeout):
        if self._outside:
            made = sandbox.outside_socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
            made.settimeout(timeout)
            made.connect((host, port))
            return made
        source = (self._source, 0) if self._source else None
        return socket.create_connection((host, port), timeout, source)

    def data(self, msg):
        code, text = super().data(msg)
        self.last = (code, text.decode(errors="backslashreplace"))
        return code, text


class Sink:
    """Sink is an SMTP server that keeps every message as it came."""

    def __init__(
        self,
        address: str,
        port: int = 25,
        extensions: tuple[str, ...] = ("8BITMIME", "SMTPUTF8", "PIPELINING"),
        forward_to: tuple[str, int] | None = None,
    ) -> None:
        """With |forward_to| it is a content filter that hands on what it gets."""
        self.extensions = extensions
        self.forward_to = forward_to
        self.refuse = ""  # a reply to RCPT, like "550 5.1.1 no"
        self._messages: list[Delivered] = []
        self._changed = threading.Condition()
        handler = type("Handler", (_SinkHandler,), {"sink": self})
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self._server = socketserver.ThreadingTCPServer((address, port), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def keep(self, message: Delivered) -> None:
        with self._changed:
            self._messages.append(message)
            self._changed.notify_all()

    def wait(self, marker: bytes, seconds: float = PATIENCE) -> Delivered:
        """Returns the first message with |marker| in it."""
        return self.wait_all(marker, 1, seconds)[0]

    def wait_all(self, marker: bytes, count: int, seconds: float = PATIENCE) -> list[Delivered]:
        end = time.monotonic() + seconds
        with self._changed:
            while True:
                found = [m for m in self._messages if marker in m.octets]
                if len(found) >= count:
                    return found
                if not self._changed.wait(max(0.0, end - time.monotonic())):
                    raise AssertionError(f"{len(found)} of {count} messages with {marker!r} came")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _SinkHandler(socketserver.StreamRequestHandler):
    sink: Sink

    def handle(self) -> None:
        helo, mail_from, recipients = "", "", []
        self._say("220 sink.example.net ESMTP")
        while line := self.rfile.readline():
            text = line.decode("utf-8", "backslashreplace").rstrip("\r\n")
            verb = text[:4].upper()
            if verb == "EHLO":
                helo = text[5:]
                lines = ["sink.example.net", *self.sink.extensions]
                self._say(*[f"250-{one}" for one in lines[:-1]], f"250 {lines[-1]}")
            elif verb == "MAIL":
                mail_from, recipients = text[10:].strip(), []
                self._say("250 2.1.0 ok")
            elif verb == "RCPT" and self.sink.refuse:
                self._say(self.sink.refuse)
            elif verb == "RCPT":
                recipients.append(text[8:].strip())
                self._say("250 2.1.5 ok")
            elif verb == "DATA" and not recipients:
                self._say("554 5.5.1 no recipients")
            elif verb == "DATA":
                self._say("354 go on")
                message = Delivered(helo, mail_from, recipients, self._data())
                self._say(self._take(message))
            elif verb == "QUIT":
                self._say("221 2.0.0 bye")
                return
            else:
                self._say("250 2.0.0 ok")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def _data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def _take(self, message: Delivered) -> str:
        if self.sink.forward_to is None:
            self.sink.keep(message)
            return "250 2.0.0 kept"
        with smtplib.SMTP(*self.sink.forward_to, local_hostname="filter.example.com") as out:
            path = re.match(r"<(.*?)>", message.mail_from)[1]
            out.sendmail(path, [r.strip("<>") for r in message.recipients], message.octets)
        return "250 2.0.0 handed on"
