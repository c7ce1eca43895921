// Metrics: what the milter counts, in the form that Prometheus reads.
#ifndef POSTSEAL_MILTER_METRICS_H_
#define POSTSEAL_MILTER_METRICS_H_

#include <memory>
#include <string>

#include "milter/session.h"
#include "store/store.h"

namespace postseal::milter {

// Metrics is safe to use from several threads. Labels have words of ours alone, never
// text of a sender, so their number is bounded.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void CountMessage(const MessageRecord& record);
  // CountFault counts an MTA that broke the protocol.
  void CountFault();
  void CountConnection();
  // CountDisconnection is for each CountConnection.
  void CountDisconnection();
  // CountReload counts a reload, and shows whether it was good.
  void CountReload(bool is_good);
  // CountExpiry counts a message whose deadline passed before its lookups ended.
  void CountExpiry();

  // ShowTrustAnchor shows whether the name servers do not go with TrustAnchorFile.
  void ShowTrustAnchor(bool is_broken);

  // ShowStore shows the state of the store.
  void ShowStore(const store::StoreStatus& status);

  // Print writes all of it in Prometheus's text format.
  std::string Print() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_METRICS_H_
