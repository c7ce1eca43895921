"""verify_benchmark.py: postseal for Python and dkimpy verify and sign the same message.

A 10 KB message, one RSA-2048 signature, the key from memory; every verdict is checked. Runs of
both alternate; the figures are medians of the time of one message.
"""
import statistics
import sys
import time

import dkim
import postseal
from postseal import testing

ROUNDS = 15
BODY = "".join("%04d the quick brown fox jumps over the lazy dog, again\r\n" % i for i in range(165))


def make_message():
    extra = {"x_field_%d" % i: "value %d of a header field" % i for i in range(25)}
    return testing.message_from("alice@example.com", body=BODY, **extra)


def seconds(call, count):
    begin = time.perf_counter()
    for _ in range(count):
        if not call():
            sys.exit("a message does not pass")
    return (time.perf_counter() - begin) / count


def compare(title, ours, theirs, count):
    """One row: `count` calls of ours, and a tenth as many of theirs, in each round."""
    times = {"ours": [], "theirs": []}
    for _ in range(ROUNDS):
        times["ours"].append(seconds(ours, count))
        times["theirs"].append(seconds(theirs, max(1, count // 10)))
    a, b = (statistics.median(times[who]) for who in ("ours", "theirs"))
    print("| %s | %.0f | %.0f | %.1f |" % (title, a * 1e6, b * 1e6, b / a))


def main():
    pair = testing.canned_key("rsa")
    pem, record = pair.private_pem.encode("ascii"), pair.record.encode("ascii")
    message = make_message()
    domain = testing.Domain("example.com", kind="rsa")
    domain.key_pair = pair
    signed = domain.sign(message)
    zone, config = domain.zone(), postseal.Config(cached_keys=16, check_dmarc=0)
    session_config = postseal.Config(cached_keys=16)
    headers = [b"From", b"To", b"Subject", b"Date", b"Message-ID"]

    def ours():
        session = postseal.VerifySession(now=testing.NOW, config=config)
        session.feed(signed)
        session.end_of_message()
        zone.answer(session.exchange)
        passed = session.passed
        session.close()
        return passed

    def ours_report():
        return postseal.verify(signed, client_ip="192.0.2.1", mail_from="alice@example.com",
                               now=testing.NOW, resolver=zone, config=session_config).passed

    def theirs():
        return dkim.verify(signed, dnsfunc=lambda name, timeout=5: record)

    key = domain.key()
    print("%d octets; microseconds a message\n" % len(signed))
    print("| | postseal | dkimpy | dkimpy ÷ postseal |\n|---|---:|---:|---:|")
    compare("DKIM verified", ours, theirs, 300)
    compare("SPF, DKIM and DMARC, with the whole report (dkimpy: DKIM alone)", ours_report, theirs,
            300)
    compare("signed", lambda: postseal.sign(message, [key], now=testing.NOW),
            lambda: dkim.sign(message, b"s1", b"example.com", pem, include_headers=headers), 100)


if __name__ == "__main__":
    main()
