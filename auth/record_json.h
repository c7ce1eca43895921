// What a record's text says, as JSON, for whoever publishes it: no lookup, no message.
#ifndef POSTSEAL_AUTH_RECORD_JSON_H_
#define POSTSEAL_AUTH_RECORD_JSON_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace postseal::auth {

// kMaxRecordOctets bounds the text of a record, in octets: a TXT record holds no more.
// RFC 1035 §3.2.1
inline constexpr size_t kMaxRecordOctets = 65535;

// SpfRecordToJson, KeyRecordToJson and DmarcRecordToJson read the joined strings of a TXT
// record, and return one line without a line end:
//
//   {"valid": bool,          nothing in it keeps a receiver from using it
//    "error": str|null,      in words, what does
//    "offset": int|null,     the octet of |text| at which
//    "record": str|null,     in normal form, when it is valid
//    "warnings": [str]}      what a receiver passes over
//
// Octets that are no UTF-8 become U+FFFD.
std::string SpfRecordToJson(std::string_view text);
std::string KeyRecordToJson(std::string_view text);
std::string DmarcRecordToJson(std::string_view text);

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_RECORD_JSON_H_
