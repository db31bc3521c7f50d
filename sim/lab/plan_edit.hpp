#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/plan.hpp"

/// Edits of plans: each gives another plan and leaves the given one alone. Whether what comes out
/// still makes sense is for `understand` to say.
namespace mpreg::sim::lab {

/// Without the steps whose mark is set. Requires: as many marks as steps.
[[nodiscard]] Plan without(const Plan& plan, const std::vector<bool>& marks);
/// Another step in the place of one. Requires: index < steps.
[[nodiscard]] Plan with_step(const Plan& plan, std::size_t index, PlanStep step);

/// How many nodes, or workers, the plan has.
[[nodiscard]] std::uint32_t node_count(const Plan& plan);
[[nodiscard]] std::uint32_t worker_count(const Plan& plan);
/// With fewer nodes: the higher numbers go from every set of nodes, a step that is about nobody any
/// more goes as well. None when a step cannot be written so. Requires: nodes > 0.
[[nodiscard]] std::optional<Plan> with_nodes(const Plan& plan, std::uint32_t nodes);

/// A number with its unit, a share, a rate or a span of two durations at half its size: "10s" is
/// "5s", "2%" is "1%", "1ms..20ms" is "500us..10ms", "5/s" is "2/s". None when it is no number or
/// there is nothing smaller.
[[nodiscard]] std::optional<std::string> halved(std::string_view value);

/// Everything timed that happens after `from` happens `by` earlier, but not before `from`; the end
/// of the run as well. What is not said (a default) stays.
[[nodiscard]] Plan pulled_forward(const Plan& plan, Duration from, Duration by);
/// The moments that the plan names, in order, each once; the end of the run last.
[[nodiscard]] std::vector<Duration> moments_of(const Plan& plan);

}  // namespace mpreg::sim::lab
