#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "engine/client/client.hpp"
#include "engine/fabric/fabric.hpp"

namespace mpreg::fabric {
namespace {

Options options_of_a_node() {
  Options options;
  options.name = "n1";
  options.self = NodeId{1};
  EXPECT_TRUE(options.finish());
  return options;
}

std::set<std::string> limits_in_the_header() {
  std::ifstream file(std::string(MPREG_SOURCE_DIR) + "/engine/base/limits.hpp");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::regex constant("inline constexpr std::\\w+ (\\w+)_max");
  std::set<std::string> names;
  for (std::sregex_iterator found(text.begin(), text.end(), constant), end; found != end; ++found)
    names.insert((*found)[1]);
  return names;
}

/// Limits of one message, text, turn or request: nothing that is kept.
const std::set<std::string>& limits_of_messages() {
  static const std::set<std::string> names = {"frame_head_bytes",
                                              "payload_bytes",
                                              "topic_bytes",
                                              "text_bytes",
                                              "name_bytes",
                                              "path",
                                              "list",
                                              "address_bytes",
                                              "member_addresses",
                                              "record_key_bytes",
                                              "refusal_bytes",
                                              "hop_budget",
                                              "piggyback",
                                              "member_sync",
                                              "digest_entries",
                                              "delta_owners",
                                              "delta_records",
                                              "delta_bytes",
                                              "register_functions",
                                              "record_events",
                                              "events_per_turn",
                                              "fetch_rows",
                                              "storage_key_bytes",
                                              "refutation_jump",
                                              "version_jump",
                                              "raft_members",
                                              "raft_command_bytes",
                                              "raft_append_entries",
                                              "raft_append_bytes",
                                              "raft_uncommitted",
                                              "raft_chunk_bytes",
                                              "raft_chunks",
                                              "raft_chunks_read",
                                              "raft_sweep_rows",
                                              "kv_key_bytes",
                                              "kv_value_bytes"};
  return names;
}

// A limit that nobody watches is a wish: whoever adds one says here, or in a table, what it bounds.
TEST(Tables, EveryLimitOfATableIsInTheListThatCheckersAndStatusShare) {
  const Fabric fabric(options_of_a_node());
  std::set<std::string> tables;
  for (const TableSize& table : fabric.inspect().tables()) tables.insert(std::string(table.table));
  const std::set<std::string> limits = limits_in_the_header();
  ASSERT_GT(limits.size(), 30U) << "the header is not where it was";
  for (const std::string& limit : limits) {
    if (limits_of_messages().contains(limit)) continue;
    EXPECT_TRUE(tables.contains(limit))
        << "limits::" << limit << "_max bounds a table that no tables() lists";
  }
}

TEST(Tables, HaveNamesOfTheirOwnAndLimits) {
  const Fabric fabric(options_of_a_node());
  std::set<std::string> names;
  for (const TableSize& table : fabric.inspect().tables()) {
    EXPECT_TRUE(names.insert(std::string(table.table)).second) << table.table;
    EXPECT_LE(table.size, table.limit) << table.table;
  }
}

TEST(Tables, AreInTheStatusReport) {
  const Fabric fabric(options_of_a_node());
  const std::string status = fabric.inspect().status(Instant{});
  for (const TableSize& table : fabric.inspect().tables())
    EXPECT_NE(status.find("\"" + std::string(table.table) + "\""), std::string::npos)
        << table.table;
}

}  // namespace
}  // namespace mpreg::fabric
