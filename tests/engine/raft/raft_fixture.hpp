#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/raft/raft.hpp"
#include "engine/raft/record.hpp"
#include "tests/support/probe.hpp"

namespace mpreg::raft {

inline constexpr NodeId n1{1};
inline constexpr NodeId n2{2};
inline constexpr NodeId n3{3};

inline Options options_of(NodeId self, const std::string& members = "#1+#2+#3") {
  Options options;
  options.self = self;
  options.groups = {"kv:" + members};
  EXPECT_TRUE(options.finish());
  return options;
}

/// One member of the group "kv" with a disk of its own, which answers when the test says so.
class MemberRoom {
 public:
  explicit MemberRoom(NodeId self = n1, const std::string& members = "#1+#2+#3")
      : MemberRoom(options_of(self, members)) {}
  explicit MemberRoom(const Options& options)
      : options_(options), probe(options.self), raft_(options_) {
    link_all();
  }

  /// Begins with what the disk holds.
  void boot() {
    turn([&](Turn& turn) { raft_.load(turn); });
    while (!raft_.is_settled()) {
      const auto fetches = probe.effects_of<effect::Fetch>();
      ASSERT_EQ(fetches.size(), 1U);
      turn([&](Turn& turn) { raft_.on_fetched(turn, answer_to(fetches[0])); });
    }
    turn([&](Turn& turn) { raft_.begin(turn); });
  }
  /// The process ends, with what was not durable, and begins anew.
  void restart() {
    pending_.clear();
    raft_ = Raft(options_);
    boot();
  }
  /// The disk confirms everything so far; what the last of these turns put out is in `probe`.
  void written(runtime::StorageStatus status = runtime::StorageStatus::ok) {
    for (const effect::Commit& commit : std::exchange(pending_, {})) {
      for (const runtime::Change& change : commit.batch) {
        if (change.is_erase)
          disk.erase(change.key);
        else
          disk[change.key] = change.value;
      }
      turn([&](Turn& turn) { raft_.on_written(turn, {commit.write, status}); });
    }
  }
  /// The disk answers what the last turn wanted to read.
  void read() {
    for (const effect::Fetch& fetch : probe.effects_of<effect::Fetch>())
      turn([&](Turn& turn) { raft_.on_fetched(turn, answer_to(fetch)); });
  }
  void receive(NodeId from, const wire::Message& message) {
    turn([&](Turn& turn) { EXPECT_TRUE(raft_.on_message(turn, from, message)); });
  }
  void fire(runtime::TimerKind kind) {
    turn([&](Turn& turn) { raft_.on_timer(turn, {kind, id.value}); });
  }
  void ask(std::uint64_t request, const runtime::KvRequest& what) {
    turn([&](Turn& turn) { raft_.request(turn, RequestId{request}, what); });
  }
  /// The election timer fires after a silence; the others then say yes twice.
  void win(NodeId voter = n2) {
    probe.advance(seconds(3));
    fire(runtime::TimerKind::raft_election);
    receive(voter, wire::RaftVoted{id, group().term() + 1, true, true});
    written();
    receive(voter, wire::RaftVoted{id, group().term(), false, true});
    ASSERT_EQ(group().role(), Role::leader);
  }
  /// A follower has everything up to `index`.
  void accept(NodeId from, LogIndex index, std::uint64_t round = 0) {
    receive(from, wire::RaftAppended{id, group().term(), index, 0, 0, round, true});
  }
  /// Takes entries of these terms after `prev`, as from their leader in `term`.
  void append(NodeId from, Term term, LogIndex prev, Term prev_term, std::vector<Term> terms,
              LogIndex commit = 0) {
    wire::RaftAppend append{id, term, prev, prev_term, commit, 1, {}};
    for (const Term one : terms) append.entries.push_back({one, {}});
    receive(from, append);
  }

  template <class Message>
  [[nodiscard]] std::vector<Message> sent() const {
    return probe.sent_of<Message>();
  }
  [[nodiscard]] const Group& group() const { return raft_.groups().front(); }
  [[nodiscard]] Raft& raft() { return raft_; }
  [[nodiscard]] const Raft& raft() const { return raft_; }

  /// The terms of the entries that the log holds, in order.
  [[nodiscard]] std::vector<Term> terms() const {
    std::vector<Term> terms;
    for (LogIndex index = group().log().first_index(); index <= group().log().last_index(); ++index)
      terms.push_back(group().log().term_at(index));
    return terms;
  }
  template <class Handler>
  void turn(Handler&& handler) {
    probe.run(std::forward<Handler>(handler));
    for (effect::Commit& commit : probe.effects_of<effect::Commit>()) {
      EXPECT_EQ(commit.durability, runtime::Durability::sync);
      pending_.push_back(std::move(commit));
    }
  }

  const GroupId id = group_id_of("kv");

 private:
  Options options_;

 public:
  testing::Probe probe;
  std::map<std::string, Bytes> disk;
  runtime::StorageStatus fetch_status = runtime::StorageStatus::ok;

 private:
  [[nodiscard]] input::Fetched answer_to(const effect::Fetch& fetch) const {
    input::Fetched answer{fetch.read, fetch_status, {}};
    for (auto row = disk.lower_bound(fetch.from);
         row != disk.end() && row->first < fetch.to && answer.rows.size() < fetch.limit; ++row)
      answer.rows.push_back({row->first, row->second});
    return answer;
  }
  void link_all() {
    for (const NodeId node : {n1, n2, n3, NodeId{4}, NodeId{5}})
      if (node != options_.self) probe.link(node, LinkId{node.value});
  }
  Raft raft_;
  std::vector<effect::Commit> pending_;
};

inline runtime::KvRequest put(const std::string& key, const std::string& value) {
  runtime::KvRequest request;
  request.group = "kv";
  request.op = runtime::KvOp::put;
  request.key = key;
  request.value = Bytes::copy_of(value);
  return request;
}
inline runtime::KvRequest get(const std::string& key) {
  runtime::KvRequest request;
  request.group = "kv";
  request.key = key;
  return request;
}

}  // namespace mpreg::raft
