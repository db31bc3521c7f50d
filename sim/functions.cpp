#include "sim/functions.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "engine/base/assert.hpp"

namespace mpreg::sim {
namespace {

constexpr std::array<std::pair<std::string_view, Function>, 5> function_names = {
    {{"add", Function::add},
     {"echo2", Function::echo2},
     {"sleep", Function::sleep},
     {"fail", Function::fail},
     {"mul", Function::mul}}};

template <class T>
bool read_number(std::string_view& text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return true;
}

}  // namespace

Bytes write_argument(const Argument& argument) {
  return Bytes::copy_of(std::to_string(argument.call) + " " + std::to_string(argument.left) + " " +
                        std::to_string(argument.right));
}

std::optional<Argument> read_argument(const Bytes& payload) {
  Argument argument;
  std::string_view text = payload.text();
  if (!read_number(text, argument.call) || !read_number(text, argument.left) ||
      !read_number(text, argument.right) || !text.empty())
    return std::nullopt;
  return argument;
}

std::string_view base_of(std::string_view name) { return name.substr(0, name.find('.')); }

std::optional<Function> function_named(std::string_view name, const Handlers* handlers) {
  const std::string_view base = base_of(name);
  for (const auto& [known, function] : function_names)
    if (known == base) return function;
  if (handlers != nullptr && handlers->has(base)) return Function::user;
  return std::nullopt;
}

runtime::Outcome evaluate(Function function, const Bytes& payload) {
  runtime::Outcome outcome;
  outcome.content_type = "text/plain";
  const auto argument = read_argument(payload);
  if (!argument) {
    outcome.code = Errc::invalid_argument;
    outcome.message = "expected three numbers";
    return outcome;
  }
  switch (function) {
    case Function::add:
      outcome.payload = Bytes::copy_of(std::to_string(argument->left + argument->right));
      break;
    case Function::echo2:
    case Function::sleep:
      outcome.payload = payload;
      break;
    case Function::fail:
      outcome.code = Errc::handler_failed;
      outcome.message = "failed as asked";
      break;
    case Function::mul:
      outcome.payload = Bytes::copy_of(std::to_string(argument->left * argument->right));
      break;
    case Function::user:
      MPREG_UNREACHABLE();
  }
  return outcome;
}

Duration extra_time(Function function, const Bytes& payload) {
  if (function != Function::sleep) return {};
  const auto argument = read_argument(payload);
  return argument && argument->left > 0 ? milliseconds(argument->left) : Duration{};
}

}  // namespace mpreg::sim
