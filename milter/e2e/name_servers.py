"""Name servers: NSD, as it should be, and one that fails in every way."""

import pathlib
import socket
import socketserver
import threading
from collections.abc import Callable

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from milter.e2e import sandbox
from milter.e2e.process import PATIENCE, Process

_APEX = (
    "$ORIGIN .\n$TTL 60\n"
    "@ SOA ns.example.net. postmaster.example.net. 1 3600 600 86400 60\n"
    "@ NS ns.example.net.\n"
    "ns.example.net. A 127.0.0.1\n"
)

_CONFIG = """\
server:
  ip-address: 127.0.0.1@{port}
  zonesdir: "{folder}"
  xfrdir: "{folder}"
  zonelistfile: "{folder}/zone.list"
  logfile: "{folder}/log"
  username: ""
  chroot: ""
  pidfile: ""
  database: ""
  xfrdfile: ""
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: .
  zonefile: root.zone
"""


class Nsd:
    """Nsd serves the root zone on 127.0.0.1: what is not in the text does not exist."""

    def __init__(self, zone: str, port: int = 53) -> None:
        self._folder = sandbox.ROOT / f"nsd{port}"
        self._folder.mkdir(exist_ok=True)
        self._port = port
        self._process: Process | None = None
        self.serve(zone)

    def serve(self, zone: str) -> None:
        """Serves |zone| from now on."""
        self.stop()
        (self._folder / "root.zone").write_text(_APEX + zone, encoding="utf-8")
        config = self._folder / "nsd.conf"
        config.write_text(
            _CONFIG.format(port=self._port, folder=self._folder), encoding="ascii"
        )
        command = ["nsd", "-d", "-c", str(config)]
        self._process = Process("nsd", command, self._folder / "out")
        self._process.wait_until(self._answers)

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    def _answers(self) -> bool:
        question = dns.message.make_query(".", "SOA").to_wire()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            asked.settimeout(0.05)
            try:
                asked.connect(("127.0.0.1", self._port))
                asked.send(question)
                reply = dns.message.from_wire(asked.recv(4096))
            except (OSError, dns.exception.DNSException):
                return False
        return bool(reply.answer)


# A fault makes the wire form of an answer from the question; none: no answer at all.
Fault = Callable[[dns.message.Message], bytes | None]


def silence(query: dns.message.Message) -> bytes | None:
    """No answer."""
    del query


def servfail(query: dns.message.Message) -> bytes | None:
    reply = dns.message.make_response(query)
    reply.set_rcode(dns.rcode.SERVFAIL)
    return reply.to_wire()


def refused(query: dns.message.Message) -> bytes | None:
    reply = dns.message.make_response(query)
    reply.set_rcode(dns.rcode.REFUSED)
    return reply.to_wire()


def other_name(query: dns.message.Message) -> bytes | None:
    """The answer to a question that nobody asked: a record of another name."""
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.RA
    text = '"v=spf1 +all"' if query.question[0].name.labels[0][:1] != b"_" else '"v=DMARC1; p=none"'
    reply.answer.append(dns.rrset.from_text("liar.example.", 60, "IN", "TXT", text))
    return reply.to_wire()


def other_question(query: dns.message.Message) -> bytes | None:
    """A reply whose question section is not ours."""
    asked = dns.message.make_query("liar.example.", "TXT", id=query.id)
    reply = dns.message.make_response(asked)
    reply.answer.append(dns.rrset.from_text("liar.example.", 60, "IN", "TXT", '"v=spf1 +all"'))
    return reply.to_wire()


def nonsense(query: dns.message.Message) -> bytes | None:
    """A header with counts of records that do not follow."""
    return query.id.to_bytes(2, "big") + b"\x84\x00\x00\x01\xff\xff\xff\xff\x00\x00" + b"\xc0\x0c"


def cut_short(query: dns.message.Message) -> bytes | None:
    """A truncated answer; TCP, where the whole should be, gives the same."""
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.TC
    return reply.to_wire()


class FaultyNameServer:
    """FaultyNameServer answers TXT, A and AAAA questions on 127.0.0.1 from a table, but for
    what has a fault. Names that are not there are NXDOMAIN. The first answers are held back
    until |together| different questions wait for one."""

    def __init__(self, records: dict[tuple[str, str], str], port: int = 53) -> None:
        """|records|: ("name.", "TXT") -> text of the record's data."""
        self.records = records
        self.fault: Fault | None = None  # of every name
        self.together = 0
        self.questions: list[tuple[str, str]] = []
        self._asked = threading.Condition()
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", port))
        self._udp.settimeout(0.05)
        self._closed = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        handler = type("Handler", (_TcpHandler,), {"owner": self})
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self._tcp = socketserver.ThreadingTCPServer(("127.0.0.1", port), handler)
        self._tcp.daemon_threads = True
        threading.Thread(target=self._tcp.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Nothing listens any more: questions are answered by an ICMP error."""
        if self._closed:
            return
        self._closed = True
        self._tcp.shutdown()
        self._tcp.server_close()
        self._thread.join()
        self._udp.close()

    def answer(self, octets: bytes) -> bytes | None:
        """Returns the wire form of the answer."""
        try:
            query = dns.message.from_wire(octets)
        except dns.exception.DNSException:
            return None
        with self._asked:
            self.questions.append(_question(query))
            self._asked.notify_all()
            self._asked.wait_for(lambda: len(set(self.questions)) >= self.together, PATIENCE)
        if self.fault is not None:
            return self.fault(query)
        return self._truth(query).to_wire()

    def _truth(self, query: dns.message.Message) -> dns.message.Message:
        name, kind = _question(query)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA | dns.flags.RA
        if (name, kind) in self.records:
            text = self.records[name, kind]
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", kind, text))
        elif all(there != name for there, _ in self.records):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply

    def _serve(self) -> None:
        while not self._closed:
            try:
                octets, peer = self._udp.recvfrom(4096)
            except TimeoutError:
                continue
            threading.Thread(target=self._answer_to, args=(octets, peer), daemon=True).start()

    def _answer_to(self, octets: bytes, peer: tuple) -> None:
        reply = self.answer(octets)
        if reply is not None:
            try:
                self._udp.sendto(reply, peer)
            except OSError:
                pass


def _question(query: dns.message.Message) -> tuple[str, str]:
    asked = query.question[0]
    return str(asked.name).lower(), dns.rdatatype.to_text(asked.rdtype)


class _TcpHandler(socketserver.StreamRequestHandler):
    owner: FaultyNameServer

    def handle(self) -> None:
        size = self.rfile.read(2)
        if len(size) == 2:
            reply = self.owner.answer(self.rfile.read(int.from_bytes(size, "big")))
            if reply is not None:
                self.wfile.write(len(reply).to_bytes(2, "big") + reply)


def write_resolv_conf(*servers: str) -> None:
    """Makes |servers| those of the machine."""
    text = "".join(f"nameserver {server}\n" for server in servers)
    pathlib.Path("/etc/resolv.conf").write_text(text, encoding="ascii")
