#include "sim/history/linearizability.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace mpreg::sim {
namespace {

Instant moment(const History& history) {
  return Instant{} + Duration{static_cast<std::int64_t>(history.events())};
}

/// A few operations of clients that overlap as they like, with results that are often wrong.
History any_history() {
  History history;
  std::vector<std::size_t> open;
  for (int events = *rc::gen::inRange(0, 14); events > 0; --events) {
    if (open.empty() || *rc::gen::inRange(0, 2) == 0) {
      const auto value = *rc::gen::inRange<std::int64_t>(0, 3);
      const int kind = *rc::gen::inRange(0, 3);
      const Instant now = moment(history);
      open.push_back(kind == 0   ? history.invoke(now, "", "read", {})
                     : kind == 1 ? history.invoke(now, "", "write", {value})
                                 : history.invoke(now, "", "cas", {value, (value + 1) % 3}));
      continue;
    }
    const auto place = open.begin() + *rc::gen::inRange<std::ptrdiff_t>(
                                          0, static_cast<std::ptrdiff_t>(open.size()));
    const std::size_t operation = *place;
    open.erase(place);
    const auto ending =
        *rc::gen::element(Ending::ok, Ending::ok, Ending::ok, Ending::info, Ending::fail);
    Value result;
    if (history.operations()[operation].function == "read" && ending == Ending::ok &&
        *rc::gen::inRange(0, 4) != 0)
      result = {*rc::gen::inRange<std::int64_t>(0, 3)};
    history.end(operation, moment(history), ending, result);
  }
  return history;
}

/// By definition: some order of all that happened and some of what may have, in which none comes
/// before one that had ended when it began.
bool is_explained(const std::vector<const Operation*>& rest, const Model& model,
                  Model::State state) {
  const bool is_done = std::none_of(rest.begin(), rest.end(),
                                    [](const Operation* o) { return o->ending == Ending::ok; });
  if (is_done) return true;
  for (const Operation* next : rest) {
    const bool is_first = std::none_of(rest.begin(), rest.end(), [&](const Operation* other) {
      return other->ending == Ending::ok && other->ended_at < next->invoked_at;
    });
    Model::State after = state;
    if (!is_first || !model.step(after, *next)) continue;
    std::vector<const Operation*> fewer = rest;
    std::erase(fewer, next);
    if (is_explained(fewer, model, after)) return true;
  }
  return false;
}

std::vector<const Operation*> possible(const std::vector<Operation>& operations) {
  std::vector<const Operation*> all;
  for (const Operation& operation : operations)
    if (operation.ending != Ending::fail) all.push_back(&operation);
  return all;
}

RC_GTEST_PROP(Linearizability, IsWhatTheDefinitionSays, ()) {
  const History history = any_history();
  const auto model = model_named("register");
  const bool is_good = is_explained(possible(history.operations()), *model, model->initial());
  const auto judgement = judge(history, *model);
  RC_ASSERT(judgement.has_value());
  RC_CLASSIFY(is_good, "linearizable");
  RC_ASSERT((judgement->verdict == Judgement::Verdict::linearizable) == is_good);
  RC_ASSERT((judgement->verdict == Judgement::Verdict::contradiction) == !is_good);
}

// What is shown must be a proof: no state before it and no order of it explains the window. Whoever
// is still open at the start of the window may have happened already.
RC_GTEST_PROP(Linearizability, AWindowContradictsItself, ()) {
  const History history = any_history();
  const auto model = model_named("register");
  const auto judgement = judge(history, *model);
  const bool is_bad = judgement->verdict == Judgement::Verdict::contradiction;
  RC_CLASSIFY(is_bad, "contradiction");
  if (!is_bad) return;
  RC_ASSERT(!judgement->window.empty());
  RC_ASSERT(!is_explained(possible(judgement->window), *model, model->initial()));
  RC_ASSERT(judgement->window.size() <= history.operations().size());
}

// One that executes each operation at one moment between its two events is never accused.
RC_GTEST_PROP(Linearizability, ARealRegisterIsNeverAccused, ()) {
  History history;
  Model::State state;
  struct Open {
    std::size_t operation = 0;
    bool is_done = false;
    Value result;
  };
  std::vector<Open> open;
  const auto model = model_named("register");
  for (int events = *rc::gen::inRange(0, 200); events > 0; --events) {
    const int what = *rc::gen::inRange(0, 3);
    if (what == 0 && open.size() < 6) {
      const auto value = *rc::gen::inRange<std::int64_t>(0, 3);
      const bool is_read = *rc::gen::arbitrary<bool>();
      open.push_back({history.invoke(moment(history), "", is_read ? "read" : "write",
                                     is_read ? Value{} : Value{value}),
                      false,
                      {}});
    } else if (!open.empty()) {
      const auto place = *rc::gen::inRange<std::size_t>(0, open.size());
      Open& one = open[place];
      const Operation& operation = history.operations()[one.operation];
      if (!one.is_done) {
        one.is_done = true;
        if (operation.function == "read")
          one.result = state ? Value{*state} : Value{};
        else
          state = operation.argument[0];
      } else {
        const bool is_lost = *rc::gen::inRange(0, 10) == 0;
        history.end(one.operation, moment(history), is_lost ? Ending::info : Ending::ok,
                    is_lost ? Value{} : one.result);
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(place));
      }
    }
  }
  const auto judgement = judge(history, *model);
  RC_ASSERT(judgement->verdict == Judgement::Verdict::linearizable);
}

}  // namespace
}  // namespace mpreg::sim
