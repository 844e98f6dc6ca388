// SPDX-License-Identifier: BSD-2-Clause
//
// What a client's page does with security keys and passkeys, without the client around it: options
// from the server go to the browser, and its answer becomes what clients send. Called by
// webauthn_test.py over the DevTools protocol.
"use strict";

// What clients evaluate a passkey's PRF for when they unlock.
const salt = crypto.subtle.digest("SHA-256", new TextEncoder().encode("passwordless-login"));

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function withBytes(list) {
  return list.map((credential) => ({ ...credential, id: bytes(credential.id) }));
}

function envelope(credential, response) {
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    extensions: {},
    response,
  };
}

// → {deviceResponse, prf}: as the second factor's set-up page sends it (`old`: in its own spelling),
// and whether the authenticator can evaluate a PRF.
async function register(options, { old, prf }) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
      extensions: prf ? { prf: {} } : undefined,
    },
  });
  const { attestationObject, clientDataJSON } = credential.response;
  const response = old
    ? { AttestationObject: text(attestationObject), clientDataJson: text(clientDataJSON) }
    : { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON) };
  response.transports = credential.response.getTransports();
  return {
    deviceResponse: envelope(credential, response),
    prf: credential.getClientExtensionResults().prf?.enabled === true,
  };
}

// → {deviceResponse, prf}: prf is what it was evaluated to, in hexadecimal.
async function assert(options, { old, prf }) {
  const extensions = { ...options.extensions };
  if (prf) extensions.prf = { eval: { first: await salt } };
  const credential = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
      extensions,
    },
  });
  const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
  const response = { authenticatorData: text(authenticatorData), signature: text(signature) };
  response[old ? "clientDataJson" : "clientDataJSON"] = text(clientDataJSON);
  if (!old) response.userHandle = text(userHandle);
  const results = credential.getClientExtensionResults();
  const first = results.prf?.results?.first;
  const answer = envelope(credential, response);
  if (old) answer.extensions = { appid: results.appid ?? false };
  return {
    deviceResponse: answer,
    prf: first && Array.from(new Uint8Array(first), (b) => b.toString(16).padStart(2, "0")).join(""),
  };
}

// → {status, body}; `body` is an object for JSON, a string for a form.
async function call(method, path, body, token) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== null) {
    headers["Content-Type"] =
      typeof body === "string" ? "application/x-www-form-urlencoded" : "application/json";
  }
  const answer = await fetch(path, {
    method,
    headers,
    body: body === null || typeof body === "string" ? (body ?? undefined) : JSON.stringify(body),
  });
  const content = await answer.text();
  return { status: answer.status, body: content ? JSON.parse(content) : null };
}
