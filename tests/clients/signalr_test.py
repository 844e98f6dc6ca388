#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Microsoft's SignalR client on the notification hub, over HTTPS, while another device changes things.

One test for each type of update that this server sends.
"""

import base64
import json
import os
import sys
import time
import unittest
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer  # noqa: E402
from hub_listener import HubListener, require_signalr  # noqa: E402
from suite import main  # noqa: E402
from vault_api import Account, cipher, sealed  # noqa: E402

CONFIG = """
vault:
  signups: open
  password_iterations: 100000
  login_burst: 100
  anonymous_burst: 1000
"""


def setUpModule():
    global coffer
    require_signalr()
    coffer = Coffer(["https://127.0.0.1:0"], config=CONFIG).start()


def tearDownModule():
    coffer.close()


class Hub(unittest.TestCase):
    """Ann's laptop changes things, Ann's phone listens."""

    def setUp(self):
        self.wire = coffer.wire("https")
        self.addCleanup(self.wire.close)
        self.laptop = Account(f"{uuid.uuid4()}@example.org")
        self.assertEqual(self.laptop.register(self.wire).status, 200)
        self.phone = Account(self.laptop.email)
        self.phone.hash = self.laptop.hash
        for device in (self.laptop, self.phone):
            self.assertEqual(device.login(self.wire).status, 200)
        self.user = self.claims(self.laptop)["sub"]
        self.listener = self.listen("/notifications/hub", self.phone.token)

    @staticmethod
    def claims(account):
        text = account.token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))

    def listen(self, target, token=None):
        listener = HubListener(coffer, target, token)
        self.addCleanup(listener.close)
        event, data = listener.next(30)
        self.assertEqual(event, "open", data)
        return listener

    def do(self, method, path, body=None, account=None, anonymous=False):
        answer = (account or self.laptop).call(self.wire, method, path, body, anonymous)
        self.assertEqual(answer.status, 200, f"{method} {path}: {answer.body[:300]}")
        return json.loads(answer.body) if answer.body else None

    def hears(self, number, listener=None):
        """The payload of the next update, which is of that type; within a second of the change."""
        begin = time.monotonic()
        event, message = (listener or self.listener).next()
        self.assertEqual(event, "ReceiveMessage", message)
        self.assertEqual(message["Type"], number, message)
        self.assertLess(time.monotonic() - begin, 1)
        self.context = message["ContextId"]
        return message["Payload"]

    def hears_of(self, number, thing):
        """The same of something that has an id and a revision date."""
        payload = self.hears(number)
        self.assertEqual(payload["Id"], thing["id"])
        self.assertEqual(payload["UserId"], self.user)
        # JavaScript's dates have milliseconds.
        self.assertEqual(payload["RevisionDate"][:23], thing["revisionDate"][:23])
        return payload

    def hears_account(self, number):
        payload = self.hears(number)
        self.assertEqual(payload["UserId"], self.user)
        self.assertRegex(payload["Date"], r"^20\d\d-")
        return payload

    # Items

    def new_cipher(self):
        made = self.do("POST", "/api/ciphers", cipher())
        self.hears_of(1, made)
        return made

    def test_00_an_item_changes(self):
        made = self.new_cipher()
        self.hears_of(0, self.do("PUT", f"/api/ciphers/{made['id']}", cipher()))
        self.assertEqual(self.context, self.laptop.device)
        self.do("PUT", f"/api/ciphers/{made['id']}/delete")
        self.assertEqual(self.hears(0)["Id"], made["id"])

    def test_01_an_item_is_new(self):
        payload_of = self.new_cipher()
        self.assertEqual(self.context, self.laptop.device)
        self.assertIsNone(payload_of["organizationId"])

    def test_02_an_item_is_removed(self):
        made = self.new_cipher()
        self.do("DELETE", f"/api/ciphers/{made['id']}")
        self.assertEqual(self.hears(2)["Id"], made["id"])

    def test_04_many_items_change(self):
        ids = [self.new_cipher()["id"] for _ in range(3)]
        self.do("PUT", "/api/ciphers/delete", {"ids": ids})
        self.hears_account(4)

    def test_05_everything_changes(self):
        self.do("POST", "/api/ciphers/import",
                {"ciphers": [cipher()], "folders": [], "folderRelationships": []})
        self.hears_account(5)

    # Folders

    def test_03_07_08_a_folder_is_made_renamed_and_removed(self):
        made = self.do("POST", "/api/folders", {"name": sealed()})
        self.hears_of(7, made)
        renamed = self.do("PUT", f"/api/folders/{made['id']}", {"name": sealed()})
        self.hears_of(8, renamed)
        self.do("DELETE", f"/api/folders/{made['id']}")
        self.assertEqual(self.hears(3)["Id"], made["id"])
        self.assertEqual(self.context, self.laptop.device)

    # The account

    def test_10_settings_change(self):
        self.do("PUT", "/api/settings/domains",
                {"equivalentDomains": [["a.example", "b.example"]], "excludedGlobalEquivalentDomains": []})
        self.hears_account(10)

    def test_11_every_session_ends(self):
        self.do("POST", "/api/accounts/security-stamp", {"masterPasswordHash": self.laptop.hash})
        self.hears_account(11)
        self.assertEqual(self.listener.next()[0], "closed")

    def test_11_one_device_is_removed_and_hears_it_alone(self):
        other = self.listen("/notifications/hub", self.laptop.token)
        self.do("DELETE", f"/api/devices/{self.phone.device}")
        self.hears_account(11)
        self.assertEqual(self.listener.next()[0], "closed")
        self.assertIsNone(other.quiet())

    # Sends

    def test_12_13_14_a_send_is_made_changed_and_removed(self):
        form = {"type": 0, "name": sealed(), "key": sealed(), "disabled": False, "hideEmail": False,
                "text": {"text": sealed(), "hidden": False},
                "deletionDate": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))}
        made = self.do("POST", "/api/sends", form)
        self.hears_of(12, made)
        self.hears_of(13, self.do("PUT", f"/api/sends/{made['id']}", {**form, "name": sealed()}))
        self.do("DELETE", f"/api/sends/{made['id']}")
        self.assertEqual(self.hears(14)["Id"], made["id"])

    # Login with another device

    def test_15_16_somebody_asks_to_log_in_and_is_answered(self):
        public = base64.b64encode(os.urandom(294)).decode()
        headers = [("Content-Type", "application/json"), ("Device-Type", "25")]
        body = json.dumps({"email": self.laptop.email, "publicKey": public, "type": 0,
                           "deviceIdentifier": self.laptop.device, "accessCode": "a" * 25}).encode()
        answer = self.wire.request("POST", "/api/auth-requests", headers, body)
        self.assertEqual(answer.status, 200, answer.body)
        made = json.loads(answer.body)
        payload = self.hears(15)
        self.assertEqual((payload["Id"], payload["UserId"]), (made["id"], self.user))
        waiting = self.listen(f"/notifications/anonymous-hub?Token={made['id']}")
        key = "4." + base64.b64encode(os.urandom(256)).decode()
        self.do("PUT", f"/api/auth-requests/{made['id']}",
                {"key": key, "masterPasswordHash": None, "deviceIdentifier": self.phone.device,
                 "requestApproved": True}, account=self.phone)
        event, message = waiting.next()
        self.assertEqual(event, "AuthRequestResponseRecieved")
        self.assertEqual(message["Payload"], {"Id": made["id"], "UserId": self.user})
        self.assertEqual(self.hears(16)["Id"], made["id"])

    # What is not of one type

    def test_a_stranger_hears_nothing(self):
        stranger = Account(f"{uuid.uuid4()}@example.org")
        stranger.register(self.wire)
        stranger.login(self.wire)
        other = self.listen("/notifications/hub", stranger.token)
        self.new_cipher()
        self.assertIsNone(other.quiet())

    def test_browsers_put_the_token_into_the_query(self):
        other = self.listen(f"/notifications/hub?access_token={self.laptop.token}")
        made = self.new_cipher()
        self.assertEqual(self.hears(1, other)["Id"], made["id"])

    def test_without_a_token_there_is_no_hub(self):
        listener = HubListener(coffer, "/notifications/hub")
        self.addCleanup(listener.close)
        self.assertEqual(listener.next(30)[0], "refused")

    def test_the_connection_stays_while_nothing_happens(self):
        # The client hangs up after 30 seconds without a message, pings included.
        self.assertIsNone(self.listener.quiet(40))
        self.new_cipher()


if __name__ == "__main__":
    main()
