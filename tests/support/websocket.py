# SPDX-License-Identifier: BSD-2-Clause
"""A WebSocket client with every bit in the caller's hand (RFC 6455), over a Wire."""

import base64
import os
from dataclasses import dataclass
from hashlib import sha1

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
SIGNALR_HANDSHAKE = b'{"protocol":"messagepack","version":1}\x1e'
SIGNALR_PING = b"\x02\x91\x06"


def handshake_fields(key=None, **changes):
    """The fields of a handshake; a change to None leaves the field out ("sec_websocket_key=None")."""
    fields = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
              "Sec-WebSocket-Key": key or base64.b64encode(os.urandom(16)).decode()}
    for name, value in changes.items():
        fields[name.replace("_", "-").title().replace("Websocket", "WebSocket")] = value
    return [(name, value) for name, value in fields.items() if value is not None]


def frame(opcode, payload=b"", final=True, masked=True, reserved=0):
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    mark = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([mark | len(payload)])
    elif len(payload) < 65536:
        head += bytes([mark | 126]) + len(payload).to_bytes(2, "big")
    else:
        head += bytes([mark | 127]) + len(payload).to_bytes(8, "big")
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


@dataclass
class Frame:
    opcode: int
    payload: bytes

    @property
    def code(self):
        """Of a close frame."""
        return int.from_bytes(self.payload[:2], "big")


class WebSocket:
    def __init__(self, wire, target):
        """Upgrades; AssertionError when the server answers anything but what it has to."""
        self.wire = wire
        key = base64.b64encode(os.urandom(16)).decode()
        answer = wire.request("GET", target, handshake_fields(key))
        assert answer.status == 101, f"{answer.status} {answer.body!r}"
        self.answer = answer
        expected = base64.b64encode(sha1(key.encode() + GUID).digest()).decode()
        assert answer.get("Sec-WebSocket-Accept") == expected, answer.headers

    def send(self, opcode, payload=b"", **how):
        self.wire.send(frame(opcode, payload, **how))

    def receive(self):
        """The next frame; ValueError when the connection has ended."""
        first, second = self.wire.exactly(2)
        assert first & 0xF0 == 0x80 and second < 0x80, "a server's frames are whole and not masked"
        size = second
        if size == 126:
            size = int.from_bytes(self.wire.exactly(2), "big")
        elif size == 127:
            size = int.from_bytes(self.wire.exactly(8), "big")
        return Frame(first & 0x0F, self.wire.exactly(size))

    def join(self):
        """The handshake of SignalR."""
        self.send(TEXT, SIGNALR_HANDSHAKE)
        answer = self.receive()
        assert answer.payload == b"{}\x1e", answer
        return self

    def update(self):
        """The number of the next update; pings are passed over."""
        while (payload := self.receive().payload) == SIGNALR_PING:
            pass
        at = payload.index(b"\xa4Type") + 5
        return payload[at]

    def close(self):
        self.wire.close()
