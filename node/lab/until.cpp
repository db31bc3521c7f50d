#include <algorithm>
#include <charconv>

#include <boost/json.hpp>

#include "engine/base/text.hpp"
#include "engine/fabric/settings.hpp"
#include "node/exit_code.hpp"
#include "node/json_line.hpp"
#include "node/lab/plan_files.hpp"
#include "node/lab/report_json.hpp"
#include "node/lab/subject_json.hpp"
#include "node/lab/time_travel.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/world.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

constexpr double nanos_per_second = 1e9;

json::object state_of(const sim::SimNode& node) {
  json::object document{{"node", "n" + std::to_string(node.number())},
                        {"state", name_of(node.state())},
                        {"life", node.life()},
                        {"waiting", node.waiting()}};
  if (!node.is_up()) return document;
  for (auto& [key, value] : document_of(node.subject())) document[key] = std::move(value);
  return document;
}

void show(std::FILE* out, sim::World& world, const std::vector<std::uint32_t>& nodes) {
  json::array states;
  for (const std::uint32_t node : nodes)
    states.push_back(state_of(static_cast<const sim::Cluster&>(world.cluster()).node(node)));
  json::array violations;
  for (const sim::Violation& violation : world.cluster().violations().kept())
    violations.push_back(document_of(violation));
  print_json(out,
             json::object{{"at_seconds", static_cast<double>(world.now().nanos) / nanos_per_second},
                          {"turns", world.cluster().simulator().trace().turns()},
                          {"trace_hash", hex(world.cluster().simulator().trace().value())},
                          {"violations", std::move(violations)},
                          {"nodes", std::move(states)}});
}

Result<std::vector<std::uint32_t>> parse_nodes(const std::vector<std::string>& names,
                                               std::uint32_t size) {
  std::vector<std::uint32_t> nodes;
  for (const std::string& name : names) {
    std::uint32_t number = 0;
    const char* const begin = name.data() + std::min<std::size_t>(name.size(), 1);
    const auto [end, error] = std::from_chars(begin, name.data() + name.size(), number);
    if (name.empty() || name.front() != 'n' || error != std::errc{} ||
        end != name.data() + name.size() || number == 0 || number > size)
      return fail(Errc::invalid_argument, "--node: expected n1 to n" + std::to_string(size) +
                                              ", found '" + printable(name) + "'");
    nodes.push_back(number);
  }
  for (std::uint32_t number = 1; names.empty() && number <= size; ++number) nodes.push_back(number);
  return nodes;
}

int complain(std::FILE* err, const std::string& why) {
  std::fprintf(err, "mpreg sim until: %s\n", why.c_str());
  return exit_usage;
}

}  // namespace

int sim_until(const UntilOptions& options, std::FILE* out, std::FILE* err) {
  const auto file = load_plan(options.plan_path);
  if (!file) return complain(err, file.error().message);
  auto scenario = sim::understand(file->plan, file->seed);
  if (!scenario) return complain(err, scenario.error().message);
  sim::World world(std::move(*scenario), sim::make_fabric);
  const auto nodes = parse_nodes(options.nodes, world.cluster().size());
  if (!nodes) return complain(err, nodes.error().message);
  Duration last;
  for (const std::string& text : options.moments) {
    const auto moment = fabric::parse_duration(text);
    if (!moment) return complain(err, "--at: " + moment.error().message);
    if (*moment < last) return complain(err, "--at: expected rising moments, found " + text);
    last = *moment;
  }
  for (const std::string& text : options.moments) {
    world.run_to(Instant{} + *fabric::parse_duration(text));
    show(out, world, *nodes);
  }
  if (options.turn) world.run_to_turn(*options.turn);
  if (options.turn) show(out, world, *nodes);
  return exit_ok;
}

}  // namespace mpreg::node
