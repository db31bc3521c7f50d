#include "net/transport.hpp"

#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace mpreg::net {
namespace {

using boost::asio::ip::tcp;
using Unix = boost::asio::local::stream_protocol;
using Stream = boost::asio::generic::stream_protocol;

void add(LinkCounters& sum, const LinkCounters& part) {
  sum.frames_in += part.frames_in;
  sum.frames_out += part.frames_out;
  sum.bytes_in += part.bytes_in;
  sum.bytes_out += part.bytes_out;
  sum.dropped += part.dropped;
  sum.bytes_held += part.bytes_held;
}

std::string text_of(const tcp::endpoint& endpoint) {
  return Address{false, endpoint.address().to_string(), endpoint.port(), {}}.text();
}

/// A process that this one starts must not hold our sockets open (Asio does not ask for that).
template <class Socket>
void keep_from_children(Socket& socket) {
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
}

/// Makes room for a unix socket: removes one on which nobody listens any more, and nothing else.
/// Returns why the place is taken, or nothing.
std::string clear_place(boost::asio::io_context& io, const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return {};  // free, or bind() will say what is wrong
  if (!S_ISSOCK(status.st_mode)) return "a file that is no socket is there";
  boost::system::error_code error;
  Unix::socket probe(io);
  probe.connect(Unix::endpoint(path), error);
  if (!error) return "another process listens there";
  if (error != boost::asio::error::connection_refused) return error.message();
  ::unlink(path.c_str());
  return {};
}

}  // namespace

struct SocketTransport::Listener {
  explicit Listener(boost::asio::io_context& io) : tcp_acceptor(io), unix_acceptor(io), pause(io) {}
  tcp::acceptor tcp_acceptor;
  Unix::acceptor unix_acceptor;
  boost::asio::steady_timer pause;  ///< After a failed accept: no spinning when files run out.
  std::string path;
};

struct SocketTransport::Dialing {
  Dialing(boost::asio::io_context& io, DialId id) : dial(id), socket(io), resolver(io), timer(io) {}
  DialId dial;
  Stream::socket socket;
  tcp::resolver resolver;
  boost::asio::steady_timer timer;
  std::string remote;
  std::vector<Stream::endpoint> endpoints;  ///< What the address stands for, tried in order.
  std::size_t next = 0;
};

SocketTransport::SocketTransport(boost::asio::io_context& io, const Options& options,
                                 InputSink sink)
    : io_(io),
      options_(options),
      sink_(std::move(sink)),
      shared_(std::make_shared<Link::Shared>(options.link, BatchEnd::of(io))),
      flush_(io, BatchEnd::Stage::write, [this] { flush_all(); }) {
  shared_->frame = [this](LinkId link, Bytes frame) {
    if (!is_stopped_) sink_(input::Received{link, std::move(frame)});
  };
  shared_->closed = [this, alive = is_alive_](LinkId id, const std::string& why) {
    if (!*alive) return;
    const auto found = links_.find(id);
    if (found == links_.end()) return;
    add(closed_counters_, found->second->counters());
    index_.erase(id);
    links_.erase(found);
    if (!is_stopped_) sink_(input::LinkDown{id, why});
  };
  shared_->written = [this](const std::shared_ptr<Link>& link) {
    unflushed_.push_back(link);
    flush_.ask();
  };
}

SocketTransport::~SocketTransport() {
  stop();
  *is_alive_ = false;
}

/// Everything that one batch wanted to write leaves together.
void SocketTransport::flush_all() {
  flushing_.swap(unflushed_);
  for (const auto& link : flushing_) link->flush();
  flushing_.clear();
}

// --- listening

Result<Address> SocketTransport::listen(const Address& address) {
  const auto refuse = [&address](const std::string& why) {
    return fail(Errc::unavailable, "cannot listen on " + address.text() + ": " + why);
  };
  auto listener = std::make_shared<Listener>(io_);
  Address chosen = address;
  boost::system::error_code error;
  if (address.is_unix) {
    if (const std::string taken = clear_place(io_, address.path); !taken.empty())
      return refuse(taken);
    auto& acceptor = listener->unix_acceptor;
    acceptor.open(Unix(), error);
    if (!error) keep_from_children(acceptor);
    if (!error) acceptor.bind(Unix::endpoint(address.path), error);
    if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
    if (error) return refuse(error.message());
    listener->path = address.path;
    accept_unix(listener);
  } else {
    const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
    const auto ip = boost::asio::ip::make_address(host, error);
    if (error)
      return fail(Errc::invalid_argument,
                  "cannot listen on " + address.text() + ": the host must be a numeric address");
    const tcp::endpoint endpoint(ip, address.port);
    auto& acceptor = listener->tcp_acceptor;
    acceptor.open(endpoint.protocol(), error);
    if (!error) keep_from_children(acceptor);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
    if (error) return refuse(error.message());
    chosen.host = host;
    chosen.port = acceptor.local_endpoint().port();
    accept_tcp(listener);
  }
  listeners_.push_back(std::move(listener));
  return chosen;
}

void SocketTransport::accept_tcp(const std::shared_ptr<Listener>& listener) {
  listener->tcp_acceptor.async_accept(
      [this, listener, alive = is_alive_](const boost::system::error_code& error,
                                          tcp::socket socket) {
        if (!*alive || error == boost::asio::error::operation_aborted) return;
        if (error) {
          listener->pause.expires_after(std::chrono::milliseconds(100));
          listener->pause.async_wait([this, listener, alive](const boost::system::error_code& e) {
            if (!e && *alive) accept_tcp(listener);
          });
          return;
        }
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        const tcp::endpoint remote = socket.remote_endpoint(ignored);
        if (!ignored) open(Stream::socket(std::move(socket)), DialId{}, text_of(remote));
        accept_tcp(listener);
      });
}

void SocketTransport::accept_unix(const std::shared_ptr<Listener>& listener) {
  listener->unix_acceptor.async_accept(
      [this, listener, alive = is_alive_](const boost::system::error_code& error,
                                          Unix::socket socket) {
        if (!*alive || error == boost::asio::error::operation_aborted) return;
        if (error) {
          listener->pause.expires_after(std::chrono::milliseconds(100));
          listener->pause.async_wait([this, listener, alive](const boost::system::error_code& e) {
            if (!e && *alive) accept_unix(listener);
          });
          return;
        }
        open(Stream::socket(std::move(socket)), DialId{}, "unix:" + listener->path);
        accept_unix(listener);
      });
}

void SocketTransport::stop_listening() {
  boost::system::error_code ignored;
  for (const auto& listener : listeners_) {
    listener->tcp_acceptor.close(ignored);
    listener->unix_acceptor.close(ignored);
    listener->pause.cancel();
    if (!listener->path.empty()) ::unlink(listener->path.c_str());
  }
  listeners_.clear();
}

void SocketTransport::stop() {
  if (std::exchange(is_stopped_, true)) return;
  stop_listening();
  for (const auto& [id, dialing] : dialing_) {
    boost::system::error_code ignored;
    dialing->timer.cancel();
    dialing->resolver.cancel();
    dialing->socket.close(ignored);
  }
  dialing_.clear();
  const auto links = links_;
  for (const auto& [id, link] : links) link->close("the node stops");
  unflushed_.clear();
}

void SocketTransport::open(Link::Socket socket, DialId dial, std::string remote) {
  if (is_stopped_) return;
  if (links_.size() >= options_.links_max) {
    ++refused_;
    boost::system::error_code ignored;
    socket.close(ignored);
    if (!dial.is_none()) sink_(input::DialFailed{dial, "too many links"});
    return;
  }
  keep_from_children(socket);
  const LinkId id{next_link_++};
  auto link = std::make_shared<Link>(id, std::move(socket), remote, shared_);
  links_.emplace(id, link);
  index_.insert(id, link.get());
  sink_(input::LinkUp{id, dial, std::move(remote)});
  link->start();
}

// --- dialling

void SocketTransport::dial(DialId dial, const std::string& text) {
  if (is_stopped_) return;
  const auto address = parse_address(text);
  if (!address) {
    boost::asio::post(io_, [this, alive = is_alive_, dial, why = address.error().message] {
      if (*alive && !is_stopped_) sink_(input::DialFailed{dial, why});
    });
    return;
  }
  auto dialing = std::make_shared<Dialing>(io_, dial);
  dialing->remote = address->text();
  dialing_.emplace(dial, dialing);
  dialing->timer.expires_after(options_.connect_timeout);
  dialing->timer.async_wait(
      [this, alive = is_alive_, dialing](const boost::system::error_code& error) {
        if (!error && *alive) fail_dial(dialing->dial, "no answer in time");
      });
  if (address->is_unix) {
    dialing->endpoints.emplace_back(Unix::endpoint(address->path));
    return connect(dialing);
  }
  boost::system::error_code error;
  const auto ip = boost::asio::ip::make_address(address->host, error);
  if (!error) {
    dialing->endpoints.emplace_back(tcp::endpoint(ip, address->port));
    return connect(dialing);
  }
  dialing->resolver.async_resolve(
      address->host, std::to_string(address->port),
      [this, alive = is_alive_, dialing](const boost::system::error_code& failure,
                                         const tcp::resolver::results_type& results) {
        if (!*alive || !dialing_.contains(dialing->dial)) return;
        if (failure) return fail_dial(dialing->dial, failure.message());
        for (const auto& result : results) dialing->endpoints.emplace_back(result.endpoint());
        connect(dialing);
      });
}

/// Tries the next endpoint; the dial's time is for all of them together.
void SocketTransport::connect(const std::shared_ptr<Dialing>& dialing) {
  dialing->socket.async_connect(
      dialing->endpoints[dialing->next++],
      [this, alive = is_alive_, dialing](const boost::system::error_code& error) {
        if (!*alive || !dialing_.contains(dialing->dial)) return;
        boost::system::error_code ignored;  // a unix socket, which never delays, knows no no_delay
        if (error) {
          if (dialing->next == dialing->endpoints.size())
            return fail_dial(dialing->dial, error.message());
          dialing->socket.close(ignored);
          return connect(dialing);
        }
        dialing_.erase(dialing->dial);
        dialing->timer.cancel();
        dialing->socket.set_option(tcp::no_delay(true), ignored);
        open(std::move(dialing->socket), dialing->dial, dialing->remote);
      });
}

void SocketTransport::fail_dial(DialId dial, std::string why) {
  const auto found = dialing_.find(dial);
  if (found == dialing_.end() || is_stopped_) return;
  const auto dialing = found->second;
  dialing_.erase(found);
  boost::system::error_code ignored;
  dialing->timer.cancel();
  dialing->socket.close(ignored);
  sink_(input::DialFailed{dial, std::move(why)});
}

// --- sending

void SocketTransport::send(LinkId link, wire::Priority priority, wire::Frame frame) {
  if (Link* const* const found = index_.find(link)) (*found)->send(priority, std::move(frame));
}

void SocketTransport::hang_up(LinkId link, const std::string& why) {
  if (Link* const* const found = index_.find(link)) (*found)->hang_up(why);
}

bool SocketTransport::has_queued() const {
  for (const auto& [id, link] : links_)
    if (link->queued_bytes() > 0) return true;
  return false;
}

LinkCounters SocketTransport::counters() const {
  LinkCounters sum = closed_counters_;
  for (const auto& [id, link] : links_) add(sum, link->counters());
  return sum;
}

}  // namespace mpreg::net
