#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "sim/explain/chronicle.hpp"
#include "sim/plan_runner.hpp"

/// A run in the formats of other tools. Equal chronicles give equal bytes.
namespace mpreg::node {

/// Trace events as JSON, for Perfetto and chrome://tracing: a process a place with its states, its
/// messages (tied by flows), its changed views; rules, violations and counters of the world.
[[nodiscard]] std::string perfetto_of(const sim::explain::Chronicle& chronicle,
                                      const sim::Report& report);

/// A log with vector clocks for ShiViz, two lines an event: what, then host and clock. The
/// clock of a host counts its own events without a gap; what was not kept is no event.
[[nodiscard]] std::string shiviz_of(const sim::explain::Chronicle& chronicle,
                                    const sim::Report& report);

/// The frames that came, as packets of TCP connections between made-up addresses (10.0.x.y is place
/// x * 256 + y, port 7000 the accepting end), each with a comment that says what it is. Captured
/// at the receiver: what was lost is a gap in the sequence, what the network repeated is sent
/// again. Time is that of the world, from 1970 on, to the nanosecond.
[[nodiscard]] std::string pcapng_of(const sim::explain::Chronicle& chronicle);

/// Places, their states and the connections that are open at a moment, for dot. A partition in
/// force is drawn as groups.
[[nodiscard]] std::string graphviz_of(const sim::explain::Chronicle& chronicle, Instant at);

/// A format: its name, how its files end, how a run is written in it. The moment is a picture's.
struct ExportFormat {
  std::string_view name;
  std::string_view ending;
  std::string (*write)(const sim::explain::Chronicle& chronicle, const sim::Report& report,
                       Instant at);
};

/// Errors: invalid_argument, which lists the formats.
[[nodiscard]] Result<const ExportFormat*> export_format(const std::string& name);

/// Writes an export to a file and prints its path, or to `out` when that is "-". Errors:
/// unavailable.
[[nodiscard]] Status deliver_export(const std::string& text, const std::string& path,
                                    std::FILE* out);

}  // namespace mpreg::node
