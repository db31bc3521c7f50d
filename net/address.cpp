#include "net/address.hpp"

#include <charconv>

#include <boost/asio/ip/address.hpp>

#include "engine/base/text.hpp"

namespace mpreg::net {
namespace {
constexpr std::string_view unix_prefix = "unix:";
constexpr std::size_t unix_path_bytes_max = 107;  // sun_path of Linux, less its terminator
}  // namespace

std::string Address::text() const {
  if (is_unix) return std::string(unix_prefix) + path;
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool Address::is_loopback() const {
  if (is_unix || host == "localhost") return true;
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(host, error);
  return !error && parsed.is_loopback();
}

bool Address::is_wildcard() const {
  if (is_unix) return false;
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(host, error);
  return !error && parsed.is_unspecified();
}

Result<Address> parse_address(std::string_view text) {
  const auto refuse = [text](const std::string& why) {
    return fail(Errc::invalid_argument, "address \"" + printable(text) + "\": " + why +
                                            "; expected host:port, [v6]:port or unix:/path");
  };
  Address address;
  if (text.starts_with(unix_prefix)) {
    address.is_unix = true;
    address.path = text.substr(unix_prefix.size());
    if (address.path.empty()) return refuse("the path is empty");
    if (address.path.size() > unix_path_bytes_max) return refuse("the path is over 107 bytes");
    return address;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse("the port is missing");
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) return refuse("the host is empty");
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc{} || end != port.data() + port.size())
    return refuse("the port is not a number from 0 to 65535");
  address.host = host;
  return address;
}

}  // namespace mpreg::net
