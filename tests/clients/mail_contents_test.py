#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The mails that need more than one step to come about: each arrives at a real SMTP server, tells whom
it should of what it should, and what it says to do can be done. The others are in mail_test.py."""

import json
import sqlite3
import sys
import time
import uuid
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from mailed_vault import VAULT, MailedVault, query  # noqa: E402
from suite import main  # noqa: E402
from vault_api import Account, sealed, send  # noqa: E402

DAY = 86_400_000_000  # In microseconds, as the database counts.
KEY = "4." + "A" * 342 + "=="  # Looks like something sealed with RSA.


class Vault(MailedVault):
    def sql(self, statement, *values):
        """Makes happen what takes days; the number of rows it happened to."""
        with closing(sqlite3.connect(self.coffer.data / "vault/db.sqlite3", timeout=30)) as database:
            with database:
                return database.execute(statement, values).rowcount

    def metric(self, line, seconds=10):
        end = time.monotonic() + seconds
        while line not in (text := self.coffer.fetch("GET", "/metrics").body.decode()):
            self.assertLess(time.monotonic(), end, text)
            time.sleep(0.1)

    def someone(self, **more):
        return self.account(uuid.uuid4().hex[:12], **more)

    def second_factor(self, account):
        """Codes by mail."""
        secret = {"email": account.email, "masterPasswordHash": account.hash}
        self.call(account, "/api/two-factor/send-email", secret)
        code = self.server.wait_for(account.email, "code").code
        self.call(account, "/api/two-factor/email", {**secret, "token": code}, method="PUT")

    def refused_login(self, account, **more):
        with self.coffer.wire() as wire:
            answer = account.login(wire, **more)
        self.assertEqual(answer.status, 400, answer.body)
        return json.loads(answer.body)


class News(Vault):
    more = 'jobs:\n  incomplete_logins: "* * * * * *"\n'

    def test_a_hint_arrives_as_it_was_left(self):
        hint = "the <b>cat's</b> name & {{code}}"
        account = self.someone(masterPasswordHint=hint)
        self.call(Account("nobody"), "/api/accounts/password-hint", {"email": account.email})
        mail = self.server.wait_for(account.email, "The hint for")
        self.assertIn(f"\n{hint}\n", mail.text)
        self.assertIn("the &lt;b&gt;cat&apos;s&lt;/b&gt; name &amp; {{code}}", mail.html)

    def test_whoever_has_an_address_is_told_that_another_wants_it(self):
        acting, there, invited = self.someone(), self.someone(), self.someone()
        # As an account is whose owner was invited and has not chosen a password.
        self.assertEqual(self.sql("UPDATE users SET password_hash = x'' WHERE email = ?",
                                  invited.email), 1)
        for owner, words in ((there, "while you have an account here"),
                             (invited, "while an invitation waits for you here")):
            self.call(acting, "/api/accounts/email-token",
                      {"newEmail": owner.email, "masterPasswordHash": acting.hash})
            mail = self.server.wait_for(owner.email, "Somebody tried to use your address")
            for part in (mail.text, mail.html):
                text = " ".join(part.split())
                for word in (acting.email, owner.email, words):
                    self.assertIn(word, text)

    def test_a_login_that_stops_halfway_is_told_of_once(self):
        account = self.someone()
        self.second_factor(account)
        self.refused_login(account, deviceName="A stranger's laptop")
        self.server.wait_for(account.email, "code")
        self.assertEqual(self.sql("UPDATE incomplete_logins SET created_at = created_at - ?",
                                  DAY // 24), 1)
        mail = self.server.wait_for(account.email, "stopped halfway")
        self.assertIn("A stranger's laptop", mail.subject)
        self.assertIn("- From: 127.0.0.1", mail.text)
        self.assertIn("incomplete-logins: 0 done",
                      self.coffer.run("jobs", "run", "incomplete-logins").stderr)
        self.metric('coffer_job_handled_total{job="incomplete-logins"} 1')

    def test_the_recovery_code_is_told_of(self):
        account = self.someone()
        self.second_factor(account)
        answer = self.call(account, "/api/two-factor/get-recover", {"masterPasswordHash": account.hash})
        code = json.loads(answer.body)["code"]
        with self.coffer.wire() as wire:
            answer = account.login(wire, twoFactorProvider=8, twoFactorToken=code)
        self.assertEqual(answer.status, 200, answer.body)
        mail = self.server.wait_for(account.email, "Your second factors were switched off")
        self.assertIn("- From: 127.0.0.1", mail.text)
        self.logged_in(account)

    def test_a_send_for_an_address_is_opened_by_the_code(self):
        owner = self.someone()
        shared = json.loads(self.call(owner, "/api/sends", send(
            authType=0, emails="reader@example.test")).body)
        fields = {"grant_type": "send_access", "client_id": "send", "scope": "api.send.access",
                  "send_id": shared["accessId"], "email": "reader@example.test"}
        with self.coffer.wire() as wire:
            def ask(**more):
                return wire.request("POST", "/identity/connect/token",
                                    [("Content-Type", "application/x-www-form-urlencoded")],
                                    urlencode({**fields, **more}).encode())
            self.assertEqual(ask().status, 400)
            code = self.server.wait_for("reader@example.test", "open a Send").code
            answer = ask(otp=code)
            self.assertEqual(answer.status, 200, answer.body)
            bearer = [("Authorization", "Bearer " + json.loads(answer.body)["access_token"])]
            opened = wire.request("POST", "/api/sends/access", bearer, b"")
        self.assertEqual(opened.status, 200, opened.body)


class Proving(Vault):
    vault = VAULT + "  new_device_verification: true\n  verify_signups: true\n"

    def test_old_clients_sign_up_and_prove_the_address_afterwards(self):
        account = Account("old@example.test")
        with self.coffer.wire() as wire:
            self.assertEqual(account.register(wire).status, 200)
        mail = self.server.wait_for(account.email, "Welcome")
        page, values = query(mail.link)
        self.assertEqual(page, "/verify-email/")
        self.refused_login(account)
        self.call(Account("nobody"), "/api/accounts/verify-email-token", values)
        self.logged_in(account)

        # A day later another device asks for a code.
        self.sql("UPDATE users SET created_at = created_at - ?", 2 * DAY)
        other = Account(account.email)
        other.hash = account.hash
        self.assertEqual(self.refused_login(other, deviceName="Tablet")["error"], "device_error")
        mail = self.server.wait_for(account.email, "Your code for a login from a new device")
        self.assertIn("- Device: Tablet", mail.text)
        with self.coffer.wire() as wire:
            answer = other.login(wire, newDeviceOtp=mail.code)
        self.assertEqual(answer.status, 200, answer.body)


class Emergency(Vault):
    vault = VAULT.replace("signups: open", "signups: first")
    more = 'jobs:\n  emergency_timeouts: "* * * * * *"\n  emergency_reminders: "* * * * * *"\n'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = cls("account").account("ann")

    def step(self, who, entry, name, body=None, status=200):
        return self.call(who, f"/api/emergency-access/{entry}/{name}", body, status)

    def told(self, who, subject, *words):
        mail = self.server.wait_for(who.email, subject)
        for word in words:
            self.assertIn(word, mail.text)

    def contact(self, name, kind):
        """A newcomer whom Ann invites, who follows the link, and whom she confirms; and the entry."""
        bob = Account(f"{name}@example.test")
        self.call(self.ann, "/api/emergency-access/invite",
                  {"email": bob.email, "type": kind, "waitTimeDays": 7})
        page, values = query(self.server.wait_for(bob.email, "Emergency contact for Test").link)
        self.assertEqual((page, values["name"], values["email"]),
                         ("/accept-emergency/", "Test", bob.email))
        entry = values["id"]
        form = {"email": bob.email, "masterPasswordHash": bob.hash, "userSymmetricKey": sealed(),
                "kdf": 0, "kdfIterations": 600000, "name": "Bob",
                "userAsymmetricKeys": {"publicKey": "AAAA", "encryptedPrivateKey": sealed(1200)},
                "acceptEmergencyAccessId": entry,
                "acceptEmergencyAccessInviteToken": values["token"]}
        path = "/identity/accounts/register/finish"
        self.call(bob, path, {**form, "acceptEmergencyAccessInviteToken": "x.y.z"}, 400)
        self.call(bob, path, form)
        self.logged_in(bob)
        self.step(bob, entry, "accept", {"token": values["token"]})
        self.told(self.ann, f"{bob.email} will be your emergency contact", "confirm them")
        self.step(self.ann, entry, "confirm", {"key": KEY})
        self.told(bob, "You are an emergency contact of Test")
        return bob, entry

    def test_access_is_asked_for_refused_and_allowed(self):
        bob, entry = self.contact("bob", 0)
        for step, subject in (("reject", "Test refused your request"),
                              ("approve", "You have access to the vault of Test")):
            self.step(bob, entry, "initiate")
            self.told(self.ann, "Bob asks for your vault", "(view)", "after 7 days")
            self.step(bob, entry, "view", status=400)
            self.step(self.ann, entry, step)
            self.told(bob, subject)
        self.step(bob, entry, "view")

    def test_access_is_given_when_the_time_is_over_and_ann_is_reminded_before(self):
        bob, entry = self.contact("ben", 1)
        self.step(bob, entry, "initiate")
        self.told(self.ann, "Bob asks for your vault", "(takeover)")
        later = "UPDATE emergency_access SET recovery_initiated_at = recovery_initiated_at - ?1, " \
                "last_notification_at = last_notification_at - ?1 WHERE id = ?2"
        self.assertEqual(self.sql(later, 6 * DAY, entry), 1)
        self.told(self.ann, "Bob will soon have access to your vault", "Days left: 1")
        self.step(bob, entry, "takeover", status=400)
        self.assertIn("emergency-reminders: 0 done",
                      self.coffer.run("jobs", "run", "emergency-reminders").stderr)
        self.assertEqual(self.sql(later, DAY, entry), 1)
        self.told(self.ann, "Bob has access to your vault now", "(takeover)")
        self.told(bob, "You have access to the vault of Test")
        self.assertIn("emergency-timeouts: 0 done",
                      self.coffer.run("jobs", "run", "emergency-timeouts").stderr)
        self.step(bob, entry, "takeover")


if __name__ == "__main__":
    main()
