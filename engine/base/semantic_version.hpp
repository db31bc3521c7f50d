#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace mpreg {

/// A semantic version (semver 2.0): "1.2.3" or "1.2.3-rc.1".
///
/// Order is semver's precedence: numbers first, then a pre-release comes before its release, then
/// identifier by identifier (numeric below alphanumeric, fewer below more). Build metadata is
/// checked when read and then forgotten, so equal versions are equal in every way.
struct SemanticVersion {
  static constexpr std::size_t text_bytes_max = 128;
  static constexpr std::size_t identifiers_max = 16;  ///< In a pre-release.
  static constexpr std::uint64_t number_max = 999'999'999'999'999;

  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::string pre_release;  ///< Dot-separated identifiers without the '-'; empty = a release.

  /// Reads a version: an optional 'v', one to three numbers (missing ones are 0), an optional
  /// "-pre.release", an optional "+build". Errors: invalid_argument with the position (from 0) and
  /// what was expected there.
  [[nodiscard]] static Result<SemanticVersion> parse(std::string_view text);

  [[nodiscard]] bool is_pre_release() const { return !pre_release.empty(); }

  friend bool operator==(const SemanticVersion&, const SemanticVersion&) = default;
};

[[nodiscard]] std::strong_ordering operator<=>(const SemanticVersion& a, const SemanticVersion& b);

/// The canonical text: three numbers and the pre-release. parse() of it gives the same version.
[[nodiscard]] std::string describe(const SemanticVersion& version);

/// Which versions are wanted: comparators joined by ',' (and) and '||' (or), e.g. "^1.2 || >=3,<4".
///
/// Grammar: any := all ('||' all)*, all := one (',' one)*, one := '(' any ')' | term.
/// Terms: `>= > <= < == =` and a version; a bare version (exact); `^` and `~`; x-ranges "1.x",
/// "1.2.*", "*", also after an operator. Missing parts are 0, except after `^` and `~`, where they
/// are wildcards: "~1" allows all of 1, "^0.0" all of 0.0. Caret keeps the leftmost non-zero part.
/// The empty text allows every version.
///
/// Pre-releases follow npm: one matches a list of comparators only if one of them names a
/// pre-release of the same three numbers; so "^1.2" never slides into 2.0.0-rc.1 or 1.3.0-rc.1.
/// The empty constraint is the exception and matches pre-releases too.
class VersionConstraint {
 public:
  static constexpr std::size_t text_bytes_max = 512;
  static constexpr std::size_t comparators_max = 64;  ///< After '(' ')' are multiplied out.
  static constexpr std::size_t depth_max = 8;         ///< Nested parentheses.

  enum class Relation : std::uint8_t { less, less_equal, equal, greater_equal, greater };

  struct Comparator {
    Relation relation = Relation::equal;
    SemanticVersion version;
    friend bool operator==(const Comparator&, const Comparator&) = default;
  };

  /// Errors: invalid_argument with the position (from 0) and what was expected there; too_large
  /// when a bound above is passed.
  [[nodiscard]] static Result<VersionConstraint> parse(std::string_view text);

  [[nodiscard]] bool matches(const SemanticVersion& version) const;
  /// True for the empty constraint, which matches everything.
  [[nodiscard]] bool is_any() const { return alternatives_.empty(); }

  /// The canonical text, in primitive comparators only; parse() of it gives the same constraint.
  friend std::string describe(const VersionConstraint& constraint);
  friend bool operator==(const VersionConstraint&, const VersionConstraint&) = default;

 private:
  friend class ConstraintParser;

  std::vector<std::vector<Comparator>> alternatives_;  ///< Any of them, all comparators in it.
};

[[nodiscard]] std::string describe(const VersionConstraint& constraint);

}  // namespace mpreg
