#pragma once

#include <optional>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/runtime/runtime.hpp"

namespace mpreg::runtime {

/// Carries one node through its life: record, handle, apply. The same lines run in every world.
///
/// Not re-entrant: a port that is called from step() must queue what it wants to tell.
class Driver {
 public:
  Driver(Engine& engine, const Ports& ports, NodeId self, ClusterId cluster);

  /// One turn, and after it one more for each tag it asked to be signed.
  void step(Input&& input);

  /// One recorded turn. Tags asked for are not stepped: they follow as recorded Signed inputs.
  void replay(Input input);

  /// The whole node as bytes, from which load() makes a fresh Driver over a fresh engine of the
  /// same options go on as this one; none when the engine keeps no snapshots. What the ports hold
  /// (links, timers that are armed, the disk) is theirs to keep. Requires: not inside step().
  [[nodiscard]] std::optional<Bytes> save() const;
  /// Errors: malformed, for anything that save() did not give out; then both are of no use.
  [[nodiscard]] Status load(const Bytes& snapshot);

  /// Has rare paths taken, or no longer taken. For tests: no production code calls it, which
  /// tools/check_symbols.py proves.
  void set_rarity(const Rarity& rarity);
  /// Has the node draw by another seed from now on. For tests, as above.
  void reseed(std::uint64_t seed);

  /// Inside step(): a world that has something to tell must queue it.
  [[nodiscard]] bool is_stepping() const { return is_stepping_; }
  [[nodiscard]] std::uint64_t turns() const { return turns_; }
  [[nodiscard]] const TurnContext& context() const { return context_; }

 private:
  void turn(Input&& input);
  void apply(Effect& effect);

  Engine& engine_;
  Ports ports_;
  TurnContext context_;
  std::vector<Effect> effects_;
  std::vector<Event> events_;
  std::vector<Input>
      signed_;  ///< Answers of the Crypto port, stepped right after the turn that asked.
  std::uint64_t turns_ = 0;
  bool is_stepping_ = false;
};

}  // namespace mpreg::runtime
