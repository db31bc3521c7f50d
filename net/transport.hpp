#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "engine/base/hash_index.hpp"
#include "engine/base/result.hpp"
#include "engine/runtime/runtime.hpp"
#include "net/address.hpp"
#include "net/event_loop.hpp"
#include "net/link.hpp"

namespace mpreg::net {

/// The Transport port over TCP and unix sockets.
///
/// All on one event loop thread. Inputs are delivered from the loop, never from inside a port's
/// call.
class SocketTransport : public runtime::Transport {
 public:
  struct Options {
    LinkOptions link;
    std::chrono::milliseconds connect_timeout{3'000};
    std::size_t links_max = 16'384;  ///< Further accepted sockets are closed at once (counted).
  };

  SocketTransport(boost::asio::io_context& io, const Options& options, InputSink sink);
  ~SocketTransport() override;

  /// Listens; port 0 lets the system choose. A stale unix socket file is replaced only when nobody
  /// listens on it. Returns the address with the port in use.
  /// Errors: unavailable, with the system's reason; invalid_argument for a host that is no numeric
  /// address.
  Result<Address> listen(const Address& address);
  /// Takes no new links; those open stay.
  void stop_listening();
  /// Closes everything at once; nothing is delivered afterwards.
  void stop();

  void dial(DialId dial, const std::string& address) override;
  void send(LinkId link, wire::Priority priority, wire::Frame frame) override;
  void hang_up(LinkId link, const std::string& why) override;

  [[nodiscard]] std::size_t links() const { return links_.size(); }
  [[nodiscard]] bool has_queued() const;        ///< Something waits to be written.
  [[nodiscard]] LinkCounters counters() const;  ///< Of all links, closed ones too.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  struct Listener;
  struct Dialing;

  void accept_tcp(const std::shared_ptr<Listener>& listener);
  void accept_unix(const std::shared_ptr<Listener>& listener);
  void open(Link::Socket socket, DialId dial, std::string remote);
  void fail_dial(DialId dial, std::string why);
  void connect(const std::shared_ptr<Dialing>& dialing);
  void flush_all();

  boost::asio::io_context& io_;
  Options options_;
  InputSink sink_;
  std::shared_ptr<Link::Shared> shared_;
  std::map<LinkId, std::shared_ptr<Link>> links_;
  HashIndex<LinkId, Link*> index_;  ///< Into links_: asked for every frame.
  std::vector<std::shared_ptr<Link>> unflushed_;
  std::vector<std::shared_ptr<Link>> flushing_;  ///< Kept for its room.
  BatchEnd::Job flush_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::map<DialId, std::shared_ptr<Dialing>> dialing_;
  LinkCounters closed_counters_;
  std::uint64_t next_link_ = 1;
  std::uint64_t refused_ = 0;
  bool is_stopped_ = false;
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);  ///< Handlers outlive a stop.
};

}  // namespace mpreg::net
