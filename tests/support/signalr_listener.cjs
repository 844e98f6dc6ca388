// SPDX-License-Identifier: BSD-2-Clause
//
// node signalr_listener.cjs MODULES URL [TOKEN]: listens on a hub with Microsoft's SignalR client, set
// up as Bitwarden's applications set it up, and prints what it hears, a line of JSON each. Ends when
// its standard input does.
"use strict";
const path = require("node:path");

const [modules, url, token] = process.argv.slice(2);
const signalr = require(path.join(modules, "@microsoft/signalr"));
const { MessagePackHubProtocol } = require(path.join(modules, "@microsoft/signalr-protocol-msgpack"));

const print = (event, data) => console.log(JSON.stringify({ event, data }));
const options = { skipNegotiation: true, transport: signalr.HttpTransportType.WebSockets };
if (token) options.accessTokenFactory = () => token;

const connection = new signalr.HubConnectionBuilder()
  .withUrl(url, options)
  .withHubProtocol(new MessagePackHubProtocol())
  .configureLogging(signalr.LogLevel.Error)
  .build();
for (const target of ["ReceiveMessage", "AuthRequestResponseRecieved"]) {
  connection.on(target, (message) => print(target, message));
}
connection.onclose((error) => print("closed", error ? String(error) : null));
process.stdin.on("end", () => connection.stop().then(() => process.exit(0)));
process.stdin.resume();
connection.start().then(
  () => print("open", null),
  (error) => print("refused", String(error)),
);
