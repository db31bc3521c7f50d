#include "node/replay/life_seen.hpp"

#include <gtest/gtest.h>

#include "engine/wire/codec.hpp"
#include "tests/support/wire_frames.hpp"

namespace mpreg::node {
namespace {

Input received(const wire::Message& message) {
  return input::Received{LinkId{1}, mpreg::testing::joined(wire::encode({}, message, {}))};
}

// A recording holds what strangers sent: the node refused it, and so does who reads of it.
TEST(LifeSeen, WhatIsSaidBeforeAHelloIsNoWork) {
  LifeSeen life;
  LifeObserver observer(life);
  observer.input({}, input::LinkUp{LinkId{1}, {}, "a stranger"});
  wire::RpcRegister registration;
  registration.functions.emplace_back().name = "add";
  observer.input({}, received(registration));
  wire::RpcCall call;
  call.selector.name = "add";
  observer.input({}, received(call));
  EXPECT_EQ(life.moments.size(), 3u);
  EXPECT_TRUE(life.workers.empty());
  EXPECT_TRUE(life.offers.empty());
  EXPECT_TRUE(life.calls.empty());
}

}  // namespace
}  // namespace mpreg::node
