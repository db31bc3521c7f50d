#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/semantic_version.hpp"
#include "engine/wire/catalog_messages.hpp"

/// The functions that nodes answer themselves: the one list of them.
///
/// A node names those it serves by a bit each in its node record (NodeRecord::builtins), so that a
/// thousand nodes need not tell each other the same five records (docs/adr/0010). A number always
/// means the same name, id and version: the list only grows, and a changed function takes a new
/// number. A bit that is not known here is kept and passed on, and names no function.
namespace mpreg::wire {

/// Numbers of the protocol: bit n of NodeRecord::builtins.
enum class Builtin : std::uint8_t {
  none = 0,
  echo = 1,        ///< "echo": the payload comes back.
  echos = 2,       ///< "echos": a list of values comes back.
  list_peers = 3,  ///< "list_peers": the members as JSON.
  status = 4,      ///< "mpreg.status": the node as JSON.
  catalog = 5,     ///< "mpreg.catalog": the visible catalog as JSON.
};
inline constexpr std::size_t builtin_end = 6;  ///< Above the highest number.

[[nodiscard]] constexpr std::uint64_t bit_of(Builtin number) {
  return std::uint64_t{1} << static_cast<unsigned>(number);
}

/// A built-in function as others see it; its id is its name, and it needs no resources.
struct BuiltinFunction {
  Builtin number = Builtin::none;
  FunctionRecord record;
  SemanticVersion version;  ///< Of the record, parsed.
};

/// All that this build knows, by name. The same objects for as long as the process runs.
[[nodiscard]] std::span<const BuiltinFunction> builtin_functions();
/// The one with that name, which is its id too; null when it is none.
[[nodiscard]] const BuiltinFunction* find_builtin(std::string_view name);
/// Would this function give a built-in one's name another id, or its id another name?
[[nodiscard]] bool rebinds_builtin(const FunctionRecord& function);

}  // namespace mpreg::wire
