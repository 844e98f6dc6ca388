# SPDX-License-Identifier: BSD-2-Clause
"""HTTP over a socket with every byte in the caller's hand.

A `Wire` is one connection, plain, TLS or Unix. What is sent is exactly what the test says, however
wrong; what comes back is parsed strictly, so that a malformed answer is an error here too.
"""

import socket
import ssl
import struct
from dataclasses import dataclass, field
from urllib.parse import urlsplit


class Closed(Exception):
    """The peer closed before the first byte of an answer."""


@dataclass
class Answer:
    version: str
    status: int
    reason: str
    headers: list = field(default_factory=list)  # (name, value) as sent, in order
    body: bytes = b""

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def closes(self):
        """Whether the peer says that this was the last answer on the connection."""
        tokens = [t.strip().lower() for v in self.all("Connection") for t in v.split(",")]
        return "close" in tokens or (self.version == "HTTP/1.0" and "keep-alive" not in tokens)


class Wire:
    def __init__(self, url, ca=None, timeout=20, alpn=None, client_certificate=None):
        """url: http://HOST:PORT, https://HOST:PORT or unix:/path. timeout: seconds per operation."""
        self.buffer = b""
        if url.startswith("unix:"):
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.settimeout(timeout)
            self.socket.connect(url[len("unix:"):])
            self.host = "localhost"
            return
        parts = urlsplit(url)
        self.host = parts.netloc
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=ca)
            if alpn:
                context.set_alpn_protocols(alpn)
            if client_certificate:
                context.load_cert_chain(client_certificate)
            self.socket = context.wrap_socket(self.socket, server_hostname=parts.hostname)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Closes with a TCP RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def half_close(self):
        """Sends FIN (under TLS the close_notify alert first) and keeps reading."""
        if isinstance(self.socket, ssl.SSLSocket):
            raise NotImplementedError("Python cannot half-close a TLS connection")
        self.socket.shutdown(socket.SHUT_WR)

    def send(self, data):
        self.socket.sendall(data)

    def send_leniently(self, data):
        """Sends what the peer is willing to take; True when all of it went out."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            return False

    def _fill(self):
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError, BrokenPipeError):
            data = b""
        self.buffer += data
        return bool(data)

    def _line(self):
        while b"\r\n" not in self.buffer:
            if len(self.buffer) > 65536:
                raise ValueError("endless line in an answer")
            if not self._fill():
                if not self.buffer:
                    raise Closed
                raise ValueError(f"closed inside a line: {self.buffer!r}")
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line.decode("latin-1")

    def exactly(self, count):
        while len(self.buffer) < count:
            if not self._fill():
                raise ValueError(f"closed after {len(self.buffer)} of {count} bytes")
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def to_end(self):
        """Everything up to the end of the stream."""
        while self._fill():
            pass
        data, self.buffer = self.buffer, b""
        return data

    def head(self):
        """The status line and headers of the next answer, interim (1xx) ones included."""
        line = self._line()
        version, _, rest = line.partition(" ")
        code, _, reason = rest.partition(" ")
        if version not in ("HTTP/1.0", "HTTP/1.1") or len(code) != 3 or not code.isdigit():
            raise ValueError(f"bad status line {line!r}")
        answer = Answer(version, int(code), reason)
        while line := self._line():
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise ValueError(f"bad header line {line!r}")
            answer.headers.append((name, value.strip()))
        return answer

    def answer(self, method="GET"):
        """The next final answer with its body; interim answers are passed over."""
        answer = self.head()
        while 100 <= answer.status < 200 and answer.status != 101:
            answer = self.head()
        if method == "HEAD" or answer.status in (101, 204, 304):
            return answer
        if answer.get("Transfer-Encoding", "").lower() == "chunked":
            if answer.get("Content-Length") is not None:
                raise ValueError("an answer with both Transfer-Encoding and Content-Length")
            answer.body = self._chunks()
        elif (length := answer.get("Content-Length")) is not None:
            answer.body = self.exactly(int(length))
        else:
            answer.body = self.to_end()
        return answer

    def _chunks(self):
        body = b""
        while size := int(self._line().split(";")[0], 16):
            body += self.exactly(size)
            if self._line():
                raise ValueError("chunk without its line end")
        while self._line():
            pass
        return body

    def ended(self, seconds=5):
        """True when the peer closes within that time without sending anything more."""
        if self.buffer:
            return False
        self.socket.settimeout(seconds)
        try:
            return not self._fill()
        except (TimeoutError, ssl.SSLWantReadError):
            return False

    def silent(self, seconds=0.3):
        """True when nothing arrives in that time and the connection stays open."""
        if self.buffer:
            return False
        self.socket.settimeout(seconds)
        try:
            self._fill()
            return False
        except (TimeoutError, ssl.SSLWantReadError):
            return True

    def request(self, method, target, headers=(), body=None, host=None):
        """A well-formed request; Content-Length is added for a body. Returns the answer."""
        self.send(request_bytes(method, target, headers, body, host or self.host))
        return self.answer(method)


def request_bytes(method, target, headers=(), body=None, host="localhost"):
    lines = [f"{method} {target} HTTP/1.1"]
    if host is not None:
        lines.append(f"Host: {host}")
    fields = dict(headers) if not isinstance(headers, (list, tuple)) else headers
    fields = list(fields.items()) if isinstance(fields, dict) else list(fields)
    lines += [f"{name}: {value}" for name, value in fields]
    names = {name.lower() for name, _ in fields}
    if body is not None and not names & {"content-length", "transfer-encoding"}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


def chunked(body, size=4096):
    """The body in chunked coding, last chunk included."""
    pieces = []
    for at in range(0, len(body), size):
        piece = body[at:at + size]
        pieces.append(b"%x\r\n%s\r\n" % (len(piece), piece))
    return b"".join(pieces) + b"0\r\n\r\n"


def fetch(url, method, target, headers=(), body=None, ca=None, timeout=20):
    """One request on a connection of its own."""
    with Wire(url, ca, timeout) as wire:
        return wire.request(method, target, headers, body)
