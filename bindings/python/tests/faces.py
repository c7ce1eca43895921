"""The ways to come to the report of a scenario."""
import asyncio
import base64
import json
import os
import subprocess
import tempfile

import postseal

# The command line's program, when the environment names it.
PROGRAM = os.environ.get("POSTSEAL_PROGRAM")
OUTCOMES = {
    "records": postseal.Outcome.RECORDS,
    "nodata": postseal.Outcome.NO_DATA,
    "nxdomain": postseal.Outcome.NX_DOMAIN,
    "notfound": postseal.Outcome.NOT_FOUND,
    "temperror": postseal.Outcome.TEMP_ERROR,
}


def make_config(scenario, **more):
    suffixes = "" if scenario.options.get("suffixes", False) else None
    options = {name: (-1 if value is None else int(value))
               for name, value in scenario.options.items()
               if name not in ("authserv_id", "dkim_service", "now", "suffixes")}
    return postseal.Config(public_suffixes=suffixes, record_message=1, **dict(options, **more))


def make_envelope(scenario):
    known = dict(scenario.envelope)
    path = known.get("mail_from")
    return postseal.Envelope(
        client_ip=known["client_ip"].decode() if "client_ip" in known else None,
        helo=known.get("helo"), mail_from=b"" if path == b"<>" else path,
        receiver=known.get("receiver"), smtputf8=known.get("smtputf8") == b"true")


def fields_of(message):
    """(name, value) of each field and the body; None when a milter would not have them so."""
    head, separator, body = message.partition(b"\r\n\r\n")
    if not separator:
        return None
    fields = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1][1] += b"\n" + line
            continue
        name, colon, value = line.partition(b":")
        # White space behind a name is an obsolete form, before or within one it is none.
        if not colon or not name or b"\n" in line or any(o <= 32 for o in name.rstrip(b" \t")):
            return None
        fields.append([name, value])
    return fields, body


def answers_of(report):
    """{(name, type): Answer} of the recorded evidence: what the zone says, as a function has it."""
    return {(row["name"], row["type"]): postseal.Answer(
        OUTCOMES[row["outcome"]], [base64.b64decode(data) for data in row["rdata"]],
        row["secure"], row["ttl"]) for row in json.loads(report.evidence)["dns"]}


class Faces:
    """The ways to come to the report of one scenario."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.now = scenario.options.get("now", 1767225600)
        self.authserv_id = scenario.options.get("authserv_id", "mx.example.net")
        self.config = make_config(scenario)
        self.envelope = make_envelope(scenario)
        self.zone = postseal.Zone(scenario.zone.encode("latin-1"))

    def session(self, cut=None):
        session = postseal.VerifySession(self.envelope, now=self.now, config=self.config)
        message = self.scenario.message
        step = cut or max(1, len(message))
        for start in range(0, len(message), step):
            session.feed(message[start:start + step])
        session.end_of_message()
        return session

    def octets(self, cut=None):
        with self.session(cut) as session:
            self.zone.answer(session.exchange)
            return session.report(self.authserv_id, evidence=True)

    def fields(self):
        parts = fields_of(self.scenario.message)
        if parts is None:
            return None
        with postseal.VerifySession(self.envelope, now=self.now, config=self.config) as session:
            for name, value in parts[0]:
                session.header(name, value)
            session.end_of_headers()
            session.body(parts[1])
            session.end_of_message()
            self.zone.answer(session.exchange)
            return session.report(self.authserv_id)

    def rounds(self, answers):
        """The report, and what a host asks that takes all there is, answers it, and so on."""
        asked = {}
        with self.session() as session:
            exchange = session.exchange
            while True:
                batch = []
                while (query := exchange.next_query()) is not None:
                    batch.append(query)
                if not batch:
                    break
                asked[len(asked) + 1] = {
                    (name, postseal.Type(kind).name) for _, name, kind in batch}
                for number, name, kind in batch:
                    exchange.provide(number, answers[name, kind])
            return session.report(self.authserv_id), asked

    def call(self, verify, resolver):
        """postseal.verify or postseal.averify."""
        known = self.envelope
        return verify(self.scenario.message, client_ip=known.client_ip, helo=known.helo,
                      mail_from=known.mail_from, receiver=known.receiver,
                      smtputf8=known.smtputf8, now=self.now, resolver=resolver,
                      authserv_id=self.authserv_id, config=self.config)

    def shuffled(self, answers, chooser):
        """asyncio, with answers in an order of the chooser's."""
        async def resolve(name, kind):
            for _ in range(chooser.randrange(8)):
                await asyncio.sleep(0)
            return answers[name, kind]

        return asyncio.run(self.call(postseal.averify, resolve))

    def command_line(self):
        """The JSON that `postseal replay --json` prints for evidence of ours, and ours: with hints
        for a hash that differs, which the command line always looks for."""
        self.config = make_config(self.scenario, dkim_diagnose=1)
        report = self.octets()
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("evidence", "message")]
            for path, octets in zip(paths, (report.evidence.encode("utf-8", "surrogateescape"),
                                            self.scenario.message)):
                with open(path, "wb") as file:
                    file.write(octets)
            done = subprocess.run([PROGRAM, "replay", "--json"] + paths, capture_output=True,
                                  check=False)
        return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n"), report.json
