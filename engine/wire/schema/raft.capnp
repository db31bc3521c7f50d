@0xd3a61f0c7be24895;
# Consensus of one group: elections and the replication of its log.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("mpreg::wire::schema");

struct RaftVote {
  group @0 :UInt64;
  term @1 :UInt64;
  lastIndex @2 :UInt64;
  lastTerm @3 :UInt64;
  isPreVote @4 :Bool;
}

struct RaftVoted {
  group @0 :UInt64;
  term @1 :UInt64;
  isPreVote @2 :Bool;
  isGranted @3 :Bool;
}

struct RaftEntry {
  term @0 :UInt64;
  command @1 :Data;
}

struct RaftAppend {
  group @0 :UInt64;
  term @1 :UInt64;
  prevIndex @2 :UInt64;
  prevTerm @3 :UInt64;
  commit @4 :UInt64;
  round @5 :UInt64;
  entries @6 :List(RaftEntry);
}

struct RaftChunk {
  group @0 :UInt64;
  term @1 :UInt64;
  index @2 :UInt64;
  indexTerm @3 :UInt64;
  count @4 :UInt32;
  checksum @5 :UInt64;
  number @6 :UInt32;
  data @7 :Data;
}

struct RaftChunked {
  group @0 :UInt64;
  term @1 :UInt64;
  index @2 :UInt64;
  next @3 :UInt32;
}

struct RaftAppended {
  group @0 :UInt64;
  term @1 :UInt64;
  index @2 :UInt64;
  prevIndex @3 :UInt64;
  conflictTerm @4 :UInt64;
  round @5 :UInt64;
  isAccepted @6 :Bool;
}
