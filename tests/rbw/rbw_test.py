#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""rbw, the client of people who live in a terminal: it registers a device by API key, logs in, syncs,
adds, edits and removes, and shares what it does with the official CLI.

RBW_BINARY names the program; without it, the one that scripts/clients built. rbw-agent lies beside it.
"""

import json
import os
import subprocess
import sys
import time
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "support"), str(TESTS / "clients")]
from bitwarden_client import KINDS, ROOT, item  # noqa: E402
from bitwarden_life import PASSWORD, Household  # noqa: E402
from suite import main  # noqa: E402
from terminal import Terminal  # noqa: E402
from vault_api import Account, password_hash  # noqa: E402

PROGRAM = Path(os.environ.get("RBW_BINARY", ROOT / "build/tools/rbw/bin/rbw"))

# Speaks the protocol of pinentry: answers by the prompt, from the files beside it.
PINENTRY = """#!/bin/sh
cd "$(dirname "$0")" || exit 1
echo OK
while read -r command value; do
  case $command in
    SETPROMPT) prompt=$value ;;
    GETPIN)
      echo "$prompt" >>asked
      case $prompt in
        *client__id) echo "D $(cat client_id)" ;;
        *client__secret) echo "D $(cat client_secret)" ;;
        *Password*) echo "D $(cat password)" ;;
      esac ;;
  esac
  echo OK
done
"""
# Takes the place of what it is given to edit.
EDITOR = """#!/bin/sh
printf 'edited password\\nedited notes\\nof two lines\\n' >"$1"
"""


class Rbw:
    """A device of its own: its folders, its agent, and somebody who answers its questions."""

    def __init__(self, folder, coffer, email):
        if not PROGRAM.exists():
            raise FileNotFoundError(f"{PROGRAM}: run scripts/clients rbw")
        folder.mkdir()
        self.folder = folder
        self.environment = {
            "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "HOME": str(folder), "TERM": "dumb",
            "SSL_CERT_FILE": str(coffer.ca), "EDITOR": str(folder / "editor"),
            **{f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "CACHE", "DATA")},
            "XDG_RUNTIME_DIR": str(folder)}
        for name, text in (("pinentry", PINENTRY), ("editor", EDITOR)):
            (folder / name).write_text(text)
            (folder / name).chmod(0o700)
        self.answer(password=PASSWORD)
        for key, value in (("base_url", coffer.url("https")), ("email", email),
                           ("pinentry", str(folder / "pinentry"))):
            self.run("config", "set", key, value)

    def answer(self, **answers):
        for name, text in answers.items():
            (self.folder / name).write_text(text)

    def run(self, *arguments, text=""):
        """A command that must succeed; returns its standard output.

        Program and agent write one file without a lock. Whoever reads it while the other, told of
        news by the server, is writing finds half of it, and is run again.
        """
        for _ in range(5):
            code, output, said = self._run(arguments, text)
            if code == 0:
                return output
            if "failed to load db" not in said:
                break
            time.sleep(0.5)
        raise AssertionError(f"rbw {arguments}: {code}\n{output}{said}{self.agent_errors()}")

    def _run(self, arguments, text):
        # The agent stays behind and keeps the error output of whoever started it: a file, not a pipe.
        with (self.folder / "errors").open("w+") as errors:
            done = subprocess.run([str(PROGRAM), *arguments], input=text, stdout=subprocess.PIPE,
                                  stderr=errors, text=True, env=self.environment, timeout=120, check=False)
            errors.seek(0)
            return done.returncode, done.stdout, errors.read()

    def agent_errors(self):
        return "".join(path.read_text() for path in self.folder.rglob("agent.err"))

    def edit_at_a_terminal(self, name):
        terminal = Terminal(f"rbw edit '{name}'", str(self.folder), self.environment, PASSWORD)
        if terminal.finish(60) != 0:
            raise AssertionError(terminal.output)

    def names(self):
        return sorted(self.run("list").splitlines())


class LifeInATerminal(Household, unittest.TestCase):
    """Steps in the order of their names."""

    email = "rbw@example.org"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.coffer.add_vault_user(cls.email, PASSWORD)
        cls.official = cls.device("new", "official")
        cls.official.login(cls.email, PASSWORD)
        cls.official.create("folder", {"name": "Work"})
        cls.official.create("item", item(1, "from the official one", **KINDS["login"][1]))
        cls.rbw = Rbw(cls.home / "rbw", cls.coffer, cls.email)

    @classmethod
    def tearDownClass(cls):
        cls.rbw.run("stop-agent")
        super().tearDownClass()

    def seen_officially(self, name):
        self.official.run("sync")
        found = [i for i in self.official.json("list", "items", "--search", name) if i["name"] == name]
        self.assertEqual(len(found), 1)
        return found[0]

    def test_1_a_device_is_registered_with_the_api_key(self):
        account = Account(self.email)
        account.hash = password_hash(self.email, PASSWORD)
        with self.coffer.wire("https") as wire:
            self.assertEqual(account.login(wire).status, 200)
            user = json.loads(account.call(wire, "GET", "/api/accounts/profile").body)["id"]
            answer = account.call(wire, "POST", "/api/accounts/api-key",
                                  {"masterPasswordHash": account.hash})
        self.rbw.answer(client_id=f"user.{user}", client_secret=json.loads(answer.body)["apiKey"])
        self.rbw.run("register")
        self.assertEqual((self.rbw.folder / "asked").read_text().splitlines(),
                         ["API key client__id", "API key client__secret"])

    def test_2_login_and_sync(self):
        self.rbw.run("login")
        self.rbw.run("unlock")
        self.rbw.run("unlocked")
        self.rbw.run("sync")
        self.assertEqual(self.rbw.names(), ["from the official one"])
        login = KINDS["login"][1]["login"]
        self.assertEqual(self.rbw.run("get", "from the official one").rstrip("\n"), login["password"])
        self.assertEqual(self.rbw.run("get", "--field", "username", "from the official one").strip(),
                         login["username"])
        self.assertRegex(self.rbw.run("code", "from the official one"), r"^\d{6}\n$")

    def test_3_an_item_is_added(self):
        self.rbw.run("add", "--uri", "https://example.org/", "--folder", "Work", "by rbw", "somebody",
                     text="first password\nfirst notes, ключ\n")
        found = self.seen_officially("by rbw")
        self.assertEqual((found["login"]["username"], found["login"]["password"], found["notes"]),
                         ("somebody", "first password", "first notes, ключ"))
        self.assertEqual([uri["uri"] for uri in found["login"]["uris"]], ["https://example.org/"])
        work = [f["id"] for f in self.official.json("list", "folders") if f["name"] == "Work"]
        self.assertEqual([found["folderId"]], work)

    def test_4_an_item_is_edited(self):
        self.rbw.edit_at_a_terminal("by rbw")
        found = self.seen_officially("by rbw")
        self.assertEqual((found["login"]["password"], found["notes"]),
                         ("edited password", "edited notes\nof two lines"))
        self.assertEqual([old["password"] for old in found["passwordHistory"]], ["first password"])
        self.assertIn("first password", self.rbw.run("history", "by rbw"))
        self.rbw.run("edit", "from the official one", text="edited by rbw\n")
        found = self.seen_officially("from the official one")
        self.assertEqual(found["login"]["password"], "edited by rbw")
        self.assertEqual(found["login"]["totp"], KINDS["login"][1]["login"]["totp"])

    def test_5_a_change_elsewhere_arrives_by_itself(self):
        self.official.create("item", item(1, "news", **KINDS["login"][1]))
        end = time.monotonic() + 20
        while "news" not in self.rbw.names() and time.monotonic() < end:
            time.sleep(0.2)
        self.assertIn("news", self.rbw.names())

    def test_6_every_kind_of_item_is_read(self):
        for kind, (number, data) in KINDS.items():
            self.official.create("item", item(number, f"a {kind}", **data))
        self.rbw.run("sync")
        self.assertLessEqual({f"a {kind}" for kind in KINDS}, set(self.rbw.names()))
        self.assertIn("4111111111111111", self.rbw.run("get", "--full", "a card"))

    def test_7_an_item_is_removed(self):
        self.rbw.run("remove", "by rbw")
        self.official.run("sync")
        self.assertEqual(self.official.json("list", "items", "--search", "by rbw"), [])

    def test_8_a_lock_needs_the_password_again(self):
        self.rbw.run("lock")
        (self.rbw.folder / "asked").write_text("")
        self.rbw.run("get", "news")
        self.assertEqual((self.rbw.folder / "asked").read_text(), "Master Password\n")


class Argon(Household, unittest.TestCase):
    def test_an_account_with_argon2id_is_opened(self):
        self.coffer.add_vault_user("argon@example.org", PASSWORD, "argon2id")
        rbw = Rbw(self.home / "rbw", self.coffer, "argon@example.org")
        self.addCleanup(rbw.run, "stop-agent")
        rbw.run("add", "alone", text="a password\n")
        self.assertEqual(rbw.run("get", "alone"), "a password\n")


if __name__ == "__main__":
    main()
