"""A mail from one real Postfix to another, in every form that breaks signatures."""

import unittest

from milter.e2e import filters, mail, sandbox, world


class MtaTest(world.WorldTest):
    @classmethod
    def setUpClass(cls) -> None:
        cls.world = it = world.World()
        cls.signer = filters.Milter(
            "signer", it.signing_tables | {"Mode": "sv", "InternalHosts": f"127.0.0.1,{world.SENDER}"}
        ).start()
        it.sender.set(
            smtpd_milters=cls.signer.for_postfix(), non_smtpd_milters="$smtpd_milters"
        )
        cls.verifier = filters.Milter(
            "verifier", {"Mode": "v", "AuthservID": world.AUTHSERV_ID}
        ).start()
        it.receiver.set(smtpd_milters=cls.verifier.for_postfix())
        if filters.UNDER_TEST == "opendkim":
            dmarc = filters.OpenDmarc(world.AUTHSERV_ID)
            filters.policyd_spf(it.receiver, world.AUTHSERV_ID)
            it.receiver.set(
                smtpd_milters=f"{cls.verifier.for_postfix()} {dmarc.for_postfix()}"
            )
        it.start()

    def test_smtp_submission(self) -> None:
        reply = mail.send(world.message("smtp"), world.SENDER, source=world.SENDER)
        self.assertEqual(reply[0], 250, reply)
        got = self.world.sink.wait(b"Subject: smtp\r\n")
        self.assert_verdict(got, spf="pass", dkim="pass", dmarc="pass")


if __name__ == "__main__":
    sandbox.main(world.NEEDS)
