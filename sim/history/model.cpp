#include "sim/history/model.hpp"

#include <algorithm>

namespace mpreg::sim {
namespace {

Value value_of(const Model::State& state) { return state ? Value{*state} : Value{}; }

std::optional<std::string> expected(const Operation& operation, std::string_view what) {
  return operation.function + " of process " + std::to_string(operation.process) + ": expected " +
         std::string(what);
}

class RegisterModel final : public Model {
 public:
  std::string_view name() const override { return "register"; }
  State initial() const override { return std::nullopt; }

  bool step(State& state, const Operation& operation) const override {
    if (operation.function == "read")
      return operation.ending != Ending::ok || operation.result == value_of(state);
    if (operation.function == "write") {
      state = operation.argument[0];
      return true;
    }
    if (operation.function == "delete") {
      state.reset();
      return true;
    }
    if (state != operation.argument[0]) return false;
    state = operation.argument[1];
    return true;
  }

  std::optional<std::string> misfit(const Operation& operation) const override {
    if (operation.function == "read") {
      if (operation.result.size() <= 1) return std::nullopt;
      return expected(operation, "one value or none as its result");
    }
    if (operation.function == "write") {
      if (operation.argument.size() == 1) return std::nullopt;
      return expected(operation, "one value to write");
    }
    if (operation.function == "cas") {
      if (operation.argument.size() == 2) return std::nullopt;
      return expected(operation, "two values, the expected one and the new one");
    }
    if (operation.function == "delete") {
      if (operation.argument.empty()) return std::nullopt;
      return expected(operation, "no value to delete");
    }
    return expected(operation, "read, write or cas, or delete, of a register");
  }

  bool is_read(const Operation& operation) const override { return operation.function == "read"; }

  std::vector<State> states_in(const std::vector<const Operation*>& operations) const override {
    std::vector<State> states{initial()};
    for (const Operation* operation : operations) {
      for (const std::int64_t value : operation->argument) states.emplace_back(value);
      for (const std::int64_t value : operation->result) states.emplace_back(value);
    }
    std::sort(states.begin(), states.end());
    // No operation knows this one, as none knows any of the others.
    std::int64_t other = 0;
    while (std::binary_search(states.begin(), states.end(), State(other))) ++other;
    states.insert(std::lower_bound(states.begin(), states.end(), State(other)), other);
    states.erase(std::unique(states.begin(), states.end()), states.end());
    return states;
  }
};

class CounterModel final : public Model {
 public:
  std::string_view name() const override { return "counter"; }
  State initial() const override { return 0; }

  bool step(State& state, const Operation& operation) const override {
    std::int64_t sum = *state;
    if (operation.function == "add" && __builtin_add_overflow(sum, operation.argument[0], &sum))
      return false;
    state = sum;
    const bool is_told = operation.ending == Ending::ok && !operation.result.empty();
    return !is_told || operation.result[0] == sum;
  }

  std::optional<std::string> misfit(const Operation& operation) const override {
    const bool is_add = operation.function == "add";
    if (!is_add && operation.function != "read")
      return expected(operation, "read or add of a counter");
    if (is_add && operation.argument.size() != 1) return expected(operation, "one number to add");
    if (operation.result.size() > 1) return expected(operation, "one sum or none as its result");
    if (!is_add && operation.ending == Ending::ok && operation.result.empty())
      return expected(operation, "a sum as its result");
    return std::nullopt;
  }

  bool is_read(const Operation& operation) const override { return operation.function == "read"; }

  std::vector<State> states_in(const std::vector<const Operation*>&) const override { return {}; }
};

}  // namespace

std::unique_ptr<Model> model_named(std::string_view name) {
  if (name == "register") return std::make_unique<RegisterModel>();
  if (name == "counter") return std::make_unique<CounterModel>();
  return nullptr;
}

}  // namespace mpreg::sim
