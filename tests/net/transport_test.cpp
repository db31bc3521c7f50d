#include "net/transport.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/station.hpp"

namespace mpreg::net {
namespace {

using mpreg::testing::await;
using mpreg::testing::RawPeer;
using mpreg::testing::Station;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

Address loopback() { return *parse_address("127.0.0.1:0"); }

std::string socket_path(const char* name) {
  return ::testing::TempDir() + "mpreg-" + std::to_string(::getpid()) + "-" + name + ".sock";
}

class Transport : public ::testing::Test {
 protected:
  /// Two stations with one link between them.
  void connect(Station& dialer, Station& listener, const std::string& where = "127.0.0.1:0") {
    const auto address = listener.transport.listen(*parse_address(where));
    ASSERT_TRUE(address) << address.error().message;
    dialer.transport.dial(DialId{7}, address->text());
    ASSERT_TRUE(await(io_, [&] {
      return dialer.count<input::LinkUp>() == 1 && listener.count<input::LinkUp>() == 1;
    }));
  }
  std::uint16_t port_of(Station& station) { return station.transport.listen(loopback())->port; }

  boost::asio::io_context io_{1};
};

TEST_F(Transport, TheSystemChoosesAPortWhenNoneIsGiven) {
  Station station(io_);
  const auto first = station.transport.listen(loopback());
  const auto second = station.transport.listen(loopback());
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->port, 0);
  EXPECT_NE(first->port, second->port);
  EXPECT_THAT(first->text(), StartsWith("127.0.0.1:"));
}

TEST_F(Transport, FramesKeepTheirOrderBothWays) {
  Station a(io_);
  Station b(io_);
  connect(a, b);
  EXPECT_EQ(a.heard<input::LinkUp>()[0].dial, DialId{7});
  EXPECT_TRUE(b.heard<input::LinkUp>()[0].dial.is_none()) << "an accepted link answers no dial";
  for (const char* text : {"one", "two", "three"}) a.say(text);
  b.say("answer");
  ASSERT_TRUE(await(io_, [&] { return b.said_to().size() == 3 && a.said_to().size() == 1; }));
  EXPECT_THAT(b.said_to(), ElementsAre("one", "two", "three"));
  EXPECT_THAT(a.said_to(), ElementsAre("answer"));
}

// A further round of the loop would be a system call for nothing, and time.
TEST_F(Transport, AnswersToWhatWasReadAreWrittenInTheSameRoundOfTheLoop) {
  std::unique_ptr<SocketTransport> transport;
  std::size_t heard = 0;
  transport =
      std::make_unique<SocketTransport>(io_, SocketTransport::Options{}, [&](const Input& input) {
        const auto* const received = std::get_if<input::Received>(&input);
        if (received == nullptr) return;
        ++heard;
        transport->send(received->link, wire::Priority::normal,
                        wire::seal({}, {}, Bytes::copy_of("answer")));
      });
  RawPeer peer(io_, transport->listen(loopback())->port);
  for (const char* text : {"one", "two", "three"})
    peer.send(wire::seal({}, {}, Bytes::copy_of(text)));
  ASSERT_TRUE(await(io_, [&] { return heard > 0; }));
  const std::string answers = peer.read_available();
  EXPECT_EQ(answers.size(), heard * (wire::frame_header_size + std::string("answer").size()));
}

TEST_F(Transport, UrgentFramesOvertakeThoseThatWait) {
  Station a(io_);
  Station b(io_);
  connect(a, b);
  a.say("bulk", wire::Priority::bulk);
  a.say("normal", wire::Priority::normal);
  a.say("critical", wire::Priority::critical);
  ASSERT_TRUE(await(io_, [&] { return b.said_to().size() == 3; }));
  EXPECT_THAT(b.said_to(), ElementsAre("critical", "normal", "bulk"));
}

TEST_F(Transport, AUnixSocketWorksLikeTcpAndItsFileGoesWithTheListener) {
  Station a(io_);
  Station b(io_);
  const std::string path = socket_path("plain");
  connect(a, b, "unix:" + path);
  a.say("hello");
  ASSERT_TRUE(await(io_, [&] { return b.said_to().size() == 1; }));
  b.transport.stop_listening();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Transport, AStaleSocketFileIsReplacedAndALiveOneIsNot) {
  const std::string path = socket_path("stale");
  const Address address = *parse_address("unix:" + path);
  {
    boost::asio::local::stream_protocol::acceptor left_behind(
        io_, boost::asio::local::stream_protocol::endpoint(path));
  }
  ASSERT_TRUE(std::filesystem::exists(path));
  Station a(io_);
  ASSERT_TRUE(a.transport.listen(address)) << "nobody listened there";
  Station b(io_);
  const auto refused = b.transport.listen(address);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("another process listens there"));
}

TEST_F(Transport, AFileThatIsNoSocketIsNeverRemoved) {
  const std::string path = socket_path("precious");
  std::ofstream(path) << "data";
  Station a(io_);
  const auto refused = a.transport.listen(*parse_address("unix:" + path));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("no socket"));
  EXPECT_TRUE(std::filesystem::exists(path));
}

// Both write more than every buffer on the way holds: each must go on reading while it writes.
TEST_F(Transport, TwoEndsThatSendALotAtOnceBothArrive) {
  Station a(io_);
  Station b(io_);
  connect(a, b);
  const std::string large(12U << 20, 'x');
  for (const std::string& text :
       {std::string("hello"), std::string("proof"), large, large, large}) {
    a.say(text);
    b.say(text);
  }
  ASSERT_TRUE(await(
      io_, [&] { return a.count<input::Received>() == 5 && b.count<input::Received>() == 5; }));
  EXPECT_EQ(a.count<input::LinkDown>() + b.count<input::LinkDown>(), 0U);
}

TEST_F(Transport, APortInUseIsAnErrorThatNamesIt) {
  Station a(io_);
  Station b(io_);
  const auto address = a.transport.listen(loopback());
  ASSERT_TRUE(address);
  const auto refused = b.transport.listen(*address);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr(address->text()));
  EXPECT_EQ(refused.error().code, Errc::unavailable);
}

TEST_F(Transport, AFailedDialIsToldOnceAndNeverFromInsideTheCall) {
  Station station(io_);
  std::uint16_t free_port = 0;
  {
    Station other(io_);
    free_port = port_of(other);
  }
  station.transport.dial(DialId{1}, "127.0.0.1:" + std::to_string(free_port));
  station.transport.dial(DialId{2}, "no address at all");
  station.transport.dial(DialId{3}, "unix:" + socket_path("nobody"));
  EXPECT_THAT(station.inputs, IsEmpty());
  ASSERT_TRUE(await(io_, [&] { return station.count<input::DialFailed>() == 3; }));
  EXPECT_EQ(station.inputs.size(), 3u);
}

// "localhost" often means ::1 first; who listens on 127.0.0.1 only must still be found.
TEST_F(Transport, ANameIsResolvedAndEveryAddressOfItTried) {
  Station a(io_);
  Station b(io_);
  const std::uint16_t port = port_of(b);
  a.transport.dial(DialId{1}, "localhost:" + std::to_string(port));
  ASSERT_TRUE(await(io_, [&] { return a.inputs.size() == 1; }));
  EXPECT_EQ(a.count<input::LinkUp>(), 1u);
  a.transport.dial(DialId{2}, "no-such-host.invalid:1");
  ASSERT_TRUE(await(io_, [&] { return a.count<input::DialFailed>() == 1; }));
}

TEST_F(Transport, AHangUpComesAfterWhatWasSentEvenWhenThePeerIsTalking) {
  Station a(io_);
  Station b(io_);
  connect(a, b);
  const std::string much(1U << 20, 'x');
  for (int i = 0; i < 8; ++i) a.say(much);  // unread bytes would turn b's close into a reset
  b.say("refused: you talk too much");
  b.transport.hang_up(b.link(), "test");
  ASSERT_TRUE(await(
      io_, [&] { return a.count<input::LinkDown>() == 1 && b.count<input::LinkDown>() == 1; }));
  EXPECT_THAT(a.said_to(), ElementsAre("refused: you talk too much"));
  EXPECT_EQ(b.heard<input::LinkDown>()[0].why, "test");
}

TEST_F(Transport, AfterAHangUpNothingIsHandedOn) {
  Station a(io_);
  Station b(io_);
  connect(a, b);
  b.transport.hang_up(b.link(), "enough");
  a.say("too late");
  ASSERT_TRUE(await(io_, [&] { return b.count<input::LinkDown>() == 1; }));
  EXPECT_EQ(b.count<input::Received>(), 0u);
}

TEST_F(Transport, BothEndsLearnOnceThatALinkIsGone) {
  Station a(io_);
  {
    Station b(io_);
    connect(a, b);
  }
  ASSERT_TRUE(await(io_, [&] { return a.count<input::LinkDown>() == 1; }));
  a.say("nobody hears this");  // an unknown link is no error
  a.transport.hang_up(a.link(), "again");
  EXPECT_EQ(a.transport.links(), 0u);
}

TEST_F(Transport, LinksBeyondTheBoundAreClosedAtOnce) {
  SocketTransport::Options options;
  options.links_max = 1;
  Station station(io_, options);
  const std::uint16_t port = port_of(station);
  RawPeer first(io_, port);
  RawPeer second(io_, port);
  ASSERT_TRUE(await(io_, [&] { return station.transport.refused() == 1; }));
  EXPECT_EQ(station.transport.links(), 1u);
}

TEST_F(Transport, WhoStopsListeningKeepsTheLinksThatAreOpen) {
  Station a(io_);
  Station b(io_);
  connect(a, b);
  b.transport.stop_listening();
  a.say("still there?");
  ASSERT_TRUE(await(io_, [&] { return b.said_to().size() == 1; }));
}

TEST_F(Transport, AfterStopNothingIsDelivered) {
  Station a(io_);
  Station b(io_);
  connect(a, b);
  a.say("one");
  b.transport.stop();
  const std::size_t before = b.inputs.size();
  ASSERT_TRUE(await(io_, [&] { return a.count<input::LinkDown>() == 1; }));
  EXPECT_EQ(b.inputs.size(), before);
}

// accept() fails at once and again when no descriptor is left: without a pause the loop would spin.
TEST_F(Transport, WhenDescriptorsRunOutAcceptingPausesAndRecovers) {
  Station station(io_);
  RawPeer peer(io_, port_of(station));
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  const int lowest_free = ::dup(0);
  ASSERT_GE(lowest_free, 0);
  ::close(lowest_free);
  rlimit tight = usual;
  tight.rlim_cur = static_cast<rlim_t>(lowest_free);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  std::size_t handlers = 0;
  const auto by = std::chrono::steady_clock::now() + milliseconds(250);
  while (std::chrono::steady_clock::now() < by) {
    io_.restart();
    handlers += io_.run_one_for(milliseconds(20));
  }
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
  EXPECT_EQ(station.count<input::LinkUp>(), 0u);
  EXPECT_LT(handlers, 20u);
  EXPECT_TRUE(await(io_, [&] { return station.count<input::LinkUp>() == 1; }));
}

/// Sockets of this process that a program started by it would inherit.
int inherited_sockets() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int descriptor = std::stoi(entry.path().filename().string());
    struct stat status {};
    if (::fstat(descriptor, &status) != 0 || !S_ISSOCK(status.st_mode)) continue;
    if ((::fcntl(descriptor, F_GETFD) & FD_CLOEXEC) == 0) ++count;
  }
  return count;
}

// A child that held a listener would keep the port, and one that held a link would keep it up.
TEST_F(Transport, NoSocketIsLeftToChildren) {
  const int before = inherited_sockets();
  Station a(io_);
  Station b(io_);
  Station c(io_);
  connect(a, b);
  connect(c, b, "unix:" + socket_path("child"));
  EXPECT_EQ(inherited_sockets(), before);
}

struct AddressCase {
  const char* text;
  const char* expected;  ///< The text again, or a part of the error.
  bool is_ok;
};

TEST(Address, TheTextFormIsReadStrictly) {
  const AddressCase cases[] = {
      {"127.0.0.1:80", "127.0.0.1:80", true},      {"[::1]:80", "[::1]:80", true},
      {"example.org:0", "example.org:0", true},    {"unix:/run/m", "unix:/run/m", true},
      {"127.0.0.1", "the port is missing", false}, {":80", "the host is empty", false},
      {"a:65536", "not a number", false},          {"a:8 0", "not a number", false},
      {"unix:", "the path is empty", false},       {"", "the port is missing", false},
  };
  for (const AddressCase& one : cases) {
    const auto address = parse_address(one.text);
    ASSERT_EQ(address.has_value(), one.is_ok) << one.text;
    EXPECT_THAT(address ? address->text() : address.error().message, HasSubstr(one.expected));
  }
  EXPECT_THAT(parse_address("unix:" + std::string(200, 'x')).error().message,
              HasSubstr("over 107 bytes"));
}

TEST(Address, OnlyThisMachineReachesLoopbackAndUnixSockets) {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "unix:/x"})
    EXPECT_TRUE(parse_address(text)->is_loopback()) << text;
  for (const char* text : {"0.0.0.0:1", "[::]:1", "192.168.0.1:1", "example.org:1"})
    EXPECT_FALSE(parse_address(text)->is_loopback()) << text;
}

TEST(Address, AWildcardIsGoodToListenAtOnly) {
  for (const char* text : {"0.0.0.0:1", "[::]:1"})
    EXPECT_TRUE(parse_address(text)->is_wildcard()) << text;
  for (const char* text : {"127.0.0.1:1", "[::1]:1", "example.org:1", "unix:/x"})
    EXPECT_FALSE(parse_address(text)->is_wildcard()) << text;
}

}  // namespace
}  // namespace mpreg::net
