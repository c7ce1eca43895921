"""A steady load of messages over the milter protocol."""

import threading
import time
from collections.abc import Callable

from milter.e2e.milter_client import Client, Mail, Outcome
from milter.e2e.milter_wire import ProtocolFault
from milter.e2e.process import PATIENCE

# Messages of a connection.
_PER_CONNECTION = 10


class Load(threading.Thread):
    """Load sends one message again and again, over a new connection after every ten."""

    def __init__(
        self, address: tuple[str, int], mail: Mail, check: Callable[[Outcome], None]
    ) -> None:
        super().__init__(daemon=True)
        self._address = address
        self._mail = mail
        self._check = check
        self._end = threading.Event()
        self.delivered = 0
        self.broken = 0  # connections that ended under it
        self.faults: list[str] = []
        self.start()

    def run(self) -> None:
        while not self._end.is_set():
            try:
                self._connection()
            except ProtocolFault as fault:
                self.broken += 1
                if "the filter closed; left over: b''" not in str(fault):
                    self.faults.append(str(fault))
            except (AssertionError, TimeoutError) as fault:
                self.faults.append(repr(fault))
            except OSError:
                self.broken += 1
                time.sleep(0.01)

    def _connection(self) -> None:
        client = Client(self._address, timeout=PATIENCE)
        try:
            client.open(self._mail)
            for _ in range(_PER_CONNECTION):
                if self._end.is_set():
                    break
                self._check(client.deliver(self._mail))
                self.delivered += 1
        finally:
            client.close()

    def wait_for(self, count: int) -> None:
        """Returns when |count| more messages are through."""
        goal = self.delivered + count
        end = time.monotonic() + PATIENCE
        while self.delivered < goal:
            if time.monotonic() > end:
                raise AssertionError(f"no mail goes through any more: {self.faults}")
            time.sleep(0.01)

    def finish(self) -> None:
        self._end.set()
        self.join(60)
