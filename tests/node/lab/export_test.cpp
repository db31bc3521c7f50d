#include <gtest/gtest.h>

#include "node/lab/exports.hpp"
#include "sim/explain/chronicle.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/world.hpp"

namespace mpreg::node {
namespace {

namespace explain = sim::explain;

/// A run of frames and their copies, of which so many are kept, from the first on.
explain::Chronicle kept(std::size_t passages) {
  const auto plan =
      sim::parse_plan("kept", "cluster nodes=3 start=0s\nlink duplicate=20%\nrun for=5s\n");
  explain::ChronicleLimits limits;
  limits.passages = passages;
  limits.pivot = Instant{};
  explain::Chronicle chronicle(limits);
  sim::World world(*sim::understand(*plan, 1), sim::make_fabric);
  world.observe(chronicle);
  world.run();
  chronicle.forget_world();
  return chronicle;
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++count;
  return count;
}

// A copy is told before the frame of which it is one: where memory ends between the two, nobody
// says what its sender knew.
TEST(Shiviz, ACopyWithoutItsOriginalIsLeftOut) {
  const explain::Chronicle all = kept(100'000);
  std::size_t copies = 0;
  std::size_t index = 0;
  for (; index < all.passages().size() && copies < 3; ++index) {
    const explain::Passage& passage = all.passages()[index];
    copies += passage.route.is_copy && passage.fate == explain::Fate::taken ? 1U : 0U;
  }
  ASSERT_EQ(copies, 3U);
  EXPECT_EQ(count_of(shiviz_of(kept(index), {}), ", a copy"), 2U);
  EXPECT_EQ(count_of(shiviz_of(kept(index + 1), {}), ", a copy"), 3U);
}

}  // namespace
}  // namespace mpreg::node
