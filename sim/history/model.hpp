#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/history/history.hpp"

namespace mpreg::sim {

/// What an object does when operations reach it one after the other: the measure of concurrent
/// ones.
class Model {
 public:
  /// The whole state of one object; empty when it has none yet.
  using State = std::optional<std::int64_t>;

  virtual ~Model() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual State initial() const = 0;
  /// Whether the operation may happen in this state with the result it had, and the state then. Of
  /// one whose end is not known every result will do. Requires: is_known(operation).
  [[nodiscard]] virtual bool step(State& state, const Operation& operation) const = 0;
  /// The model has this function, and argument and result have its shape; else what is wrong.
  [[nodiscard]] virtual std::optional<std::string> misfit(const Operation& operation) const = 0;
  /// An operation whose end is not known and that changes nothing may be left out.
  [[nodiscard]] virtual bool is_read(const Operation& operation) const = 0;
  /// The states in which a history of these operations may begin: those that they tell apart, and
  /// one for all others. Empty when there are too many.
  [[nodiscard]] virtual std::vector<State> states_in(
      const std::vector<const Operation*>& operations) const = 0;
};

/// "register": read -> value or nothing, write value, cas [expected new], delete.
/// "counter": read -> sum, add delta (-> sum after it, where the client was told).
[[nodiscard]] std::unique_ptr<Model> model_named(std::string_view name);

}  // namespace mpreg::sim
