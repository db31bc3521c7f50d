#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace mpreg::net {

/// A place to listen at or to dial: "host:port", "[v6]:port" or "unix:/path".
struct Address {
  bool is_unix = false;
  std::string host;  ///< Of TCP: a name or a numeric address, without brackets.
  std::uint16_t port = 0;
  std::string path;  ///< Of a unix socket.

  [[nodiscard]] std::string text() const;
  /// True when only processes of this machine can reach it.
  [[nodiscard]] bool is_loopback() const;
  /// True for 0.0.0.0 and [::]: good to listen at, nothing to dial.
  [[nodiscard]] bool is_wildcard() const;
};

/// Errors: invalid_argument, naming the text and what was expected.
[[nodiscard]] Result<Address> parse_address(std::string_view text);

}  // namespace mpreg::net
