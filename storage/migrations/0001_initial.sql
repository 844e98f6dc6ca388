-- The whole vault. What each column means and who writes it: docs/formats/vault-database.md.
--
-- ids are lower-case UUIDs; *_at are microseconds since 1970 in UTC; booleans are 0 or 1; hashes and
-- salts are raw bytes; what clients encrypted is kept verbatim as text.

-- ---------------------------------------------------------------- accounts

CREATE TABLE users (
  id                      TEXT PRIMARY KEY CHECK (length(id) = 36),
  email                   TEXT NOT NULL UNIQUE,
  email_verified_at       INTEGER,
  new_email               TEXT,
  new_email_token_hash    BLOB,
  new_email_expires_at    INTEGER,
  name                    TEXT,
  password_hash           BLOB NOT NULL,
  password_salt           BLOB NOT NULL,
  password_iterations     INTEGER NOT NULL,
  kdf_type                INTEGER NOT NULL DEFAULT 0 CHECK (kdf_type IN (0, 1)),
  kdf_iterations          INTEGER NOT NULL CHECK (kdf_iterations > 0),
  kdf_memory              INTEGER,
  kdf_parallelism         INTEGER,
  user_key                TEXT NOT NULL DEFAULT '',
  user_key_id             TEXT,
  private_key             TEXT,
  public_key              TEXT,
  signed_public_key       TEXT,
  signature_algorithm     TEXT,
  signing_key             TEXT,
  verifying_key           TEXT,
  security_state          TEXT,
  security_version        INTEGER,
  password_hint           TEXT,
  security_stamp          TEXT NOT NULL,
  previous_stamp          TEXT,
  previous_stamp_until    INTEGER NOT NULL DEFAULT 0,
  api_key                 TEXT,
  recovery_code           TEXT,
  avatar_color            TEXT,
  culture                 TEXT NOT NULL DEFAULT 'en-US',
  verify_devices          INTEGER NOT NULL DEFAULT 1 CHECK (verify_devices IN (0, 1)),
  force_password_reset    INTEGER NOT NULL DEFAULT 0 CHECK (force_password_reset IN (0, 1)),
  disabled                INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
  equivalent_domains      TEXT NOT NULL DEFAULT '[]',
  excluded_globals        TEXT NOT NULL DEFAULT '[]',
  verification_mails      INTEGER NOT NULL DEFAULT 0,
  verification_mail_at    INTEGER,
  created_at              INTEGER NOT NULL,
  revised_at              INTEGER NOT NULL,
  last_login_at           INTEGER
) STRICT;

CREATE TABLE devices (
  user_id                 TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  identifier              TEXT NOT NULL,
  type                    INTEGER NOT NULL,
  name                    TEXT NOT NULL,
  push_token              TEXT,
  push_uuid               TEXT,
  refresh_hash            BLOB,
  previous_refresh_hash   BLOB,
  refresh_expires_at      INTEGER,
  remember_hash           BLOB,
  remember_expires_at     INTEGER,
  encrypted_user_key      TEXT,
  encrypted_public_key    TEXT,
  encrypted_private_key   TEXT,
  web_push                TEXT,
  created_at              INTEGER NOT NULL,
  last_seen_at            INTEGER NOT NULL,
  PRIMARY KEY (user_id, identifier)
) STRICT;
CREATE INDEX devices_by_identifier ON devices (identifier);
CREATE UNIQUE INDEX devices_by_refresh ON devices (refresh_hash) WHERE refresh_hash IS NOT NULL;
CREATE INDEX devices_by_previous_refresh ON devices (previous_refresh_hash)
  WHERE previous_refresh_hash IS NOT NULL;

-- May register although sign-up is closed.
CREATE TABLE invitations (
  email                   TEXT PRIMARY KEY,
  invited_by              TEXT,
  created_at              INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------- signing in

CREATE TABLE two_factor_providers (
  user_id                 TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  type                    INTEGER NOT NULL,
  enabled                 INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  data                    TEXT NOT NULL,
  last_used               INTEGER NOT NULL DEFAULT 0,
  created_at              INTEGER NOT NULL,
  revised_at              INTEGER NOT NULL,
  PRIMARY KEY (user_id, type)
) STRICT;

-- Security keys of the second factor (login = 0) and passkeys that log in by themselves (login = 1).
CREATE TABLE webauthn_credentials (
  id                      TEXT PRIMARY KEY CHECK (length(id) = 36),
  user_id                 TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  login                   INTEGER NOT NULL CHECK (login IN (0, 1)),
  slot                    INTEGER,
  name                    TEXT NOT NULL,
  credential_id           BLOB NOT NULL UNIQUE,
  public_key              BLOB NOT NULL,
  algorithm               INTEGER NOT NULL,
  sign_count              INTEGER NOT NULL DEFAULT 0,
  aaguid                  BLOB,
  transports              TEXT NOT NULL DEFAULT '[]',
  migrated                INTEGER NOT NULL DEFAULT 0 CHECK (migrated IN (0, 1)),
  backup_eligible         INTEGER NOT NULL DEFAULT 0 CHECK (backup_eligible IN (0, 1)),
  supports_prf            INTEGER NOT NULL DEFAULT 0 CHECK (supports_prf IN (0, 1)),
  encrypted_user_key      TEXT,
  encrypted_public_key    TEXT,
  encrypted_private_key   TEXT,
  created_at              INTEGER NOT NULL,
  revised_at              INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX webauthn_by_user ON webauthn_credentials (user_id, login, slot, id);

-- A code that was mailed, one for each purpose at a time.
CREATE TABLE one_time_codes (
  user_id                 TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  purpose                 TEXT NOT NULL,
  code_hash               BLOB NOT NULL,
  data                    TEXT,
  attempts                INTEGER NOT NULL DEFAULT 0,
  sent_at                 INTEGER NOT NULL,
  expires_at              INTEGER NOT NULL,
  PRIMARY KEY (user_id, purpose)
) STRICT, WITHOUT ROWID;
CREATE INDEX one_time_codes_by_expiry ON one_time_codes (expires_at);

-- Signed tokens and challenges that may be used once and have been.
CREATE TABLE spent_tokens (
  token_hash              BLOB PRIMARY KEY,
  expires_at              INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_tokens_by_expiry ON spent_tokens (expires_at);

-- Logins that stopped at the second factor, until their owner is told.
CREATE TABLE incomplete_logins (
  user_id                 TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  device_identifier       TEXT NOT NULL,
  device_name             TEXT NOT NULL,
  device_type             INTEGER NOT NULL,
  ip_address              TEXT NOT NULL,
  created_at              INTEGER NOT NULL,
  PRIMARY KEY (user_id, device_identifier)
) STRICT, WITHOUT ROWID;
CREATE INDEX incomplete_logins_by_time ON incomplete_logins (created_at);

-- ---------------------------------------------------------------- organizations

CREATE TABLE organizations (
  id                           TEXT PRIMARY KEY CHECK (length(id) = 36),
  name                         TEXT NOT NULL,
  billing_email                TEXT NOT NULL,
  public_key                   TEXT,
  private_key                  TEXT,
  disabled                     INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
  limit_collection_creation    INTEGER NOT NULL DEFAULT 0 CHECK (limit_collection_creation IN (0, 1)),
  limit_collection_deletion    INTEGER NOT NULL DEFAULT 0 CHECK (limit_collection_deletion IN (0, 1)),
  limit_item_deletion          INTEGER NOT NULL DEFAULT 0 CHECK (limit_item_deletion IN (0, 1)),
  admins_access_all_items      INTEGER NOT NULL DEFAULT 1 CHECK (admins_access_all_items IN (0, 1)),
  created_at                   INTEGER NOT NULL,
  revised_at                   INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
  id                      TEXT PRIMARY KEY CHECK (length(id) = 36),
  organization_id         TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  user_id                 TEXT REFERENCES users (id) ON DELETE CASCADE,
  email                   TEXT,
  role                    INTEGER NOT NULL CHECK (role IN (0, 1, 2, 4)),
  permissions             TEXT NOT NULL DEFAULT '{}',
  status                  INTEGER NOT NULL CHECK (status IN (-1, 0, 1, 2)),
  status_before_revoke    INTEGER CHECK (status_before_revoke IN (0, 1, 2)),
  revocation_reason       INTEGER,
  key                     TEXT,
  reset_password_key      TEXT,
  external_id             TEXT,
  invited_by_email        TEXT,
  access_all              INTEGER NOT NULL DEFAULT 0 CHECK (access_all IN (0, 1)),
  created_at              INTEGER NOT NULL,
  revised_at              INTEGER NOT NULL,
  CHECK (user_id IS NOT NULL OR email IS NOT NULL),
  CHECK ((status = -1) = (status_before_revoke IS NOT NULL)),
  UNIQUE (organization_id, user_id)
) STRICT;
CREATE INDEX members_by_user ON members (user_id, status);
CREATE UNIQUE INDEX members_by_email ON members (organization_id, email) WHERE email IS NOT NULL;
CREATE INDEX members_invited ON members (email) WHERE email IS NOT NULL;
CREATE INDEX members_by_external_id ON members (organization_id, external_id)
  WHERE external_id IS NOT NULL;

CREATE TABLE collections (
  id                      TEXT PRIMARY KEY CHECK (length(id) = 36),
  organization_id         TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  type                    INTEGER NOT NULL DEFAULT 0 CHECK (type IN (0, 1)),
  name                    TEXT NOT NULL,
  external_id             TEXT,
  default_owner_email     TEXT,
  created_at              INTEGER NOT NULL,
  revised_at              INTEGER NOT NULL
) STRICT;
CREATE INDEX collections_by_organization ON collections (organization_id);
CREATE INDEX collections_by_external_id ON collections (organization_id, external_id)
  WHERE external_id IS NOT NULL;

CREATE TABLE groups (
  id                      TEXT PRIMARY KEY CHECK (length(id) = 36),
  organization_id         TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name                    TEXT NOT NULL,
  external_id             TEXT,
  access_all              INTEGER NOT NULL DEFAULT 0 CHECK (access_all IN (0, 1)),
  created_at              INTEGER NOT NULL,
  revised_at              INTEGER NOT NULL
) STRICT;
CREATE INDEX groups_by_organization ON groups (organization_id);
CREATE INDEX groups_by_external_id ON groups (organization_id, external_id)
  WHERE external_id IS NOT NULL;

CREATE TABLE group_members (
  group_id                TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  member_id               TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_members_by_member ON group_members (member_id);

CREATE TABLE collection_members (
  collection_id           TEXT NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
  member_id               TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
  read_only               INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1)),
  hide_passwords          INTEGER NOT NULL DEFAULT 0 CHECK (hide_passwords IN (0, 1)),
  manage                  INTEGER NOT NULL DEFAULT 0 CHECK (manage IN (0, 1)),
  PRIMARY KEY (collection_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_members_by_member ON collection_members (member_id);

CREATE TABLE collection_groups (
  collection_id           TEXT NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
  group_id                TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  read_only               INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1)),
  hide_passwords          INTEGER NOT NULL DEFAULT 0 CHECK (hide_passwords IN (0, 1)),
  manage                  INTEGER NOT NULL DEFAULT 0 CHECK (manage IN (0, 1)),
  PRIMARY KEY (collection_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_groups_by_group ON collection_groups (group_id);

CREATE TABLE policies (
  id                      TEXT PRIMARY KEY CHECK (length(id) = 36),
  organization_id         TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  type                    INTEGER NOT NULL,
  enabled                 INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  data                    TEXT,
  created_at              INTEGER NOT NULL,
  revised_at              INTEGER NOT NULL,
  UNIQUE (organization_id, type)
) STRICT;

CREATE TABLE organization_api_keys (
  id                      TEXT PRIMARY KEY CHECK (length(id) = 36),
  organization_id         TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  type                    INTEGER NOT NULL DEFAULT 0,
  api_key                 TEXT NOT NULL,
  revised_at              INTEGER NOT NULL,
  UNIQUE (organization_id, type)
) STRICT;

-- No foreign keys: what happened stays known after those concerned are gone.
CREATE TABLE events (
  seq                     INTEGER PRIMARY KEY,
  type                    INTEGER NOT NULL,
  occurred_at             INTEGER NOT NULL,
  user_id                 TEXT,
  organization_id         TEXT,
  cipher_id               TEXT,
  collection_id           TEXT,
  group_id                TEXT,
  policy_id               TEXT,
  member_id               TEXT,
  send_id                 TEXT,
  acting_user_id          TEXT,
  device_type             INTEGER,
  ip_address              TEXT,
  system_user             INTEGER,
  domain_name             TEXT
) STRICT;
CREATE INDEX events_by_time ON events (occurred_at);
CREATE INDEX events_by_organization ON events (organization_id, occurred_at, seq)
  WHERE organization_id IS NOT NULL;
CREATE INDEX events_by_user ON events (user_id, occurred_at, seq) WHERE user_id IS NOT NULL;
CREATE INDEX events_by_member ON events (member_id, occurred_at, seq) WHERE member_id IS NOT NULL;
CREATE INDEX events_by_cipher ON events (cipher_id, occurred_at, seq) WHERE cipher_id IS NOT NULL;

-- ---------------------------------------------------------------- items

CREATE TABLE folders (
  id                      TEXT PRIMARY KEY CHECK (length(id) = 36),
  user_id                 TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name                    TEXT NOT NULL,
  created_at              INTEGER NOT NULL,
  revised_at              INTEGER NOT NULL
) STRICT;
CREATE INDEX folders_by_user ON folders (user_id, created_at);

-- `seq` gives a walk over all items its order and its place to go on from. `body` stands last, so
-- that what is read without it does not touch the pages a long one overflows to.
CREATE TABLE ciphers (
  seq                     INTEGER PRIMARY KEY,
  id                      TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
  user_id                 TEXT REFERENCES users (id) ON DELETE CASCADE,
  organization_id         TEXT REFERENCES organizations (id) ON DELETE CASCADE,
  type                    INTEGER NOT NULL CHECK (type BETWEEN 1 AND 8),
  created_at              INTEGER NOT NULL,
  revised_at              INTEGER NOT NULL,
  deleted_at              INTEGER,
  body                    TEXT NOT NULL,
  CHECK ((user_id IS NULL) <> (organization_id IS NULL))
) STRICT;
CREATE INDEX ciphers_by_user ON ciphers (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX ciphers_by_organization ON ciphers (organization_id) WHERE organization_id IS NOT NULL;
CREATE INDEX ciphers_in_trash ON ciphers (deleted_at) WHERE deleted_at IS NOT NULL;

-- What one reader made of an item; no row means: in no folder, no favourite, not archived.
-- Kept in the order of the items, so that a sync walks both side by side.
CREATE TABLE cipher_user_state (
  user_id                 TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  cipher_seq              INTEGER NOT NULL REFERENCES ciphers (seq) ON DELETE CASCADE,
  folder_id               TEXT REFERENCES folders (id) ON DELETE SET NULL,
  favorite                INTEGER NOT NULL DEFAULT 0 CHECK (favorite IN (0, 1)),
  archived_at             INTEGER,
  PRIMARY KEY (user_id, cipher_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX cipher_user_state_by_cipher ON cipher_user_state (cipher_seq);
CREATE INDEX cipher_user_state_by_folder ON cipher_user_state (folder_id)
  WHERE folder_id IS NOT NULL;

CREATE TABLE collection_ciphers (
  collection_id           TEXT NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
  cipher_id               TEXT NOT NULL REFERENCES ciphers (id) ON DELETE CASCADE,
  PRIMARY KEY (collection_id, cipher_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_ciphers_by_cipher ON collection_ciphers (cipher_id);

-- A row without uploaded_at was announced and its file has not arrived.
CREATE TABLE attachments (
  id                      TEXT PRIMARY KEY,
  cipher_id               TEXT NOT NULL REFERENCES ciphers (id) ON DELETE CASCADE,
  file_name               TEXT NOT NULL,
  key                     TEXT,
  size                    INTEGER NOT NULL CHECK (size >= 0),
  created_at              INTEGER NOT NULL,
  uploaded_at             INTEGER
) STRICT;
CREATE INDEX attachments_by_cipher ON attachments (cipher_id);
CREATE INDEX attachments_announced ON attachments (created_at) WHERE uploaded_at IS NULL;

CREATE TABLE sends (
  id                      TEXT PRIMARY KEY CHECK (length(id) = 36),
  user_id                 TEXT REFERENCES users (id) ON DELETE CASCADE,
  organization_id         TEXT REFERENCES organizations (id) ON DELETE CASCADE,
  type                    INTEGER NOT NULL CHECK (type IN (0, 1, 2)),
  name                    TEXT NOT NULL,
  notes                   TEXT,
  key                     TEXT NOT NULL,
  data                    TEXT NOT NULL,
  auth_type               INTEGER NOT NULL DEFAULT 2 CHECK (auth_type IN (0, 1, 2)),
  password_hash           BLOB,
  password_salt           BLOB,
  password_iterations     INTEGER,
  emails                  TEXT,
  max_access_count        INTEGER,
  access_count            INTEGER NOT NULL DEFAULT 0,
  disabled                INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
  hide_email              INTEGER NOT NULL DEFAULT 0 CHECK (hide_email IN (0, 1)),
  file_id                 TEXT,
  file_size               INTEGER,
  uploaded_at             INTEGER,
  created_at              INTEGER NOT NULL,
  revised_at              INTEGER NOT NULL,
  expires_at              INTEGER,
  deletion_at             INTEGER NOT NULL,
  CHECK ((user_id IS NULL) <> (organization_id IS NULL))
) STRICT;
CREATE INDEX sends_by_user ON sends (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX sends_by_organization ON sends (organization_id) WHERE organization_id IS NOT NULL;
CREATE INDEX sends_by_deletion ON sends (deletion_at);

-- ---------------------------------------------------------------- between accounts

CREATE TABLE emergency_access (
  id                      TEXT PRIMARY KEY CHECK (length(id) = 36),
  grantor_id              TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  grantee_id              TEXT REFERENCES users (id) ON DELETE CASCADE,
  email                   TEXT,
  key_encrypted           TEXT,
  type                    INTEGER NOT NULL CHECK (type IN (0, 1)),
  status                  INTEGER NOT NULL CHECK (status BETWEEN 0 AND 4),
  wait_time_days          INTEGER NOT NULL,
  recovery_initiated_at   INTEGER,
  last_notification_at    INTEGER,
  created_at              INTEGER NOT NULL,
  revised_at              INTEGER NOT NULL,
  CHECK (grantee_id IS NOT NULL OR email IS NOT NULL)
) STRICT;
CREATE INDEX emergency_access_by_grantor ON emergency_access (grantor_id);
CREATE INDEX emergency_access_by_grantee ON emergency_access (grantee_id)
  WHERE grantee_id IS NOT NULL;
CREATE INDEX emergency_access_invited ON emergency_access (email) WHERE email IS NOT NULL;
CREATE INDEX emergency_access_recovering ON emergency_access (recovery_initiated_at)
  WHERE recovery_initiated_at IS NOT NULL;

CREATE TABLE auth_requests (
  id                         TEXT PRIMARY KEY CHECK (length(id) = 36),
  user_id                    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  organization_id            TEXT REFERENCES organizations (id) ON DELETE CASCADE,
  type                       INTEGER NOT NULL CHECK (type IN (0, 1, 2)),
  request_device_identifier  TEXT NOT NULL,
  request_device_type        INTEGER NOT NULL,
  request_ip                 TEXT NOT NULL,
  access_code_hash           BLOB NOT NULL,
  public_key                 TEXT NOT NULL,
  origin                     TEXT NOT NULL,
  response_device_identifier TEXT,
  key                        TEXT,
  master_password_hash       TEXT,
  approved                   INTEGER CHECK (approved IN (0, 1)),
  created_at                 INTEGER NOT NULL,
  responded_at               INTEGER,
  authenticated_at           INTEGER
) STRICT;
CREATE INDEX auth_requests_by_user ON auth_requests (user_id, created_at);
CREATE INDEX auth_requests_by_organization ON auth_requests (organization_id)
  WHERE organization_id IS NOT NULL;
CREATE INDEX auth_requests_by_time ON auth_requests (created_at);
