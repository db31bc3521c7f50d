@0xeb02ee4899247846;
# The root of a message segment: one union over every protocol. Append only.

using Cxx = import "/capnp/c++.capnp";
using Session = import "session.capnp";
using Membership = import "membership.capnp";
using Catalog = import "catalog.capnp";
using Rpc = import "rpc.capnp";
using Raft = import "raft.capnp";
$Cxx.namespace("mpreg::wire::schema");

struct Message {
  union {
    hello @0 :Session.Hello;
    proof @1 :Session.Proof;
    refusal @2 :Session.Refusal;
    sessionPing @3 :Session.SessionPing;
    sessionPong @4 :Session.SessionPong;
    ping @5 :Membership.Ping;
    ack @6 :Membership.Ack;
    pingRequest @7 :Membership.PingRequest;
    nack @8 :Membership.Nack;
    memberSync @9 :Membership.MemberSync;
    goodbye @10 :Membership.Goodbye;
    gossipSummary @11 :Catalog.GossipSummary;
    gossipDigest @12 :Catalog.GossipDigest;
    catalogDelta @13 :Catalog.CatalogDelta;
    rpcCall @14 :Rpc.RpcCall;
    rpcAnswer @15 :Rpc.RpcAnswer;
    rpcCancel @16 :Rpc.RpcCancel;
    rpcRegister @17 :Rpc.RpcRegister;
    rpcRegistered @18 :Rpc.RpcRegistered;
    raftVote @19 :Raft.RaftVote;
    raftVoted @20 :Raft.RaftVoted;
    raftAppend @21 :Raft.RaftAppend;
    raftAppended @22 :Raft.RaftAppended;
    raftChunk @23 :Raft.RaftChunk;
    raftChunked @24 :Raft.RaftChunked;
  }
}
