// Why a key file cannot be read, and what to do, for the administrator.
#ifndef POSTSEAL_MILTER_KEY_FILE_ADVICE_H_
#define POSTSEAL_MILTER_KEY_FILE_ADVICE_H_

#include <cstddef>
#include <string>

namespace postseal::milter {

// kMaxSearchedFolders bounds how many folders are searched for a file that is not
// where it was said to be.
inline constexpr size_t kMaxSearchedFolders = 10'000;

// AdviseMissing says where |path|, which does not exist, may be instead: the first
// folder of it that is missing, or a file of its name one folder further down.
std::string AdviseMissing(const std::string& path);

// AdviseDenied says who may read |path|, which this process may not, and as whom it
// runs.
std::string AdviseDenied(const std::string& path);

// UserName is the name of |uid|, or its number.
std::string UserName(unsigned uid);
// WhoWeAre is "USER (uid N)" of the process.
std::string WhoWeAre();

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_KEY_FILE_ADVICE_H_
