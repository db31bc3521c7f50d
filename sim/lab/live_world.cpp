#include "sim/lab/live_world.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/fabric/settings.hpp"
#include "sim/verbs.hpp"

namespace mpreg::sim::lab {

Result<LiveWorld> LiveWorld::make(const Plan& plan, std::uint64_t seed, SubjectFactory factory,
                                  Handlers* handlers) {
  LiveWorld world(seed, std::move(factory), handlers);
  world.plan_ = plan;
  MPREG_TRY([[maybe_unused]] const Scenario scenario, understand(plan, seed, handlers));
  return world;
}

Status LiveWorld::add(PlanStep step) {
  const Verb* const verb = find_verb(step.verb.text);
  if (has_begun() && verb != nullptr && verb->is_timed && !step.at) step.at = now_ - Instant{};
  plan_.steps.push_back(step);
  Status status;
  if (has_begun())
    status = world_->add(step);
  else if (const auto scenario = understand(plan_, seed_, handlers_); !scenario)
    status = tl::unexpected<Error>(scenario.error());
  if (!status) plan_.steps.pop_back();
  return status;
}

void LiveWorld::tell(History& history) {
  MPREG_ASSERT(!has_begun());
  history_ = &history;
}

void LiveWorld::add(std::unique_ptr<Checker> checker) {
  MPREG_ASSERT(!has_begun());
  checkers_.push_back(std::move(checker));
}

void LiveWorld::begin() {
  MPREG_ASSERT(!has_begun());
  auto scenario = understand(plan_, seed_, handlers_);
  MPREG_ASSERT(scenario.has_value());  // add() and make() saw to that
  scenario->length = Duration::max();
  world_ = std::make_unique<World>(std::move(*scenario), factory_);
  if (history_ != nullptr) world_->cluster().ledger().tell(*history_);
  for (auto& checker : checkers_) world_->add(std::move(checker));
  checkers_.clear();
}

void LiveWorld::run_to(Instant moment) {
  MPREG_ASSERT(has_begun() && !is_over_);
  if (moment <= now_) return;
  now_ = moment;
  world_->run_before(moment);
}

void LiveWorld::finish() {
  MPREG_ASSERT(has_begun() && !is_over_);
  is_over_ = true;
  world_->run_to(now_);
  world_->set_length(now_ - Instant{});
  world_->finish();
}

std::optional<Duration> LiveWorld::planned_length() const {
  std::optional<Duration> length;
  for (const PlanStep& step : plan_.steps) {
    const std::string* const text = step.verb.text == "run" ? step.find("for") : nullptr;
    if (text == nullptr) continue;
    if (const auto read = fabric::parse_duration(*text)) length = *read;
  }
  return length;
}

Plan LiveWorld::plan() const {
  Plan plan = plan_;
  if (has_begun() && find_step(plan, "run") == nullptr)
    plan.steps.push_back({0, {}, {"run", 1}, {}, {}});
  // The last `run` step counts, so all of them say the same.
  for (PlanStep& step : plan.steps)
    if (has_begun() && step.verb.text == "run")
      step.set("for", mpreg::describe(world_->now() - Instant{}));
  set_seed(plan, seed_);
  return plan;
}

}  // namespace mpreg::sim::lab
