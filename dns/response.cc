#include "dns/response.h"

#include <arpa/nameser.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/ascii.h"

namespace postseal::dns {
namespace {

// kMinRecordOctets is the least that a record takes. RFC 1035 §4.1.3
constexpr size_t kMinRecordOctets = 11;

// glibc reads messages and expands names; what is here is what a resolver makes of them.

const u_char* Octets(std::string_view text) { return reinterpret_cast<const u_char*>(text.data()); }

// AppendName expands the name at |at| in |message| and appends it in wire form; false
// when there is none that ends before |end|.
bool AppendName(std::string_view message, const u_char* at, const u_char* end, std::string* out) {
  u_char name[NS_MAXCDNAME];
  const u_char* const message_end = Octets(message) + message.size();
  const int taken = ns_name_unpack(Octets(message), message_end, at, name, sizeof name);
  if (taken < 0 || at + taken != end) return false;
  size_t size = 0;
  while (name[size] != 0) size += size_t{1} + name[size];
  out->append(reinterpret_cast<const char*>(name), size + 1);
  return true;
}

// NameOffset says after how many octets record data of |type| is a name; nullopt when
// there is none.
std::optional<size_t> NameOffset(Type type) {
  switch (type) {
    case Type::kNs:
    case Type::kCname:
    case Type::kPtr:
      return 0;
    case Type::kMx:
      return 2;
    default:
      return std::nullopt;
  }
}

// Records are those of the answer section.
struct Records {
  std::vector<ns_rr> all;

  const ns_rr* FindAlias(const char* owner) const {
    const auto it = std::find_if(all.begin(), all.end(), [owner](const ns_rr& record) {
      return ns_rr_type(record) == ns_t_cname && IsOwner(record, owner);
    });
    return it == all.end() ? nullptr : &*it;
  }

  // Follow goes from |owner| to the end of its chain; false when that does not end.
  bool Follow(const ns_msg& message, std::string* owner, uint32_t* ttl) const {
    for (size_t i = 0; i <= kMaxResponseCnames; ++i) {
      const ns_rr* const alias = FindAlias(owner->c_str());
      if (alias == nullptr) return true;
      char target[NS_MAXDNAME];
      if (ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), ns_rr_rdata(*alias), target,
                             sizeof target) < 0) {
        return false;
      }
      *owner = target;
      *ttl = std::min<uint32_t>(*ttl, ns_rr_ttl(*alias));
    }
    return false;
  }

  static bool IsOwner(const ns_rr& record, const char* owner) {
    return base::EqualsIgnoreCase(ns_rr_name(record), owner);
  }
};

}  // namespace

void Response::Read(std::string_view message, Type type) {
  answer_ = Answer(Outcome::kTempError);
  rdata_.clear();
  expanded_.clear();
  ns_msg handle;
  ns_rr question;
  if (message.size() > std::numeric_limits<uint16_t>::max() ||
      ns_initparse(Octets(message), static_cast<int>(message.size()), &handle) != 0 ||
      ns_msg_count(handle, ns_s_qd) != 1 || ns_parserr(&handle, ns_s_qd, 0, &question) != 0) {
    return;
  }
  const int rcode = ns_msg_getflag(handle, ns_f_rcode);
  if (rcode != ns_r_noerror && rcode != ns_r_nxdomain) return;
  Records records;
  const size_t count = ns_msg_count(handle, ns_s_an);
  // Each takes a name, type, class, TTL and length: a count beyond that is a lie.
  if (count > message.size() / kMinRecordOctets) return;
  records.all.resize(count);
  for (size_t i = 0; i < records.all.size(); ++i) {
    if (ns_parserr(&handle, ns_s_an, static_cast<int>(i), &records.all[i]) != 0) return;
  }
  // RFC 1034 §3.6.2: to the end of the chain.
  std::string owner = ns_rr_name(question);
  uint32_t ttl = std::numeric_limits<uint32_t>::max();
  if (type != Type::kCname && !records.Follow(handle, &owner, &ttl)) return;
  const std::optional<size_t> name_offset = NameOffset(type);
  // Not moved by what follows: rdata_ has views of its strings.
  expanded_.reserve(records.all.size());
  for (const ns_rr& record : records.all) {
    if (ns_rr_type(record) != static_cast<ns_type>(type) || ns_rr_class(record) != ns_c_in ||
        !Records::IsOwner(record, owner.c_str())) {
      continue;
    }
    const u_char* const data = ns_rr_rdata(record);
    const size_t size = ns_rr_rdlen(record);
    std::string_view rdata(reinterpret_cast<const char*>(data), size);
    if (name_offset.has_value()) {
      if (size < *name_offset) return;
      std::string expanded(rdata.substr(0, *name_offset));
      if (!AppendName(message, data + *name_offset, data + size, &expanded)) return;
      expanded_.push_back(std::move(expanded));
      rdata = expanded_.back();
    }
    rdata_.push_back(rdata);
    ttl = std::min<uint32_t>(ttl, ns_rr_ttl(record));
  }
  if (!rdata_.empty()) {
    answer_.outcome = Outcome::kRecords;
    answer_.rdata = rdata_;
    answer_.ttl_seconds = ttl;
  } else {
    answer_.outcome = rcode == ns_r_nxdomain ? Outcome::kNxDomain : Outcome::kNoData;
  }
}

}  // namespace postseal::dns
