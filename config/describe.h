// SPDX-License-Identifier: BSD-2-Clause
//
// The only list of settings. Whoever reads or prints them is a visitor of it; a field that is
// missing here cannot be set. From "restic.append_only" follow the key in the YAML file, the
// variable COFFER_RESTIC_APPEND_ONLY and the flag --restic-append-only.
//
// A visitor has  group(name, help)
//                field(path, value, help)
//                field(path, value, Range, help)   for numbers, sizes and durations
#pragma once

#include "config/describe_vault.h"
#include "config/range.h"
#include "config/settings.h"

namespace coffer::config {

template <typename Visitor>
void describe(Settings& s, Visitor& visit) {
  visit.group("", "Where things are, and where the appliance is reached.");
  visit.field("data_dir", s.dataDir, "Folder that holds everything the appliance keeps.");
  visit.field("listeners", s.listeners,
              "Where to listen and what is found there. From the environment and the command line: "
              "URLs, which take the mounts of the first configured listener.");

  visit.group("tls", "TLS of every listener. A listener may be stricter, not laxer.");
  visit.field("tls.certificate", s.tls.certificate,
              "PEM file with the certificate and its chain, for listeners whose tls is auto. "
              "Empty: a certificate by the appliance's own authority, data_dir/tls/ca.pem.");
  visit.field("tls.key", s.tls.key, "PEM file with the key of tls.certificate.");
  visit.field("tls.min_version", s.tls.minimumVersion, "Oldest version of TLS that is accepted.");
  visit.field("tls.names", s.tls.names,
              "Names and addresses for the appliance's own certificate, beside those of the "
              "machine.");
  visit.field("tls.client_ca", s.tls.clientCa,
              "PEM file with the authorities whose client certificates are accepted. Empty: "
              "clients are not asked for one.");
  visit.field("tls.client_certificate_required", s.tls.clientCertificateRequired,
              "Refuse clients without a certificate.");

  visit.group("http", "Limits of the HTTP server. The defaults suit a small machine.");
  visit.field("http.workers", s.http.workers, Range{0, 256},
              "Threads that read and write sockets. 0: one per processor, two at least.");
  visit.field("http.disk_threads", s.http.diskThreads, Range{1, 256},
              "Threads that wait for the disk.");
  visit.field("http.hash_threads", s.http.hashThreads, Range{1, 64},
              "Threads that hash passwords.");
  visit.field("http.hash_queue", s.http.hashQueue, Range{1, 100'000},
              "Passwords that may wait for a thread; one more is answered 503.");
  visit.field("http.max_head", s.http.maxHead, Range{1024, kMebibyte},
              "Largest head of a request.");
  visit.field("http.max_target", s.http.maxTarget, Range{256, kMebibyte},
              "Longest path with query.");
  visit.field("http.max_header_fields", s.http.maxHeaderFields, Range{8, 10'000},
              "Most header fields of a request.");
  visit.field("http.max_connections", s.http.maxConnections, Range{1, 1'000'000},
              "Most open connections.");
  visit.field("http.max_connections_per_address", s.http.maxConnectionsPerAddress,
              Range{1, 1'000'000},
              "Most open connections of one client address, trusted proxies and Unix sockets "
              "excepted.");
  visit.field("http.head_deadline", s.http.headDeadline, Range{1, 3600},
              "Time for the head of a request, and for the TLS handshake.");
  visit.field("http.keep_alive", s.http.keepAlive, Range{1, kDaySeconds},
              "How long an idle connection is kept. It costs no thread. restic itself keeps "
              "connections for 90s.");
  visit.field("http.min_body_rate", s.http.minBodyRate, Range{0, 1024 * kMebibyte},
              "Slowest upload that is put up with, in bytes a second.");
  visit.field("http.body_rate_window", s.http.bodyRateWindow, Range{1, 3600},
              "Time over which that rate is measured.");
  visit.field("http.send_stall", s.http.sendStall, Range{1, kDaySeconds},
              "A client that takes no byte of its answer for so long is cut off.");
  visit.field("http.max_drain", s.http.maxDrain, Range{0, 1024 * kMebibyte},
              "Unwanted body that is read away to keep a connection.");
  visit.field("http.shutdown_deadline", s.http.shutdownDeadline, Range{0, 3600},
              "Time for requests in flight when the appliance is stopped.");
  visit.field("http.trusted_proxies", s.http.trustedProxies,
              "Addresses and networks (10.0.0.0/8) of reverse proxies whose forwarding headers "
              "are believed; \"unix\" for those on a Unix socket.");

  visit.group("log", "What is written about the work. Files are reopened on SIGHUP.");
  visit.field("log.level", s.log.level, "Least important lines that are written.");
  visit.field("log.levels", s.log.levels, "Levels of single parts, such as restic=debug.");
  visit.field("log.format", s.log.format, "Lines for people, or one JSON object a line.");
  visit.field("log.file", s.log.file, "Application log. Empty: standard error.");
  visit.field("log.access_log", s.log.accessLog,
              "Access log in Apache's combined format. \"-\": standard output. Empty: none.");
  visit.field("log.access_log_request_id", s.log.accessLogRequestId,
              "Append the request's id to each line of the access log.");

  visit.group("restic", "The backup service.");
  visit.field("restic.path", s.restic.path, "Folder of the repositories. Empty: data_dir/restic.");
  visit.field("restic.auth", s.restic.auth,
              "How users prove who they are: by password, by a trusted proxy's word, or not at "
              "all.");
  visit.field("restic.htpasswd_file", s.restic.htpasswdFile,
              "File with users and hashed passwords. Empty: .htpasswd in restic.path.");
  visit.field("restic.proxy_auth_header", s.restic.proxyAuthHeader,
              "Header in which a trusted proxy names the user, with auth proxy.");
  visit.field("restic.client_certificates", s.restic.clientCertificates,
              "Take the common name of a verified client certificate as the user.");
  visit.field("restic.bcrypt_cost", s.restic.bcryptCost, Range{8, 16},
              "Cost of hashing new passwords; each step doubles it.");
  visit.field("restic.credential_cache", s.restic.credentialCache, Range{0, kDaySeconds},
              "How long a verified password is remembered, as a salted hash in memory. 0: not at "
              "all.");
  visit.field(
      "restic.failed_logins", s.restic.failedLogins, Range{0, 100'000},
      "Wrong passwords of one address within a minute, after which it can try no more until "
      "the minute is over; passwords that are remembered go on working. Many clients behind "
      "one address share it. 0: no limit.");
  visit.field("restic.append_only", s.restic.appendOnly,
              "Nothing can be deleted or replaced, locks excepted, where no rule says otherwise.");
  visit.field("restic.private_repositories", s.restic.privateRepositories,
              "Users reach only repositories below a folder of their own name, where no rule says "
              "otherwise.");
  visit.field("restic.rules", s.restic.rules,
              "Rights by user and repository; the first that fits decides. As text: "
              "user@repository=access, with access none, read, append or modify.");
  visit.field("restic.acl_file", s.restic.aclFile,
              "An acl.toml as rustic_server reads it. Read again on SIGHUP.");
  visit.field("restic.allow_repository_deletion", s.restic.allowRepositoryDeletion,
              "Let users who may modify a repository delete the whole of it over HTTP.");
  visit.field("restic.max_size", s.restic.maxSize,
              "Most that all repositories may hold together. 0: no limit.");
  visit.field("restic.max_size_per_user", s.restic.maxSizePerUser,
              "Most that one user may store. 0: no limit.");
  visit.field("restic.max_size_per_repository", s.restic.maxSizePerRepository,
              "Most that one repository may hold. 0: no limit.");
  visit.field("restic.user_quotas", s.restic.userQuotas,
              "Limits of single users, instead of max_size_per_user.");
  visit.field("restic.repository_quotas", s.restic.repositoryQuotas,
              "Limits of single repositories, instead of max_size_per_repository.");
  visit.field("restic.max_object_size", s.restic.maxObjectSize,
              "Largest single object. 0: no limit.");
  visit.field("restic.group_accessible", s.restic.groupAccessible,
              "Let the group of the files read them, and write as far as the umask allows.");
  visit.field(
      "restic.follow_links", s.restic.followLinks,
      "Let folders below restic.path be symbolic links, such as a repository that was moved "
      "to another disk; files are never followed. Whoever can make a link there can then "
      "lead the service anywhere its user may go.");
  visit.field("restic.verify_uploads", s.restic.verifyUploads,
              "Refuse an object whose contents do not match its name.");

  describeVault(s.vault, visit);
  describeMail(s.mail, visit);
  describeTwoFactor(s.twoFactor, visit);
  describePush(s.push, visit);
  describeIcons(s.icons, visit);
  describeWebVault(s.webVault, visit);
  describeJobs(s.jobs, visit);

  visit.group("metrics", "What Prometheus may read.");
  visit.field("metrics.access", s.metrics.access,
              "Who may read the metrics: clients on this machine, restic's users (with private "
              "repositories only the user \"metrics\"), or anyone.");
  visit.field("metrics.token", s.metrics.token,
              "Bearer token that admits a scraper from anywhere. Empty: none.");
}

}  // namespace coffer::config
