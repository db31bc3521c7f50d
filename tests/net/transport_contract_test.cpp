// The contract of the Transport port, held against the real and the simulated one by the same
// lines.
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/fuse.hpp"
#include "sim/sim_ports.hpp"
#include "tests/net/station.hpp"

namespace mpreg::net {
namespace {

using ::testing::ElementsAre;

/// One process: its port, and everything it was told.
struct Party : mpreg::testing::Told {
  void say(const std::string& text, std::size_t index = 0) {
    transport->send(link(index), wire::Priority::normal, wire::seal({}, {}, Bytes::copy_of(text)));
  }

  runtime::Transport* transport = nullptr;
  std::string address;
};

/// Two processes with sockets between them.
class RealWorld {
 public:
  RealWorld() {
    for (std::size_t i = 0; i < 2; ++i) {
      sockets_[i] = std::make_unique<SocketTransport>(
          io_, SocketTransport::Options{},
          [this, i](Input input) { parties[i].inputs.push_back(std::move(input)); });
      parties[i].transport = sockets_[i].get();
      parties[i].address = sockets_[i]->listen(*parse_address("127.0.0.1:0"))->text();
    }
    SocketTransport gone(io_, {}, [](Input) {});
    nobody = gone.listen(*parse_address("127.0.0.1:0"))->text();
  }
  bool run_until(const std::function<bool()>& is_met) { return mpreg::testing::await(io_, is_met); }
  void end(std::size_t party) { sockets_[party]->stop(); }

  std::array<Party, 2> parties;
  std::string nobody;  ///< An address at which nobody listens.

 private:
  boost::asio::io_context io_{1};
  std::array<std::unique_ptr<SocketTransport>, 2> sockets_;
};

/// The same in the simulator; nodes are numbered from 1.
class SimulatedWorld {
 public:
  SimulatedWorld() {
    for (std::uint32_t node = 1; node <= 2; ++node) {
      network_.process_started(node, 1);
      ports_.push_back(std::make_unique<sim::SimTransport>(network_, fuse_, node));
      parties[node - 1].transport = ports_.back().get();
      parties[node - 1].address = sim::address_of(node);
    }
  }
  bool run_until(const std::function<bool()>& is_met) {
    while (!is_met()) {
      sim::SimEvent event;
      if (!world_.next(world_.now() + seconds(60), event)) return false;
      if (auto input = network_.handle(event))
        parties[event.node - 1].inputs.push_back(std::move(*input));
    }
    return true;
  }
  void end(std::size_t party) {
    network_.process_ended(static_cast<std::uint32_t>(party) + 1, false);
  }

  std::array<Party, 2> parties;
  std::string nobody = sim::address_of(9);

 private:
  sim::Simulator world_{1};
  sim::FaultCounts faults_;
  sim::SimNetwork network_{world_, 1, faults_};
  sim::Fuse fuse_;  ///< Never lit: these processes end between turns.
  std::vector<std::unique_ptr<sim::SimTransport>> ports_;
};

template <class World>
class TransportContract : public ::testing::Test {
 protected:
  bool run_until(const std::function<bool()>& is_met) { return world_.run_until(is_met); }
  /// A link from the first party to the second.
  void connect() {
    const std::size_t links = b_.template count<input::LinkUp>();
    a_.transport->dial(DialId{7}, b_.address);
    ASSERT_TRUE(run_until([&] {
      return a_.template count<input::LinkUp>() == links + 1 &&
             b_.template count<input::LinkUp>() == links + 1;
    }));
  }

  World world_;
  Party& a_ = world_.parties[0];
  Party& b_ = world_.parties[1];
};
using Worlds = ::testing::Types<RealWorld, SimulatedWorld>;
TYPED_TEST_SUITE(TransportContract, Worlds);

TYPED_TEST(TransportContract, ADialBecomesALinkAtBothEndsButNotAtOnce) {
  this->a_.transport->dial(DialId{7}, this->b_.address);
  EXPECT_TRUE(this->a_.inputs.empty());
  EXPECT_TRUE(this->b_.inputs.empty());
  ASSERT_TRUE(this->run_until([&] {
    return this->a_.template count<input::LinkUp>() + this->b_.template count<input::LinkUp>() == 2;
  }));
  EXPECT_EQ(this->a_.template heard<input::LinkUp>()[0].dial, DialId{7});
  EXPECT_EQ(this->a_.template heard<input::LinkUp>()[0].remote, this->b_.address);
  EXPECT_TRUE(this->b_.template heard<input::LinkUp>()[0].dial.is_none());
}

TYPED_TEST(TransportContract, AFailedDialIsToldOnceAndNotAtOnce) {
  this->a_.transport->dial(DialId{1}, this->world_.nobody);
  this->a_.transport->dial(DialId{2}, "no address at all");
  EXPECT_TRUE(this->a_.inputs.empty());
  const auto failures = [&] { return this->a_.template count<input::DialFailed>(); };
  ASSERT_TRUE(this->run_until([&] { return failures() == 2; }));
  this->connect();  // time passes
  EXPECT_EQ(failures(), 2U);
  for (const auto& failed : this->a_.template heard<input::DialFailed>())
    EXPECT_FALSE(failed.why.empty());
}

TYPED_TEST(TransportContract, FramesOfOnePriorityKeepTheirOrderBothWays) {
  this->connect();
  std::vector<std::string> sent;
  for (int i = 0; i < 200; ++i) {
    sent.push_back("frame " + std::to_string(i));
    this->a_.say(sent.back());
    this->b_.say(sent.back());
  }
  EXPECT_EQ(this->b_.said_to().size(), 0U) << "nothing comes while a port is called";
  ASSERT_TRUE(this->run_until([&] {
    return this->a_.said_to().size() == sent.size() && this->b_.said_to().size() == sent.size();
  }));
  EXPECT_EQ(this->a_.said_to(), sent);
  EXPECT_EQ(this->b_.said_to(), sent);
}

TYPED_TEST(TransportContract, SmallAndLargeFramesArriveWhole) {
  this->connect();
  const std::vector<std::string> sent{"hello", "proof", std::string(1U << 20, 'x'), "after"};
  for (const std::string& text : sent) this->a_.say(text);
  ASSERT_TRUE(this->run_until([&] { return this->b_.said_to().size() == sent.size(); }));
  EXPECT_TRUE(this->b_.said_to() == sent);
}

TYPED_TEST(TransportContract, TwoLinksOfOnePairAreApart) {
  this->connect();
  this->connect();
  EXPECT_NE(this->a_.link(0), this->a_.link(1));
  EXPECT_NE(this->b_.link(0), this->b_.link(1));
  this->a_.say("by the second", 1);
  ASSERT_TRUE(this->run_until([&] { return this->b_.said_to().size() == 1; }));
  const LinkId by = this->b_.template heard<input::Received>()[0].link;
  this->a_.transport->hang_up(this->a_.link(0), "enough");
  ASSERT_TRUE(this->run_until([&] { return this->b_.template count<input::LinkDown>() == 1; }));
  EXPECT_NE(this->b_.template heard<input::LinkDown>()[0].link, by);
  this->a_.say("still there", 1);
  EXPECT_TRUE(this->run_until([&] { return this->b_.said_to().size() == 2; }));
}

TYPED_TEST(TransportContract, AHangUpComesAfterWhatWasSentAndIsToldOnceAtBothEnds) {
  this->connect();
  this->a_.say("one");
  this->a_.say("two");
  this->a_.transport->hang_up(this->a_.link(), "enough");
  this->a_.transport->hang_up(this->a_.link(), "twice");
  EXPECT_EQ(this->a_.template count<input::LinkDown>(), 0U) << "not from inside the call";
  ASSERT_TRUE(this->run_until([&] {
    return this->a_.template count<input::LinkDown>() == 1 &&
           this->b_.template count<input::LinkDown>() == 1;
  }));
  EXPECT_THAT(this->b_.said_to(), ElementsAre("one", "two"));
  EXPECT_TRUE(std::holds_alternative<input::LinkDown>(this->b_.inputs.back()));
  this->connect();  // time passes
  EXPECT_EQ(this->a_.template count<input::LinkDown>(), 1U);
  EXPECT_EQ(this->b_.template count<input::LinkDown>(), 1U);
}

TYPED_TEST(TransportContract, WhoHungUpHearsNothingMoreAndSendsNothingMore) {
  this->connect();
  this->a_.transport->hang_up(this->a_.link(), "enough");
  this->a_.say("too late");
  this->b_.say("nor this");
  ASSERT_TRUE(this->run_until([&] {
    return this->a_.template count<input::LinkDown>() == 1 &&
           this->b_.template count<input::LinkDown>() == 1;
  }));
  EXPECT_EQ(this->a_.said_to().size() + this->b_.said_to().size(), 0U);
}

TYPED_TEST(TransportContract, AnUnknownLinkIsIgnored) {
  this->a_.transport->send(LinkId{77}, wire::Priority::normal, wire::seal({}, {}, {}));
  this->a_.transport->hang_up(LinkId{77}, "whom?");
  this->connect();
  this->a_.transport->hang_up(this->a_.link(), "enough");
  ASSERT_TRUE(this->run_until([&] { return this->a_.template count<input::LinkDown>() == 1; }));
  this->a_.say("nobody hears this");
  this->a_.transport->hang_up(this->a_.link(), "again");
  this->connect();
  EXPECT_EQ(this->a_.inputs.size(), 3U) << "up, down, up";
}

TYPED_TEST(TransportContract, AProcessThatEndsIsMissedOnEveryLink) {
  this->connect();
  this->connect();
  this->world_.end(1);
  ASSERT_TRUE(this->run_until([&] { return this->a_.template count<input::LinkDown>() == 2; }));
  EXPECT_EQ(this->b_.template count<input::LinkDown>(), 0U) << "the dead hear nothing";
  this->a_.transport->dial(DialId{8}, this->b_.address);
  EXPECT_TRUE(this->run_until([&] { return this->a_.template count<input::DialFailed>() == 1; }));
}

TYPED_TEST(TransportContract, LinkIdsAreNeverUsedAgain) {
  std::vector<LinkId> seen;
  for (std::size_t round = 0; round < 5; ++round) {
    this->connect();
    const LinkId link = this->a_.link(round);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), link), 0);
    seen.push_back(link);
    this->a_.transport->hang_up(link, "next");
    ASSERT_TRUE(this->run_until([&] {
      return this->a_.template count<input::LinkDown>() == round + 1 &&
             this->b_.template count<input::LinkDown>() == round + 1;
    }));
  }
}

}  // namespace
}  // namespace mpreg::net
