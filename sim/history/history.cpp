#include "sim/history/history.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "engine/base/assert.hpp"

namespace mpreg::sim {

std::string_view name_of(Ending ending) {
  switch (ending) {
    case Ending::info:
      return "info";
    case Ending::ok:
      return "ok";
    case Ending::fail:
      return "fail";
  }
  return "info";
}

History::Process& History::process(std::uint64_t number) {
  const auto at = std::lower_bound(
      processes_.begin(), processes_.end(), number,
      [](const Process& process, std::uint64_t wanted) { return process.number < wanted; });
  if (at != processes_.end() && at->number == number) return *at;
  return *processes_.insert(at, Process{number, Standing::free, 0});
}

std::size_t History::begin(Process& process, Instant at, std::string key, std::string function,
                           Value argument) {
  Operation operation;
  operation.process = process.number;
  operation.key = std::move(key);
  operation.function = std::move(function);
  operation.argument = std::move(argument);
  operation.invoked = at;
  operation.ended = Instant::max();
  operation.invoked_at = order_.size();
  process.standing = Standing::busy;
  process.operation = operations_.size();
  order_.push_back({operations_.size(), false});
  operations_.push_back(std::move(operation));
  return operations_.size() - 1;
}

std::size_t History::invoke(Instant at, std::string key, std::string function, Value argument) {
  std::uint64_t number = processes_.empty() ? 0 : processes_.back().number + 1;
  if (!free_.empty()) {
    std::pop_heap(free_.begin(), free_.end(), std::greater<>());
    number = free_.back();
    free_.pop_back();
  }
  return begin(process(number), at, std::move(key), std::move(function), std::move(argument));
}

Result<std::size_t> History::invoke_as(std::uint64_t number, Instant at, std::string key,
                                       std::string function, Value argument) {
  Process& one = process(number);
  if (one.standing == Standing::busy)
    return mpreg::fail(Errc::invalid_argument,
                       "process " + std::to_string(number) + " has an operation open already");
  if (one.standing == Standing::retired)
    return mpreg::fail(Errc::invalid_argument,
                       "process " + std::to_string(number) +
                           " ended with info before: its client goes on under another number");
  return begin(one, at, std::move(key), std::move(function), std::move(argument));
}

void History::end(std::size_t place, Instant at, Ending ending, Value result, std::string error) {
  MPREG_ASSERT(place < operations_.size() && operations_[place].is_open());
  Operation& operation = operations_[place];
  operation.ending = ending;
  operation.result = std::move(result);
  operation.error = std::move(error);
  operation.ended = at;
  operation.ended_at = order_.size();
  order_.push_back({place, true});
  Process& one = process(operation.process);
  one.standing = ending == Ending::info ? Standing::retired : Standing::free;
  if (one.standing == Standing::retired) return;
  free_.push_back(one.number);
  std::push_heap(free_.begin(), free_.end(), std::greater<>());
}

std::optional<std::size_t> History::open_of(std::uint64_t number) const {
  const auto at = std::lower_bound(
      processes_.begin(), processes_.end(), number,
      [](const Process& process, std::uint64_t wanted) { return process.number < wanted; });
  if (at == processes_.end() || at->number != number || at->standing != Standing::busy)
    return std::nullopt;
  return at->operation;
}

}  // namespace mpreg::sim
