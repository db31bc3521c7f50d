#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>

#include <lmdb.h>

#include "engine/base/result.hpp"
#include "engine/runtime/runtime.hpp"

namespace mpreg::node {

/// The Storage port over LMDB.
///
/// One thread owns the environment: it takes all that waits into one transaction and so one
/// fsync (group commit); lazy batches are no exception. Reads run on the same thread, so they see
/// every batch committed before them. Every value carries a checksum over key and value.
class LmdbStorage : public runtime::Storage {
 public:
  /// Runs a function on the thread that owns the Driver.
  using Post = std::function<void(std::function<void()>)>;
  using Sink = std::function<void(Input)>;

  /// Opens or creates the database in `directory`, which is created when absent, and locks it
  /// against a second process. It never grows beyond `bytes_max`, which costs address space only:
  /// batches beyond are StorageStatus::full. Errors: unavailable, with the reason.
  [[nodiscard]] static Result<std::unique_ptr<LmdbStorage>> open(
      const std::string& directory, Post post, Sink sink,
      std::size_t bytes_max = std::size_t{1} << 34);
  /// Finishes what was handed over, then closes.
  ~LmdbStorage() override;

  void commit(WriteId write, const runtime::Batch& batch, runtime::Durability durability) override;
  void fetch(ReadId read, const std::string& from, const std::string& to,
             std::uint32_t limit) override;

 private:
  struct Write {
    WriteId id;
    runtime::Batch batch;
  };
  struct Read {
    ReadId id;
    std::string from;
    std::string to;
    std::uint32_t limit;
  };
  using Job = std::variant<Write, Read>;
  struct CloseEnv {
    void operator()(MDB_env* env) const { mdb_env_close(env); }
  };
  struct CloseFile {
    int descriptor = -1;
    ~CloseFile();
  };

  LmdbStorage(Post post, Sink sink) : post_(std::move(post)), sink_(std::move(sink)) {}
  Status open_files(const std::string& directory, std::size_t bytes_max);
  void run();
  void write_group(std::deque<Write>& group);
  runtime::StorageStatus write_all(const std::deque<Write>& group);
  void answer(Input input);
  [[nodiscard]] input::Fetched read(const Read& read);
  void submit(Job job);

  Post post_;
  Sink sink_;
  std::unique_ptr<CloseFile> lock_;
  std::unique_ptr<MDB_env, CloseEnv> env_;
  MDB_dbi table_ = 0;
  std::mutex mutex_;
  std::condition_variable waiting_;
  std::deque<Job> jobs_;
  bool is_closing_ = false;
  std::thread thread_;
};

}  // namespace mpreg::node
