"""A private machine for a test: network, mounts, processes and host name of its own.

enter() starts the calling test again inside new namespaces, in which it is root over a
copy of /etc, an empty /mnt, its own /dev/log and /run, and these networks:

    lo        127.0.0.1, ::1, and the addresses that a test adds with add_address()
    mail0     192.0.2.1/24 and 2001:db8::1/64: the mail host
    outside   a second network namespace behind mail0, with 203.0.113.9 and 2001:db8::9;
              outside_socket() gives sockets there

Nothing of the real machine is changed, and every process ends with the test.
"""

import ctypes
import os
import pathlib
import shutil
import socket
import stat
import subprocess
import sys
import threading
import unittest
from collections.abc import Iterable

MAIL_HOST = "192.0.2.1"
MAIL_HOST_6 = "2001:db8::1"
STRANGER = "203.0.113.9"
STRANGER_6 = "2001:db8::9"

# All that a test writes; a memory file system, so that fsync costs nothing.
ROOT = pathlib.Path("/mnt")

_INSIDE = "POSTSEAL_E2E_INSIDE"
_CLONE_NEWNET = 0x40000000
_UNSHARE = [
    *("unshare", "--net", "--mount", "--uts", "--ipc", "--pid", "--fork"),
    *("--kill-child=SIGKILL", "--mount-proc", "--"),
]
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def missing(needs: Iterable[str]) -> str:
    """Returns why the test cannot run here; nothing when it can."""
    if os.geteuid() != 0:
        return "it takes root"
    for program in ("unshare", "ip", *needs):
        if shutil.which(program, path=_PATH) is None:
            return f"there is no {program}; tools/setup --test installs it"
    # A container may allow the one and refuse the other.
    probe = "mount -t tmpfs tmpfs /mnt && ip link add type veth && unshare --net true"
    command = [*_UNSHARE, "sh", "-c", probe]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"no namespaces: {tried.stderr.strip()}" if tried.returncode != 0 else ""


def enter(needs: Iterable[str] = ()) -> None:
    """Runs the calling program in a machine of its own, or says why not and exits with 0.
    Returns inside only."""
    if os.environ.get(_INSIDE):
        _set_up()
        return
    reason = missing(needs)
    if reason:
        print(f"skipped: {reason}", flush=True)
        sys.exit(0)
    # The name of the module is lost in sys.argv.
    module = sys.modules["__main__"].__spec__.name
    os.environ[_INSIDE] = "1"
    program = [sys.executable, "-m", module, *sys.argv[1:]]
    os.execvp(_UNSHARE[0], _UNSHARE + program)


def main(needs: Iterable[str] = ()) -> None:
    """Is the main program of a test: enters and runs its unittest cases."""
    enter(needs)
    # Programs that run to the end of the machine are no leak.
    unittest.main(warnings="ignore")


def run(*command: str, **options) -> subprocess.CompletedProcess:
    """Runs a program that must succeed; its output is returned as text."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, **options
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def _set_up() -> None:
    os.environ["PATH"] = _PATH
    os.umask(0o022)
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(ROOT))
    _private_etc()
    _private_dev()
    for folder in ("/run", "/var/spool", "/var/lib/postfix", "/var/log"):
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder)
    _networks()
    socket.sethostname("mail.example.com")


def _private_etc() -> None:
    """A copy of /etc with our own resolver and hosts."""
    copy = ROOT / "etc"
    run("cp", "-a", "/etc", str(copy))
    run("mount", "--bind", str(copy), "/etc")
    for name, text in {
        "resolv.conf": "nameserver 127.0.0.1\n",
        "hosts": "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n"
        "services: files\nprotocols: files\n",
    }.items():
        path = pathlib.Path("/etc") / name
        path.unlink(missing_ok=True)
        path.write_text(text, encoding="ascii")


def _private_dev() -> None:
    """The devices that daemons use; /dev/log is free for syslog.py."""
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/dev")
    devices = {"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9}
    for name, minor in devices.items():
        os.mknod(f"/dev/{name}", 0o666 | stat.S_IFCHR, os.makedev(1, minor))
        os.chmod(f"/dev/{name}", 0o666)
    os.symlink("/proc/self/fd", "/dev/fd")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", f"/dev/{name}")
    os.mkdir("/dev/shm")
    os.chmod("/dev/shm", 0o1777)


_OUTSIDE: list[subprocess.Popen] = []


def _networks() -> None:
    """The mail host's network, and a stranger's behind it."""
    # A process that waits for its own end holds the second namespace.
    holder = subprocess.Popen(["unshare", "--net", "--", "cat"], stdin=subprocess.PIPE)
    _OUTSIDE.append(holder)
    while os.readlink(f"/proc/{holder.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
        if holder.poll() is not None:
            raise RuntimeError("no second network namespace")
    pid = str(holder.pid)
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "mail0", "type", "veth", "peer", "name", "out0", "netns", pid)
    run("ip", "addr", "add", f"{MAIL_HOST}/24", "dev", "mail0")
    run("ip", "addr", "add", f"{MAIL_HOST_6}/126", "dev", "mail0", "nodad")
    run("ip", "link", "set", "mail0", "up")
    run("ip", "route", "add", "203.0.113.0/24", "dev", "mail0", "src", MAIL_HOST)
    run("ip", "route", "add", f"{STRANGER_6}/128", "dev", "mail0", "src", MAIL_HOST_6)
    there = ("nsenter", "--net", "--target", pid, "--", "ip")
    run(*there, "addr", "add", f"{STRANGER}/32", "dev", "out0")
    run(*there, "addr", "add", f"{STRANGER_6}/128", "dev", "out0", "nodad")
    run(*there, "link", "set", "lo", "up")
    run(*there, "link", "set", "out0", "up")
    for network in ("192.0.2.0/24", "198.51.100.0/24", "2001:db8::/126"):
        run(*there, "route", "add", network, "dev", "out0")


def add_address(address: str) -> None:
    """Gives the machine another address, on lo."""
    if ":" in address:
        run("ip", "addr", "add", f"{address}/128", "dev", "lo", "nodad")
    else:
        run("ip", "addr", "add", f"{address}/32", "dev", "lo")


def lay_over_usr(folder: str) -> None:
    """Adds the files of |folder| to those of /usr."""
    run("mount", "-t", "overlay", "-o", f"lowerdir={folder}:/usr", "overlay", "/usr")


def outside_socket(family: int = socket.AF_INET) -> socket.socket:
    """Returns a TCP socket of the network that is not ours: its peer sees 203.0.113.9."""
    made: list[socket.socket] = []

    def make() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        with open(f"/proc/{_OUTSIDE[0].pid}/ns/net", "rb") as namespace:
            if libc.setns(namespace.fileno(), _CLONE_NEWNET) != 0:
                return
        made.append(socket.socket(family, socket.SOCK_STREAM))

    # setns holds for one thread; a socket keeps the namespace it was made in.
    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    if not made:
        raise OSError("no socket in the second network namespace")
    return made[0]
