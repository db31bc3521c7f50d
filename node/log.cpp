// The one unit that compiles spdlog.
#include "node/log.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "engine/base/ids.hpp"
#include "engine/base/text.hpp"

namespace mpreg::node {
namespace {

/// Owned by the process: logging is the one thing that must work from everywhere.
struct Logging {
  std::shared_ptr<spdlog::logger> logger = spdlog::stderr_color_mt("mpreg");
  spdlog::level::level_enum level = spdlog::level::info;
  std::map<std::string, spdlog::level::level_enum, std::less<>> scopes;

  [[nodiscard]] bool shows(std::string_view scope, spdlog::level::level_enum severity) const {
    const auto found = scopes.find(scope);
    return severity >= (found == scopes.end() ? level : found->second);
  }
};

Logging& logging() {
  static Logging instance;
  return instance;
}

spdlog::level::level_enum level_of(std::string_view name) {
  if (name == "error") return spdlog::level::err;
  if (name == "warning") return spdlog::level::warn;
  return spdlog::level::from_str(std::string(name));
}

spdlog::level::level_enum level_of(runtime::Severity severity) {
  constexpr std::array levels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                              spdlog::level::err};
  return levels[static_cast<std::size_t>(severity)];
}

void write(std::string_view scope, spdlog::level::level_enum level, std::string_view text) {
  if (logging().shows(scope, level)) logging().logger->log(level, "{}: {}", scope, text);
}

/// What the subject of a note is: printed as ids are printed elsewhere.
std::string subject_of(const runtime::Note& note) {
  using runtime::NoteKind;
  switch (note.kind) {
    case NoteKind::frame_refused:
    case NoteKind::message_refused:
    case NoteKind::forged_source:
    case NoteKind::handshake_refused:
    case NoteKind::refused_by_peer:
    case NoteKind::handshake_timeout:
    case NoteKind::queue_overflow:
      return describe(LinkId{note.subject});
    case NoteKind::call_refused:
    case NoteKind::duplicate_call:
    case NoteKind::late_answer:
      return std::to_string(note.subject);
    default:
      return note.subject == 0 ? std::string() : describe(NodeId{note.subject});
  }
}

}  // namespace

void start_logging(const std::string& level, const std::vector<std::string>& scopes) {
  Logging& log = logging();
  log.logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %L %v");
  log.logger->set_level(spdlog::level::trace);  // shows() decides
  log.logger->flush_on(spdlog::level::trace);
  log.level = level_of(level);
  for (const std::string& scope : scopes) {
    const std::size_t equals = scope.find('=');
    log.scopes[scope.substr(0, equals)] = level_of(scope.substr(equals + 1));
  }
}

std::vector<std::string_view> known_scopes() {
  std::vector<std::string_view> scopes{"node", "record"};
  for (std::size_t kind = 0; kind < static_cast<std::size_t>(runtime::NoteKind::count); ++kind)
    scopes.push_back(runtime::scope_of(static_cast<runtime::NoteKind>(kind)));
  std::ranges::sort(scopes);
  scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
  return scopes;
}

void log_info(std::string_view scope, std::string_view text) {
  write(scope, spdlog::level::info, text);
}

void log_warning(std::string_view scope, std::string_view text) {
  write(scope, spdlog::level::warn, text);
}

void log_note(const runtime::Note& note) {
  const std::string_view scope = scope_of(note.kind);
  const auto level = level_of(severity_of(note.kind));
  if (!logging().shows(scope, level)) return;
  std::string text(name_of(note.kind));
  if (const std::string subject = subject_of(note); !subject.empty()) text += " " + subject;
  if (!note.text.empty()) text += ": " + printable(note.text, 512);
  logging().logger->log(level, "{}: {}", scope, text);
}

}  // namespace mpreg::node
