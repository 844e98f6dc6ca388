# SPDX-License-Identifier: BSD-2-Clause
"""A real SMTP server, aiosmtpd, that keeps the mails it takes for a test to read.

    with MailServer("starttls", user="box", password="s3cret") as server:
        coffer = Coffer(config=server.config())
        …
        code = server.wait_for("ann@example.test").code

Debian's package python3-aiosmtpd brings it; scripts/test installs it.
"""

import email
import email.policy
import logging
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings
from html.parser import HTMLParser

sys.path.append("/usr/lib/python3/dist-packages")  # For a python3 that is not Debian's own.
from aiosmtpd.controller import Controller  # noqa: E402
from aiosmtpd.smtp import AuthResult  # noqa: E402

from coffer_server import scratch  # noqa: E402

# It advises against a login without TLS, which is one of the things to be shown.
logging.getLogger("mail.log").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class _Links(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found.append(dict(attrs)["href"])


class Mail:
    """One mail as it arrived. raw: its bytes; encrypted: whether the connection was."""

    def __init__(self, sender, recipient, raw, encrypted, user):
        self.sender, self.recipient, self.raw = sender, recipient, raw
        self.encrypted, self.user = encrypted, user
        self.message = email.message_from_bytes(raw, policy=email.policy.default)

    @property
    def subject(self):
        return self.message["Subject"]

    def _part(self, kind):
        return self.message.get_body((kind,)).get_content().replace("\r\n", "\n")

    @property
    def text(self):
        return self._part("plain")

    @property
    def html(self):
        return self._part("html")

    @property
    def links(self):
        """Where the HTML's links lead."""
        return _Links(self.html).found

    @property
    def link(self):
        """The link the mail is about, which stands in the text on a line of its own."""
        [found] = re.findall(r"^(https?://\S+)$", self.text, re.MULTILINE)
        if found not in self.links:
            raise AssertionError(f"{found} is not in the HTML: {self.links}")
        return found

    @property
    def code(self):
        """The code the mail is about, which stands in the text on a line of its own."""
        [found] = re.findall(r"^(\d{6,})$", self.text, re.MULTILINE)
        if f">{found}<" not in self.html:
            raise AssertionError(f"{found} is not in the HTML")
        return found


class MailServer:
    """security: "starttls", "tls" or "none", as mail.security has it.

    offers_starttls: False hides it. mechanisms: what it lets clients log in by, when user is set.
    refuse: recipient → answer, such as "550 no such person".
    It can be stopped and started again on its port.
    """

    def __init__(self, security="none", user=None, password=None, offers_starttls=True,
                 mechanisms=("PLAIN", "LOGIN"), refuse=None):
        self.security, self.user, self.password = security, user, password
        self.offers_starttls = offers_starttls
        self.mechanisms = mechanisms
        self.refuse = refuse or {}
        self.port = free_port()
        self.mails = []
        self.logins = 0
        self._arrived = threading.Condition()
        self._controller = None
        self.home = scratch("coffer-mail-")
        self.certificate = self.home / "cert.pem"
        if security != "none":
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                            "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
                            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                            "-keyout", str(self.home / "key.pem"), "-out", str(self.certificate)],
                           check=True, capture_output=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def start(self):
        options = {}
        if self.security != "none":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate, self.home / "key.pem")
            if self.security == "tls":
                options["ssl_context"] = context
            elif self.offers_starttls:
                options.update(tls_context=context, require_starttls=True)
        if self.user is not None:
            hidden = [m for m in ("PLAIN", "LOGIN") if m not in self.mechanisms]
            options.update(authenticator=self._authenticate, auth_required=True,
                           auth_require_tls=self.security == "starttls",
                           auth_exclude_mechanism=hidden)
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self._controller.start()
        return self

    def stop(self):
        """Nobody listens any more; what arrived stays."""
        controller, self._controller = self._controller, None
        if controller:
            controller.stop()

    def close(self):
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def config(self, more="", password=None):
        """The mail part of a configuration; more: further lines of it, without indentation."""
        lines = ["host: 127.0.0.1", f"port: {self.port}", f"security: {self.security}",
                 "from: vault@example.test", "from_name: \"Tést box\"", "timeout: 5s"]
        if self.security != "none":
            lines.append(f"authority_file: {self.certificate}")
        if self.user is not None:
            lines += [f"user: {self.user}", f"password: {password or self.password}"]
        lines += more.splitlines()
        return "mail:\n" + "".join(f"  {line}\n" for line in lines)

    def wait_for(self, recipient, subject="", seconds=30):
        """Takes the oldest mail to the recipient whose subject has `subject` in it."""
        end = time.monotonic() + seconds
        with self._arrived:
            while True:
                for mail in self.mails:
                    if mail.recipient == recipient and subject in mail.subject:
                        self.mails.remove(mail)
                        return mail
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"no mail to {recipient} with {subject!r} but "
                                         f"{[(m.recipient, m.subject) for m in self.mails]}")
                self._arrived.wait(left)

    # What aiosmtpd calls, on its own thread.
    def _authenticate(self, _server, _session, _envelope, _mechanism, given):
        self.logins += 1
        right = (given.login, given.password) == (self.user.encode(), self.password.encode())
        return AuthResult(success=right, handled=False, auth_data=self.user if right else None)

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope):
        encrypted = session.ssl is not None or self.security == "tls"
        with self._arrived:
            for recipient in envelope.rcpt_tos:
                self.mails.append(Mail(envelope.mail_from, recipient, envelope.content, encrypted,
                                       session.auth_data))
            self._arrived.notify_all()
        return "250 OK"
