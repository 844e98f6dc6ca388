// SPDX-License-Identifier: BSD-2-Clause
//
// For the Bitwarden CLI of 2023 under a newer Node. Its form library cannot send the Blob that Node
// has by now: it tries, fails halfway, goes on with a Buffer, and sends a form that is longer than
// its Content-Length says, which no server can read. Without Blob it takes the Buffer at once.
delete globalThis.Blob;
