#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/runtime/input.hpp"
#include "engine/runtime/types.hpp"
#include "sim/draw.hpp"
#include "sim/faults.hpp"

namespace mpreg::sim {

/// How a node's disk behaves.
struct DiskOptions {
  Duration latency_min = microseconds(200);  ///< Of one request; the disk does one at a time.
  Duration latency_max = milliseconds(2);
  Duration slow_delay;         ///< While the disk is slow: added to each request.
  bool is_full = false;        ///< Batches that add something are refused.
  std::uint64_t capacity = 0;  ///< Bytes of keys and values; 0 is endless.
  Ratio failure;               ///< Requests that fail and change nothing.
  bool is_lying = false;       ///< A sync is confirmed and not done.
};

/// One node's disk: an ordered key-value store with atomic batches, and its faults.
///
/// The pristine truth is always kept: `durable_` holds what survives a power cut, `pending_` the
/// batches that are ordered but not yet durable. Faults are an overlay (damaged keys, slow, full),
/// so switching them off shows the truth again. A crash keeps a prefix of the pending batches and
/// loses the rest, never a part of one. Requests are answered in order: the k-th answer is taken
/// when the event at its moment comes.
class SimStorage {
 public:
  SimStorage(Draw draw, FaultCounts& faults) : draw_(draw), faults_(faults) {}

  /// How long requests take and which fail from now on hangs on this number as well.
  void branch(std::uint64_t future) { draw_ = draw_.child(future); }
  void set_options(const DiskOptions& options) { options_ = options; }
  [[nodiscard]] DiskOptions& options() { return options_; }

  /// Writes a batch; the moment at which the answer is to be taken.
  Instant commit(Instant now, WriteId write, const runtime::Batch& batch,
                 runtime::Durability durability);
  /// Reads as Storage::fetch says.
  Instant fetch(Instant now, ReadId read, const std::string& from, const std::string& to,
                std::uint32_t limit);
  /// The next answer. Requires: one is outstanding and its moment has come.
  [[nodiscard]] Input take_answer();

  /// The host lost power (or the process died, which may lose less): unanswered requests are gone.
  /// True when something is lost that the disk had confirmed as durable.
  bool crash();
  /// An empty disk.
  void erase();
  /// Damages a stored value until another one is durable in its place: what was written since is
  /// read from memory, and is lost with it. False when there is no such key.
  bool damage(const std::string& key);
  /// Damages everything that is stored; how many values that are.
  std::size_t damage_all();
  /// Repairs what `damage` did: the overlay is lifted.
  void repair() { damaged_.clear(); }

  /// Batches that are not durable yet.
  [[nodiscard]] std::size_t pending() const { return pending_.size(); }
  [[nodiscard]] std::size_t outstanding() const { return requests_.size(); }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  /// What a reader would see now without faults; for checkers.
  [[nodiscard]] const std::map<std::string, Bytes>& truth() const { return view_; }
  [[nodiscard]] const std::map<std::string, Bytes>& durable() const { return durable_; }

 private:
  struct Request {
    Instant at;
    bool is_write = false;
    bool is_sync = false;
    runtime::StorageStatus status = runtime::StorageStatus::ok;
    std::uint64_t id = 0;
    runtime::Rows rows;
    std::uint64_t batches = 0;  ///< How many batches are durable once a sync is done.
  };
  [[nodiscard]] Instant occupy(Instant now);
  [[nodiscard]] runtime::StorageStatus admit(const runtime::Batch& batch);
  [[nodiscard]] runtime::Rows rows(const std::string& from, const std::string& to,
                                   std::uint32_t limit, runtime::StorageStatus& status);
  /// The oldest pending batch reaches the disk, and what it writes is whole again.
  void make_durable();
  /// The value is not damaged, or a newer one waits in memory.
  [[nodiscard]] bool is_readable(const std::string& key) const;
  static void apply(const runtime::Batch& batch, std::map<std::string, Bytes>& to);

  Draw draw_;
  FaultCounts& faults_;
  DiskOptions options_;
  std::map<std::string, Bytes> durable_;  ///< Survives a power cut.
  std::map<std::string, Bytes> view_;     ///< durable_ and the pending batches over it.
  std::deque<runtime::Batch> pending_;    ///< Ordered, not yet durable.
  std::uint64_t durable_batches_ = 0;     ///< Batches ever made durable.
  std::uint64_t confirmed_batches_ = 0;   ///< Batches ever said to be: more, if the disk lied.
  std::deque<Request> requests_;
  std::set<std::string> damaged_;  ///< Keys whose durable value cannot be read.
  std::uint64_t size_bytes_ = 0;
  std::uint64_t draws_ = 0;
  Instant busy_until_;
};

}  // namespace mpreg::sim
