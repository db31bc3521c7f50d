#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/raft/snapshot.hpp"
#include "engine/runtime/driver.hpp"
#include "sim/sim_ports.hpp"
#include "sim/sim_timers.hpp"
#include "sim/subject.hpp"

namespace mpreg::sim {

/// What all nodes of one world share.
struct WorldParts {
  Simulator& world;
  SimNetwork& network;
  CallLedger& ledger;
  KvLedger& kv;
  FaultCounts& faults;
  const SubjectFactory& factory;
  Draw draw;
  runtime::Rarity rarity;
  Listener* listener = nullptr;
  runtime::TraceLog* log = nullptr;
};

/// One simulated host and the process on it: a real Driver and a real engine over simulated ports.
///
/// down -> running by start; running <-> paused; running or paused -> down by end. Clock and disk
/// belong to the host and outlive the process. Lives are numbered; events meant for an earlier life
/// are ignored. The host proposes the microseconds of its wall clock as the incarnation of a life,
/// the engine looks on its disk whether that is new. A process that cannot serve (its storage
/// failed) ends by itself.
class SimNode {
 public:
  enum class State : std::uint8_t { down, running, paused };
  /// A member of the cluster under a fixed id, or a client of it with a new id in each life.
  enum class Role : std::uint8_t { node, worker };

  SimNode(const WorldParts& parts, std::uint32_t number, fabric::Options options,
          Role role = Role::node);
  SimNode(const SimNode&) = delete;
  SimNode& operator=(const SimNode&) = delete;

  /// Begins a new life. Requires: down.
  void start();
  /// Ends the process: by itself or by force, with its host alive, or all silently with the host.
  void end(bool is_silent);
  /// The process stands still: its timers fire late and what arrives waits.
  void pause();
  void resume();
  /// Something comes to the process, now or when it runs again. Stale events do nothing.
  void handle(const SimEvent& event);
  /// Something comes soon: asks the memory for what every turn reads first.
  void warm_up() const {
    constexpr std::size_t line = 64;
    constexpr std::size_t driver_lines = 4;  // with the lists of a turn, which it begins with
    const auto* const driver = reinterpret_cast<const std::byte*>(&driver_);
    __builtin_prefetch(&state_);
    __builtin_prefetch(&clock_);
    __builtin_prefetch(&timers_);
    __builtin_prefetch(&recorder_);
    for (std::size_t i = 0; i < driver_lines; ++i) __builtin_prefetch(driver + i * line);
  }
  /// The process as it is; none when its engine keeps no snapshots. Requires: up.
  [[nodiscard]] std::optional<Bytes> snapshot() const { return driver_->save(); }
  /// Puts a new engine in the place of the one that runs, made of nothing but its snapshot: nobody
  /// can tell. Requires: up. Errors: malformed, also when the new one would save other bytes, or
  /// the engine keeps no snapshots.
  [[nodiscard]] Status rebuild_from_snapshot();
  /// A local client or the operator asks. Requires: running.
  void command(RequestId request, runtime::ClientRequest what);

  [[nodiscard]] std::uint32_t number() const { return number_; }
  [[nodiscard]] NodeId id() const { return options_.self; }
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool is_up() const { return state_ != State::down; }
  [[nodiscard]] std::uint32_t life() const { return life_; }
  /// The process knows who it is.
  [[nodiscard]] bool has_booted() const {
    return is_up() && subject_->standing() == Standing::serving;
  }
  /// It does, and runs: it takes commands.
  [[nodiscard]] bool is_serving() const { return state_ == State::running && has_booted(); }
  [[nodiscard]] Instant started_at() const { return started_at_; }
  [[nodiscard]] Instant ended_at() const { return ended_at_; }
  /// The last end that nobody, or not all peers, could be told of.
  [[nodiscard]] const std::optional<Instant>& silent_end() const { return silent_end_; }
  /// The engine of the running process. Requires: up.
  [[nodiscard]] const Subject& subject() const { return *subject_; }
  [[nodiscard]] fabric::Options& options() { return options_; }
  /// What the lives to come speak.
  void set_version(wire::ProtocolVersion version) { options_.session.version = version; }
  /// What the present life speaks, or the last one.
  [[nodiscard]] wire::ProtocolVersion version() const { return version_; }
  /// Whether both belong to one cluster: equal keys, equal major versions.
  [[nodiscard]] bool fits(const SimNode& other) const {
    return crypto_.key() == other.crypto_.key() && version_.major == other.version_.major;
  }
  [[nodiscard]] SimClock& clock() { return clock_; }
  [[nodiscard]] SimTimers& timers() { return timers_; }
  [[nodiscard]] const SimTimers& timers() const { return timers_; }
  [[nodiscard]] SimStorage& disk() { return disk_; }
  [[nodiscard]] const SimStorage& disk() const { return disk_; }
  /// Another disk, with nothing on it.
  void replace_disk() {
    disk_.erase();
    ++disk_number_;
  }
  /// Which disk the host has, from 0: a disk that lost what it had confirmed counts as another one.
  [[nodiscard]] std::uint32_t disk_number() const { return disk_number_; }
  /// Sets the wall clock back, from which incarnations are proposed.
  void set_wall_clock_back(Duration span) { wall_offset_ = wall_offset_ - span; }
  /// The process ends in a turn of its own, before the effect after so many. Requires: up.
  void end_within_turn(std::uint32_t effects, bool is_silent) { fuse_.light(effects, is_silent); }
  /// The process ends after the first turn that leaves one of its groups in this stage of its
  /// snapshots. Requires: up.
  void end_in_stage(raft::SnapshotStage stage, bool is_silent) {
    last_stage_ = stage;
    is_last_silent_ = is_silent;
  }
  void put_out_fuse() {
    fuse_.put_out();
    last_stage_ = raft::SnapshotStage::none;
  }
  [[nodiscard]] SimHost& host() { return host_; }
  [[nodiscard]] const SimHost& host() const { return host_; }
  /// What this process and those after it draw by chance hangs on this number as well.
  void branch(std::uint64_t future);
  /// No rare path is taken any more, in this life and those to come.
  void end_rarity();
  /// How often a rare path was taken, in all lives.
  [[nodiscard]] std::uint64_t rarely_taken(runtime::RarePoint point) const;
  [[nodiscard]] SimCrypto& crypto() { return crypto_; }
  [[nodiscard]] const SimCrypto& crypto() const { return crypto_; }
  /// What waits for the process while it stands still.
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  /// Functions registered in each life, as soon as the process serves.
  [[nodiscard]] std::vector<wire::FunctionRecord>& functions() { return functions_; }

 private:
  void deliver(const SimEvent& event);
  /// Counts a frame of another version.
  void look_at(const input::Received& received);
  /// A fresh engine and the Driver that carries it.
  void build();
  void step(Input input);
  /// A turn of the engine, and the end of the process where its fuse burnt down.
  void drive(Input input);
  void tell(ProcessChange change) const;
  void finish_boot();
  /// Adds what the running process counted to the sums.
  void count_rare();
  void count_snapshots();
  [[nodiscard]] bool is_in(raft::SnapshotStage stage) const;
  [[nodiscard]] Incarnation proposed() const;

  WorldParts parts_;
  std::uint32_t number_;
  fabric::Options options_;
  Role role_;
  SimClock clock_;
  SimTimers timers_;
  Fuse fuse_;
  raft::SnapshotStage last_stage_ = raft::SnapshotStage::none;  ///< In which it ends; none: in any.
  bool is_last_silent_ = false;
  SimTransport transport_;
  SimStorage disk_;
  SimStoragePort storage_;
  SimHost host_;
  SimCrypto crypto_;
  SimRecorder recorder_;
  std::vector<wire::FunctionRecord> functions_;
  State state_ = State::down;
  std::uint32_t life_ = 0;
  wire::ProtocolVersion version_;
  bool is_booting_ = false;
  std::uint32_t disk_number_ = 0;
  Duration wall_offset_;
  Incarnation last_proposed_;
  Instant started_at_;
  Instant ended_at_;
  std::optional<Instant> silent_end_;
  std::unique_ptr<Subject> subject_;
  std::optional<runtime::Driver> driver_;
  std::array<std::uint64_t, runtime::rare_point_count> rarely_taken_{};  ///< In lives that ended.
  std::vector<SimEvent> waiting_;  ///< What came while the process stood still, in order.
};

/// "down", "running", "paused".
[[nodiscard]] std::string_view name_of(SimNode::State state);

}  // namespace mpreg::sim
