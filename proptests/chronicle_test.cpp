#include "sim/explain/chronicle.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/explain/story.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/lab/swarm.hpp"
#include "sim/plan_runner.hpp"
#include "sim/world.hpp"

namespace mpreg::sim::explain {
namespace {

/// The beginning of a drawn world with whatever faults it has.
struct Drawn {
  Drawn() : plan(lab::draw_plan(*rc::gen::inRange<std::uint64_t>(1, 100'000), {3, 6})) {
    World world(*understand(plan, seed_of(plan)), make_fabric);
    world.observe(chronicle);
    world.run_to(Instant{} + seconds(16));
    report = report_of(world);
  }
  Plan plan;
  Chronicle chronicle;
  Report report;
};

RC_GTEST_PROP(ChronicleLaws, WhoLooksChangesNothing, ()) {
  const Drawn drawn;
  World world(*understand(drawn.plan, seed_of(drawn.plan)), make_fabric);
  world.run_to(Instant{} + seconds(16));
  RC_ASSERT(report_of(world).trace_hash == drawn.report.trace_hash);
}

// Frames that are taken were sent once each, earlier; the network's own copies are marked.
RC_GTEST_PROP(ChronicleLaws, EachFrameThatIsTakenWasSentOnceBefore, ()) {
  const Drawn drawn;
  const Chronicle& chronicle = drawn.chronicle;
  std::uint64_t sent = 0;
  std::uint64_t order = 0;
  for (const Passage& passage : chronicle.passages()) {
    sent += passage.route.is_copy ? 0U : 1U;
    RC_ASSERT(passage.sent_order > order);
    order = passage.sent_order;
    if (passage.fate != Fate::taken) continue;
    RC_ASSERT(passage.came_order > passage.sent_order);
    RC_ASSERT(passage.cause < passage.arrival);
    const Happening* const arrival = chronicle.happening(passage.arrival);
    RC_ASSERT(arrival != nullptr);
    RC_ASSERT(arrival->place == passage.route.to);
    RC_ASSERT(arrival->cause == passage.cause);
  }
  RC_ASSERT(sent == drawn.report.messages);
}

// The cone of an event holds what was taken at its place until then, with a frame all that its
// sender had taken before, and nothing else.
RC_GTEST_PROP(ChronicleLaws, ACausalConeIsClosed, ()) {
  const Drawn drawn;
  const Chronicle& chronicle = drawn.chronicle;
  const std::uint64_t last = chronicle.first_happening() + chronicle.happenings().size() - 1;
  const std::uint64_t chosen = *rc::gen::inRange<std::uint64_t>(chronicle.first_happening(), last);
  const std::vector<std::uint64_t> past = past_of(chronicle, chosen);
  std::vector<std::uint64_t> known(chronicle.places() + 1);  // by place: all before this order
  for (const std::uint64_t number : past) {
    const Passage& passage = *chronicle.passage(number);
    known[passage.route.from] = std::max(known[passage.route.from], passage.sent_order);
  }
  const std::uint32_t place = chronicle.happening(chosen)->place;
  std::uint64_t number = chronicle.first_passage();
  for (const Passage& passage : chronicle.passages()) {
    const bool is_seen = passage.route.to == place && passage.arrival <= chosen;
    const bool is_told = passage.came_order < known[passage.route.to];
    const bool is_past = passage.fate == Fate::taken && (is_seen || is_told);
    RC_ASSERT(std::binary_search(past.begin(), past.end(), number) == is_past);
    ++number;
  }
}

}  // namespace
}  // namespace mpreg::sim::explain
