#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "engine/wire/frame.hpp"
#include "net/transport.hpp"

namespace mpreg::testing {

/// Runs the loop until `is_met`; false when that takes too long.
inline bool await(boost::asio::io_context& io, const std::function<bool()>& is_met,
                  std::chrono::milliseconds patience = std::chrono::seconds(20)) {
  const auto by = std::chrono::steady_clock::now() + patience;
  while (!is_met()) {
    if (std::chrono::steady_clock::now() > by) return false;
    io.restart();
    io.run_one_for(std::chrono::milliseconds(20));
  }
  return true;
}

/// Everything a transport told its process.
struct Told {
  template <class Kind>
  [[nodiscard]] std::vector<Kind> heard() const {
    std::vector<Kind> found;
    for (const Input& input : inputs)
      if (const auto* one = std::get_if<Kind>(&input)) found.push_back(*one);
    return found;
  }
  template <class Kind>
  [[nodiscard]] std::size_t count() const {
    return heard<Kind>().size();
  }
  /// Payloads of the frames received, in order.
  [[nodiscard]] std::vector<std::string> said_to() const {
    std::vector<std::string> texts;
    for (const auto& received : heard<input::Received>()) {
      const auto parts = wire::open_frame(received.frame);
      texts.emplace_back(parts ? std::string(parts->payload.text()) : "not a frame");
    }
    return texts;
  }
  [[nodiscard]] LinkId link(std::size_t index = 0) const {
    return heard<input::LinkUp>().at(index).link;
  }

  std::vector<Input> inputs;
};

/// One transport and everything it told.
class Station : public Told {
 public:
  explicit Station(boost::asio::io_context& io, const net::SocketTransport::Options& options = {})
      : transport(io, options, [this](Input input) { inputs.push_back(std::move(input)); }) {}

  void say(const std::string& text, wire::Priority priority = wire::Priority::normal,
           std::size_t index = 0) {
    transport.send(link(index), priority, wire::seal({}, {}, Bytes::copy_of(text)));
  }

  net::SocketTransport transport;
};

/// A peer without manners: a plain socket.
class RawPeer {
 public:
  RawPeer(boost::asio::io_context& io, std::uint16_t port) : socket(io) {
    socket.connect({boost::asio::ip::address_v4::loopback(), port});
  }
  void send(std::span<const std::byte> bytes) {
    boost::system::error_code ignored;  // the other side may have hung up
    boost::asio::write(socket, boost::asio::buffer(bytes.data(), bytes.size()), ignored);
  }
  void send(const wire::Frame& frame) {
    send(frame.head.view());
    send(frame.payload.view());
  }
  /// Everything that comes until the other side closes; runs no loop.
  [[nodiscard]] std::string read_available() {
    boost::system::error_code error;
    socket.non_blocking(true);
    std::array<char, 4096> chunk{};
    std::string text;
    while (!error) {
      const std::size_t count = socket.read_some(boost::asio::buffer(chunk), error);
      text.append(chunk.data(), count);
    }
    is_closed = error != boost::asio::error::would_block;
    return text;
  }

  boost::asio::ip::tcp::socket socket;
  bool is_closed = false;
};

}  // namespace mpreg::testing
