#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/fabric/options.hpp"

namespace mpreg::node {

/// What a node process can be told: the engine's options and what belongs to the process alone.
///
/// Sources in rising order of strength: defaults, the TOML file, MPREG_* environment variables,
/// --set.
struct Config {
  fabric::Options engine;
  std::vector<std::string> listen = {
      "127.0.0.1:0"};       ///< "host:port" or "unix:/path"; port 0: the system chooses.
  std::string key;          ///< The cluster key, 16 to 64 bytes; empty: none, loopback only.
  std::string key_file;     ///< Where the key is read from; its last newline does not count.
  std::string storage_dir;  ///< LMDB directory; empty: nothing is kept.
  std::string record_dir;   ///< Input recording; empty: none.
  std::uint64_t record_bytes_max = 512U << 20;  ///< Of all segments together; the oldest go.
  std::uint32_t host_threads = 2;               ///< For user functions of this process.
  std::string log_level = "info";               ///< trace, debug, info, warning, error, off.
  std::vector<std::string> log_scopes;          ///< "membership=debug".
  std::uint32_t drain_seconds = 10;             ///< Calls may finish that long after SIGTERM.
};

/// One process setting, for documentation.
struct ProcessSetting {
  std::string_view key;
  std::string_view purpose;
  std::string_view expected;
};
[[nodiscard]] std::vector<ProcessSetting> process_settings();

/// Sets one key, of the engine or of the process, from text.
/// Errors: invalid_argument naming key, value and what was expected.
[[nodiscard]] Status set(Config& config, std::string_view key, std::string_view value);

/// Reads a TOML file into `config`. Errors: invalid_argument "FILE:LINE: key ...: expected ...",
/// unknown keys and wrong types included; unavailable when the file cannot be read. `config` is
/// unchanged then.
[[nodiscard]] Status load_file(Config& config, const std::string& path);

/// Reads MPREG_SECTION_KEY for every setting, and DEBUG_SCOPES. Errors name the variable; one that
/// begins so and is no setting, nor MPREG_NODE of the clients, is one.
[[nodiscard]] Status load_environment(Config& config);

/// Reads the key file, fills what follows and checks the whole. Errors: invalid_argument.
[[nodiscard]] Status finish(Config& config);

}  // namespace mpreg::node
