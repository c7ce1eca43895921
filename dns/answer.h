// Query and Answer: what crosses the border between the core and a resolver.
#ifndef POSTSEAL_DNS_ANSWER_H_
#define POSTSEAL_DNS_ANSWER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "dns/name.h"

namespace postseal::dns {

// Type is a resource record type by its number (RFC 1035 §3.2.2, RFC 3596).
// Only the types that mail authentication asks for have a name here.
enum class Type : uint16_t {
  kA = 1,
  kNs = 2,
  kCname = 5,
  kSoa = 6,
  kPtr = 12,
  kMx = 15,
  kTxt = 16,
  kAaaa = 28,
};

// TypeName is the mnemonic of |type|, "TYPE" for one without.
constexpr std::string_view TypeName(Type type) {
  switch (type) {
    case Type::kA:
      return "A";
    case Type::kNs:
      return "NS";
    case Type::kCname:
      return "CNAME";
    case Type::kSoa:
      return "SOA";
    case Type::kPtr:
      return "PTR";
    case Type::kMx:
      return "MX";
    case Type::kTxt:
      return "TXT";
    case Type::kAaaa:
      return "AAAA";
  }
  return "TYPE";
}

// Outcome is what a lookup can say. SPF counts kNoData and kNxDomain alike as
// void (RFC 7208 §4.6.4) while DMARC's np= needs kNxDomain alone (RFC 9989
// §4.10.1), so the two are never merged.
enum class Outcome : uint8_t {
  kRecords,    // at least one record
  kNoData,     // the name exists, without such records
  kNxDomain,   // the name does not exist
  kNotFound,   // kNoData or kNxDomain, from a resolver that cannot say which
  kTempError,  // no answer: SERVFAIL, timeout, a broken reply, a bogus signature
};

// OutcomeName is |outcome| as the JSON contract spells it.
constexpr std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kRecords:
      return "records";
    case Outcome::kNoData:
      return "nodata";
    case Outcome::kNxDomain:
      return "nxdomain";
    case Outcome::kNotFound:
      return "notfound";
    case Outcome::kTempError:
      return "temperror";
  }
  return "temperror";
}

struct Query {
  Query() = default;
  Query(const Name& query_name, Type query_type) : name(query_name), type(query_type) {}
  friend bool operator==(const Query& a, const Query& b) {
    return a.type == b.type && a.name == b.name;
  }

  Name name;
  Type type = Type::kTxt;
};

// Answer is a view of one lookup's result: the record data lives with whoever
// made it. Exchange keeps its own copy of what it is given.
struct Answer {
  Answer() = default;
  explicit Answer(Outcome answer_outcome) : outcome(answer_outcome) {}

  Outcome outcome = Outcome::kTempError;
  // The resolver validated the answer with DNSSEC and found it secure.
  bool dnssec_secure = false;
  // Smallest TTL of the records, or of the negative answer, in seconds.
  uint32_t ttl_seconds = 0;
  // RDATA of each record of the query's type, in wire form without compression,
  // as libunbound, c-ares and miekg/dns hand it out. dns/rdata.h reads it.
  std::span<const std::string_view> rdata;
};

// AnswerOctets is what |answer| costs to keep: its record data and a view of each record,
// so that many empty records cost something too.
inline size_t AnswerOctets(const Answer& answer) {
  size_t octets = 0;
  for (const std::string_view rdata : answer.rdata) octets += rdata.size() + sizeof(rdata);
  return octets;
}

// QueryId names a query within one Exchange.
using QueryId = uint32_t;

struct PendingQuery {
  QueryId id;
  Query query;
};

}  // namespace postseal::dns

#endif  // POSTSEAL_DNS_ANSWER_H_
