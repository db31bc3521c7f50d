#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/runtime/note.hpp"

namespace mpreg::node {

/// Sends log lines to stderr. `level` is the least severity, `scopes` ("membership=debug") override
/// it. Requires: level and scopes as Config checked them.
void start_logging(const std::string& level, const std::vector<std::string>& scopes);

/// Scopes that log lines have, sorted: those of the engine's notes and those of the process.
[[nodiscard]] std::vector<std::string_view> known_scopes();

/// One line of this process, outside the engine.
void log_info(std::string_view scope, std::string_view text);
void log_warning(std::string_view scope, std::string_view text);

/// One note of the engine, if its scope's level lets it pass; formatted only then.
void log_note(const runtime::Note& note);

}  // namespace mpreg::node
