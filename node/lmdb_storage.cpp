#include "node/lmdb_storage.hpp"

#include <array>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <xxhash.h>

#include "engine/base/limits.hpp"

namespace mpreg::node {
namespace {

using runtime::StorageStatus;

constexpr std::uint8_t value_format = 1;
constexpr std::size_t value_header = 9;  // format, checksum

MDB_val view_of(const std::string& text) {
  return {text.size(), const_cast<char*>(text.data())};  // LMDB does not write through it
}

std::uint64_t checksum(const MDB_val& key, const std::byte* value, std::size_t size) {
  const std::uint64_t seed = XXH3_64bits(key.mv_data, key.mv_size);
  return XXH3_64bits_withSeed(value, size, seed);
}

StorageStatus status_of(int code) {
  if (code == MDB_SUCCESS) return StorageStatus::ok;
  if (code == MDB_MAP_FULL || code == ENOSPC) return StorageStatus::full;
  if (code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND) return StorageStatus::corrupt;
  return StorageStatus::failed;
}

int put(MDB_txn* transaction, MDB_dbi table, const runtime::Change& change) {
  MDB_val key = view_of(change.key);
  if (change.is_erase) {
    const int code = mdb_del(transaction, table, &key, nullptr);
    return code == MDB_NOTFOUND ? MDB_SUCCESS : code;
  }
  MDB_val value{value_header + change.value.size(), nullptr};
  const int code = mdb_put(transaction, table, &key, &value, MDB_RESERVE);
  if (code != MDB_SUCCESS) return code;
  auto* to = static_cast<std::byte*>(value.mv_data);
  const std::uint64_t sum = checksum(key, change.value.data(), change.value.size());
  to[0] = std::byte{value_format};
  std::memcpy(to + 1, &sum, sizeof sum);
  if (!change.value.empty())
    std::memcpy(to + value_header, change.value.data(), change.value.size());
  return MDB_SUCCESS;
}

/// The user's bytes of a stored value, or nothing when they fail their checksum.
bool unwrap(const MDB_val& key, const MDB_val& stored, ByteView& value) {
  if (stored.mv_size < value_header) return false;
  const auto* from = static_cast<const std::byte*>(stored.mv_data);
  if (from[0] != std::byte{value_format}) return false;
  std::uint64_t sum = 0;
  std::memcpy(&sum, from + 1, sizeof sum);
  value = ByteView(from + value_header, stored.mv_size - value_header);
  return sum == checksum(key, value.data(), value.size());
}

}  // namespace

LmdbStorage::CloseFile::~CloseFile() {
  if (descriptor >= 0) ::close(descriptor);
}

Result<std::unique_ptr<LmdbStorage>> LmdbStorage::open(const std::string& directory, Post post,
                                                       Sink sink, std::size_t bytes_max) {
  std::unique_ptr<LmdbStorage> storage(new LmdbStorage(std::move(post), std::move(sink)));
  MPREG_CHECK(storage->open_files(directory, bytes_max));
  storage->thread_ = std::thread([raw = storage.get()] { raw->run(); });
  return storage;
}

Status LmdbStorage::open_files(const std::string& directory, std::size_t bytes_max) {
  const auto refuse = [&directory](const std::string& why) {
    return fail(Errc::unavailable, "storage directory \"" + directory + "\": " + why);
  };
  std::error_code error;
  if (std::filesystem::create_directories(directory, error))
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  if (error) return refuse(error.message());
  lock_ = std::make_unique<CloseFile>();
  lock_->descriptor = ::open((directory + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_->descriptor < 0) return refuse(std::strerror(errno));
  if (::flock(lock_->descriptor, LOCK_EX | LOCK_NB) != 0) return refuse("another process uses it");

  MDB_env* env = nullptr;
  if (const int code = mdb_env_create(&env); code != 0) return refuse(mdb_strerror(code));
  env_.reset(env);
  mdb_env_set_mapsize(env, bytes_max);
  const unsigned flags = MDB_NOTLS | MDB_NORDAHEAD;
  if (const int code = mdb_env_open(env, directory.c_str(), flags, 0600); code != 0)
    return refuse(mdb_strerror(code));
  MDB_txn* transaction = nullptr;
  int code = mdb_txn_begin(env, nullptr, 0, &transaction);
  if (code == 0) code = mdb_dbi_open(transaction, nullptr, 0, &table_);
  if (code == 0)
    code = mdb_txn_commit(transaction);
  else if (transaction != nullptr)
    mdb_txn_abort(transaction);
  if (code != 0) return refuse(mdb_strerror(code));
  return {};
}

LmdbStorage::~LmdbStorage() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard hold(mutex_);
    is_closing_ = true;
  }
  waiting_.notify_one();
  thread_.join();
}

void LmdbStorage::commit(WriteId write, const runtime::Batch& batch, runtime::Durability) {
  submit(Write{write, batch});
}

void LmdbStorage::fetch(ReadId read, const std::string& from, const std::string& to,
                        std::uint32_t limit) {
  submit(Read{read, from, to, limit});
}

void LmdbStorage::submit(Job job) {
  {
    const std::lock_guard hold(mutex_);
    jobs_.push_back(std::move(job));
  }
  waiting_.notify_one();
}

void LmdbStorage::answer(Input input) {
  post_([sink = sink_, input = std::move(input)]() mutable { sink(std::move(input)); });
}

void LmdbStorage::run() {
  for (;;) {
    std::deque<Job> jobs;
    {
      std::unique_lock hold(mutex_);
      waiting_.wait(hold, [this] { return is_closing_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      jobs.swap(jobs_);
    }
    std::deque<Write> group;
    for (Job& job : jobs) {
      if (auto* write = std::get_if<Write>(&job)) {
        group.push_back(std::move(*write));
        continue;
      }
      write_group(group);  // a read sees every write handed over before it
      answer(read(std::get<Read>(job)));
    }
    write_group(group);
  }
}

/// All or, when that fails, one by one: a batch that does not fit must not take its neighbours
/// along.
void LmdbStorage::write_group(std::deque<Write>& group) {
  if (group.empty()) return;
  const StorageStatus together = write_all(group);
  for (Write& write : group) {
    StorageStatus status = together;
    if (together != StorageStatus::ok && group.size() > 1) {
      std::deque<Write> alone;
      alone.push_back(std::move(write));
      status = write_all(alone);
      answer(input::Written{alone.front().id, status});
    } else {
      answer(input::Written{write.id, status});
    }
  }
  group.clear();
}

/// One transaction, durable when it returns. Lazy batches are synced too: to commit without a sync
/// would let the disk put LMDB's meta page before its data, and a power cut lose the database.
StorageStatus LmdbStorage::write_all(const std::deque<Write>& group) {
  MDB_txn* transaction = nullptr;
  int code = mdb_txn_begin(env_.get(), nullptr, 0, &transaction);
  if (code != 0) return status_of(code);
  for (const Write& write : group)
    for (const runtime::Change& change : write.batch)
      if (code == 0) code = put(transaction, table_, change);
  if (code != 0) {
    mdb_txn_abort(transaction);
    return status_of(code);
  }
  return status_of(mdb_txn_commit(transaction));
}

input::Fetched LmdbStorage::read(const Read& read) {
  input::Fetched fetched;
  fetched.read = read.id;
  MDB_txn* transaction = nullptr;
  int code = mdb_txn_begin(env_.get(), nullptr, MDB_RDONLY, &transaction);
  if (code != 0) {
    fetched.status = status_of(code);
    return fetched;
  }
  MDB_cursor* cursor = nullptr;
  code = mdb_cursor_open(transaction, table_, &cursor);
  const std::size_t limit = std::min<std::size_t>(read.limit, limits::fetch_rows_max);
  MDB_val key = view_of(read.from);
  MDB_val value{};
  if (code == 0)
    code = mdb_cursor_get(cursor, &key, &value, read.from.empty() ? MDB_FIRST : MDB_SET_RANGE);
  while (code == 0 && fetched.rows.size() < limit) {
    const std::string_view name(static_cast<const char*>(key.mv_data), key.mv_size);
    if (!read.to.empty() && name >= read.to) break;
    ByteView content;
    if (!unwrap(key, value, content)) {
      fetched.status = StorageStatus::corrupt;
      break;
    }
    fetched.rows.push_back({std::string(name), Bytes::copy_of(content)});
    code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
  }
  if (code != 0 && code != MDB_NOTFOUND) fetched.status = status_of(code);
  if (fetched.status != StorageStatus::ok) fetched.rows.clear();
  if (cursor != nullptr) mdb_cursor_close(cursor);
  mdb_txn_abort(transaction);
  return fetched;
}

}  // namespace mpreg::node
