#include "engine/wire/builtin_functions.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/base/assert.hpp"

namespace mpreg::wire {
namespace {

struct Entry {
  Builtin number;
  std::string_view name;
  std::string_view version;
};

/// By name.
constexpr Entry entries[] = {
    {Builtin::echo, "echo", "1.0.0"},
    {Builtin::echos, "echos", "1.0.0"},
    {Builtin::list_peers, "list_peers", "1.0.0"},
    {Builtin::catalog, "mpreg.catalog", "1.0.0"},
    {Builtin::status, "mpreg.status", "1.0.0"},
};
static_assert(std::size(entries) == builtin_end - 1);
static_assert(builtin_end <= 64, "a bit each");

std::vector<BuiltinFunction> all_functions() {
  std::vector<BuiltinFunction> functions;
  for (const Entry& entry : entries) {
    const auto version = SemanticVersion::parse(entry.version);
    MPREG_ASSERT(version.has_value());
    FunctionRecord record{
        std::string(entry.name), std::string(entry.name), std::string(entry.version), {}};
    functions.push_back({entry.number, std::move(record), *version});
  }
  return functions;
}

}  // namespace

std::span<const BuiltinFunction> builtin_functions() {
  static const std::vector<BuiltinFunction> functions = all_functions();
  return functions;
}

const BuiltinFunction* find_builtin(std::string_view name) {
  const std::span<const BuiltinFunction> all = builtin_functions();
  const auto place = std::lower_bound(
      all.begin(), all.end(), name,
      [](const BuiltinFunction& one, std::string_view wanted) { return one.record.name < wanted; });
  return place == all.end() || place->record.name != name ? nullptr : &*place;
}

bool rebinds_builtin(const FunctionRecord& function) {
  return function.name != function.function_id &&
         (find_builtin(function.name) != nullptr || find_builtin(function.function_id) != nullptr);
}

}  // namespace mpreg::wire
