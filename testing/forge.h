// Forge: DKIM signatures with tags written by hand, for tests of what verifiers
// make of them.
#ifndef POSTSEAL_TESTING_FORGE_H_
#define POSTSEAL_TESTING_FORGE_H_

#include <string>
#include <string_view>

#include "dkim/signer.h"

namespace postseal::testing {

// Forge returns |message| with a DKIM-Signature field on top whose value is
// |tags| and the signature of |signer|. |tags| ends in "b="; "%bh" in it stands for
// the right body hash of the c= and l= that it names. What the tags say is not
// checked: that is what the forgery is for.
std::string Forge(std::string_view message, std::string_view tags, const dkim::Signer& signer);

// ReadTestFile returns a file of the tree, by its path from the root. It ends
// the test when there is none.
std::string ReadTestFile(const std::string& path);

}  // namespace postseal::testing

#endif  // POSTSEAL_TESTING_FORGE_H_
