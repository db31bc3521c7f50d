#include "engine/wire/raft_codec.hpp"

#include <string>

namespace mpreg::wire::detail {
namespace {

std::size_t data_words(const Bytes& bytes, std::size_t bytes_max) {
  MPREG_ASSERT(bytes.size() <= bytes_max);
  return (bytes.size() + word_bytes - 1) / word_bytes;
}
std::size_t entry_words(const RaftEntry& entry) {
  return struct_words<schema::RaftEntry> +
         data_words(entry.command, limits::raft_command_bytes_max);
}

capnp::Data::Reader reader_of(const Bytes& bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}
Bytes bytes_in(capnp::Data::Reader data, std::size_t bytes_max, const char* field,
               Reading& reading) {
  if (data.size() > bytes_max) {
    reading.fail(Errc::too_large, field, std::to_string(data.size()) + " bytes");
    return {};
  }
  if (data.size() == 0) return {};
  return Bytes::copy_of(ByteView(reinterpret_cast<const std::byte*>(data.begin()), data.size()));
}

}  // namespace

std::size_t words(const RaftVote&) { return struct_words<schema::RaftVote>; }
std::size_t words(const RaftVoted&) { return struct_words<schema::RaftVoted>; }
std::size_t words(const RaftAppend& append) {
  return struct_words<schema::RaftAppend> +
         list_words(append.entries, limits::raft_append_entries_max, entry_words);
}
std::size_t words(const RaftAppended&) { return struct_words<schema::RaftAppended>; }
std::size_t words(const RaftChunk& chunk) {
  return struct_words<schema::RaftChunk> + data_words(chunk.data, limits::raft_chunk_bytes_max);
}
std::size_t words(const RaftChunked&) { return struct_words<schema::RaftChunked>; }

void write(const RaftVote& vote, schema::RaftVote::Builder out) {
  out.setGroup(vote.group.value);
  out.setTerm(vote.term);
  out.setLastIndex(vote.last_index);
  out.setLastTerm(vote.last_term);
  out.setIsPreVote(vote.is_pre_vote);
}
void write(const RaftVoted& answer, schema::RaftVoted::Builder out) {
  out.setGroup(answer.group.value);
  out.setTerm(answer.term);
  out.setIsPreVote(answer.is_pre_vote);
  out.setIsGranted(answer.is_granted);
}
void write(const RaftAppend& append, schema::RaftAppend::Builder out) {
  out.setGroup(append.group.value);
  out.setTerm(append.term);
  out.setPrevIndex(append.prev_index);
  out.setPrevTerm(append.prev_term);
  out.setCommit(append.commit);
  out.setRound(append.round);
  const auto size = static_cast<unsigned>(append.entries.size());
  if (size == 0) return;
  write_list(append.entries, out.initEntries(size), [](const RaftEntry& entry, auto item) {
    item.setTerm(entry.term);
    if (!entry.command.empty()) item.setCommand(reader_of(entry.command));
  });
}
void write(const RaftAppended& answer, schema::RaftAppended::Builder out) {
  out.setGroup(answer.group.value);
  out.setTerm(answer.term);
  out.setIndex(answer.index);
  out.setPrevIndex(answer.prev_index);
  out.setConflictTerm(answer.conflict_term);
  out.setRound(answer.round);
  out.setIsAccepted(answer.is_accepted);
}
void write(const RaftChunk& chunk, schema::RaftChunk::Builder out) {
  out.setGroup(chunk.group.value);
  out.setTerm(chunk.term);
  out.setIndex(chunk.index);
  out.setIndexTerm(chunk.index_term);
  out.setCount(chunk.count);
  out.setChecksum(chunk.checksum);
  out.setNumber(chunk.number);
  if (!chunk.data.empty()) out.setData(reader_of(chunk.data));
}
void write(const RaftChunked& answer, schema::RaftChunked::Builder out) {
  out.setGroup(answer.group.value);
  out.setTerm(answer.term);
  out.setIndex(answer.index);
  out.setNext(answer.next);
}

RaftVote read(schema::RaftVote::Reader in, Reading&) {
  RaftVote out;
  out.group = GroupId{in.getGroup()};
  out.term = in.getTerm();
  out.last_index = in.getLastIndex();
  out.last_term = in.getLastTerm();
  out.is_pre_vote = in.getIsPreVote();
  return out;
}
RaftVoted read(schema::RaftVoted::Reader in, Reading&) {
  RaftVoted out;
  out.group = GroupId{in.getGroup()};
  out.term = in.getTerm();
  out.is_pre_vote = in.getIsPreVote();
  out.is_granted = in.getIsGranted();
  return out;
}
RaftEntry read(schema::RaftEntry::Reader in, Reading& reading) {
  RaftEntry out;
  out.term = in.getTerm();
  out.command =
      bytes_in(in.getCommand(), limits::raft_command_bytes_max, "entries.command", reading);
  return out;
}
RaftAppend read(schema::RaftAppend::Reader in, Reading& reading) {
  RaftAppend out;
  out.group = GroupId{in.getGroup()};
  out.term = in.getTerm();
  out.prev_index = in.getPrevIndex();
  out.prev_term = in.getPrevTerm();
  out.commit = in.getCommit();
  out.round = in.getRound();
  out.entries =
      reading.list<RaftEntry>(in.getEntries(), limits::raft_append_entries_max, "entries");
  return out;
}
RaftAppended read(schema::RaftAppended::Reader in, Reading&) {
  RaftAppended out;
  out.group = GroupId{in.getGroup()};
  out.term = in.getTerm();
  out.index = in.getIndex();
  out.prev_index = in.getPrevIndex();
  out.conflict_term = in.getConflictTerm();
  out.round = in.getRound();
  out.is_accepted = in.getIsAccepted();
  return out;
}
RaftChunk read(schema::RaftChunk::Reader in, Reading& reading) {
  RaftChunk out;
  out.group = GroupId{in.getGroup()};
  out.term = in.getTerm();
  out.index = in.getIndex();
  out.index_term = in.getIndexTerm();
  out.count = in.getCount();
  out.checksum = in.getChecksum();
  out.number = in.getNumber();
  out.data = bytes_in(in.getData(), limits::raft_chunk_bytes_max, "data", reading);
  return out;
}
RaftChunked read(schema::RaftChunked::Reader in, Reading&) {
  RaftChunked out;
  out.group = GroupId{in.getGroup()};
  out.term = in.getTerm();
  out.index = in.getIndex();
  out.next = in.getNext();
  return out;
}

}  // namespace mpreg::wire::detail
