"""The filters and the name server, started and ended by us alone."""

import os
import socket
import subprocess
import threading
import time

import usage

# Seconds that a daemon has to start, and to end after SIGTERM: what it would still do then is
# of no interest.
PATIENCE = 30
LAST_WORDS = 1


class Failed(Exception):
    """A daemon that did not start."""


def free_port():
    """A port of 127.0.0.1 that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Address:
    """Where a milter listens, in the words of its configuration and of the load client."""

    _made = 0

    def __init__(self, transport, folder):
        Address._made += 1
        if transport == "tcp":
            port = free_port()
            self.configured = "inet:%d@127.0.0.1" % port
            self.client = self.configured
            self._family, self._address = socket.AF_INET, ("127.0.0.1", port)
        else:
            path = os.path.join(folder, "milter%d.sock" % Address._made)
            self.configured = "local:" + path
            self.client = "unix:" + path
            self._family, self._address = socket.AF_UNIX, path

    def accepts(self):
        """Whether somebody listens."""
        with socket.socket(self._family) as probe:
            try:
                probe.connect(self._address)
                return True
            except OSError:
                return False


class Daemon:
    """A process that runs until stop(), in the foreground."""

    def __init__(self, name, command, log):
        self.name = name
        self._log = log
        with open(log, "w", encoding="utf-8") as file:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file,
                                             stderr=file)

    def wait_for(self, ready):
        """Returns when |ready| says so."""
        end = time.monotonic() + PATIENCE
        while not ready():
            if self._process.poll() is not None or time.monotonic() > end:
                with open(self._log, encoding="utf-8", errors="replace") as file:
                    said = file.read()
                self.stop()
                raise Failed("%s does not start: %s" % (self.name, said))
            time.sleep(0.05)

    def usage(self):
        """What it has used so far."""
        return usage.of_tree(self._process.pid)

    def stop(self):
        """Ends it."""
        self._process.terminate()
        try:
            self._process.wait(LAST_WORDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def start_nsd(world):
    """NSD, when it answers."""
    nsd = Daemon("nsd", ["nsd", "-d", "-c", world.nsd_conf()], world.path("nsd.out"))
    # The root's NS records, asked for by hand.
    question = b"\x12\x34\0\0\0\1\0\0\0\0\0\0\0\0\2\0\1"

    def answers():
        with socket.socket(type=socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.2)
            try:
                probe.connect(("127.0.0.1", 53))
                probe.send(question)
                return probe.recv(512)[3] & 15 == 0
            except OSError:
                return False
    nsd.wait_for(answers)
    return nsd


class Milter(Daemon):
    """A filter that listens at self.address."""

    def __init__(self, name, command, address, world):
        super().__init__(name, command, world.path(name + ".out"))
        self.address = address
        self.wait_for(address.accepts)


def start_opendkim(world, transport):
    """opendkim, signing and verifying."""
    address = Address(transport, world.folder)
    conf = world.opendkim_conf(address.configured)
    return Milter("opendkim", ["opendkim", "-f", "-x", conf], address, world)


def start_postseal(world, transport, binary):
    """postseal-milter, by opendkim's configuration."""
    address = Address(transport, world.folder)
    conf = world.opendkim_conf(address.configured)
    return Milter("postseal-milter", [binary, "-f", "-x", conf], address, world)


def start_opendmarc(world, transport):
    """opendmarc."""
    address = Address(transport, world.folder)
    conf = world.opendmarc_conf(address.configured)
    return Milter("opendmarc", ["opendmarc", "-f", "-c", conf], address, world)


class PolicydSpf:
    """policyd-spf as Postfix's spawn(8) runs it: a process for each connection, which
    talks over standard input and output."""

    name = "policyd-spf"

    def __init__(self, world):
        self._command = ["policyd-spf", world.policyd_conf()]
        self._processes = []
        path = world.path("policy.sock")
        if os.path.exists(path):
            os.unlink(path)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(1024)
        self.client = "unix:" + path
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._processes.append(subprocess.Popen(
                    self._command, stdin=connection, stdout=connection,
                    stderr=subprocess.DEVNULL))

    def usage(self):
        """Of all processes, those that have ended left out."""
        usages = [usage.of_tree(process.pid) for process in self._processes
                  if process.poll() is None]
        return usage.Usage(*(sum(numbers) for numbers in zip(*usages))) if usages else \
            usage.Usage(0, 0, 0)

    def stop(self):
        """Ends all."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for process in self._processes:
            process.terminate()
            process.wait()
