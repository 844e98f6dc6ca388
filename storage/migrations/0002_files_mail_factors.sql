-- What files, mail and second factors need beside 0001. What each column means and who writes it:
-- docs/formats/vault-database.md.

-- ---------------------------------------------------------------- mail

-- Mails that wait to be handed to the mail server, written with the change that causes them.
CREATE TABLE outbox (
  seq                     INTEGER PRIMARY KEY,
  recipient               TEXT NOT NULL,
  kind                    TEXT NOT NULL,
  subject                 TEXT NOT NULL,
  plain                   TEXT NOT NULL,
  html                    TEXT NOT NULL,
  attempts                INTEGER NOT NULL DEFAULT 0,
  last_error              TEXT,
  created_at              INTEGER NOT NULL,
  due_at                  INTEGER NOT NULL,
  expires_at              INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_due ON outbox (due_at);

-- ---------------------------------------------------------------- files

-- Files whose row is gone and which are still to be removed from the disk, whatever removed the row:
-- a delete, a purge, the end of an account. `path` is relative to the vault's folder.
CREATE TABLE removed_files (
  path                    TEXT PRIMARY KEY,
  removed_at              INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How many attachments an item has, announced ones included, so that a sync asks only for those of
-- items that have some. Kept by the triggers below.
ALTER TABLE ciphers ADD COLUMN attachment_count INTEGER NOT NULL DEFAULT 0;
CREATE INDEX ciphers_with_attachments ON ciphers (user_id) WHERE attachment_count > 0;

-- In the order in which they are listed.
DROP INDEX attachments_by_cipher;
CREATE INDEX attachments_by_cipher ON attachments (cipher_id, created_at);

CREATE TRIGGER attachments_added AFTER INSERT ON attachments BEGIN
  UPDATE ciphers SET attachment_count = attachment_count + 1 WHERE id = NEW.cipher_id;
END;

CREATE TRIGGER attachments_removed AFTER DELETE ON attachments BEGIN
  UPDATE ciphers SET attachment_count = attachment_count - 1 WHERE id = OLD.cipher_id;
  INSERT INTO removed_files (path, removed_at)
  VALUES ('attachments/' || OLD.cipher_id || '/' || OLD.id, unixepoch() * 1000000)
  ON CONFLICT (path) DO NOTHING;
END;

CREATE TRIGGER sends_removed AFTER DELETE ON sends WHEN OLD.file_id IS NOT NULL BEGIN
  INSERT INTO removed_files (path, removed_at)
  VALUES ('sends/' || OLD.id || '/' || OLD.file_id, unixepoch() * 1000000)
  ON CONFLICT (path) DO NOTHING;
END;

-- A person's Sends are walked in the order of their ids, and those that wait for their file are found.
DROP INDEX sends_by_user;
CREATE INDEX sends_by_user ON sends (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX sends_announced ON sends (created_at) WHERE type = 1 AND uploaded_at IS NULL;

-- ---------------------------------------------------------------- second factors

-- A login that has been sent to Duo and is expected back.
CREATE TABLE duo_logins (
  state_hash              BLOB PRIMARY KEY,
  user_id                 TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  nonce                   TEXT NOT NULL,
  expires_at              INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX duo_logins_by_user ON duo_logins (user_id, expires_at);
CREATE INDEX duo_logins_by_expiry ON duo_logins (expires_at);

-- A code that was mailed to somebody who wants to read a Send, one for each address at a time.
CREATE TABLE send_codes (
  send_id                 TEXT NOT NULL REFERENCES sends (id) ON DELETE CASCADE,
  email                   TEXT NOT NULL,
  code_hash               BLOB NOT NULL,
  attempts                INTEGER NOT NULL DEFAULT 0,
  sent_at                 INTEGER NOT NULL,
  expires_at              INTEGER NOT NULL,
  PRIMARY KEY (send_id, email)
) STRICT, WITHOUT ROWID;
CREATE INDEX send_codes_by_expiry ON send_codes (expires_at);

ALTER TABLE webauthn_credentials
  ADD COLUMN backup_state INTEGER NOT NULL DEFAULT 0 CHECK (backup_state IN (0, 1));

-- ---------------------------------------------------------------- accounts

-- An address that waits for its confirmation is kept with the code that was mailed there.
ALTER TABLE users DROP COLUMN new_email;
ALTER TABLE users DROP COLUMN new_email_token_hash;
ALTER TABLE users DROP COLUMN new_email_expires_at;

-- What an account asked for ends with it.
CREATE INDEX invitations_by_inviter ON invitations (invited_by) WHERE invited_by IS NOT NULL;
