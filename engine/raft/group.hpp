#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/sorted_vector.hpp"
#include "engine/base/table_size.hpp"
#include "engine/raft/kv.hpp"
#include "engine/raft/log.hpp"
#include "engine/raft/options.hpp"
#include "engine/raft/progress.hpp"
#include "engine/raft/snapshot.hpp"
#include "engine/runtime/input.hpp"
#include "engine/runtime/turn.hpp"

namespace mpreg::raft {

enum class Role : std::uint8_t {
  follower = 0,
  pre_candidate = 1,  ///< Asks whether it would be elected; its term is still the old one.
  candidate = 2,
  leader = 3,
};
[[nodiscard]] std::string_view name_of(Role role);  ///< "leader".

/// One member's part in one consensus group (Raft, Ongaro 2014): election, log, state machine.
///
/// What a member promises is durable before it is said: votes, and entries that it confirms. So an
/// answer waits for the write it stands on (`Unsaid`). Reads of the log and the terms use memory,
/// which is ahead of the disk. Any message may be lost, repeated or late; answers of a term that
/// has passed are dropped on both sides.
/// A storage that fails ends the member's part until the process begins anew: it cannot know what
/// it may promise. Timers: raft_election, raft_heartbeat, raft_deadline, each with the group as its
/// subject. Split by handler: on_vote.cpp, on_append.cpp, snapshot.cpp, requests.cpp, storage.cpp,
/// restored.cpp.
class Group {
 public:
  enum class Stage : std::uint8_t {
    idle = 0,
    reading_state = 1,
    reading_snapshot = 2,
    reading_log = 3,
    serving = 4,
    failed = 5,  ///< Storage failed or is damaged; noted.
  };

  Group() = default;  ///< To be read into.
  Group(const GroupOptions& options, const Options& all);

  // --- storage.cpp: before anything else, load(), until is_settled() ---
  void load(Turn& turn);
  /// Both: whether the answer was this group's.
  bool on_fetched(Turn& turn, const input::Fetched& fetched);
  bool on_written(Turn& turn, const input::Written& written);
  /// Loaded, or failed.
  [[nodiscard]] bool is_settled() const {
    return stage_ == Stage::serving || stage_ == Stage::failed;
  }
  /// The node serves from now on: takes part.
  void begin(Turn& turn);

  // --- on_vote.cpp; `from` is who is at the other end of the link, a member ---
  void on_vote(Turn& turn, NodeId from, const wire::RaftVote& vote);
  void on_voted(Turn& turn, NodeId from, const wire::RaftVoted& answer);
  void on_election_timer(Turn& turn);

  // --- on_append.cpp ---
  void on_append(Turn& turn, NodeId from, const wire::RaftAppend& append);
  void on_appended(Turn& turn, NodeId from, const wire::RaftAppended& answer);
  void on_heartbeat_timer(Turn& turn);
  void on_peer_up(Turn& turn, NodeId node);
  void on_peer_down(NodeId node);

  // --- snapshot.cpp ---
  void on_chunk(Turn& turn, NodeId from, const wire::RaftChunk& chunk);
  void on_chunked(Turn& turn, NodeId from, const wire::RaftChunked& answer);

  // --- requests.cpp ---
  /// Exactly one reply answers.
  void request(Turn& turn, RequestId request, const runtime::KvRequest& what);
  void on_deadline_timer(Turn& turn);

  [[nodiscard]] const GroupOptions& options() const { return options_; }
  [[nodiscard]] bool has_member(NodeId node) const;
  [[nodiscard]] Stage stage() const { return stage_; }
  [[nodiscard]] Role role() const { return role_; }
  [[nodiscard]] Term term() const { return state_.term; }
  [[nodiscard]] NodeId vote() const { return state_.vote; }
  [[nodiscard]] NodeId leader() const { return leader_; }  ///< As far as it is known.
  [[nodiscard]] LogIndex commit() const { return commit_; }
  [[nodiscard]] LogIndex applied() const { return applied_; }
  /// Up to here the log is on this member's disk.
  [[nodiscard]] LogIndex durable() const { return durable_; }
  [[nodiscard]] const Log& log() const { return log_; }
  /// The last one that the member took or installed.
  [[nodiscard]] const SnapshotHead& snapshot() const { return snapshot_; }
  [[nodiscard]] SnapshotStage snapshot_stage() const;
  [[nodiscard]] const KvStore& store() const { return store_; }
  /// Who voted for this member in the election under way, or that it won.
  [[nodiscard]] const SortedSet<NodeId>& votes() const { return votes_; }
  /// Of a leader: its followers.
  [[nodiscard]] const SortedMap<NodeId, Progress>& followers() const { return followers_; }
  /// Adds the larger of each size to tables that are there, by their order.
  void tables(TableSizes& out) const;

  /// What a snapshot holds: see runtime/byte_archive.hpp. Not the options.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.stage_, self.read_, self.role_, self.state_, self.durable_state_,
                self.is_state_unsaved_, self.log_, self.unsaved_from_, self.stored_last_,
                self.durable_, self.writes_, self.unsaid_, self.leader_, self.heard_leader_,
                self.timeout_, self.election_at_, self.election_armed_at_, self.votes_,
                self.followers_, self.term_start_, self.round_, self.commit_, self.applied_,
                self.store_, self.commands_, self.reads_, self.deadline_armed_at_, self.snapshot_,
                self.named_, self.is_name_unsaved_, self.is_installing_, self.applied_bytes_,
                self.taking_, self.incoming_, self.doomed_);
  }
  /// restored.cpp: what was read contradicts neither itself nor the options.
  [[nodiscard]] bool restored() const;

 private:
  /// A batch on its way to the disk.
  struct Write {
    WriteId id;
    LogIndex upto = 0;      ///< The log is durable up to here then.
    HardState state;        ///< As is this.
    LogIndex snapshot = 0;  ///< It names this one; 0: none.
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.id, self.upto, self.state, self.snapshot);
    }
  };
  /// Something to say as soon as a write is durable, if the term is still the same.
  struct Unsaid {
    enum class Kind : std::uint8_t { ask_votes = 0, vote = 1, accept = 2, chunked = 3 };
    Kind kind = Kind::ask_votes;
    WriteId after;
    Term term = 0;
    NodeId to;
    LogIndex index = 0;
    LogIndex prev_index = 0;  ///< Of chunked: the piece that is needed next.
    std::uint64_t round = 0;
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      // Kinds are few and never leave the process: a number each.
      auto kind = static_cast<std::uint8_t>(self.kind);
      archive.all(kind, self.after, self.term, self.to, self.index, self.prev_index, self.round);
      if constexpr (!std::is_const_v<Self>) self.kind = static_cast<Kind>(kind);
    }
    [[nodiscard]] bool restored() const { return kind <= Kind::chunked; }
  };
  struct Command {
    RequestId request;
    Instant deadline;
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.request, self.deadline);
    }
  };
  struct Read {
    RequestId request;
    std::string key;
    LogIndex index = 0;       ///< To be applied before it is answered.
    std::uint64_t round = 0;  ///< To be answered by a majority before; 0: it waits for a round.
    Instant deadline;
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.request, self.key, self.index, self.round, self.deadline);
    }
  };

  // restored.cpp
  [[nodiscard]] bool is_log_sound() const;
  [[nodiscard]] bool is_queue_sound() const;
  [[nodiscard]] bool is_role_sound() const;
  [[nodiscard]] bool is_snapshot_sound() const;

  // load.cpp
  void on_loaded(Turn& turn, const input::Fetched& fetched);
  void on_state(Turn& turn, const input::Fetched& fetched);
  void on_chunks(Turn& turn, const input::Fetched& fetched);
  void on_entries(Turn& turn, const input::Fetched& fetched);
  [[nodiscard]] bool take_row(const runtime::Row& row, runtime::Batch& garbage);

  // storage.cpp
  void give_up(Turn& turn, runtime::StorageStatus status, const char* what);
  /// Writes these rows, and what changed since the last call.
  void persist(Turn& turn, runtime::Batch batch = {});
  void truncate_after(LogIndex index);
  [[nodiscard]] bool is_state_durable() const {
    return !is_state_unsaved_ && durable_state_ == state_;
  }
  /// Says it when all that was written so far is durable: now, if it is.
  void say_when_durable(Turn& turn, Unsaid what);
  void say(Turn& turn, const Unsaid& what);

  // group.cpp
  [[nodiscard]] std::size_t majority() const { return options_.members.size() / 2 + 1; }
  bool send(Turn& turn, NodeId to, const wire::Message& message);
  /// In `term`, which is not below the present one, nobody being known to lead.
  void become_follower(Turn& turn, Term term);
  void become_leader(Turn& turn);
  void advance_commit(Turn& turn, LogIndex index);
  [[nodiscard]] runtime::TimerKey timer(runtime::TimerKind kind) const {
    return {kind, options_.id.value};
  }
  void reset_election(Turn& turn);
  void draw_timeout(Turn& turn);

  // on_vote.cpp
  [[nodiscard]] bool hears_leader(Turn& turn) const;
  [[nodiscard]] bool has_contact(Instant now) const;
  void stand_for_pre_vote(Turn& turn);
  void stand(Turn& turn);
  void ask_votes(Turn& turn, bool is_pre_vote);
  void count_vote(Turn& turn, NodeId voter);

  // snapshot.cpp
  void take_snapshot_if_due(Turn& turn);
  void take_piece(Turn& turn);
  void go_on_taking(Turn& turn);
  [[nodiscard]] LogIndex base_after_snapshot() const;
  void replace_snapshot(const SnapshotHead& head);
  void abandon_taking();
  void doom(const Doomed& rows);
  void spare(LogIndex snapshot);
  void sweep(runtime::Batch& batch);
  [[nodiscard]] bool is_behind(const Progress& follower) const;
  [[nodiscard]] bool is_sending(Instant now) const;
  void send_snapshot(Turn& turn, Progress& follower);
  void send_chunk(Turn& turn, NodeId to, Progress& follower, const input::Fetched& fetched);
  void repeat_chunk(Turn& turn, Progress& follower);
  [[nodiscard]] bool is_well_formed(const wire::RaftChunk& chunk) const;
  void receive(Turn& turn, NodeId from, const wire::RaftChunk& chunk);
  void abandon_incoming();
  void install(Turn& turn, NodeId from, runtime::Batch last_row);

  // on_append.cpp
  [[nodiscard]] bool is_well_formed(const wire::RaftAppend& append) const;
  void refuse_append(Turn& turn, NodeId from, const wire::RaftAppend& append);
  /// Who speaks in this term, not below the present one, leads; false when that cannot be.
  [[nodiscard]] bool follow(Turn& turn, NodeId from, Term term);
  /// Takes entries that fit. What is wrong with one that does not: it contradicts what is
  /// committed, or there is no room.
  [[nodiscard]] std::optional<runtime::NoteKind> take_entries(const wire::RaftAppend& append);
  void follow_hint(Progress& follower, const wire::RaftAppended& answer) const;
  void replicate(Turn& turn, NodeId to, Progress& follower);
  bool send_append(Turn& turn, NodeId to, Progress& follower, bool with_entries);
  void replicate_all(Turn& turn);
  void commit_what_majority_has(Turn& turn);

  // requests.cpp
  void propose(Turn& turn, RequestId request, const runtime::KvRequest& what);
  void read(Turn& turn, RequestId request, const runtime::KvRequest& what);
  void start_round(Turn& turn);
  void serve_reads(Turn& turn);
  void refuse_reads(Turn& turn);
  /// Commands whose places were passed over: nobody can tell what became of them.
  void leave_open(Turn& turn);
  void applied_command(Turn& turn, LogIndex index, Term term, const KvResult& result);
  void arm_deadline(Turn& turn, Instant at);
  void reply(Turn& turn, RequestId request, Errc code, std::string why = {}, Bytes payload = {});
  void reply_not_leader(Turn& turn, RequestId request);

  GroupOptions options_;
  NodeId self_;
  Duration election_timeout_;
  Duration heartbeat_;
  std::uint32_t snapshot_entries_ = 0;
  std::uint32_t snapshot_bytes_ = 0;
  std::uint32_t snapshot_piece_ = 0;

  Stage stage_ = Stage::idle;
  ReadId read_;

  Role role_ = Role::follower;
  HardState state_;
  HardState durable_state_;
  bool is_state_unsaved_ = false;
  Log log_;
  LogIndex unsaved_from_ = 1;  ///< Entries from here are not yet in a batch.
  LogIndex stored_last_ = 0;   ///< The last index that the disk has, or will have, a row of.
  LogIndex durable_ = 0;
  std::vector<Write> writes_;   ///< In order; at most limits::raft_writes_max.
  std::vector<Unsaid> unsaid_;  ///< In order of their writes; at most limits::raft_unsaid_max.

  NodeId leader_;
  Instant heard_leader_;
  Duration timeout_;  ///< Drawn: election_timeout to twice that.
  Instant election_at_;
  Instant election_armed_at_;  ///< Instant::max() when it is not armed.

  SortedSet<NodeId> votes_;
  SortedMap<NodeId, Progress> followers_;  ///< Of a leader.
  LogIndex term_start_ = 0;                ///< Of a leader: its first entry.
  std::uint64_t round_ = 0;                ///< Of appends; grows with each heartbeat.

  LogIndex commit_ = 0;
  LogIndex applied_ = 0;
  KvStore store_;
  /// Commands of local clients, by the index and the term of their entries.
  std::map<std::pair<LogIndex, Term>, Command> commands_;
  std::vector<Read> reads_;
  Instant deadline_armed_at_;  ///< Instant::max() when it is not armed.

  SnapshotHead snapshot_;
  LogIndex named_ = 0;  ///< The index of the snapshot that the disk names.
  bool is_name_unsaved_ = false;
  bool is_installing_ = false;     ///< What is being named is a leader's.
  std::size_t applied_bytes_ = 0;  ///< Of commands, since a snapshot was begun.
  std::optional<Taking> taking_;
  std::optional<Incoming> incoming_;
  std::vector<Doomed> doomed_;  ///< At most limits::raft_doomed_max.
};

}  // namespace mpreg::raft
