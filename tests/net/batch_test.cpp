#include "net/batch.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mpreg::net {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Batch : public ::testing::Test {
 protected:
  BatchEnd& end() { return BatchEnd::of(io_); }
  std::size_t run_loop() {
    io_.restart();
    return io_.poll();
  }

  boost::asio::io_context io_{1};
  std::vector<std::string> ran_;
  // Made in the wrong order on purpose: the stage decides.
  BatchEnd::Job write_{io_, BatchEnd::Stage::write, [this] { ran_.emplace_back("write"); }};
  BatchEnd::Job tell_{io_, BatchEnd::Stage::tell, [this] {
                        ran_.emplace_back("tell");
                        write_.ask();
                      }};
};

TEST_F(Batch, JobsRunOnceAtItsEndInTheOrderOfTheirStages) {
  end().batch([this] {
    write_.ask();
    tell_.ask();
    write_.ask();
    EXPECT_THAT(ran_, IsEmpty()) << "not from inside the call that asks";
  });
  EXPECT_THAT(ran_, ElementsAre("tell", "write"));
  EXPECT_EQ(run_loop(), 0U) << "nothing is left for the loop";
}

TEST_F(Batch, NobodyAskedAndNothingRuns) {
  end().batch([] {});
  EXPECT_THAT(ran_, IsEmpty());
}

TEST_F(Batch, OutsideOfOneAJobRunsSoonFromTheLoop) {
  tell_.ask();
  write_.ask();
  EXPECT_THAT(ran_, IsEmpty());
  EXPECT_EQ(run_loop(), 1U) << "one round for both";
  EXPECT_THAT(ran_, ElementsAre("tell", "write"));
  write_.ask();
  run_loop();
  EXPECT_THAT(ran_, ElementsAre("tell", "write", "write"));
}

TEST_F(Batch, AnInnerOneLeavesTheJobsToTheOuter) {
  end().batch([this] {
    end().batch([this] { write_.ask(); });
    EXPECT_THAT(ran_, IsEmpty());
  });
  EXPECT_THAT(ran_, ElementsAre("write"));
}

// A function that answers itself for ever must not keep sockets from being read.
TEST_F(Batch, WhatALaterJobAsksOfAnEarlierOneWaitsForTheNextRound) {
  BatchEnd::Job echo(io_, BatchEnd::Stage::write, [this] { tell_.ask(); });
  end().batch([&] { echo.ask(); });
  EXPECT_THAT(ran_, IsEmpty());
  EXPECT_EQ(run_loop(), 1U);
  EXPECT_THAT(ran_, ElementsAre("tell", "write"));
}

TEST_F(Batch, AJobThatIsGoneIsForgotten) {
  auto gone = std::make_unique<BatchEnd::Job>(io_, BatchEnd::Stage::tell,
                                              [this] { ran_.emplace_back("gone"); });
  gone->ask();
  write_.ask();
  gone.reset();
  run_loop();
  EXPECT_THAT(ran_, ElementsAre("write"));
}

}  // namespace
}  // namespace mpreg::net
