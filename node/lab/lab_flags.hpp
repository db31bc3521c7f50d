#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/base/result.hpp"

/// What the verbs of the laboratory have in common on their command lines.
namespace mpreg::node {

/// "7" or "1..1000", both ends included: seeds, nodes.
struct NumberRange {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
};
/// Errors: invalid_argument, with the name of the flag.
[[nodiscard]] Result<NumberRange> parse_range(const std::string& text,
                                              const std::string& flag = "--seeds");

/// "5m" as wall time. Errors: invalid_argument.
[[nodiscard]] Result<std::chrono::milliseconds> parse_wall_time(const std::string& text);

/// As asked for, or one a core.
[[nodiscard]] std::size_t job_count(std::uint32_t asked);

}  // namespace mpreg::node
