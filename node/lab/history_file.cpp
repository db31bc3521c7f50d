#include "node/lab/history_file.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/json.hpp>

#include "node/lab/plan_files.hpp"
#include "sim/history/history_text.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

/// Reads one line after the other into a history.
class HistoryReader {
 public:
  explicit HistoryReader(std::string name) : name_(std::move(name)) {}

  [[nodiscard]] Status line(std::string_view text) {
    ++line_;
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) return {};
    json::error_code error;
    const json::value value = json::parse({text.data(), text.size()}, error);
    if (error) return expected("a JSON object: " + error.message());
    if (!value.is_object()) return expected("a JSON object");
    const json::object& event = value.get_object();
    MPREG_TRY(const std::uint64_t process, number(event, "process"));
    MPREG_TRY(const std::uint64_t time, number(event, "time"));
    MPREG_TRY(const std::string type, text_of(event, "type", ""));
    const Instant at = Instant{} + Duration{static_cast<std::int64_t>(time)};
    if (type == "invoke") return invoke(event, process, at);
    if (type == "ok") return end(event, process, at, sim::Ending::ok);
    if (type == "fail") return end(event, process, at, sim::Ending::fail);
    if (type == "info") return end(event, process, at, sim::Ending::info);
    return expected("\"type\" to be invoke, ok, fail or info");
  }
  [[nodiscard]] sim::History take() { return std::move(history_); }

 private:
  [[nodiscard]] tl::unexpected<Error> expected(const std::string& what) const {
    return fail(Errc::malformed, name_ + ":" + std::to_string(line_) + ": expected " + what);
  }
  [[nodiscard]] Result<std::uint64_t> number(const json::object& event, const char* field) const {
    const json::value* const value = event.if_contains(field);
    if (value != nullptr && value->is_int64() && value->get_int64() >= 0)
      return static_cast<std::uint64_t>(value->get_int64());
    return expected("\"" + std::string(field) + "\", a number from 0 to 9223372036854775807");
  }
  [[nodiscard]] Result<std::string> text_of(const json::object& event, const char* field,
                                            const char* fallback) const {
    const json::value* const value = event.if_contains(field);
    if (value == nullptr) return std::string(fallback);
    if (value->is_string()) return std::string(value->get_string());
    return expected("\"" + std::string(field) + "\" to be a text");
  }
  [[nodiscard]] Result<sim::Value> value_of(const json::object& event) const {
    const json::value* const value = event.if_contains("value");
    if (value == nullptr || value->is_null()) return sim::Value{};
    if (value->is_int64()) return sim::Value{value->get_int64()};
    sim::Value numbers;
    if (!value->is_array())
      return expected("\"value\" to be null, a whole number or a list of them");
    for (const json::value& one : value->get_array()) {
      if (!one.is_int64()) return expected("whole numbers in the list \"value\"");
      numbers.push_back(one.get_int64());
    }
    return numbers;
  }

  [[nodiscard]] Status invoke(const json::object& event, std::uint64_t process, Instant at) {
    MPREG_TRY(std::string key, text_of(event, "key", ""));
    MPREG_TRY(std::string function, text_of(event, "f", ""));
    MPREG_TRY(sim::Value argument, value_of(event));
    if (function.empty()) return expected("\"f\", the name of the function");
    const auto begun =
        history_.invoke_as(process, at, std::move(key), std::move(function), std::move(argument));
    if (begun) return {};
    return fail(Errc::malformed,
                name_ + ":" + std::to_string(line_) + ": " + begun.error().message);
  }

  [[nodiscard]] Status end(const json::object& event, std::uint64_t process, Instant at,
                           sim::Ending ending) {
    const auto open = history_.open_of(process);
    if (!open)
      return expected("an invocation of process " + std::to_string(process) + " before its end");
    MPREG_TRY(sim::Value value, value_of(event));
    MPREG_TRY(std::string error, text_of(event, "error", ""));
    // An end without an answer of its own repeats what was asked.
    if (ending != sim::Ending::ok || value == history_.operations()[*open].argument) value.clear();
    history_.end(*open, at, ending, std::move(value), std::move(error));
    return {};
  }

  std::string name_;
  std::size_t line_ = 0;
  sim::History history_;
};

}  // namespace

Result<sim::History> parse_history(const std::string& name, const std::string& text) {
  HistoryReader reader(name);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    MPREG_CHECK(reader.line(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return reader.take();
}

Status write_history(const std::string& path, const sim::History& history) {
  return write_text(path, path.ends_with(".edn") ? sim::edn(history) : sim::json_lines(history));
}

}  // namespace mpreg::node
