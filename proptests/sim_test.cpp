#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/plan.hpp"
#include "sim/sim_clock.hpp"
#include "sim/sim_storage.hpp"
#include "sim/step_reader.hpp"

namespace mpreg::sim {
namespace {

// Whatever bytes somebody calls a plan: an answer, never a crash; and what was read prints as a
// plan that reads the same.
RC_GTEST_PROP(SimLaws, AnyTextIsAPlanOrAnErrorAndPlansPrintAsTheyAreRead, ()) {
  const auto verbs = rc::gen::elementOf(std::vector<std::string>{
      "cluster", "link", "at 10s crash", "expect", "set", "run", "at", "partition", "#", "churn"});
  const auto words = rc::gen::elementOf(std::vector<std::string>{
      "n1", "nodes=5", "|", "all", "for=3s", "=", "x=", "n1..n9", "loss=2%"});
  std::string text;
  for (int line = *rc::gen::inRange(0, 6); line > 0; --line) {
    text += *verbs;
    for (int word = *rc::gen::inRange(0, 5); word > 0; --word) text += " " + *words;
    text += "\n";
  }
  if (*rc::gen::inRange(0, 4) == 0) text += *rc::gen::arbitrary<std::string>();
  const auto plan = parse_plan("law", text);
  if (!plan) {
    RC_ASSERT(plan.error().message.find(": expected ") != std::string::npos);
    return;
  }
  const auto again = parse_plan("law", print(*plan));
  RC_ASSERT(again.has_value());
  RC_ASSERT(print(*again) == print(*plan));
}

RC_GTEST_PROP(SimLaws, AClockNeverGoesBackAndItsInverseIsTheFirstMoment, ()) {
  Simulator world(1);
  SimClock clock(world);
  clock.jump(milliseconds(*rc::gen::inRange<std::int64_t>(0, 1'000'000)));
  clock.set_drift(*rc::gen::inRange(-900'000, 2'000'000));
  const Instant early{*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000)};
  const Instant late = early + nanoseconds(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000));
  RC_ASSERT(clock.local(early) <= clock.local(late));
  const Instant local = clock.local(late);
  const Instant at = clock.world(local);
  RC_ASSERT(clock.local(at) >= local);
  RC_ASSERT(at <= late);
  RC_ASSERT(at.nanos == 0 || clock.local(at - nanoseconds(1)) < local);
}

// The contract of Storage: after a crash the disk holds a prefix of the batches, all synced ones
// among them.
RC_GTEST_PROP(SimLaws, ADiskAfterACrashHoldsAPrefixOfItsBatches, ()) {
  FaultCounts faults;
  SimStorage disk(Draw(*rc::gen::arbitrary<std::uint64_t>()), faults);
  const auto syncs = *rc::gen::container<std::vector<bool>>(rc::gen::arbitrary<bool>());
  std::size_t synced = 0;
  for (std::size_t batch = 0; batch < syncs.size(); ++batch) {
    disk.commit({}, WriteId{batch + 1}, {{std::to_string(batch), false, {}}},
                syncs[batch] ? runtime::Durability::sync : runtime::Durability::lazy);
    if (*rc::gen::arbitrary<bool>()) continue;
    while (disk.outstanding() > 0) static_cast<void>(disk.take_answer());
    for (std::size_t earlier = 0; earlier <= batch; ++earlier)
      if (syncs[earlier]) synced = earlier + 1;
  }
  disk.crash();
  const std::size_t kept = disk.truth().size();
  RC_ASSERT(kept >= synced);
  for (std::size_t batch = 0; batch < syncs.size(); ++batch)
    RC_ASSERT(disk.truth().contains(std::to_string(batch)) == (batch < kept));
}

}  // namespace
}  // namespace mpreg::sim
