"""A Postfix of our own, and messages sent to it with smtp-source."""

import os
import shutil
import subprocess
import time

import daemons
import usage
import world as worlds

PORT = 2525
SERVICES = """\
{port} inet n - n - 200 smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
postlog unix-dgram n - n - 1 postlogd
"""
# What each message must get; what matches is counted in the log.
WANTED = {"sign": "/^DKIM-Signature:.*d=letters/", "verify": "/^Authentication-Results:.*dmarc=pass/"}


class Postfix:
    """Takes mail at PORT, has it filtered, and discards it."""

    name = "postfix"

    def __init__(self, world, milters, policy_conf, mode):
        self._folder = world.path("postfix")
        self._log = os.path.join(self._folder, "log")
        for name in ("", "conf", "queue", "data"):
            os.makedirs(os.path.join(self._folder, name), exist_ok=True)
        shutil.chown(os.path.join(self._folder, "data"), "postfix")
        services = SERVICES.format(port=PORT)
        if policy_conf:
            services += ("policyd-spf unix - n n - 0 spawn\n"
                         "  user=nobody argv=/usr/bin/policyd-spf %s\n" % policy_conf)
        worlds.write(self._path("conf", "master.cf"), services)
        worlds.write(self._path("conf", "main.cf"), self._main(milters, policy_conf, mode))
        subprocess.run(["postfix", "-c", self._path("conf"), "start"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(self._path("queue", "pid", "master.pid"), encoding="ascii") as file:
            self._pid = int(file.read())

    def _path(self, *names):
        return os.path.join(self._folder, *names)

    def _main(self, milters, policy_conf, mode):
        sockets = [milter.address.configured.replace("local:", "unix:").replace(
            "inet:", "inet:127.0.0.1:").replace("@127.0.0.1", "") for milter in milters]
        return """\
compatibility_level = 3.6
queue_directory = {0}/queue
data_directory = {0}/data
maillog_file = {0}/log
maillog_file_prefixes = {0}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
myhostname = {1}
mynetworks = 127.0.0.0/8
mydestination =
relay_domains = example.net
default_transport = discard:
relay_transport = discard:
alias_maps =
alias_database =
smtp_address_preference = any
inet_protocols = ipv4
max_use = 100000
smtpd_client_connection_count_limit = 0
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_recipient_restrictions = {2}
smtpd_milters = {3}
milter_default_action = tempfail
milter_header_checks = regexp:{{ {{ {4} INFO }} }}
""".format(self._folder, worlds.AUTHSERV_ID,
           "check_policy_service unix:private/policyd-spf" if policy_conf else "",
           ", ".join(sockets), WANTED[mode])

    def wanted(self):
        """How many fields the filters have added that a message must get."""
        with open(self._log, encoding="utf-8", errors="replace") as file:
            return sum("milter-header-info:" in line or ": info: header " in line for line in file)

    def usages(self):
        """Those of Postfix itself, and of the policyd-spf processes below it."""
        parts = {"postfix": [], "policyd-spf": []}
        for pid in usage.descendants(self._pid):
            with open("/proc/%d/cmdline" % pid, "rb") as file:
                name = "policyd-spf" if b"policyd-spf\0" in file.read() and \
                    not is_spawn(pid) else "postfix"
            parts[name].append(usage.of_process(pid))
        return {name: usage.Usage(*(sum(numbers) for numbers in zip(*usages)))
                for name, usages in parts.items() if usages}

    def send(self, mode, path, messages, sessions):
        """Sends |messages| copies of the file |path|; returns the seconds it took."""
        lines = self._path("message")
        with open(path, "rb") as source, open(lines, "wb") as copy:
            copy.write(source.read().replace(b"\r\n", b"\n"))
        # To an address of this machine the kernel sends from the same address.
        host = worlds.INSIDE if mode == "sign" else worlds.CLIENT
        start = time.monotonic()
        subprocess.run(["smtp-source", "-d", "-s", str(sessions), "-m", str(messages), "-F", lines,
                        "-M", "mail.example.com", "-f", "letters@" + worlds.DOMAINS[0],
                        "-t", "reader@example.net", "%s:%d" % (host, PORT)], check=True)
        return time.monotonic() - start

    def stop(self):
        """Ends it, and forgets its queue."""
        subprocess.run(["postfix", "-c", self._path("conf"), "abort"], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + daemons.PATIENCE
        while os.path.exists("/proc/%d" % self._pid) and time.monotonic() < end:
            time.sleep(0.05)
        shutil.rmtree(self._folder)


def is_spawn(pid):
    """Whether the process is Postfix's spawn(8), which has policyd-spf among its arguments."""
    return os.path.basename(os.readlink("/proc/%d/exe" % pid)) == "spawn"
