// Which functions may be offered, by whom, side by side with what.
#include "tests/engine/rpc/rpc_fixture.hpp"

namespace mpreg::rpc::testing {
namespace {

const Process other(102);

// Fact of the old system: one name a server. Here versions of one function stand side by side.
TEST(Registration, VersionsStandSideBySideAndAreCanonical) {
  Stage stage;
  EXPECT_EQ(
      stage.offer(worker, {function("f", "v1"), function("f", "2.0.0-rc.1+b7"), function("f")}),
      "l101 registered ok\n+f 1.0.0\n+f 2.0.0-rc.1\n");
  EXPECT_EQ(stage.offer(worker, {function("f")}), "l101 registered ok\n") << "the same again";
}

TEST(Registration, IsAllOrNothing) {
  Stage stage;
  EXPECT_EQ(stage.offer(worker, {function("good"), function("bad", "1.2.x")}).substr(0, 32),
            "l101 registered invalid_argument");
  EXPECT_EQ(stage.offer(worker, {function("good"), function("echo")}),
            "l101 registered conflict: function name 'echo' is built in\n");
  EXPECT_TRUE(stage.rpc.offers().empty());
}

TEST(Registration, NamesAreCheckedForLengthAndControlCharacters) {
  Stage stage;
  const auto code = [&](wire::FunctionRecord one) {
    const std::string said = stage.offer(worker, {std::move(one)});
    return said.substr(16, said.find_first_of(":\n") - 16);
  };
  EXPECT_EQ(code(function("")), "invalid_argument");
  EXPECT_EQ(code(function("a\nb")), "invalid_argument");
  EXPECT_EQ(code(function("a", "", {}, "i\x7f")), "invalid_argument");
  EXPECT_EQ(code(function(std::string(128, 'n'))), "ok");
  EXPECT_EQ(stage.offer(worker, {}), "l101 registered invalid_argument: no functions are named\n");
}

TEST(Registration, ANameAndAnIdBelongTogetherBothWays) {
  Stage stage;
  stage.offer(worker, {function("sum", "1", {}, "math.sum")});
  EXPECT_EQ(
      stage.offer(other, {function("sum", "2", {}, "else")}),
      "l102 registered conflict: function name 'sum' is bound to id 'math.sum', not 'else'\n");
  EXPECT_EQ(stage.offer(other, {function("add", "1", {}, "math.sum")}),
            "l102 registered conflict: function id 'math.sum' is bound to name 'sum', not 'add'\n");
  EXPECT_EQ(
      stage.offer(other, {function("a", "1", {}, "x"), function("b", "1", {}, "x")}).substr(0, 24),
      "l102 registered conflict");
  stage.down(worker);
  EXPECT_EQ(stage.offer(other, {function("sum", "2", {}, "else")}),
            "l102 registered ok\n+sum 2.0.0\n");
}

// A name that the cluster binds to something else is told to the registrant, not found out later.
TEST(Registration, AConflictWithAnotherNodeIsToldAtOnce) {
  Stage stage;
  stage.provider(2, {function("sum", "1", {}, "math.sum")});
  EXPECT_EQ(stage.offer(worker, {function("sum", "1", {}, "mine")}).substr(0, 24),
            "l101 registered conflict");
}

TEST(Registration, OneLinkOffersAVersionWithOneSetOfResources) {
  Stage stage;
  stage.offer(worker, {function("f", "1", {"gpu", "cpu"})});
  EXPECT_EQ(stage.offer(worker, {function("f", "1", {"tpu"})}),
            "l101 registered conflict: function 'f' 1.0.0 is already registered by you with other "
            "resources\n");
  EXPECT_EQ(stage.offer(other, {function("f", "1", {"tpu"})}), "l102 registered ok\n+f 1.0.0\n");
  EXPECT_EQ(stage.call(Process(100), {.selector = want("f", "", {"tpu"})}),
            "l102 call 7#0 f =1.0.0 'x'\n");
}

TEST(Registration, UnregisteringWithdrawsWhatNobodyElseServes) {
  Stage stage;
  stage.offer(worker, {function("f"), function("g")});
  stage.offer(other, {function("f")});
  EXPECT_EQ(stage.offer(worker, {function("f"), function("g")}, true),
            "l101 registered ok\n-g 1.0.0\n");
  EXPECT_EQ(stage.offer(worker, {function("f")}, true),
            "l101 registered not_found: function 'f' 1.0.0 is not registered here by you\n");
  EXPECT_EQ(stage.offer(worker, {function("echo")}, true).substr(0, 25),
            "l101 registered not_found");
}

TEST(Registration, ARunningCallMayFinishAfterItsFunctionWasWithdrawn) {
  Stage stage;
  stage.offer(worker, {function("f")});
  stage.call(Process(100), {.selector = want("f")});
  EXPECT_EQ(stage.offer(worker, {function("f")}, true), "l101 registered ok\n-f 1.0.0\n");
  EXPECT_EQ(stage.answer(worker, NodeId{1100}, 7, Errc::ok), "l100 answer 7 ok 'y'\n");
}

TEST(Registration, NodesDoNotRegisterAndNumbersAreBounded) {
  Stage stage;
  EXPECT_EQ(stage.act([&](Turn& turn) {
    stage.rpc.on_register(turn, LinkId{202}, Stage::peer(2), {1, false, {function("f")}});
  }),
            "l202 registered not_permitted: only clients register functions\n");
  for (int batch = 0; batch < 8; ++batch) {
    std::vector<wire::FunctionRecord> functions;
    for (int i = 0; i < 250; ++i)
      functions.push_back(function("f" + std::to_string(batch * 250 + i)));
    stage.offer(worker, functions);
  }
  std::vector<wire::FunctionRecord> more;
  for (int i = 0; i < 44; ++i) more.push_back(function("g" + std::to_string(i)));
  EXPECT_EQ(stage.offer(worker, more),
            "l101 registered overloaded: this node offers at most 2048 functions\n");
}

}  // namespace
}  // namespace mpreg::rpc::testing
