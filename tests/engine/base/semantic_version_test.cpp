#include "engine/base/semantic_version.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace mpreg {
namespace {

std::string canonical(std::string_view text) {
  const auto version = SemanticVersion::parse(text);
  return version ? describe(*version) : "error: " + version.error().message;
}

std::string constraint(std::string_view text) {
  const auto parsed = VersionConstraint::parse(text);
  return parsed ? describe(*parsed) : "error: " + parsed.error().message;
}

bool allows(std::string_view text, std::string_view version) {
  const auto parsed = VersionConstraint::parse(text);
  EXPECT_TRUE(parsed.has_value()) << text << ": " << parsed.error().message;
  return parsed && parsed->matches(SemanticVersion::parse(version).value());
}

// People write versions in many ways; the catalog must see one text per version.
TEST(SemanticVersion, ReadsEveryUsualFormIntoOneCanonicalText) {
  EXPECT_EQ(canonical("1.2.3"), "1.2.3");
  EXPECT_EQ(canonical("v1.2.3"), "1.2.3");
  EXPECT_EQ(canonical("2"), "2.0.0");
  EXPECT_EQ(canonical("2.1"), "2.1.0");
  EXPECT_EQ(canonical("0.0.0"), "0.0.0");
  EXPECT_EQ(canonical("1.0.0-rc.1"), "1.0.0-rc.1");
  EXPECT_EQ(canonical("1-rc"), "1.0.0-rc");
  EXPECT_EQ(canonical("1.0.0--.-0a"), "1.0.0--.-0a");
  EXPECT_EQ(canonical("1.0.0-rc.1+build.007"), "1.0.0-rc.1");
  EXPECT_EQ(canonical("1.0.0+001"), "1.0.0");
  EXPECT_EQ(canonical("999999999999999.0.0"), "999999999999999.0.0");
}

// The message is all that a remote registrant gets to see.
TEST(SemanticVersion, NamesThePositionAndWhatWasExpectedThere) {
  EXPECT_EQ(canonical(""), "error: version '': at 0 expected a number, found the end");
  EXPECT_EQ(canonical("v"), "error: version 'v': at 1 expected a number, found the end");
  EXPECT_EQ(canonical("1..2"), "error: version '1..2': at 2 expected a number, found '.'");
  EXPECT_EQ(canonical("1.2.3.4"),
            "error: version '1.2.3.4': at 5 expected at most three numbers, found '.'");
  EXPECT_EQ(canonical("1.x"), "error: version '1.x': at 2 expected a number, found 'x'");
  EXPECT_EQ(canonical("01.2"),
            "error: version '01.2': at 1 expected no digit after a leading zero, found '1'");
  EXPECT_EQ(canonical("1.2.3-"),
            "error: version '1.2.3-': at 6 expected a letter, digit or '-', found the end");
  EXPECT_EQ(canonical("1.2.3-a..b"),
            "error: version '1.2.3-a..b': at 8 expected a letter, digit or '-', found '.'");
  EXPECT_EQ(canonical("1.2.3-a.01"),
            "error: version '1.2.3-a.01': at 8 expected a number without leading zero, found '0'");
  EXPECT_EQ(canonical("1.2.3 "),
            "error: version '1.2.3 ': at 5 expected the end of the version, found ' '");
  EXPECT_EQ(canonical("1000000000000000"),
            "error: version '1000000000000000': at 15 expected a number of at most 15 digits, "
            "found '0'");
}

TEST(SemanticVersion, RefusesTextsBeyondItsBounds) {
  EXPECT_EQ(SemanticVersion::parse(std::string(129, '1')).error().code, Errc::too_large);
  std::string many = "1.0.0-a";
  for (int i = 0; i < 15; ++i) many += ".a";
  EXPECT_TRUE(SemanticVersion::parse(many).has_value());
  EXPECT_FALSE(SemanticVersion::parse(many + ".a").has_value());
}

// The list of semver.org, point 11, and what it leaves open in between.
TEST(SemanticVersion, OrdersByPrecedence) {
  const std::vector<std::string> ascending = {"0.0.0-0",     "0.0.0",         "0.0.9",
                                              "0.1.0",       "0.10.0",        "1.0.0-1",
                                              "1.0.0-2",     "1.0.0-10",      "1.0.0-10.0",
                                              "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
                                              "1.0.0-beta",  "1.0.0-beta.2",  "1.0.0-beta.11",
                                              "1.0.0-rc.1",  "1.0.0",         "2.0.0",
                                              "2.1.0",       "2.1.1",         "10.0.0"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(*SemanticVersion::parse(ascending[i]) <=> *SemanticVersion::parse(ascending[j]),
                i <=> j)
          << ascending[i] << " and " << ascending[j];
    }
  }
}

// Written out, every term becomes plain comparators: the table is the specification.
TEST(VersionConstraint, ReducesEveryTermToPlainComparators) {
  EXPECT_EQ(constraint("1.2.3"), "=1.2.3");
  EXPECT_EQ(constraint("==1.2"), "=1.2.0");
  EXPECT_EQ(constraint("= v1"), "=1.0.0");
  EXPECT_EQ(constraint(">=1.2,<2"), ">=1.2.0,<2.0.0");
  EXPECT_EQ(constraint("^1.2.3"), ">=1.2.3,<2.0.0-0");
  EXPECT_EQ(constraint("^0.2.3"), ">=0.2.3,<0.3.0-0");
  EXPECT_EQ(constraint("^0.0.3"), ">=0.0.3,<0.0.4-0");
  EXPECT_EQ(constraint("^0.0"), ">=0.0.0,<0.1.0-0");
  EXPECT_EQ(constraint("^0"), ">=0.0.0,<1.0.0-0");
  EXPECT_EQ(constraint("^1.x"), ">=1.0.0,<2.0.0-0");
  EXPECT_EQ(constraint("^1.2.3-beta.2"), ">=1.2.3-beta.2,<2.0.0-0");
  EXPECT_EQ(constraint("~1.2.3"), ">=1.2.3,<1.3.0-0");
  EXPECT_EQ(constraint("~1.2"), ">=1.2.0,<1.3.0-0");
  EXPECT_EQ(constraint("~1"), ">=1.0.0,<2.0.0-0");
  EXPECT_EQ(constraint("1.x"), ">=1.0.0,<2.0.0-0");
  EXPECT_EQ(constraint("1.2.*"), ">=1.2.0,<1.3.0-0");
  EXPECT_EQ(constraint("1.*.x"), ">=1.0.0,<2.0.0-0");
  EXPECT_EQ(constraint("*"), ">=0.0.0");
  EXPECT_EQ(constraint(">1.x"), ">=2.0.0");
  EXPECT_EQ(constraint("<=1.2.x"), "<1.3.0-0");
  EXPECT_EQ(constraint("<1.x"), "<1.0.0-0");
  EXPECT_EQ(constraint(">*"), "<0.0.0-0");
  EXPECT_EQ(constraint("<*"), "<0.0.0-0");
  EXPECT_EQ(constraint("^1.2 || >=3, <4"), ">=1.2.0,<2.0.0-0 || >=3.0.0,<4.0.0");
  EXPECT_EQ(constraint("(^1)"), ">=1.0.0,<2.0.0-0");
  EXPECT_EQ(constraint("(=1 || =2), >0"), "=1.0.0,>0.0.0 || =2.0.0,>0.0.0");
  EXPECT_EQ(constraint("  "), "");
}

TEST(VersionConstraint, NamesThePositionAndWhatWasExpectedThere) {
  EXPECT_EQ(constraint(">="),
            "error: version constraint '>=': at 2 expected a number, 'x' or '*', found the end");
  EXPECT_EQ(
      constraint(">=1,"),
      "error: version constraint '>=1,': at 4 expected an operator or version, found the end");
  EXPECT_EQ(constraint(">=1 <2"),
            "error: version constraint '>=1 <2': at 4 expected ',' or '||' or the end, found '<'");
  EXPECT_EQ(constraint("1 | 2"),
            "error: version constraint '1 | 2': at 3 expected a second '|', found ' '");
  EXPECT_EQ(constraint("(1"),
            "error: version constraint '(1': at 2 expected ',' or '||' or ')', found the end");
  EXPECT_EQ(constraint("!1"),
            "error: version constraint '!1': at 0 expected a number, 'x' or '*', found '!'");
  EXPECT_EQ(constraint("1.x.3"),
            "error: version constraint '1.x.3': at 4 expected 'x' or '*' after a wildcard, found "
            "'3'");
  EXPECT_EQ(constraint("1.x-rc"),
            "error: version constraint '1.x-rc': at 3 expected no pre-release after a wildcard, "
            "found '-'");
}

TEST(VersionConstraint, MatchesWhatItsOperatorsSay) {
  EXPECT_TRUE(allows("", "0.0.1"));
  EXPECT_TRUE(allows(">=1.2,<2", "1.9.9"));
  EXPECT_FALSE(allows(">=1.2,<2", "2.0.0"));
  EXPECT_FALSE(allows(">=3.0", "2.1.0"));
  EXPECT_TRUE(allows("==1.0.0", "1.0.0"));
  EXPECT_TRUE(allows("^1.2 || >=3,<4", "3.5.0"));
  EXPECT_FALSE(allows("^1.2 || >=3,<4", "2.0.0"));
  EXPECT_TRUE(allows("<=1.2.x", "1.2.9"));
  EXPECT_FALSE(allows("<=1.2.x", "1.3.0"));
  EXPECT_FALSE(allows("<*", "0.0.0"));
}

// A range of releases must never hand a caller an unfinished version it did not ask for.
TEST(VersionConstraint, AdmitsPreReleasesOnlyWhereOneIsNamed) {
  EXPECT_FALSE(allows("^1.2", "1.3.0-rc.1"));
  EXPECT_FALSE(allows("^1.2", "2.0.0-rc.1"));
  EXPECT_FALSE(allows("*", "1.0.0-rc.1"));
  EXPECT_FALSE(allows(">=1.0.0", "1.0.1-rc.1"));
  EXPECT_TRUE(allows(">=1.0.0-rc.1", "1.0.0-rc.2"));
  EXPECT_TRUE(allows(">=1.0.0-rc.1", "1.0.0"));
  EXPECT_FALSE(allows(">=1.0.0-rc.1", "1.0.1-rc.2"));
  EXPECT_TRUE(allows("^1.2.3-beta.2", "1.2.3-beta.4"));
  EXPECT_FALSE(allows("^1.2.3-beta.2", "1.2.4-beta.4"));
  EXPECT_TRUE(allows("1.0.0-rc.1", "1.0.0-rc.1"));
  EXPECT_FALSE(allows("1.0.0", "1.0.0-rc.1"));
  EXPECT_FALSE(allows("^1.9.9-rc", "2.0.0-0"));
  EXPECT_TRUE(allows("", "1.0.0-rc.1"));
}

// Constraints come from strangers: neither text, nor nesting, nor multiplying out may grow memory.
TEST(VersionConstraint, RefusesWhatPassesItsBounds) {
  const auto code = [](const std::string& text) {
    const auto parsed = VersionConstraint::parse(text);
    return parsed ? Errc::ok : parsed.error().code;
  };
  EXPECT_EQ(code(std::string(513, ' ')), Errc::too_large);
  EXPECT_EQ(code(std::string(8, '(') + "1" + std::string(8, ')')), Errc::ok);
  EXPECT_EQ(code(std::string(9, '(') + "1" + std::string(9, ')')), Errc::too_large);
  std::string many = "1";
  for (int i = 1; i < 64; ++i) many += "||1";
  EXPECT_EQ(code(many), Errc::ok);
  EXPECT_EQ(code(many + "||1"), Errc::too_large);
  std::string product = "(1||2)";
  for (int i = 0; i < 20; ++i) product += ",(1||2)";
  EXPECT_EQ(code(product), Errc::too_large);
}

}  // namespace
}  // namespace mpreg
