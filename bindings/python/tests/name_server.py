"""A name server on the loopback interface, for tests of resolvers; made with dnspython."""
import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer:
    """Answers over UDP, in a thread, from `records`: {(name, type): [text, ...]}. A name without
    any record does not exist; `fails` get SERVFAIL and `silent` nothing. `on_query` is called with
    each name that is asked for, in the thread."""

    def __init__(self, records, fails=(), silent=(), on_query=lambda name: None):
        self.records, self.fails, self.silent = records, set(fails), set(silent)
        self.on_query = on_query
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        # An empty datagram is no DNS message: it ends the thread.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            octets, peer = self._socket.recvfrom(4096)
            if not octets:
                return
            query = dns.message.from_wire(octets)
            name = query.question[0].name.to_text(omit_final_dot=True).lower()
            self.on_query(name)
            if name not in self.silent:
                self._socket.sendto(self._answer(query, name).to_wire(), peer)

    def _answer(self, query, name):
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        if name in self.fails:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in self.records:
            answer.answer.append(dns.rrset.from_text(
                question.name, 300, "IN", kind, *self.records[name, kind]))
        elif not any(known == name or known.endswith("." + name) for known, _ in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        if not answer.answer:
            # RFC 2308 §3: how long a negative answer holds.
            answer.authority.append(dns.rrset.from_text(
                ".", 300, "IN", "SOA", "ns.example. root.example. 1 1 1 1 300"))
        return answer
