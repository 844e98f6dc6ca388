#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Mail through a real SMTP server: each way of securing and logging in, each reason to refuse, what
happens while the server is away, and what the mails of the vault say and lead to."""

import json
import shutil
import socket
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer, scratch  # noqa: E402
from mail_server import MailServer  # noqa: E402
from mailed_vault import ORIGIN, PASSWORD, VAULT, MailedVault, query  # noqa: E402
from suite import main  # noqa: E402
from vault_api import Account, sealed  # noqa: E402


class Transport(unittest.TestCase):
    """`coffer mail test`, which hands over one mail and says what is wrong."""

    def send(self, config, to="ann@example.test"):
        coffer = Coffer(config=config if config.startswith("vault:") else VAULT + config)
        self.addCleanup(coffer.close)
        return coffer.run("mail", "test", to, check=False)

    def sent(self, server, more=""):
        done = self.send(server.config(more))
        self.assertEqual(done.returncode, 0, done.stderr)
        return server.wait_for("ann@example.test")

    def refused(self, config, *words, to="ann@example.test"):
        done = self.send(config, to)
        self.assertEqual(done.returncode, 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertNotIn(PASSWORD, done.stdout + done.stderr)
        return done.stderr

    def test_each_way_of_securing_with_and_without_a_login(self):
        for security in ("none", "starttls", "tls"):
            for user in (None, "box"):
                with self.subTest(security=security, user=user), \
                        MailServer(security, user, PASSWORD) as server:
                    mail = self.sent(server)
                    self.assertEqual(mail.encrypted, security != "none")
                    self.assertEqual(mail.user, user)
                    self.assertEqual(mail.sender, "vault@example.test")

    def test_each_way_of_logging_in(self):
        for mechanism in ("PLAIN", "LOGIN"):
            with MailServer("starttls", "box", PASSWORD, mechanisms=[mechanism]) as server:
                self.assertEqual(self.sent(server).user, "box")
                other = {"PLAIN": "login", "LOGIN": "plain"}[mechanism]
                self.refused(server.config(f"mechanisms: [{other}]"), "offers no login")

    def test_a_mail_is_what_readers_expect(self):
        with MailServer() as server:
            mail = self.sent(server)
        headers = mail.message
        self.assertEqual(headers["From"].addresses[0].display_name, "Tést box")
        self.assertEqual(headers["From"].addresses[0].addr_spec, "vault@example.test")
        self.assertEqual(headers["To"], "ann@example.test")
        self.assertRegex(headers["Message-ID"], r"^<[\w.-]+@example\.test>$")
        self.assertLess(abs(headers["Date"].datetime.timestamp() - time.time()), 120)
        self.assertEqual(headers.get_content_type(), "multipart/alternative")
        self.assertEqual([p.get_content_type() for p in headers.iter_parts()],
                         ["text/plain", "text/html"])
        self.assertFalse(headers.defects)
        self.assertIn("This is a test.", mail.text)
        self.assertIn("This is a test.", mail.html)

    def test_a_wrong_password_is_said_to_be_wrong(self):
        with MailServer("starttls", "box", PASSWORD) as server:
            self.refused(server.config(password="wrong"), "logging in", "535", "mail.password")
            self.assertFalse(server.mails)

    def test_an_untrusted_certificate_gets_no_mail_and_no_password(self):
        for security in ("starttls", "tls"):
            with MailServer(security, "box", PASSWORD) as server:
                config = server.config().replace("authority_file", "hello_name: x #")
                self.refused(config, "certificate", "mail.authority_file")
                self.assertEqual(server.logins, 0)
                done = self.send(config + "  accept_invalid_certificates: true\n")
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_certificate_for_another_name_gets_no_mail(self):
        with MailServer("tls") as server:
            self.refused(server.config().replace("host: 127.0.0.1", "host: 127.0.0.2"), "mail.host")

    def test_without_starttls_there_is_no_mail(self):
        with MailServer("starttls", "box", PASSWORD, offers_starttls=False) as server:
            self.refused(server.config(), "does not offer STARTTLS", "mail.security")
            self.assertEqual(server.logins, 0)
            self.assertFalse(server.mails)

    def test_a_recipient_who_is_refused(self):
        refuse = {"gone@example.test": "550 5.1.1 nobody of that name"}
        with MailServer(refuse=refuse) as server:
            self.refused(server.config(), "nobody of that name", to="gone@example.test")

    def test_nobody_listens_and_nobody_is_found(self):
        server = MailServer()
        self.addCleanup(server.close)
        self.refused(server.config(), "connecting", "mail.port")
        self.refused(server.config().replace("127.0.0.1", "nobody.invalid"), "mail.host")
        self.refused("mail: {}\n", "mail is off")

    def test_tls_where_there_is_none(self):
        with MailServer() as server:
            self.refused(server.config().replace("security: none", "security: tls"), "starttls")

    def test_a_sendmail_program(self):
        home = scratch("coffer-sendmail-")
        self.addCleanup(shutil.rmtree, home)
        program = home / "sendmail"
        program.write_text(f'#!/bin/sh\necho "$@" >{home}/words\ncat >{home}/mail\n'
                           f"exit $(cat {home}/code)\n")
        program.chmod(0o755)
        config = f"mail:\n  sendmail: {program}\n  from: vault@example.test\n"
        (home / "code").write_text("0")
        self.assertEqual(self.send(config).returncode, 0)
        self.assertEqual((home / "words").read_text(),
                         "-i -f vault@example.test -- ann@example.test\n")
        self.assertIn("\nTo: ann@example.test\n", (home / "mail").read_text())
        (home / "code").write_text("75")
        self.refused(config, "exit code 75", "mail.sendmail")

    def test_templates_of_the_owner(self):
        home = scratch("coffer-templates-")
        self.addCleanup(shutil.rmtree, home)
        (home / "smtp_test.txt").write_text("Die Post geht\n\nGrüße von {{url}}\n")
        with MailServer() as server:
            config = VAULT + server.config(f"templates: {home}")
            self.assertEqual(self.send(config).returncode, 0)
            mail = server.wait_for("ann@example.test")
            self.assertEqual(mail.subject, "Die Post geht")
            self.assertIn(f"Grüße von {ORIGIN}", mail.text)
            (home / "smtp_test.txt").write_text("x\n\n{{nonsense}}\n")
            self.refused(config, "smtp_test.txt", '"nonsense"')
            with self.assertRaisesRegex(RuntimeError, "smtp_test.txt.*nonsense"):
                Coffer(config=config).start(patience=10)


class Queue(unittest.TestCase):
    """What happens to mails while the server is away."""

    def setUp(self):
        self.server = MailServer("starttls", "box", PASSWORD)
        self.addCleanup(self.server.close)
        self.coffer = Coffer(config=VAULT + self.server.config())
        self.addCleanup(self.coffer.close)

    def account(self, email="ann@example.test"):
        account = Account(email)
        with self.coffer.wire() as wire:
            self.assertEqual(account.register(wire).status, 200)
            self.assertEqual(account.login(wire).status, 200)
        return account

    def waiting(self):
        return json.loads(self.coffer.run("mail", "queue", "--json").stdout)

    def ask_for_code(self, account):
        with self.coffer.wire() as wire:
            answer = account.call(wire, "POST", "/api/accounts/request-otp")
        self.assertEqual(answer.status, 200, answer.body)

    def test_a_dead_server_delays_nobody_and_gets_the_mail_when_it_is_back(self):
        self.coffer.start()
        account = self.account()
        begin = time.monotonic()
        self.ask_for_code(account)
        self.assertLess(time.monotonic() - begin, 2)
        self.coffer.server.wait_for_line("mail cannot be sent at the moment")
        kinds = [mail["mail"] for mail in self.waiting()]
        self.assertEqual(kinds, ["welcome", "protected_action"])
        self.server.start()
        code = self.server.wait_for("ann@example.test", "code").code
        self.server.wait_for("ann@example.test", "Welcome")
        with self.coffer.wire() as wire:
            answer = account.call(wire, "POST", "/api/accounts/verify-otp", {"otp": code})
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(self.waiting(), [])

    def test_a_restart_loses_no_mail(self):
        self.coffer.start()
        self.account()
        self.coffer.server.wait_for_line("mail cannot be sent at the moment")
        self.coffer.kill()
        [mail] = self.waiting()
        self.assertEqual((mail["mail"], mail["to"]), ("welcome", "ann@example.test"))
        self.assertGreaterEqual(mail["attempts"], 1)
        self.assertIn("port", mail["lastError"])
        self.assertEqual(self.coffer.run("mail", "retry").returncode, 0)
        self.server.start()
        self.coffer.start()
        self.server.wait_for("ann@example.test", "Welcome")
        self.assertFalse(self.server.mails)

    def test_a_server_that_hangs_does_not_delay_the_shutdown(self):
        with socket.create_server(("127.0.0.1", self.server.port)):
            self.coffer.start()
            self.account()
            time.sleep(0.5)
            begin = time.monotonic()
            self.coffer.stop()
            self.assertLess(time.monotonic() - begin, 4)
        self.assertEqual([mail["attempts"] for mail in self.waiting()], [0])

    def test_a_mail_that_is_refused_is_given_up_and_counted(self):
        self.server.refuse["gone@example.test"] = "550 5.1.1 nobody of that name"
        self.server.start()
        self.coffer.start()
        self.account("gone@example.test")
        line = self.coffer.server.wait_for_line("mail was not delivered.*")
        self.assertIn("nobody of that name", line.string)
        self.account("bob@example.test")
        self.server.wait_for("bob@example.test", "Welcome")
        end = time.monotonic() + 10
        while self.waiting() and time.monotonic() < end:
            time.sleep(0.1)
        scraped = self.coffer.fetch("GET", "/metrics").body.decode()
        for line in ('coffer_vault_mails_total{result="sent"} 1',
                     'coffer_vault_mails_total{result="failed"} 1', "coffer_vault_mails_waiting 0"):
            self.assertIn(line, scraped)


class Contents(MailedVault):
    """The mails of the vault arrive, and what they say works; mail_contents_test.py has the others."""

    def test_an_address_is_verified(self):
        account = self.account("verify")
        self.call(account, "/api/accounts/verify-email")
        mail = self.server.wait_for(account.email, "Confirm")
        self.assertTrue(mail.link.startswith(ORIGIN + "/#/verify-email/?"), mail.link)
        _, values = query(mail.link)
        self.call(Account("nobody"), "/api/accounts/verify-email-token", values)
        answer = self.call(account, "/api/accounts/profile", method="GET")
        self.assertTrue(json.loads(answer.body)["emailVerified"])

    def test_an_account_is_deleted_by_mail(self):
        account = self.account("delete")
        self.call(Account("nobody"), "/api/accounts/delete-recover", {"email": account.email})
        page, values = query(self.server.wait_for(account.email, "Delete").link)
        self.assertEqual((page, values["email"]), ("/verify-recover-delete", account.email))
        self.call(Account("nobody"), "/api/accounts/delete-recover-token",
                  {"userId": values["userId"], "token": values["token"]})
        with self.coffer.wire() as wire:
            self.assertEqual(account.login(wire).status, 400)

    def test_a_hint_is_mailed_to_those_who_left_one(self):
        account = self.account("hint")
        self.call(Account("nobody"), "/api/accounts/password-hint", {"email": account.email})
        mail = self.server.wait_for(account.email, "hint")
        self.assertIn("You\nleft none", mail.text)
        self.assertIn(f"{ORIGIN}/#/recover-delete", mail.text)

    def test_an_address_is_changed_by_a_code(self):
        account = self.account("before")
        form = {"newEmail": "after@example.test", "masterPasswordHash": account.hash}
        self.call(account, "/api/accounts/email-token", form)
        code = self.server.wait_for("after@example.test", "code").code
        self.call(account, "/api/accounts/email", {
            **form, "newMasterPasswordHash": account.hash, "token": code, "key": sealed()})
        account.email = "after@example.test"
        self.logged_in(account)

    def test_another_device_is_told_of(self):
        account = self.account("devices")
        other = Account(account.email)
        other.hash = account.hash
        with self.coffer.wire() as wire:
            answer = other.login(wire, deviceName="Ann's <b>phone</b>")
        self.assertEqual(answer.status, 200, answer.body)
        mail = self.server.wait_for(account.email, "New login")
        self.assertIn("Ann's <b>phone</b>", mail.subject)
        self.assertIn("- Device: Ann's <b>phone</b>", mail.text)
        self.assertIn("Ann&apos;s &lt;b&gt;phone&lt;/b&gt;", mail.html)
        self.assertIn("- From: 127.0.0.1", mail.text)

    def test_codes_by_mail_are_a_second_factor(self):
        account = self.account("factor")
        self.call(account, "/api/two-factor/send-email",
                  {"email": account.email, "masterPasswordHash": account.hash})
        code = self.server.wait_for(account.email, "code").code
        self.call(account, "/api/two-factor/email", {
            "email": account.email, "token": code, "masterPasswordHash": account.hash}, method="PUT")
        with self.coffer.wire() as wire:
            self.assertEqual(account.login(wire).status, 400)
            # A client that names no version is an old one, and does not ask for the code itself.
            void = self.server.wait_for(account.email, "code").code
            account.token = None
            self.call(account, "/api/two-factor/send-email-login",
                      {"email": account.email, "masterPasswordHash": account.hash,
                       "deviceIdentifier": account.device})
            code = self.server.wait_for(account.email, "code").code
            if void != code:
                answer = account.login(wire, twoFactorProvider=1, twoFactorToken=void)
                self.assertEqual(answer.status, 400)
            answer = account.login(wire, twoFactorProvider=1, twoFactorToken=code)
        self.assertEqual(answer.status, 200, answer.body)

    def test_signing_up_begins_with_the_address_where_the_owner_wants_it(self):
        with MailServer() as server:
            config = VAULT + "  verify_signups: true\n" + server.config()
            with Coffer(config=config) as coffer, coffer.wire() as wire:
                newcomer = Account("new+comer@example.test")
                path = "/identity/accounts/register/send-verification-email"
                answer = newcomer.call(wire, "POST", path, {"email": newcomer.email, "name": "New"},
                                       anonymous=True)
                self.assertEqual(answer.status, 204, answer.body)
                page, values = query(server.wait_for(newcomer.email).link)
                self.assertEqual((page, values["email"]), ("/finish-signup/", newcomer.email))
                body = {"email": newcomer.email, "emailVerificationToken": values["token"],
                        "masterPasswordHash": newcomer.hash, "userSymmetricKey": sealed(),
                        "kdf": 0, "kdfIterations": 600000,
                        "userAsymmetricKeys": {"publicKey": "AAAA",
                                               "encryptedPrivateKey": sealed(1200)}}
                answer = newcomer.call(wire, "POST", "/identity/accounts/register/finish", body,
                                       anonymous=True)
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual(newcomer.login(wire).status, 200)


if __name__ == "__main__":
    main()
