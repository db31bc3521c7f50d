#include "bindings/python/core/callbacks.hpp"

namespace mpreg::python {
namespace {

void report(sim::World& world, const std::string& name, std::uint32_t node,
            const py::handle& found) {
  if (found.is_none()) return;
  if (py::isinstance<py::str>(found)) return world.violate(name, node, found.cast<std::string>());
  if (!py::isinstance<py::list>(found) && !py::isinstance<py::tuple>(found))
    throw py::type_error("checker '" + name +
                         "': expected None, a text or a list of texts, found " +
                         std::string(py::str(py::type::of(found))));
  for (const py::handle& one : found) report(world, name, node, one);
}

}  // namespace

void PythonChecker::call(sim::World& world, std::uint32_t node) {
  if (raised_.is_set()) return;
  const py::gil_scoped_acquire lock;
  try {
    report(world, name_, node, function_(node));
  } catch (py::error_already_set& error) {
    if (!error.matches(PyExc_AssertionError)) return raised_.keep();
    report_assertion(world, node, error.value());
  } catch (...) {
    raised_.keep();
  }
}

void PythonChecker::report_assertion(sim::World& world, std::uint32_t node,
                                     const py::handle& assertion) {
  try {
    const std::string said = py::str(assertion);
    world.violate(name_, node, said.empty() ? "an assertion failed" : said);
  } catch (...) {  // what it says cannot be said
    raised_.keep();
  }
}

runtime::Outcome PythonHandlers::serve(std::string_view name, const sim::Argument& argument,
                                       std::uint32_t place, Instant now) {
  runtime::Outcome outcome;
  outcome.content_type = "text/plain";
  const py::gil_scoped_acquire lock;
  try {
    if (raised_.is_set()) throw std::runtime_error("the run is being given up");
    const py::object answer = functions_.find(name)->second(py::str(name), argument.left,
                                                            argument.right, place, now.nanos);
    outcome.payload = Bytes::copy_of(answer.cast<std::string>());
  } catch (const std::exception& error) {
    const auto* const thrown = dynamic_cast<const py::error_already_set*>(&error);
    if (thrown != nullptr && !thrown->matches(PyExc_Exception)) raised_.keep();
    outcome.code = Errc::handler_failed;
    outcome.message = error.what();
    outcome.message.resize(std::min(outcome.message.find('\n'), outcome.message.size()));
  }
  return outcome;
}

}  // namespace mpreg::python
