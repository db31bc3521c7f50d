#pragma once

#include <string>

#include "engine/base/result.hpp"
#include "sim/history/history.hpp"

namespace mpreg::node {

/// Reads a history from JSON lines (sim::json_lines). `name` is the file in errors. Fields beyond
/// those are ignored, so that what other tools write can be read.
/// Errors: malformed, "file:line: expected ...".
[[nodiscard]] Result<sim::History> parse_history(const std::string& name, const std::string& text);

/// Writes one: as EDN where the path ends in ".edn", else as JSON lines. Errors: unavailable.
[[nodiscard]] Status write_history(const std::string& path, const sim::History& history);

}  // namespace mpreg::node
