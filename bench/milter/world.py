"""The files of a run: keys, a zone, the tables and configurations of every daemon."""

import os
import re
import subprocess

# Senders, each with a key of its own, so that no one of them is in every cache line.
DOMAINS = ["letters%d.example" % number for number in range(1, 9)]
SELECTOR = "bench"
AUTHSERV_ID = "mx.example.net"
# An address that every domain's SPF record lets send, and one that all filters sign for.
CLIENT = "192.0.2.25"
INSIDE = "127.0.0.1"
SUFFIXES = "/usr/share/publicsuffix/public_suffix_list.dat"


def write(path, text):
    """Writes |text| to |path| and returns |path|."""
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


def strings(text):
    """A TXT record's text as strings of at most 250 octets."""
    return " ".join('"%s"' % text[i:i + 250] for i in range(0, len(text), 250))


class World:
    """A folder that everything is written to."""

    def __init__(self, folder):
        self.folder = folder
        os.chmod(folder, 0o755)
        keys = {domain: self._key(domain) for domain in DOMAINS}
        self.zone = write(self.path("zone"), self._zone(keys))
        write(self.path("KeyTable"), "".join(
            "%s %s:%s:%s\n" % (domain, domain, SELECTOR, self.path(domain + ".private"))
            for domain in DOMAINS))
        write(self.path("SigningTable"), "".join(
            "*@%s %s\n" % (domain, domain) for domain in DOMAINS))
        self.resolv = write(self.path("resolv.conf"), "nameserver 127.0.0.1\n")

    def path(self, name):
        """Where the file |name| is."""
        return os.path.join(self.folder, name)

    def _key(self, domain):
        """Makes a key of 2048 bits and returns what its record says."""
        private = self.path(domain + ".private")
        subprocess.run(["openssl", "genrsa", "-out", private, "2048"], check=True,
                       stderr=subprocess.DEVNULL)
        os.chmod(private, 0o600)
        public = subprocess.run(["openssl", "rsa", "-in", private, "-pubout"], check=True,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
        return re.sub(r"-----[^-]+-----|\s", "", public)

    @staticmethod
    def _zone(keys):
        """The root zone, so that every question has an answer."""
        lines = ["$TTL 3600", ". SOA ns.example. hostmaster.example. 1 3600 600 86400 300",
                 ". NS ns.example.", "ns.example. A 127.0.0.1",
                 "mail.example.com. A " + CLIENT,
                 'mail.example.com. TXT "v=spf1 a -all"',
                 'relays.example. TXT "v=spf1 ip4:198.51.100.0/24 ip4:192.0.2.0/24 -all"']
        for domain, key in keys.items():
            lines += [
                '%s. TXT "v=spf1 include:relays.example -all"' % domain,
                "%s._domainkey.%s. TXT %s" % (SELECTOR, domain, strings("v=DKIM1; k=rsa; p=" + key)),
                '_dmarc.%s. TXT "v=DMARC1; p=reject; rua=mailto:reports@%s"' % (domain, domain)]
        return "\n".join(lines) + "\n"

    def nsd_conf(self):
        """NSD, authoritative for the root, at 127.0.0.1."""
        return write(self.path("nsd.conf"), """\
server:
  ip-address: 127.0.0.1
  zonesdir: "{0}"
  xfrdir: "{0}"
  zonelistfile: "{0}/zone.list"
  logfile: "{0}/nsd.log"
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
  name: "."
  zonefile: "zone"
""".format(self.folder))

    def opendkim_conf(self, socket):
        """The tutorial's directives with Debian's canonicalization; postseal-milter reads it too."""
        return write(self.path("opendkim.conf"), """\
Mode sv
Socket {1}
UMask 000
Syslog no
Canonicalization relaxed/simple
OversignHeaders From
KeyTable {0}/KeyTable
SigningTable refile:{0}/SigningTable
AuthservID {2}
Nameservers 127.0.0.1
""".format(self.folder, socket, AUTHSERV_ID))

    def opendmarc_conf(self, socket):
        """DMARC by what opendkim and policyd-spf have written, evaluated and not enforced."""
        return write(self.path("opendmarc.conf"), """\
Socket {0}
UMask 000
Syslog false
AuthservID {1}
TrustedAuthservIDs {1}
PublicSuffixList {2}
""".format(socket, AUTHSERV_ID, SUFFIXES))

    def policyd_conf(self):
        """Debian's settings, but for what goes to the log and the form of the field."""
        return write(self.path("policyd-spf.conf"), """\
debugLevel = 0
TestOnly = 1
HELO_reject = Fail
Mail_From_reject = Fail
PermError_reject = False
TempError_Defer = False
skip_addresses = 127.0.0.0/8,::ffff:127.0.0.0/104,::1
Header_Type = AR
Authserv_Id = {0}
""".format(AUTHSERV_ID))
