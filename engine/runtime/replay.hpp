#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "engine/runtime/driver.hpp"
#include "engine/runtime/null_ports.hpp"
#include "engine/runtime/recording.hpp"

namespace mpreg::runtime {

/// The first effect that came out otherwise than recorded.
struct Difference {
  std::uint64_t turn = 0;  ///< RecordedTurn::number.
  Instant at;
  std::string input;                      ///< describe() of the turn's input.
  std::size_t effect = 0;                 ///< Index within the turn, from 0.
  std::optional<std::uint32_t> expected;  ///< effect_hash; none: the recording has no such effect.
  std::string actual;                     ///< describe() of what came; empty: nothing came.

  friend bool operator==(const Difference&, const Difference&) = default;
};

/// How a replay ended.
struct ReplayReport {
  std::uint64_t first_turn = 1;          ///< Number of the first one: 1, or a later segment's.
  std::uint64_t turns = 0;               ///< Replayed, the one that differs included.
  std::uint64_t effects = 0;             ///< Found equal.
  std::size_t torn_bytes = 0;            ///< Left unreadable at the end by a writer that died.
  std::optional<Difference> difference;  ///< None: the run was repeated exactly.
};

/// For people: one line when equal, a short paragraph when not.
[[nodiscard]] std::string describe(const ReplayReport& report);

/// Runs a node again from its recording and stops at the first effect that differs.
///
/// Where the beginning of the node's life was rotated away, the run begins with the snapshot of the
/// first segment there is.
/// Nothing real is touched: the engine runs over null ports, at the recorded times. Tags are not
/// computed again (the key is not there): the recorded Signed inputs are used. A turn in which the
/// recorded process died is run too, with nothing to compare: it should die again.
class Replayer {
 public:
  /// `engine`: fresh, built from reader.info().options by the caller. `also`, if not null, sees
  /// everything (a TraceWriter, say). All must outlive the replayer.
  Replayer(Engine& engine, RecordingReader& reader, Recorder* also = nullptr);

  /// Puts the engine where the recording begins; the first step does, too, if nobody did before.
  /// Errors: invalid_argument when it begins neither with the node's life nor with a snapshot,
  /// malformed when this engine cannot read it (of another build, say).
  Status begin();
  /// One turn. False: the end is reached, or the difference found. Errors: as begin() and
  /// RecordingReader::next.
  [[nodiscard]] Result<bool> step();
  /// All turns up to the end or the first difference. Errors: as step().
  [[nodiscard]] Result<ReplayReport> run();

  [[nodiscard]] const ReplayReport& report() const { return report_; }

 private:
  /// Stands where the recorder stood and compares.
  class Comparer final : public Recorder {
   public:
    Comparer(ReplayReport& report, Recorder* also) : report_(report), also_(also) {}
    void expect(const RecordedTurn& turn) {
      turn_ = &turn;
      seen_ = 0;
    }
    void input(Instant now, const Input& input) override;
    void event(const Event& event) override;
    void effect(const Effect& effect) override;
    void turn_ended() override;

   private:
    void differ(std::optional<std::uint32_t> expected, std::string actual);

    ReplayReport& report_;
    Recorder* also_;
    const RecordedTurn* turn_ = nullptr;
    std::size_t seen_ = 0;
  };

  [[nodiscard]] Status load();

  RecordingReader& reader_;
  std::optional<Status> begun_;  ///< How it went; none before.
  ReplayReport report_;
  Comparer comparer_;
  NullPorts ports_;
  Driver driver_;
};

}  // namespace mpreg::runtime
