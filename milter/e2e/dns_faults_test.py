"""DNS that is down, slow or lies: the filter says temperror, in time, and never pass."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

from milter.e2e import filters, milter_wire as wire, name_servers, sandbox
from milter.e2e.filter_case import (
    NEEDS,
    OURS,
    THEIRS,
    FilterTest,
    inserted,
    internal,
    postseal_only,
    stranger,
)
from milter.e2e.milter_client import Client, Outcome, deliver_one
from milter.e2e.milter_wire import ProtocolFault
from milter.e2e.name_servers import FaultyNameServer
from milter.e2e.process import PATIENCE


class DnsFaultsTest(FilterTest):
    """The name server of the machine fails; the filter says temperror, in time."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.dns.stop()
        cls.signed = cls.stranger_signed(THEIRS)
        cls.table = {
            ("example.org.", "TXT"): f'"v=spf1 ip4:{sandbox.STRANGER} -all"',
            ("_dmarc.example.org.", "TXT"): '"v=DMARC1; p=reject"',
            ("example.com.", "TXT"): '"v=spf1 -all"',
            ("_dmarc.example.com.", "TXT"): '"v=DMARC1; p=reject"',
        }
        key = cls.records[b"sel._domainkey.example.org."].decode()
        cls.table["sel._domainkey.example.org.", "TXT"] = f'"{key[:200]}" "{key[200:]}"'

    def setUp(self) -> None:
        self.server = FaultyNameServer(dict(self.table))
        self.addCleanup(self.server.close)

    @contextlib.contextmanager
    def filter(self, **directives: str) -> Iterator[filters.Milter]:
        """A filter of its own: no cache of an earlier test helps it."""
        more = {"DNSTimeout": "1"}
        if filters.UNDER_TEST == "postseal":
            more["MessageTimeout"] = "3"
        made = self.make_filter("faults", **more | directives)
        try:
            yield made
        finally:
            made.stop()

    def deliver(self, milter: filters.Milter) -> Outcome:
        return deliver_one(("127.0.0.1", milter.port), stranger(self.signed))

    def test_no_fault(self) -> None:
        with self.filter() as milter:
            outcome = self.deliver(milter)
        self.assert_verdict(outcome, spf="pass", dkim="pass", dmarc="pass")

    def assert_temperror(self, outcome: Outcome) -> None:
        if filters.UNDER_TEST == "opendkim":
            return  # Its field is missing then.
        self.assert_verdict(outcome, spf="temperror", dkim="temperror", dmarc="temperror")

    def test_servers_that_fail(self) -> None:
        for fault in (
            name_servers.silence,
            name_servers.servfail,
            name_servers.refused,
            name_servers.nonsense,
            name_servers.other_question,
        ):
            with self.subTest(fault.__name__), self.filter() as milter:
                self.server.fault = fault
                outcome = self.deliver(milter)
                self.assert_temperror(outcome)
                # Signing asks nothing.
                address = ("127.0.0.1", milter.port)
                self.assert_signed(deliver_one(address, internal(OURS)))

    def test_nothing_listens(self) -> None:
        self.server.close()
        with self.filter() as milter:
            self.assert_temperror(self.deliver(milter))

    def test_answers_for_other_names(self) -> None:
        """A lie is not a verdict: never pass."""
        self.server.fault = name_servers.other_name
        with self.filter() as milter:
            outcome = self.deliver(milter)
        for edit in inserted(outcome, b"Authentication-Results"):
            self.assertNotRegex(edit.value, rb"(spf|dkim|dmarc)=pass")

    @postseal_only
    def test_lookups_run_together(self) -> None:
        """No answer comes before three questions wait for one."""
        self.server.together = 3
        with self.filter(MessageTimeout="100", DNSTimeout="100") as milter:
            outcome = self.deliver(milter)
        self.assert_verdict(outcome, spf="pass", dkim="pass", dmarc="pass")

    @postseal_only
    def test_a_slow_message_blocks_no_other(self) -> None:
        with self.filter(MessageTimeout="600", DNSTimeout="600") as milter:
            address = ("127.0.0.1", milter.port)
            self.server.fault = name_servers.silence
            clients, waiting = [], []
            for _ in range(20):
                client = Client(address)
                client.open(stranger(self.signed))
                thread = threading.Thread(target=self.deliver_in_vain, args=(client,))
                thread.start()
                clients.append(client)
                waiting.append(thread)
            for _ in range(20):
                self.assert_signed(deliver_one(address, internal(OURS)))
            # They wait still: it was not their end that let the others through.
            self.assertTrue(all(thread.is_alive() for thread in waiting))
            for client in clients:
                client.socket.shutdown(socket.SHUT_RDWR)
            for thread in waiting:
                thread.join(PATIENCE)
                self.assertFalse(thread.is_alive())

    def deliver_in_vain(self, client: Client) -> None:
        """Delivers over a connection that is closed meanwhile."""
        with contextlib.suppress(ProtocolFault, OSError):
            client.deliver(stranger(self.signed))

    @postseal_only
    def test_a_server_that_comes_back(self) -> None:
        with self.filter() as milter:
            self.server.fault = name_servers.servfail
            self.assert_temperror(self.deliver(milter))
            self.server.fault = None
            end = time.monotonic() + PATIENCE
            while b"dkim=pass" not in self.deliver(milter).octets:
                self.assertLess(time.monotonic(), end)
                time.sleep(0.5)

    @postseal_only
    def test_actions_on_dns_errors(self) -> None:
        self.server.fault = name_servers.servfail
        for action, verdict in (("tempfail", wire.TEMPFAIL), ("reject", wire.REJECT)):
            with self.subTest(action), self.filter(**{"On-DNSError": action}) as milter:
                outcome = self.deliver(milter)
                if outcome.verdict == wire.REPLYCODE:
                    first = b"4" if action == "tempfail" else b"5"
                    self.assertEqual(outcome.reply.data[:1], first)
                else:
                    self.assertEqual(outcome.verdict, verdict)


if __name__ == "__main__":
    sandbox.main(NEEDS)
