// What a peer without manners can do to a link, and what it cannot.
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "tests/net/station.hpp"

namespace mpreg::net {
namespace {

using mpreg::testing::await;
using mpreg::testing::RawPeer;
using mpreg::testing::Station;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class HostilePeer : public ::testing::Test {
 protected:
  std::uint16_t listen(Station& station) {
    return station.transport.listen(*parse_address("127.0.0.1:0"))->port;
  }
  bool is_up(Station& station) {
    return await(io_, [&] { return station.count<input::LinkUp>() == 1; });
  }
  bool is_down(Station& station) {
    return await(io_, [&] { return station.count<input::LinkDown>() == 1; });
  }
  static wire::Frame frame(std::size_t payload) {
    return wire::seal({}, {}, Bytes::copy_of(std::string(payload, 'p')));
  }
  static SocketTransport::Options impatient() {
    SocketTransport::Options options;
    options.link.heartbeat = milliseconds(20);
    options.link.silence_max = milliseconds(120);
    return options;
  }

  boost::asio::io_context io_{1};
};

TEST_F(HostilePeer, GarbageEndsItsLinkAndNoOther) {
  Station station(io_);
  const std::uint16_t port = listen(station);
  RawPeer good(io_, port);
  ASSERT_TRUE(is_up(station));
  RawPeer bad(io_, port);
  bad.send(as_bytes("GET / HTTP/1.1\r\nHost: somewhere\r\n\r\n"));
  bad.send(frame(10));
  ASSERT_TRUE(is_down(station));
  EXPECT_EQ(station.heard<input::LinkDown>()[0].link, station.link(1));
  EXPECT_THAT(station.said_to(), ElementsAre("not a frame"))
      << "so that it can be refused in words";
  good.send(frame(10));
  EXPECT_TRUE(await(io_, [&] { return station.count<input::Received>() == 2; }));
}

TEST_F(HostilePeer, AFrameMayArriveByteByByte) {
  Station station(io_);
  RawPeer peer(io_, listen(station));
  const wire::Frame whole = frame(40);
  for (std::size_t i = 0; i < whole.head.size(); ++i) {
    peer.send(whole.head.view().subspan(i, 1));
    io_.restart();
    io_.poll();
  }
  peer.send(whole.payload.view());
  ASSERT_TRUE(await(io_, [&] { return station.count<input::Received>() == 1; }));
  EXPECT_EQ(station.said_to()[0], std::string(40, 'p'));
}

TEST_F(HostilePeer, AStrangerCannotBeginWithALargeFrame) {
  Station station(io_);
  RawPeer peer(io_, listen(station));
  peer.send(frame(1U << 20).head.view());
  ASSERT_TRUE(is_down(station));
  EXPECT_THAT(station.heard<input::LinkDown>()[0].why, HasSubstr("before the introduction"));
  EXPECT_EQ(station.count<input::Received>(), 0u);
}

// 64 MiB announced by 32 bytes: memory follows the bytes that came, not those that were promised.
TEST_F(HostilePeer, AHeaderAloneReservesNothing) {
  SocketTransport::Options options;
  options.link.introduction_frames = 0;
  Station station(io_, options);
  RawPeer peer(io_, listen(station));
  const wire::Frame large = frame(limits::payload_bytes_max);
  peer.send(large.head.view());
  ASSERT_TRUE(is_up(station));
  ASSERT_TRUE(await(io_, [&] { return station.transport.counters().bytes_held > 0; }));
  EXPECT_LE(station.transport.counters().bytes_held, 256U << 10);
  constexpr std::size_t part = 3U << 20;
  peer.socket.non_blocking(true);
  std::size_t sent = 0;
  ASSERT_TRUE(await(io_, [&] {
    boost::system::error_code error;
    if (sent < part)
      sent += peer.socket.write_some(boost::asio::buffer(large.payload.data() + sent, part - sent),
                                     error);
    return station.transport.counters().bytes_in == large.head.size() + part;
  }));
  EXPECT_LE(station.transport.counters().bytes_held, 2 * (large.head.size() + part));
}

TEST_F(HostilePeer, ALargeFrameArrivesWholeWhileItsBufferGrows) {
  SocketTransport::Options options;
  options.link.introduction_frames = 0;
  Station a(io_, options);
  Station b(io_, options);
  a.transport.dial(DialId{1}, "127.0.0.1:" + std::to_string(listen(b)));
  ASSERT_TRUE(is_up(a) && is_up(b));
  std::string text(5U << 20, ' ');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 23);
  a.say("before");
  a.say(text);
  a.say("after");
  ASSERT_TRUE(await(io_, [&] { return b.count<input::Received>() == 3; }));
  EXPECT_EQ(b.said_to()[0], "before");
  EXPECT_TRUE(b.said_to()[1] == text);
  EXPECT_EQ(b.said_to()[2], "after");
  EXPECT_EQ(b.transport.counters().bytes_held, 0u);
}

TEST_F(HostilePeer, AReceiverThatNeverReadsLosesBulkFirstAndThenItsLink) {
  SocketTransport::Options options;
  options.link.write_soft_bytes = 1U << 20;
  options.link.write_hard_bytes = 4U << 20;
  Station station(io_, options);
  RawPeer peer(io_, listen(station));
  ASSERT_TRUE(is_up(station));
  const std::string text(64U << 10, 'x');
  const auto fill = [&](wire::Priority priority, const std::function<bool()>& is_enough) {
    return await(io_, [&] {
      station.say(text, priority);
      return is_enough();
    });
  };
  EXPECT_TRUE(fill(wire::Priority::bulk, [&] { return station.transport.counters().dropped > 0; }));
  EXPECT_EQ(station.count<input::LinkDown>(), 0u) << "what matters may still be sent";
  EXPECT_TRUE(fill(wire::Priority::normal, [&] { return station.count<input::LinkDown>() == 1; }));
  EXPECT_THAT(station.heard<input::LinkDown>()[0].why, HasSubstr("too slow"));
}

// The queue may stay below its bound for ever: then time decides.
TEST_F(HostilePeer, AReceiverThatTakesNothingForTooLongIsDropped) {
  SocketTransport::Options options = impatient();
  Station station(io_, options);
  RawPeer peer(io_, listen(station));
  ASSERT_TRUE(is_up(station));
  for (int i = 0; i < 700; ++i) station.say(std::string(64U << 10, 'x'));
  ASSERT_TRUE(is_down(station));
  EXPECT_THAT(station.heard<input::LinkDown>()[0].why, HasSubstr("takes nothing"));
}

TEST_F(HostilePeer, APeerThatSaysNothingAtAllIsDead) {
  Station station(io_, impatient());
  RawPeer peer(io_, listen(station));
  ASSERT_TRUE(is_up(station));
  ASSERT_TRUE(is_down(station));
  EXPECT_THAT(station.heard<input::LinkDown>()[0].why, HasSubstr("silent for over 120 ms"));
}

// Its heartbeats speak for a subscriber that only listens.
TEST_F(HostilePeer, AQuietSubscriberIsNeverDropped) {
  Station a(io_, impatient());
  Station b(io_, impatient());
  a.transport.dial(DialId{1}, "127.0.0.1:" + std::to_string(listen(b)));
  ASSERT_TRUE(is_up(a) && is_up(b));
  const auto by = std::chrono::steady_clock::now() + 5 * impatient().link.silence_max;
  ASSERT_TRUE(await(io_, [&] { return std::chrono::steady_clock::now() > by; }));
  EXPECT_EQ(a.count<input::LinkDown>() + b.count<input::LinkDown>(), 0u);
  EXPECT_EQ(b.count<input::Received>(), 0u) << "heartbeats are not the engine's business";
  EXPECT_GT(b.transport.counters().bytes_in, 3 * wire::frame_header_size);
}

// A process that was stopped, or busy for seconds, has not listened: that proves nothing about its
// peers.
TEST_F(HostilePeer, AStalledLoopBlamesNobody) {
  Station station(io_, impatient());
  RawPeer peer(io_, listen(station));
  ASSERT_TRUE(is_up(station));
  const auto by = std::chrono::steady_clock::now() + 3 * impatient().link.silence_max;
  boost::asio::post(io_, [by] {
    while (std::chrono::steady_clock::now() < by) {
    }
  });
  peer.send(frame(10));
  ASSERT_TRUE(await(io_, [&] { return station.count<input::Received>() == 1; }));
  EXPECT_EQ(station.count<input::LinkDown>(), 0u);
  EXPECT_TRUE(is_down(station)) << "who stays silent while we listen is dead all the same";
}

// To forgive the peers the time in which nobody looked must not put off the own heartbeat: they
// wait for it.
TEST_F(HostilePeer, AfterAStallTheHeartbeatComesAtOnce) {
  SocketTransport::Options options;
  options.link.heartbeat = milliseconds(300);
  options.link.silence_max = std::chrono::seconds(60);
  Station station(io_, options);
  RawPeer peer(io_, listen(station));
  ASSERT_TRUE(is_up(station));
  const std::uint64_t before = station.transport.counters().bytes_out;
  const auto by = std::chrono::steady_clock::now() + options.link.heartbeat * 3 / 2;
  while (std::chrono::steady_clock::now() < by) {
  }
  io_.restart();
  io_.poll();  // what is due now, and nothing that has to be waited for
  EXPECT_EQ(station.transport.counters().bytes_out - before, wire::frame_header_size);
}

TEST_F(HostilePeer, AHangUpDoesNotWaitForAPeerThatNeverCloses) {
  SocketTransport::Options options;
  options.link.linger = milliseconds(50);
  Station station(io_, options);
  RawPeer peer(io_, listen(station));
  ASSERT_TRUE(is_up(station));
  station.transport.hang_up(station.link(), "goodbye");
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(is_down(station));
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(1'000));
}

}  // namespace
}  // namespace mpreg::net
