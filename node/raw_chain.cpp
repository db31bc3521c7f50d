#include "node/raw_chain.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "node/exit_code.hpp"

namespace mpreg::node {
namespace {

using boost::asio::ip::tcp;
using Clock = std::chrono::steady_clock;
constexpr std::size_t buffer_bytes = 256U << 10;

tcp::endpoint loopback(std::uint16_t port) {
  return {boost::asio::ip::address_v4::loopback(), port};
}

/// Copies bytes from one socket to another until either ends. With both the same it is an echo.
class Pump {
 public:
  Pump(tcp::socket& from, tcp::socket& to) : from_(from), to_(to), buffer_(buffer_bytes) {}

  void start() {
    from_.async_read_some(boost::asio::buffer(buffer_),
                          [this](const boost::system::error_code& error, std::size_t count) {
                            if (error) return close();
                            write(count);
                          });
  }

 private:
  void write(std::size_t count) {
    boost::asio::async_write(to_, boost::asio::buffer(buffer_.data(), count),
                             [this](const boost::system::error_code& error, std::size_t) {
                               if (error) return close();
                               start();
                             });
  }
  void close() {
    boost::system::error_code ignored;
    from_.close(ignored);
    to_.close(ignored);
  }

  tcp::socket& from_;
  tcp::socket& to_;
  std::vector<char> buffer_;
};

/// Accepts one connection on a port of the system's choice, which is printed.
tcp::socket accept_one(boost::asio::io_context& io) {
  tcp::acceptor acceptor(io, loopback(0));
  std::printf("%u\n", static_cast<unsigned>(acceptor.local_endpoint().port()));
  std::fflush(stdout);
  tcp::socket socket = acceptor.accept();
  socket.set_option(tcp::no_delay(true));
  return socket;
}

}  // namespace

int run_raw_responder() {
  boost::asio::io_context io(1);
  tcp::socket socket = accept_one(io);
  Pump echo(socket, socket);
  echo.start();
  io.run();
  return exit_ok;
}

int run_raw_relay(std::uint16_t port) {
  boost::asio::io_context io(1);
  tcp::socket responder(io);
  responder.connect(loopback(port));
  responder.set_option(tcp::no_delay(true));
  tcp::socket client = accept_one(io);
  Pump there(client, responder);
  Pump back(responder, client);
  there.start();
  back.start();
  io.run();
  return exit_ok;
}

Result<double> measure_raw_chain(std::uint16_t port, std::uint32_t window, std::uint32_t bytes,
                                 std::uint32_t seconds) {
  boost::asio::io_context io(1);
  tcp::socket socket(io);
  boost::system::error_code error;
  socket.connect(loopback(port), error);
  if (error) return fail(Errc::unavailable, "raw chain: " + error.message());
  socket.set_option(tcp::no_delay(true));
  std::vector<char> out(static_cast<std::size_t>(window) * bytes, 'x');
  std::vector<char> in(out.size());
  std::uint64_t done = 0;
  std::size_t rest = 0;  // bytes of a message not yet whole
  boost::asio::write(socket, boost::asio::buffer(out), error);
  const auto start = Clock::now();
  const auto end = start + std::chrono::seconds(seconds);
  while (!error && Clock::now() < end) {
    const std::size_t count = socket.read_some(boost::asio::buffer(in), error);
    const std::size_t whole = (rest + count) / bytes;
    rest = (rest + count) % bytes;
    done += whole;
    if (!error && whole > 0)
      boost::asio::write(socket, boost::asio::buffer(out.data(), whole * bytes), error);
  }
  if (error) return fail(Errc::unavailable, "raw chain: " + error.message());
  return static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace mpreg::node
