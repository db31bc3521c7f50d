#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace mpreg {

/// How full a table of a component is, for operators and checkers.
///
/// A table that a limit of engine/base/limits.hpp bounds has the name of that limit without `_max`;
/// tests compare the two lists, so that no bounded table can be left out.
struct TableSize {
  std::string_view table;
  std::size_t size = 0;
  std::size_t limit = 0;  ///< It never holds more.
};

/// Where each component writes its tables.
using TableSizes = std::vector<TableSize>;

}  // namespace mpreg
