"""verify_asyncio.py CLIENT_IP MAIL_FROM [--zone FILE] MESSAGE...: who sent these messages?

All are verified at once, in one event loop. DNS comes from libunbound, or from zone text.
"""
import argparse
import asyncio
from pathlib import Path

import postseal


async def verify(path, arguments, resolver):
    report = await postseal.averify(
        Path(path).read_bytes(), client_ip=arguments.client_ip, mail_from=arguments.mail_from,
        resolver=resolver, authserv_id="mx.example.net", timeout=20.0)
    return "%s: %s\n%s" % (path, report.result, report.authentication_results)


async def main(arguments):
    if arguments.zone:
        resolver = postseal.Zone(Path(arguments.zone).read_text(encoding="utf-8"), arguments.zone)
    else:
        resolver = postseal.Unbound()
    for text in await asyncio.gather(*(verify(path, arguments, resolver)
                                       for path in arguments.messages)):
        print(text, end="")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("client_ip")
    parser.add_argument("mail_from")
    parser.add_argument("messages", nargs="+")
    parser.add_argument("--zone")
    asyncio.run(main(parser.parse_args()))
