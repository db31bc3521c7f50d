#include "bindings/python/core/errors.hpp"
#include "bindings/python/core/world.hpp"
#include "sim/history/history_text.hpp"
#include "sim/history/linearizability.hpp"

namespace mpreg::python {
namespace {

using Verdict = sim::Judgement::Verdict;

sim::Value value_from(const py::handle& object) {
  if (object.is_none()) return {};
  if (py::isinstance<py::int_>(object)) return {object.cast<std::int64_t>()};
  return object.cast<std::vector<std::int64_t>>();
}

py::object value_to(const sim::Value& value) {
  if (value.empty()) return py::none();
  if (value.size() == 1) return py::int_(value.front());
  return py::tuple(py::cast(value));
}

sim::Ending ending_from(const std::string& word) {
  for (const sim::Ending ending : {sim::Ending::ok, sim::Ending::fail, sim::Ending::info})
    if (name_of(ending) == word) return ending;
  throw py::value_error("ending: expected ok, fail or info, found '" + word + "'");
}

void invoke(sim::History& history, std::uint64_t process, std::int64_t at, const std::string& key,
            const std::string& function, const py::object& value) {
  static_cast<void>(
      value_of(history.invoke_as(process, Instant{at}, key, function, value_from(value))));
}

void end(sim::History& history, std::uint64_t process, std::int64_t at, const std::string& ending,
         const py::object& value, const std::string& error) {
  const auto open = history.open_of(process);
  if (!open)
    throw py::value_error("process: expected one with an open operation, found " +
                          std::to_string(process));
  history.end(*open, Instant{at}, ending_from(ending), value_from(value), error);
}

py::dict dict_of(const sim::Operation& operation) {
  py::dict document;
  document["process"] = operation.process;
  document["key"] = operation.key;
  document["function"] = operation.function;
  document["argument"] = value_to(operation.argument);
  document["result"] = value_to(operation.result);
  document["error"] = operation.error;
  document["ending"] = name_of(operation.ending);
  document["invoked_ns"] = operation.invoked.nanos;
  document["ended_ns"] =
      operation.is_open() ? py::object(py::none()) : py::int_(operation.ended.nanos);
  return document;
}

py::list operations(const sim::History& history) {
  py::list list;
  for (const sim::Operation& operation : history.operations()) list.append(dict_of(operation));
  return list;
}

/// Judges a copy: another thread may go on writing the history meanwhile.
py::dict judge(const sim::History& written, const std::string& name, std::size_t configurations) {
  const sim::History history = written;
  const auto model = sim::model_named(name);
  if (!model) throw py::value_error("model: expected register or counter, found '" + name + "'");
  sim::JudgeLimits limits;
  limits.configurations = configurations;
  sim::Judgement judgement;
  {
    const py::gil_scoped_release unlocked;
    judgement = value_of(sim::judge(history, *model, limits));
  }
  py::list window;
  for (const sim::Operation& operation : judgement.window) window.append(dict_of(operation));
  py::dict document;
  document["verdict"] = name_of(judgement.verdict);
  document["key"] = judgement.key;
  document["why"] = judgement.why;
  document["window"] = std::move(window);
  document["operations"] = judgement.operations;
  document["explored"] = judgement.explored;
  return document;
}

}  // namespace

void add_history(py::module_& module) {
  py::class_<sim::History, std::shared_ptr<sim::History>>(
      module, "History", "What clients did and saw; mpreg.History gives it its shape.")
      .def(py::init<>())
      .def("invoke", &invoke, py::arg("process"), py::arg("at"), py::arg("key"),
           py::arg("function"), py::arg("value"))
      .def("end", &end, py::arg("process"), py::arg("at"), py::arg("ending"), py::arg("value"),
           py::arg("error"))
      .def("operations", &operations)
      .def("json_lines", &sim::json_lines)
      .def("edn", &sim::edn)
      .def("__len__", [](const sim::History& history) { return history.operations().size(); });
  module.def("judge", &judge, py::arg("history"), py::arg("model"), py::arg("configurations"),
             "Whether a history is linearizable.");
}

}  // namespace mpreg::python
