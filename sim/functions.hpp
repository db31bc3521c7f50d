#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/time.hpp"
#include "engine/runtime/types.hpp"

namespace mpreg::sim {

/// What a workload sends: the number of the call, so that executions can be counted, and two
/// operands. As text "<call> <left> <right>".
struct Argument {
  std::uint64_t call = 0;
  std::int64_t left = 0;
  std::int64_t right = 0;
};
[[nodiscard]] Bytes write_argument(const Argument& argument);
[[nodiscard]] std::optional<Argument> read_argument(const Bytes& payload);

/// The functions that simulated nodes can offer.
enum class Function : std::uint8_t {
  add,    ///< left + right as text.
  echo2,  ///< The argument itself.
  sleep,  ///< Takes `left` milliseconds, then answers like echo2.
  fail,   ///< Always Errc::handler_failed.
  mul,    ///< left * right as text.
  user,   ///< What Handlers answer.
};

/// Functions that somebody brings along, beyond those that the simulator has. They are called in
/// the course of the run: it repeats exactly when they answer equal calls of equal runs equally.
class Handlers {
 public:
  virtual ~Handlers() = default;
  [[nodiscard]] virtual bool has(std::string_view name) const = 0;
  /// Serves a call of a workload at a node or worker, by its place in the network. The code of the
  /// outcome is ok or handler_failed. Requires: has(name).
  [[nodiscard]] virtual runtime::Outcome serve(std::string_view name, const Argument& argument,
                                               std::uint32_t place, Instant now) = 0;
};

/// The part of a function's name before the first '.': "add" of "add.n7".
[[nodiscard]] std::string_view base_of(std::string_view name);
/// What a name stands for, by its base; of `handlers` where there are any.
[[nodiscard]] std::optional<Function> function_named(std::string_view name,
                                                     const Handlers* handlers = nullptr);

/// What a function answers. Pure: the checkers ask it, too. Requires: not Function::user.
[[nodiscard]] runtime::Outcome evaluate(Function function, const Bytes& payload);
/// How long it takes beyond the Host's own time.
[[nodiscard]] Duration extra_time(Function function, const Bytes& payload);

}  // namespace mpreg::sim
