#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "engine/base/hash.hpp"
#include "engine/runtime/runtime.hpp"
#include "engine/runtime/trace.hpp"
#include "sim/call_ledger.hpp"
#include "sim/draw.hpp"
#include "sim/fuse.hpp"
#include "sim/kv_ledger.hpp"
#include "sim/other_version.hpp"
#include "sim/sim_network.hpp"
#include "sim/sim_storage.hpp"
#include "sim/simulator.hpp"

/// The ports of one simulated process, but for Clock and Timers, which have files of their own.
namespace mpreg::sim {

/// Request ids of the world's own commands (registrations, leaves); calls of the workload lie
/// below.
inline constexpr std::uint64_t own_requests = std::uint64_t{1} << 62;

class SimTransport final : public runtime::Transport {
 public:
  SimTransport(SimNetwork& network, Fuse& fuse, std::uint32_t node)
      : network_(network), fuse_(fuse), node_(node) {}
  void dial(DialId dial, const std::string& address) override {
    if (fuse_.lets_through()) network_.dial(node_, dial, address);
  }
  void send(LinkId link, wire::Priority, wire::Frame frame) override {
    if (!fuse_.lets_through()) return;
    if (version_ != wire::ProtocolVersion{}) [[unlikely]]
      frame = as_spoken(frame, version_);
    network_.send(node_, link, std::move(frame));
  }
  void hang_up(LinkId link, const std::string&) override {
    if (fuse_.lets_through()) network_.hang_up(node_, link);
  }
  /// What the process speaks from now on.
  void set_version(wire::ProtocolVersion version) { version_ = version; }

 private:
  SimNetwork& network_;
  Fuse& fuse_;
  std::uint32_t node_;
  wire::ProtocolVersion version_;
};

/// Schedules the disk's answers.
class SimStoragePort final : public runtime::Storage {
 public:
  SimStoragePort(Simulator& world, SimStorage& disk, Fuse& fuse, std::uint32_t node)
      : world_(world), disk_(disk), fuse_(fuse), node_(node) {}
  void set_life(std::uint32_t life) { life_ = life; }
  void commit(WriteId write, const runtime::Batch& batch, runtime::Durability durability) override {
    if (fuse_.lets_through()) answer_at(disk_.commit(world_.now(), write, batch, durability));
  }
  void fetch(ReadId read, const std::string& from, const std::string& to,
             std::uint32_t limit) override {
    if (fuse_.lets_through()) answer_at(disk_.fetch(world_.now(), read, from, to, limit));
  }

 private:
  void answer_at(Instant at);

  Simulator& world_;
  SimStorage& disk_;
  Fuse& fuse_;
  std::uint32_t node_;
  std::uint32_t life_ = 0;
};

/// How long user code takes.
struct ServiceTime {
  Duration min = microseconds(200);
  Duration max = milliseconds(3);
};

/// Hears what happens inside nodes while it happens.
class Listener {
 public:
  virtual ~Listener() = default;
  /// A node's view of a member changed.
  virtual void member_changed(std::uint32_t node, const event::MemberChanged& change) = 0;
  /// A node knows the incarnation of its life: what it said in this turn may be heard from now on.
  virtual void incarnation_chosen(std::uint32_t node, Incarnation incarnation) = 0;
};

/// User code and local clients of one node.
///
/// Executes the functions of functions.hpp by the base of their name, so that "add.n7" adds. Keeps
/// at most as many outcomes as the engine has invocations in flight.
class SimHost final : public runtime::Host {
 public:
  SimHost(Simulator& world, CallLedger& ledger, KvLedger& kv, Fuse& fuse, Draw draw,
          std::uint32_t node)
      : world_(world), ledger_(ledger), kv_(kv), fuse_(fuse), draw_(draw), node_(node) {}
  void restart(std::uint32_t life);
  void set_service_time(ServiceTime time) { service_ = time; }
  /// Functions that somebody brought along; null where nobody did.
  void set_handlers(Handlers* handlers) { handlers_ = handlers; }

  void invoke(effect::Invoke&& invoke) override;
  void recall(InvokeId invoke) override { running_.erase(invoke); }
  void reply(RequestId request, runtime::Outcome&& outcome) override;
  void note(const runtime::Note& note) override;

  /// The outcome of an invocation whose time has come, unless it was recalled.
  [[nodiscard]] std::optional<Input> take_returned(std::uint64_t invoke);
  [[nodiscard]] std::uint64_t notes(runtime::NoteKind kind) const {
    return notes_[static_cast<std::size_t>(kind)];
  }
  /// The process ends as soon as the engine answers this request.
  void stop_after(RequestId request) { stop_after_ = request; }
  /// True once after a registration was refused because the process had lost its node.
  [[nodiscard]] bool take_refusal() { return std::exchange(is_refused_, false); }
  [[nodiscard]] std::size_t running() const { return running_.size(); }

 private:
  Simulator& world_;
  CallLedger& ledger_;
  KvLedger& kv_;
  Fuse& fuse_;
  Draw draw_;
  std::uint32_t node_;
  std::uint32_t life_ = 0;
  ServiceTime service_;
  Handlers* handlers_ = nullptr;
  std::map<InvokeId, runtime::Outcome> running_;
  std::uint64_t invocations_ = 0;
  RequestId stop_after_;
  bool is_refused_ = false;
  std::array<std::uint64_t, static_cast<std::size_t>(runtime::NoteKind::count)> notes_{};
};

/// Tags by SipHash under the cluster's key, spread over the width of a tag: not secure, but equal
/// exactly when key and message are equal, which is all the simulation asks of it.
class SimCrypto final : public runtime::Crypto {
 public:
  explicit SimCrypto(std::uint64_t key) : key_(key) {}
  void set_key(std::uint64_t key) { key_ = key; }
  [[nodiscard]] std::uint64_t key() const { return key_; }
  [[nodiscard]] wire::Tag sign(ByteView message) override;

 private:
  std::uint64_t key_;
};

/// Folds a node's turns into the world's hash, writes them where a trace is wanted, and passes
/// events on to who listens.
class SimRecorder final : public runtime::Recorder {
 public:
  SimRecorder(Simulator& world, std::uint32_t node, Listener* listener, runtime::TraceLog* log);
  void input(Instant now, const Input& input) override;
  void event(const Event& event) override;
  void effect(const Effect& effect) override;
  void turn_ended() override;

 private:
  Simulator& world_;
  runtime::TraceHashRecorder hash_;
  std::uint32_t node_;
  Listener* listener_;
  runtime::TraceLog* log_;
  std::optional<runtime::TraceWriter> writer_;
};

}  // namespace mpreg::sim
