
#include "bindings/python/core/errors.hpp"
#include "bindings/python/core/world.hpp"
#include "engine/base/text.hpp"
#include "node/build_id.hpp"
#include "sim/functions.hpp"
#include "sim/lab/artifact.hpp"
#include "sim/lab/plan_edit.hpp"
#include "sim/lab/swarm.hpp"

/// The compiled half of the package mpreg: values in, values out; shapes and manners are in Python.
namespace mpreg::python {
namespace {

std::vector<std::string> steps_of(const sim::Plan& plan) {
  std::vector<std::string> steps;
  for (const sim::PlanStep& step : plan.steps) steps.push_back(print(step));
  return steps;
}

std::vector<std::string> parse_plan(const std::string& name, const std::string& text) {
  return steps_of(value_of(sim::parse_plan(name, text)));
}

void check_plan(const std::string& name, const std::string& text) {
  const sim::Plan plan = value_of(sim::parse_plan(name, text));
  static_cast<void>(value_of(understand(plan, seed_of(plan))));
}

std::uint64_t seed_of_plan(const std::string& text) {
  return seed_of(value_of(sim::parse_plan("plan", text)));
}

std::vector<std::string> override_plan(const std::string& text, const std::string& assignment) {
  sim::Plan plan = text.empty() ? sim::Plan{} : value_of(sim::parse_plan("plan", text));
  check(sim::override_plan(plan, assignment));
  return steps_of(plan);
}

std::vector<std::string> swarm_plan(std::uint64_t seed, std::uint32_t nodes_min,
                                    std::uint32_t nodes_max) {
  if (nodes_min == 0 || nodes_min > nodes_max || nodes_max > 1'000)
    throw py::value_error("nodes: expected 1 <= least <= most <= 1000");
  return steps_of(sim::lab::draw_plan(seed, {nodes_min, nodes_max}));
}

py::dict read_artifact(const std::string& name, const std::string& text) {
  const sim::lab::Artifact artifact = value_of(sim::lab::parse_artifact(name, text));
  py::dict document;
  document["build"] = artifact.build;
  document["seed"] = artifact.seed;
  document["steps"] = steps_of(artifact.plan);
  document["trace_hash"] =
      artifact.trace_hash ? py::object(py::str(hex(*artifact.trace_hash))) : py::object(py::none());
  document["violation"] =
      artifact.violation
          ? py::object(py::make_tuple(artifact.violation->check, artifact.violation->at.nanos,
                                      artifact.violation->node, artifact.violation->detail))
          : py::object(py::none());
  return document;
}

/// What a run leaves that did not live to say how it went.
std::string crash_artifact(const std::string& name, const std::string& text, std::uint64_t seed,
                           const std::string& detail) {
  sim::lab::Artifact artifact;
  artifact.build = node::build_id();
  artifact.seed = seed;
  artifact.plan = value_of(sim::parse_plan(name, text));
  set_seed(artifact.plan, seed);
  artifact.violation_count = 1;
  artifact.violation = sim::Violation{"crash", {}, 0, detail};
  return print(artifact);
}

}  // namespace

PYBIND11_MODULE(_core, module) {
  module.doc() = "The simulator of mpreg, bare: use the package mpreg.";
  module.def("parse_plan", &parse_plan, py::arg("name"), py::arg("text"),
             "The steps of a plan in their canonical form.");
  module.def("check_plan", &check_plan, py::arg("name"), py::arg("text"),
             "Raises ValueError unless every step makes sense.");
  module.def("seed_of", &seed_of_plan, py::arg("text"));
  module.def("override_plan", &override_plan, py::arg("text"), py::arg("assignment"));
  module.def("swarm_plan", &swarm_plan, py::arg("seed"), py::arg("nodes_min"),
             py::arg("nodes_max"));
  module.def(
      "is_artifact", [](const std::string& text) { return sim::lab::is_artifact(text); },
      py::arg("text"));
  module.def("read_artifact", &read_artifact, py::arg("name"), py::arg("text"));
  module.def("crash_artifact", &crash_artifact, py::arg("name"), py::arg("text"), py::arg("seed"),
             py::arg("detail"), "The artifact of a run that ended its process.");
  module.def(
      "is_built_in", [](const std::string& name) { return sim::function_named(name).has_value(); },
      py::arg("name"), "Whether calls of a function by this name need nobody's help.");
  module.def(
      "build_id", [] { return std::string(node::build_id()); },
      "Names the sources of the logic; see mpreg.build_id.");
  add_history(module);
  add_shrink(module);
  add_world(module);
}

}  // namespace mpreg::python
