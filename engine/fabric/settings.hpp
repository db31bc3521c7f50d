#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/fabric/options.hpp"

namespace mpreg::fabric {

// How one option is reached, and what it may be.
struct DurationField {
  Duration& (*at)(Options&);
  Duration min;
  Duration max;
};
struct CountField {
  std::uint32_t& (*at)(Options&);
  std::uint32_t min;
  std::uint32_t max;
};
struct TextField {
  std::string& (*at)(Options&);
  std::size_t bytes_max;
};
struct FlagField {
  bool& (*at)(Options&);
};
struct ListField {
  std::vector<std::string>& (*at)(Options&);  ///< Comma-separated in text form.
};

/// One option of the engine that people may set: in a configuration file, a plan, a flag.
struct Setting {
  std::string_view key;  ///< "membership.probe_interval".
  std::string_view purpose;
  std::variant<DurationField, CountField, TextField, FlagField, ListField> field;
};

/// All settings, sorted by key.
[[nodiscard]] std::span<const Setting> settings();

/// "a duration from 10ms to 1h", for error messages and documentation.
[[nodiscard]] std::string expected(const Setting& setting);

/// Sets one option from text. Errors: invalid_argument naming key, value and what was expected;
/// nothing is changed then.
[[nodiscard]] Status set(Options& options, std::string_view key, std::string_view value);

/// The value in the form that set() reads.
[[nodiscard]] std::string value_of(const Options& options, const Setting& setting);

/// All options as "key=value" lines; parse() of it gives equal options. Part of every recording.
[[nodiscard]] std::string print(const Options& options);
[[nodiscard]] Result<Options> parse(std::string_view text);

/// "250ms", "1.5s", "10m", "1h", "40us", "7ns". Errors: invalid_argument.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

}  // namespace mpreg::fabric
