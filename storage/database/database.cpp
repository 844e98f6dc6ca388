// SPDX-License-Identifier: BSD-2-Clause
#include "storage/database/database.h"

#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/base/unique_fd.h"
#include "storage/database/connection.h"
#include "storage/database/migrate.h"
#include "storage/database/reader_pool.h"
#include "storage/database/writer.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <fcntl.h>
#include <utility>

namespace coffer::storage {
namespace {

namespace fs = std::filesystem;

constexpr int kWriterCacheKiB = 1024;

constexpr Sql kBeginRead{"read.begin", "BEGIN DEFERRED"};
constexpr Sql kEndRead{"read.end", "COMMIT"};
constexpr Sql kAbortRead{"read.abort", "ROLLBACK"};
constexpr Sql kBeginProbe{"probe.begin", "BEGIN IMMEDIATE"};
constexpr Sql kEndProbe{"probe.end", "ROLLBACK"};
constexpr Sql kVacuumInto{"backup.vacuum_into", "VACUUM INTO $1"};
constexpr Sql kIntegrity{"check.integrity", "PRAGMA integrity_check(100)"};
constexpr Sql kForeignKeys{"check.foreign_keys", "PRAGMA foreign_key_check"};
constexpr std::size_t kMostDamage = 100;

void syncPath(const fs::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throwSystemFault("open " + path.string());
  if (::fsync(fd.get()) != 0) throwSystemFault("fsync " + path.string());
}

fs::path folderOf(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

void createFolders(const fs::path& folder) {
  if (fs::exists(folder)) return;
  createFolders(folderOf(folder));
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    throwSystemFault("mkdir " + folder.string());
  }
  syncPath(folderOf(folder));
}

// SQLite gives the files beside the database the mode that this one has.
void createFile(const fs::path& file) {
  createFolders(folderOf(file));
  const UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (fd) {
    syncPath(folderOf(file));
  } else if (errno != EEXIST) {
    throwSystemFault("create " + file.string());
  }
}

bool fileSystemIsWritable(const fs::path& file) {
  struct statvfs info {};
  if (::statvfs(file.c_str(), &info) != 0) return false;
  return (info.f_flag & ST_RDONLY) == 0 && info.f_bavail > 0;
}

std::uint64_t sizeOf(const std::string& file) {
  struct stat info {};
  return ::stat(file.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

// On a connection of its own, so that the writer keeps none of its statements.
void prepareSchema(const fs::path& file) {
  Connection connection(file, Connection::Mode::ReadWrite, kWriterCacheKiB);
  migrate(connection, builtInMigrations());
  connection.script("PRAGMA journal_mode = WAL", "open");  // After the check that it is ours.
}

std::unique_ptr<Connection> openWriter(const fs::path& file, std::uint64_t maxPages) {
  auto connection =
      std::make_unique<Connection>(file, Connection::Mode::ReadWrite, kWriterCacheKiB);
  if (maxPages > 0) {
    connection->script("PRAGMA max_page_count = " + std::to_string(maxPages), "open");
  }
  return connection;
}

}  // namespace

Database::Database(fs::path file, DatabaseOptions options) : file_(std::move(file)) {
  createFile(file_);
  auto lock = std::make_unique<CheckpointLock>(file_);
  prepareSchema(file_);
  auto connection = openWriter(file_, options.maxPages);
  readers_ = std::make_unique<ReaderPool>(file_, options.maxReaders, options.readerWait);
  writer_ = std::make_unique<Writer>(
      std::move(connection), std::move(lock),
      Writer::Options{.checkpointBytes = options.checkpointBytes,
                      .idleAfter = options.idleAfter,
                      .onIdle = [readers = readers_.get()] { readers->trim(); }});
}

Database::~Database() { close(); }

void Database::runWrite(const Work& work) { writer_->write(work); }

void Database::runRead(const Work& work) {
  readers_->use([&](Connection& connection) {
    connection.run(kBeginRead);
    try {
      Transaction transaction(connection);
      work(transaction);
      connection.run(kEndRead);
    } catch (...) {
      if (connection.inTransaction()) connection.run(kAbortRead);
      throw;
    }
  });
}

bool Database::isWritable() const { return writer_->isWritable(); }

bool Database::probeWritable(std::chrono::milliseconds timeout) {
  if (!isWritable() || !fileSystemIsWritable(file_)) return false;
  try {
    return writer_->runAloneWithin(
        [](Connection& connection) {
          connection.run(kBeginProbe);
          connection.run(kEndProbe);
        },
        timeout);
  } catch (const Fault&) {
    return false;
  }
}

void Database::backupTo(const fs::path& target) {
  {
    const UniqueFd fd(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd && errno == EEXIST) throw Conflict("Conflict", target.string() + " exists");
    if (!fd) throwSystemFault("create " + target.string());
  }
  try {
    readers_->use([&](Connection& connection) { connection.run(kVacuumInto, target.string()); });
    syncPath(target);
    syncPath(folderOf(target));
  } catch (...) {
    std::error_code ignored;
    fs::remove(target, ignored);
    throw;
  }
}

std::vector<std::string> Database::findDamage() {
  std::vector<std::string> damage;
  readers_->use([&](Connection& connection) {
    auto lines = connection.query(kIntegrity);
    while (lines.next())
      if (lines.text(0) != "ok") damage.push_back(lines.string(0));
    auto orphans = connection.query(kForeignKeys);
    while (damage.size() < kMostDamage && orphans.next())
      damage.push_back("a row of " + orphans.string(0) + " refers to a missing row of " +
                       orphans.string(2));
  });
  return damage;
}

void Database::checkpoint() { writer_->checkpoint(); }

void Database::close() {
  if (readers_) readers_->close();
  if (writer_) writer_->close();
}

DatabaseCounters Database::counters() const {
  return {.commits = writer_->commits(),
          .writes = writer_->writes(),
          .failedWrites = writer_->failedWrites(),
          .checkpoints = writer_->checkpoints(),
          .walBytes = sizeOf(file_.string() + "-wal"),
          .fileBytes = sizeOf(file_.string()),
          .readers = readers_->open()};
}

}  // namespace coffer::storage
