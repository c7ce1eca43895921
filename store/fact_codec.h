// EncodeFact, DecodeFact: a Fact as octets, for the spool and as a row's identity.
#ifndef POSTSEAL_STORE_FACT_CODEC_H_
#define POSTSEAL_STORE_FACT_CODEC_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "store/fact.h"

namespace postseal::store {

// kMaxFactOctets bounds what EncodeFact makes of a fact that keeps to the limits of
// store/fact.h: signatures take at most 100 * 581 octets of it.
inline constexpr size_t kMaxFactOctets = 64 * 1024;

// EncodeFact appends |fact| to |out|. Equal facts give equal octets. What is above a
// limit of store/fact.h is left out.
void EncodeFact(const Fact& fact, std::string* out);

// DecodeFact is the fact that |octets|, all of them, encode. nullopt for anything that
// EncodeFact does not write: another version, numbers without a meaning, text that is
// not UTF-8 or above its limit.
std::optional<Fact> DecodeFact(std::string_view octets);

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_FACT_CODEC_H_
