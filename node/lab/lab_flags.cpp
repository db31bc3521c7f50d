#include "node/lab/lab_flags.hpp"

#include <algorithm>
#include <charconv>
#include <thread>

#include "engine/base/text.hpp"
#include "engine/fabric/settings.hpp"

namespace mpreg::node {
namespace {

bool read_number(std::string_view text, std::uint64_t& seed) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

Result<NumberRange> parse_range(const std::string& text, const std::string& flag) {
  const std::size_t dots = text.find("..");
  NumberRange seeds;
  const bool is_read =
      read_number(std::string_view(text).substr(0, dots), seeds.first) &&
      read_number(dots == std::string::npos ? std::string_view(text)
                                            : std::string_view(text).substr(dots + 2),
                  seeds.last);
  if (is_read && seeds.first <= seeds.last) return seeds;
  return fail(Errc::invalid_argument,
              flag + ": expected A..B with A <= B, found '" + printable(text) + "'");
}

Result<std::chrono::milliseconds> parse_wall_time(const std::string& text) {
  MPREG_TRY(const Duration span, fabric::parse_duration(text));
  return std::chrono::milliseconds(std::max<std::int64_t>(span.millis(), 1));
}

std::size_t job_count(std::uint32_t asked) {
  return asked > 0 ? asked : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace mpreg::node
