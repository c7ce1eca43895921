"""Signals under load: reload, SIGTERM, kill -9; nothing is lost and nothing stays open."""

import os
import re
import signal
import time

from milter.e2e import filters, milter_wire as wire, sandbox
from milter.e2e.filter_case import NEEDS, OURS, THEIRS, FilterTest, inserted, internal, stranger
from milter.e2e.load import Load
from milter.e2e.milter_client import Client, Outcome, deliver_one
from milter.e2e.milter_wire import Packet
from milter.e2e.process import PATIENCE

class LoadTest(FilterTest):
    """LoadTest has two loads that are signed and two that are verified."""

    def start(self, name: str, **directives: str) -> filters.Milter:
        self.filter = self.make_filter(name, **directives)
        self.address = ("127.0.0.1", self.filter.port)
        mails = (internal(OURS), stranger(self.stranger_signed(THEIRS)))
        self.loads = [Load(self.address, mail, self.check) for mail in mails * 2]
        return self.filter

    def check(self, outcome: Outcome) -> None:
        """Every message is signed, or judged with the right result."""
        signed = inserted(outcome, b"DKIM-Signature")
        judged = inserted(outcome, b"Authentication-Results")
        self.assertEqual(len(signed) + len(judged), 1, outcome)
        for edit in judged:
            self.assertIn(b"dkim=pass", edit.value)

    def finish(self) -> None:
        for load in self.loads:
            load.finish()
        self.assertEqual([fault for load in self.loads for fault in load.faults], [])

    def wait_for_all(self, count: int) -> None:
        for load in self.loads:
            load.wait_for(count)

    def test_reload(self) -> None:
        """No message is lost, and no connection ends, when the tables are read again."""
        milter = self.start("reloaded")
        self.wait_for_all(20)
        for number in (signal.SIGUSR1, signal.SIGUSR1, signal.SIGHUP):
            if number == signal.SIGHUP and milter.kind == "opendkim":
                continue
            milter.process.send(number)
            self.wait_for_all(20)
        # A broken file: the old configuration is kept.
        good = milter.config.read_text(encoding="utf-8")
        milter.config.write_text(good + "Nonsense yes\n", encoding="utf-8")
        milter.process.send(signal.SIGUSR1)
        self.wait_for_all(20)
        milter.config.write_text(good, encoding="utf-8")
        self.finish()
        self.assertEqual(sum(load.broken for load in self.loads), 0)
        self.assertEqual(milter.stop(), 0)

    def test_a_reload_takes_effect(self) -> None:
        milter = self.make_filter("effect")
        address = ("127.0.0.1", milter.port)
        client = Client(address)
        client.open(internal(OURS))
        self.assert_signed(client.deliver(internal(OURS)))
        good = milter.config.read_text(encoding="utf-8")
        text = re.sub(r"InternalHosts .*\n", "InternalHosts 127.0.0.1\n", good)
        milter.config.write_text(text, encoding="utf-8")
        milter.process.send(signal.SIGUSR1)
        end = time.monotonic() + PATIENCE
        while inserted(deliver_one(address, internal(OURS)), b"DKIM-Signature"):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)
        client.quit()
        self.assertEqual(milter.stop(), 0)

    def test_sigterm(self) -> None:
        """The port is closed, what is under way ends well, and the status is 0."""
        milter = self.start("terminated")
        self.wait_for_all(20)
        milter.process.send(signal.SIGTERM)
        self.assertEqual(milter.process.wait(), 0)
        self.finish()

    def test_sigterm_waits_for_a_message(self) -> None:
        milter = self.make_filter("drained")
        client = Client(("127.0.0.1", milter.port))
        mail = internal(OURS)
        client.open(mail)
        client.envelope(mail, {})
        for packet in client.header_packets(mail):
            client.step(packet)
        milter.process.send(signal.SIGTERM)
        if milter.kind == "opendkim":
            return
        end = time.monotonic() + PATIENCE
        while milter.listens():  # no new connections
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        client.step(Packet(wire.EOH, b""))
        client.step(Packet(wire.BODY, mail.body()))
        client.send(Packet(wire.BODYEOB, b""))
        reply, edits, _ = client.end_of_body()
        self.assertIn(reply.command, (wire.CONTINUE, wire.ACCEPT))
        self.assertIn(b"DKIM-Signature", [edit.name for edit in edits])
        client.close()
        self.assertEqual(milter.process.wait(), 0)

    def test_kill_and_start_again(self) -> None:
        """kill -9 under load; the next start needs no cleaning up."""
        folder = sandbox.ROOT / "killed-sockets"
        folder.mkdir()
        folder.chmod(0o777)
        for _ in range(3):
            milter = self.start("killed")
            self.wait_for_all(10)
            self.assertEqual(milter.stop(signal.SIGKILL), -signal.SIGKILL)
            self.finish()
        local = self.make_filter("killed-local", Socket=f"local:{folder}/s", UMask="0111")
        local.stop(signal.SIGKILL)
        self.assertTrue((folder / "s").exists())
        local.start()
        self.assertEqual(local.stop(), 0)

    def test_descriptors_and_memory_stay(self) -> None:
        """A short form of tools/soak's: 400 connections leave nothing open."""
        milter = self.start("steady")
        self.wait_for_all(100)
        self.finish()
        before = len(os.listdir(f"/proc/{milter.process.pid}/fd"))
        for _ in range(200):
            Client(self.address).close()
            client = Client(self.address)
            client.open(internal(OURS))
            client.close()
        end = time.monotonic() + PATIENCE
        while len(os.listdir(f"/proc/{milter.process.pid}/fd")) > before:
            self.assertLess(time.monotonic(), end, "descriptors are not closed")
            time.sleep(0.05)
        self.assertEqual(milter.stop(), 0)


if __name__ == "__main__":
    sandbox.main(NEEDS)
