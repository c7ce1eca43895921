// kVersion: who we say we are.
#ifndef POSTSEAL_MILTER_VERSION_H_
#define POSTSEAL_MILTER_VERSION_H_

namespace postseal::milter {

inline constexpr char kVersion[] = "postseal-milter 0.1.0";

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_VERSION_H_
