#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "sim/plan.hpp"
#include "sim/plan_runner.hpp"
#include "sim/world.hpp"

namespace mpreg::sim::lab {

/// A world that is steered while it runs, by a script for instance, and keeps the plan of what
/// happened in it: that plan alone, run again, gives the same trace hash.
///
/// Between two calls the world stands right before now(): everything earlier has happened, nothing
/// of that moment. A step that is added then comes at now() or later, before everything else of its
/// moment, exactly as if the plan had said so from the beginning.
class LiveWorld {
 public:
  /// `plan` may be empty; its steps are added in order. Errors of those: see add(). `handlers`:
  /// functions brought along, which outlive this.
  [[nodiscard]] static Result<LiveWorld> make(const Plan& plan, std::uint64_t seed,
                                              SubjectFactory factory, Handlers* handlers = nullptr);

  /// Adds a step. Before begin() every step is welcome, later those that happen from now() on; one
  /// that needs a time and names none happens now. What is wrong leaves the plan as it was.
  /// Errors: malformed, "line:column: expected ...", the line being that of the step.
  [[nodiscard]] Status add(PlanStep step);
  /// Tells what clients do to a history that outlives this. Requires: not begun.
  void tell(History& history);
  /// Brings a checker along. Requires: not begun.
  void add(std::unique_ptr<Checker> checker);

  /// The world begins; nothing has happened yet.
  void begin();
  [[nodiscard]] bool has_begun() const { return world_ != nullptr; }
  /// Runs until right before a moment. Requires: begun, not over. Earlier moments do nothing.
  void run_to(Instant moment);
  /// Runs now() itself and closes the accounts. Requires: begun, not over.
  void finish();
  [[nodiscard]] bool is_over() const { return is_over_; }

  [[nodiscard]] Instant now() const { return now_; }
  /// When the plan says that the run ends, if it does ("run for=").
  [[nodiscard]] std::optional<Duration> planned_length() const;
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  /// The plan executed so far. It ends with the last moment that has happened: now() once the run
  /// is over, else right before it. What is judged at the end is not judged yet then.
  [[nodiscard]] Plan plan() const;
  /// Requires: begun.
  [[nodiscard]] World& world() { return *world_; }
  [[nodiscard]] const World& world() const { return *world_; }

 private:
  LiveWorld(std::uint64_t seed, SubjectFactory factory, Handlers* handlers)
      : seed_(seed), factory_(std::move(factory)), handlers_(handlers) {}

  std::uint64_t seed_;
  SubjectFactory factory_;
  Handlers* handlers_;
  Plan plan_;
  Checkers checkers_;
  History* history_ = nullptr;
  std::unique_ptr<World> world_;
  Instant now_;
  bool is_over_ = false;
};

}  // namespace mpreg::sim::lab
