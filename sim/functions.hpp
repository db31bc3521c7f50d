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
};
[[nodiscard]] std::optional<Function> function_named(std::string_view name);
[[nodiscard]] std::string_view name_of(Function function);

/// What a function answers. Pure: the checkers ask it, too.
[[nodiscard]] runtime::Outcome evaluate(Function function, const Bytes& payload);
/// How long it takes beyond the Host's own time.
[[nodiscard]] Duration extra_time(Function function, const Bytes& payload);

}  // namespace mpreg::sim
