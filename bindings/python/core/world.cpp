#include "bindings/python/core/world.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "bindings/python/core/errors.hpp"
#include "engine/base/text.hpp"
#include "engine/wire/describe.hpp"
#include "node/build_id.hpp"
#include "sim/checkers/agreement.hpp"
#include "sim/coverage.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/lab/artifact.hpp"

namespace mpreg::python {
namespace {

/// (check, nanoseconds, node, detail).
py::tuple tuple_of(const sim::Violation& violation) {
  return py::make_tuple(violation.check, violation.at.nanos, violation.node, violation.detail);
}

py::dict calls_of(const sim::CallCounts& calls) {
  py::dict counts;
  counts["started"] = calls.started;
  counts["answered"] = calls.answered;
  counts["failed"] = calls.failed;
  counts["entry_lost"] = calls.entry_lost;
  counts["executions"] = calls.executions;
  counts["repeated"] = calls.repeated;
  counts["slowest_ns"] = calls.slowest.nanos;
  return counts;
}

py::dict state_of(const sim::SimNode& node) {
  py::dict state;
  state["state"] = name_of(node.state());
  state["life"] = node.life();
  state["is_serving"] = node.is_serving();
  state["waiting"] = node.waiting();
  state["timers"] = node.timers().size();
  state["executing"] = node.host().running();
  state["incarnation"] =
      node.has_booted() ? py::object(py::int_(node.subject().incarnation().value)) : py::none();
  state["started_ns"] =
      node.life() == 0 ? py::object(py::none()) : py::int_(node.started_at().nanos);
  return state;
}

/// The simulator runs: other Python threads go on meanwhile.
class Running {
 public:
  Running(bool& is_running, std::thread::id& runner) : is_running_(is_running) {
    is_running_ = true;
    runner = std::this_thread::get_id();
  }
  ~Running() { is_running_ = false; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  bool& is_running_;
};

}  // namespace

World::World(const std::string& name, const std::string& plan, std::uint64_t seed, bool has_history,
             const py::dict& functions)
    : history_(has_history ? std::make_shared<sim::History>() : nullptr),
      handlers_(handlers_of(functions)),
      live_(value_of(sim::lab::LiveWorld::make(
          plan.empty() ? sim::Plan{name, {}} : value_of(sim::parse_plan(name, plan)), seed,
          sim::make_fabric, &handlers_))) {
  if (history_) live_.tell(*history_);
}

PythonHandlers World::handlers_of(const py::dict& functions) {
  PythonHandlers handlers(raised_);
  for (const auto& [name, function] : functions)
    handlers.add(name.cast<std::string>(), py::reinterpret_borrow<py::object>(function));
  return handlers;
}

sim::lab::LiveWorld& World::looking() {
  if (is_running_ && runner_ != std::this_thread::get_id())
    throw std::runtime_error("the world runs in another thread");
  return live_;
}

sim::lab::LiveWorld& World::acting() {
  static_cast<void>(looking());
  if (is_running_)
    throw std::runtime_error("the world runs: what is called meanwhile may look, not act");
  return live_;
}

const sim::World& World::begun() {
  if (!looking().has_begun()) throw std::runtime_error("the world has not begun: run it first");
  return live_.world();
}

const sim::SimNode& World::up(std::uint32_t number) {
  const sim::Cluster& cluster = begun().cluster();
  if (number == 0 || number > cluster.size())
    throw py::value_error("node: expected n1 to n" + std::to_string(cluster.size()) + ", found n" +
                          std::to_string(number));
  return cluster.node(number);
}

void World::step(const std::string& text) {
  sim::lab::LiveWorld& live = acting();
  const sim::Plan plan = value_of(sim::parse_plan("step", text));
  if (plan.steps.size() != 1) throw py::value_error("1:1: expected one step");
  if (live.is_over()) throw std::runtime_error("the run is over");
  check(live.add(plan.steps.front()));
}

std::string World::plan() { return print(looking().plan()); }
std::int64_t World::now() {
  const sim::lab::LiveWorld& live = looking();
  return is_running_ ? live.world().now().nanos : live.now().nanos;
}
bool World::has_begun() { return looking().has_begun(); }
bool World::is_over() { return looking().is_over(); }

py::object World::planned_length() {
  const auto length = looking().planned_length();
  return length ? py::object(py::int_(length->nanos)) : py::none();
}

void World::begin() {
  if (!acting().has_begun()) live_.begin();
}

void World::run_to(std::int64_t nanos) {
  begin();
  if (live_.is_over()) throw std::runtime_error("the run is over");
  {
    const Running running(is_running_, runner_);
    const py::gil_scoped_release unlocked;
    live_.run_to(Instant{nanos});
    if (raised_.is_set()) live_.finish();  // what came after it is no run of the plan
  }
  raised_.rethrow();
}

void World::finish() {
  begin();
  if (live_.is_over()) throw std::runtime_error("the run is over");
  {
    const Running running(is_running_, runner_);
    const py::gil_scoped_release unlocked;
    live_.finish();
  }
  raised_.rethrow();
}

void World::add_function(const std::string& name, py::object function) {
  if (acting().has_begun())
    throw std::runtime_error("functions are brought along before the world begins");
  handlers_.add(name, std::move(function));
}

void World::add_checker(std::string name, When when, py::object function) {
  if (acting().has_begun())
    throw std::runtime_error("checkers are brought along before the world begins");
  live_.add(std::make_unique<PythonChecker>(std::move(name), when, std::move(function), raised_));
}

void World::record_changes() {
  if (acting().has_begun())
    throw std::runtime_error("who wants to hear of members says so before the world begins");
  live_.add(std::make_unique<ChangeLog>(changes_));
}

py::list World::take_changes() {
  static_cast<void>(acting());
  py::list list;
  for (const SeenChange& seen : changes_)
    list.append(py::make_tuple(
        seen.at.nanos, seen.observer, seen.change.node.value,
        seen.change.is_new ? py::object(py::none()) : py::str(wire::describe(seen.change.before)),
        seen.change.is_forgotten ? py::object(py::none())
                                 : py::str(wire::describe(seen.change.now)),
        seen.change.incarnation.value));
  changes_.clear();
  return list;
}

void World::violate(std::string check, std::uint32_t node, std::string detail) {
  if (begun().cluster().size() < node)
    throw py::value_error("node: expected n1 to n" + std::to_string(size()));
  live_.world().cluster().violations().add(
      {std::move(check), Instant{now()}, node, std::move(detail)});
}

std::uint32_t World::size() { return begun().cluster().size(); }
std::uint32_t World::worker_count() { return begun().cluster().worker_count(); }
py::dict World::node(std::uint32_t number) { return state_of(up(number)); }

py::dict World::worker(std::uint32_t number) {
  const sim::Cluster& cluster = begun().cluster();
  if (number == 0 || number > cluster.worker_count())
    throw py::value_error("worker: expected w1 to w" + std::to_string(cluster.worker_count()));
  return state_of(cluster.worker(number));
}

py::list World::members(std::uint32_t number) {
  const sim::SimNode& node = up(number);
  py::list list;
  if (!node.is_up()) return list;
  for (const sim::MemberSeen& member : node.subject().members())
    list.append(py::make_tuple(describe(member.node), wire::describe(member.state),
                               member.incarnation.value));
  return list;
}

py::list World::records(std::uint32_t number, bool is_offered) {
  const sim::SimNode& node = up(number);
  py::list list;
  if (!node.is_up()) return list;
  for (const sim::RecordSeen& record :
       is_offered ? node.subject().offered() : node.subject().visible()) {
    std::vector<std::string> parts;
    std::string_view rest = record.key.key;
    while (true) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      parts.emplace_back(rest.substr(0, end));
      if (end == rest.size()) break;
      rest.remove_prefix(end + 1);
    }
    list.append(py::make_tuple(describe(record.owner), wire::describe(record.key.kind),
                               py::tuple(py::cast(parts)), record.version));
  }
  return list;
}

py::dict World::tables(std::uint32_t number) {
  const sim::SimNode& node = up(number);
  py::dict sizes;
  if (!node.is_up()) return sizes;
  for (const TableSize& table : node.subject().tables()) sizes[py::str(table.table)] = table.size;
  return sizes;
}

py::list World::links(std::uint32_t number) {
  static_cast<void>(up(number));
  py::list peers;
  for (const auto& [link, peer] : begun().cluster().network().links_of(number)) peers.append(peer);
  return peers;
}

py::list World::pending(std::uint32_t number) {
  const sim::SimNode& node = up(number);
  py::list reasons;
  if (!node.is_up()) return reasons;
  for (const std::string& reason : node.subject().pending()) reasons.append(py::str(reason));
  return reasons;
}

py::dict World::report() {
  const sim::Report report = report_of(begun());
  py::dict document;
  document["scenario"] = report.scenario;
  document["seed"] = report.seed;
  document["nodes"] = report.nodes;
  document["simulated_ns"] = report.simulated.nanos;
  document["events"] = report.events;
  document["turns"] = report.turns;
  document["messages"] = report.messages;
  document["bytes"] = report.bytes;
  document["trace_hash"] = hex(report.trace_hash);
  document["converged_ns"] =
      report.converged_at ? py::object(py::int_(report.converged_at->nanos)) : py::none();
  document["violation_count"] = report.violation_count;
  document["calls"] = calls_of(report.calls);
  return document;
}

py::dict World::faults() {
  py::dict counts;
  const sim::FaultCounts& faults = begun().cluster().faults();
  for (std::size_t kind = 0; kind < sim::fault_count; ++kind)
    counts[py::str(sim::name_of(static_cast<sim::Fault>(kind)))] =
        faults.of(static_cast<sim::Fault>(kind));
  return counts;
}

py::dict World::coverage() {
  py::dict marks;
  const sim::Coverage coverage = coverage_of(begun());
  for (std::size_t mark = 0; mark < sim::Coverage::size(); ++mark)
    marks[py::str(sim::Coverage::name_of(mark))] = coverage.of(mark);
  return marks;
}

py::list World::violations() {
  py::list list;
  for (const sim::Violation& violation : begun().cluster().violations().kept())
    list.append(tuple_of(violation));
  return list;
}

py::object World::difference() {
  auto found = sim::checkers::find_visible_difference(begun().cluster());
  if (found) found->at = Instant{now()};
  return found ? py::object(tuple_of(*found)) : py::none();
}

std::string World::artifact() {
  const sim::Report report = report_of(begun());
  return print(sim::lab::artifact_of(live_.plan(), report, node::build_id()));
}

std::shared_ptr<sim::History> World::history() {
  static_cast<void>(looking());
  return history_ ? std::make_shared<sim::History>(*history_) : nullptr;
}

void add_world(py::module_& module) {
  py::enum_<When>(module, "When", "When a checker is called.")
      .value("quiet", When::quiet)
      .value("turn", When::turn)
      .value("end", When::end);
  py::class_<World>(module, "World", "A simulated world; mpreg.World gives it its shape.")
      .def(py::init<const std::string&, const std::string&, std::uint64_t, bool, const py::dict&>(),
           py::arg("name"), py::arg("plan"), py::arg("seed"), py::arg("has_history"),
           py::arg("functions"))
      .def("step", &World::step, py::arg("text"), "Adds one step of a plan.")
      .def("plan", &World::plan, "The plan executed so far, as text.")
      .def_property_readonly("now", &World::now, "Simulated time in nanoseconds.")
      .def_property_readonly("has_begun", &World::has_begun)
      .def_property_readonly("is_over", &World::is_over)
      .def_property_readonly("planned_length", &World::planned_length)
      .def_property_readonly("size", &World::size, "Nodes.")
      .def_property_readonly("worker_count", &World::worker_count)
      .def_property_readonly("history", &World::history)
      .def("begin", &World::begin)
      .def("run_to", &World::run_to, py::arg("nanos"), "Runs until right before a moment.")
      .def("finish", &World::finish, "Runs now itself and closes the accounts.")
      .def("add_function", &World::add_function, py::arg("name"), py::arg("function"))
      .def("add_checker", &World::add_checker, py::arg("name"), py::arg("when"),
           py::arg("function"))
      .def("record_changes", &World::record_changes)
      .def("take_changes", &World::take_changes)
      .def("violate", &World::violate, py::arg("check"), py::arg("node"), py::arg("detail"))
      .def("node", &World::node, py::arg("number"))
      .def("worker", &World::worker, py::arg("number"))
      .def("members", &World::members, py::arg("number"))
      .def("records", &World::records, py::arg("number"), py::arg("is_offered"))
      .def("tables", &World::tables, py::arg("number"))
      .def("links", &World::links, py::arg("number"))
      .def("pending", &World::pending, py::arg("number"))
      .def("report", &World::report)
      .def("faults", &World::faults)
      .def("coverage", &World::coverage)
      .def("violations", &World::violations)
      .def("difference", &World::difference)
      .def("artifact", &World::artifact);
}

}  // namespace mpreg::python
