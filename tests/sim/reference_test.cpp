#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/scenario.hpp"
#include "sim/verbs.hpp"

/// docs/SCENARIOS.md is the reference of plans: what it shows must be right, and nothing may be
/// missing.
namespace mpreg::sim {
namespace {

/// What stands between back quotes in the first column of the tables.
std::vector<std::string> examples() {
  std::ifstream file(std::string(MPREG_SOURCE_DIR) + "/docs/SCENARIOS.md");
  std::vector<std::string> found;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    // A divider of columns is never escaped, a '|' of a plan always is.
    std::size_t end = 2;
    while (end < line.size() && (line[end] != '|' || line[end - 1] == '\\')) ++end;
    std::string cell = line.substr(2, end - 2);
    for (std::size_t at; (at = cell.find("\\|")) != std::string::npos;) cell.erase(at, 1);
    for (std::size_t begin = 0; (begin = cell.find('`', begin)) != std::string::npos;) {
      const std::size_t close = cell.find('`', begin + 1);
      found.push_back(cell.substr(begin + 1, close - begin - 1));
      begin = close + 1;
    }
  }
  return found;
}

TEST(Reference, EveryExampleIsUnderstood) {
  ASSERT_GE(examples().size(), 40U);
  for (const std::string& example : examples()) {
    const std::string world = "cluster nodes=50\nworkers count=6\n";
    const auto plan = parse_plan("reference", world + example + "\n");
    ASSERT_TRUE(plan) << example << ": " << plan.error().message;
    const auto scenario = understand(*plan, 1);
    EXPECT_TRUE(scenario) << example << ": " << scenario.error().message;
  }
}

TEST(Reference, EveryVerbHasAnExample) {
  std::set<std::string> shown;
  for (const std::string& example : examples()) {
    const auto plan = parse_plan("reference", example + "\n");
    if (plan) shown.insert(plan->steps[0].verb.text);
  }
  std::string names = verb_names() + ", ";
  for (std::size_t end; (end = names.find(", ")) != std::string::npos; names.erase(0, end + 2))
    EXPECT_TRUE(shown.contains(names.substr(0, end))) << names.substr(0, end);
}

}  // namespace
}  // namespace mpreg::sim
