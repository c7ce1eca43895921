// SigningTables: for an author, the signatures that are to be made. Built once from
// SigningTable and KeyTable (or from Domain, Selector and KeyFile), then shared.
//
//   SigningTables tables(std::move(signing), std::move(keys), settings);
//   tables.LoadKeys(policy);                 // as the user that we run as
//   const SigningChoice choice = tables.Choose("alice", "example.com");
#ifndef POSTSEAL_MILTER_SIGNING_TABLES_H_
#define POSTSEAL_MILTER_SIGNING_TABLES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "auth/sign_session.h"
#include "dkim/sign.h"
#include "dkim/signer.h"
#include "dkim/signing_key.h"
#include "milter/diagnostic.h"
#include "milter/key_file.h"
#include "milter/key_table.h"
#include "milter/signing_table.h"

namespace postseal::milter {

// SigningChoice is what is done with a message.
struct SigningChoice {
  // The tables say that the author's mail is signed. When it is true and |jobs| is
  // empty the message must not leave unsigned: |faults| says why.
  bool matched = false;
  // One a key that is there, at most auth::kMaxKeys.
  std::vector<auth::SigningJob> jobs;
  // One line each for the log, not escaped: they may quote the author.
  std::vector<std::string> faults;
};

// LoadedKey is a key of the tables, or why it is not there.
struct LoadedKey {
  std::string name;    // in KeyTable
  std::string domain;  // d=; "%": the author's, whichever it is
  std::string selector;
  std::string path;                             // empty: the key stands in the table
  std::shared_ptr<const dkim::SigningKey> key;  // null: it could not be loaded
  std::shared_ptr<const dkim::Signer> signer;   // of |key|: see LoadedFile
  std::string fault;                            // why not
  Place place;
};

// SigningSettings is what the directives say about every signature.
struct SigningSettings {
  // Domain, selector, algorithm and identity are put in.
  dkim::SignatureRequest request;
  bool multiple_signatures = false;
};

// SigningTables are safe to share between threads once LoadKeys has returned.
class SigningTables {
 public:
  SigningTables() = default;
  SigningTables(SigningTable signing, KeyTable keys, SigningSettings settings);

  // LoadKeys loads every key, once a file, and says what is wrong with any; the
  // others work. Files that |previous|, the tables before a reload, holds the keys of and
  // that have not changed are not read again.
  std::vector<Diagnostic> LoadKeys(const KeyPolicy& policy,
                                   const SigningTables* previous = nullptr);

  // Choose says what signs for the author |local_part|@|domain|, in the order of
  // SigningTable.
  SigningChoice Choose(std::string_view local_part, std::string_view domain) const;

  // keys are those that were loaded or should have been. A row of KeyTable whose path
  // has a "%" is a key for each domain found.
  std::span<const LoadedKey> keys() const { return loaded_; }

  const SigningTable& signing_table() const { return signing_; }
  const KeyTable& key_table() const { return keys_; }
  const SigningSettings& settings() const { return settings_; }
  bool empty() const { return signing_.rows().empty(); }

 private:
  using FileCache = absl::flat_hash_map<std::string, absl::StatusOr<LoadedFile>>;

  void LoadRow(uint32_t number, const KeyPolicy& policy, const SigningTables* previous,
               std::vector<Diagnostic>* diagnostics);
  void LoadOne(uint32_t number, const std::string& path, const std::string& domain,
               const KeyPolicy& policy, const SigningTables* previous,
               std::vector<Diagnostic>* diagnostics);
  // LoadPath is the key of |path|, which is loaded once.
  const absl::StatusOr<LoadedFile>& LoadPath(const std::string& path, const KeyPolicy& policy,
                                             const SigningTables* previous);
  void CheckSigningRows(std::vector<Diagnostic>* diagnostics) const;
  // NamesIn returns the names of keys that a row of SigningTable lists.
  std::vector<std::string> NamesIn(std::string_view key_name, std::string_view domain) const;
  const LoadedKey* FindKey(uint32_t number, std::string_view domain) const;
  void AddJob(const SigningRow& row, const std::string& name, std::string_view domain,
              SigningChoice* choice) const;

  SigningTable signing_;
  KeyTable keys_;
  SigningSettings settings_;
  std::vector<LoadedKey> loaded_;
  FileCache files_;  // by path
  // Into loaded_, by row of KeyTable, "%" and the domain where its path has one.
  absl::flat_hash_map<std::string, size_t> by_row_;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_SIGNING_TABLES_H_
