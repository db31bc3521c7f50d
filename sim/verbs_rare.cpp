#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "sim/draw.hpp"
#include "sim/verbs.hpp"

/// Verbs about rare paths of the engine.
namespace mpreg::sim {
namespace {

constexpr std::uint64_t rare_key = 0x72617265ULL;
constexpr std::uint64_t own_key = ~std::uint64_t{0};  ///< Beyond the draws of the points.

std::string point_names() {
  std::string names;
  for (std::size_t point = 0; point < runtime::rare_point_count; ++point)
    names += (names.empty() ? "" : ", ") +
             std::string(runtime::name_of(static_cast<runtime::RarePoint>(point)));
  return names;
}

/// A bit for each name; none when one is no point.
std::optional<std::uint32_t> points_named(const std::string& names) {
  std::uint32_t mask = 0;
  for (std::size_t begin = 0; begin <= names.size();) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    const std::string name = names.substr(begin, end - begin);
    begin = end + 1;
    std::size_t point = 0;
    while (point < runtime::rare_point_count &&
           runtime::name_of(static_cast<runtime::RarePoint>(point)) != name)
      ++point;
    if (point == runtime::rare_point_count) return std::nullopt;
    mask |= 1U << point;
  }
  return mask;
}

void read_buggify(StepReader& step, Scenario& scenario) {
  const Draw draw(combine(mix(scenario.cluster.seed), rare_key));
  const Ratio armed = step.ratio("armed", Ratio::percent(25));
  const Ratio fires = step.ratio("fires", Ratio::percent(10));
  std::uint32_t mask = 0;
  for (std::size_t point = 0; point < runtime::rare_point_count; ++point)
    if (draw.chance(Purpose::fault_plan, point, armed)) mask |= 1U << point;
  if (step.has("points")) {
    const auto named = points_named(step.text("points", ""));
    if (!named) step.refuse("points", point_names() + ", with commas between");
    mask = named.value_or(0);
  }
  scenario.cluster.rarity = runtime::Rarity(draw.bits(Purpose::fault_plan, own_key), mask, fires);
}

constexpr std::array<Verb, 1> rare_table = {{
    {"buggify", "buggify [armed=SHARE] [fires=SHARE] [points=NAME,...]",
     "The engine takes legal paths that are seldom taken: this share of its rare points is armed "
     "for the run (or those named), and an armed one fires so often, until the liveness phase.",
     false, false, read_buggify},
}};

}  // namespace

std::span<const Verb> rare_verbs() { return rare_table; }

}  // namespace mpreg::sim
